"""The one place where text from outside becomes text that may be shown.

Job names, reasons, host names, log lines, HTTP bodies and exception messages are hostile: ESC, OSC
and C1 bytes drive the terminal, bidirectional controls reorder a line, newlines break a table.
`clean` turns each such character into a visible glyph. It does not protect from markup: no cleaned
string may reach a markup parser either.
"""

from __future__ import annotations

import re
import unicodedata

CELL_LIMIT = 256
"""Characters kept of one field."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# The fast path: what needs no work at all. Cf, Cs, Co, Cn and U+2028, U+2029 lie outside.
_PLAIN = re.compile(r"[\x20-\x7e\xa1-\xac\xae-\u02ff]*")
# Terminals do not agree on the width of what a variation selector follows.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def _glyph(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return _REPLACEMENT
    # Odd-width spaces shift columns.
    return " " if category == "Zs" else character


def clean(text: str, *, limit: int = CELL_LIMIT) -> str:
    r"""Return `text` safe to show on one line of a terminal.

    Controls C0, DEL, C1, format and bidirectional characters, surrogates, private-use and
    unassigned code points and the line separators become visible glyphs (`\x1b` → `␛`,
    newline → `␊`, others → `�`); variation selectors are left out. At most `limit` characters are
    kept, the last of which is `…` when some were cut.
    """
    if _PLAIN.fullmatch(text) and len(text) <= limit:
        return text
    # Composed first: a base character with one mark becomes one character where Unicode has it.
    # That may also make a text longer, so that it is cut last and cleaning again changes nothing.
    head = unicodedata.normalize("NFC", _SELECTORS.sub("", text[: limit + 1]))
    shown = _cap_marks("".join(map(_glyph, head)))
    if len(text) > limit or len(shown) > limit:
        return shown[: limit - 1] + "…"
    return shown


def _cap_marks(text: str) -> str:
    """Keep at most two marks without a width of their own in a row."""
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if run <= 2:
            kept.append(character)
    return "".join(kept)


def clean_or_none(text: str | None, *, limit: int = CELL_LIMIT) -> str | None:
    """Return `clean(text)`, or `None` for `None` and for text that is only blanks."""
    if text is None or not text.strip():
        return None
    return clean(text, limit=limit)


def clean_lines(text: str, *, limit: int = 10_000, line_limit: int = 1_000) -> tuple[str, ...]:
    """Return `text` as lines that are each safe to show, at most `limit` of them."""
    lines = text.split("\n", limit)[:limit]
    return tuple(clean(line.removesuffix("\r").expandtabs(8), limit=line_limit) for line in lines)
