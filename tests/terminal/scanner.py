r"""A strict reader of what a program writes to a terminal.

Everything that is not plain printable text must be one of the sequences that Textual, or Andon's
own drawing, is known to write. There is no forgiving: an unknown sequence, a C1 control, a format
character or bytes that are not UTF-8 are findings, whoever meant them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    # CSI; its parameters, intermediates and final byte.
    rb"\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"
    # OSC, DCS, APC, PM, SOS up to their terminator.
    rb"|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|\x1b[\x20-\x2f]*[\x30-\x4f\x51-\x57\x59\x5a\x5c\x60-\x7e]"
    rb"|[\x00-\x1a\x1c-\x1f\x7f]"
    rb"|[^\x00-\x1f\x7f]+"
)
_MODES = rb"(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)"
_KNOWN = re.compile(
    rb"\x1b\[[0-9;]*m"
    rb"|\x1b\[[0-9]*(?:;[0-9]+)?H"
    # Clears below the cursor after a full redraw, and asks for synchronised output.
    rb"|\x1b\[\?" + _MODES + rb"[hl]"
    rb"|\x1b\[\?(?:2026|2048)\$p"
    # The kitty keyboard protocol, pushed and popped.
    rb"|\x1b\[>[0-9]+u|\x1b\[<u"
    # The pointer's shape; its name is one of Textual's own words.
    rb"|\x1b\]22;[a-z-]+\x07"
)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Token:
    """One thing that was written: a run of text or one sequence."""

    data: bytes

    @property
    def is_text(self) -> bool:
        """Whether it is text and not a control."""
        return self.data[0] >= 0x20 and self.data[0] != 0x7F


def split(data: bytes) -> tuple[list[Token], bytes]:
    """Return the whole tokens at the start of `data`, and the rest that may still grow."""
    tokens: list[Token] = []
    at = 0
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None:
            break
        tokens.append(Token(found.group()))
        at = found.end()
    if tokens and at == len(data) and tokens[-1].is_text:
        # A letter of several bytes may be cut in two.
        whole = tokens[-1].data
        cut = _open_letter(whole)
        if cut:
            at -= cut
            tokens[-1:] = [Token(whole[:-cut])] if len(whole) > cut else []
    return tokens, data[at:]


def _open_letter(data: bytes) -> int:
    """Return how many bytes at the end begin a letter that is not whole."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        size = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return back if size > back else 0
    return 0


def findings(data: bytes, *, plain: bytes = b"\r\n", known: bool = True) -> list[str]:
    """Return what is wrong with the bytes that a program wrote, most telling first.

    Args:
        data: all of them.
        plain: control characters that may stand by themselves.
        known: whether Textual's own sequences are allowed; a command's output has none.
    """
    tokens, rest = split(data)
    found = [problem for token in tokens for problem in wrong_with(token, plain, known)]
    if rest:
        found.append(f"ends inside a sequence: {rest[:80]!r}")
    return found


def wrong_with(token: Token, plain: bytes = b"\r\n", known: bool = True) -> Iterator[str]:
    """Yield what is wrong with one token; see `findings`."""
    data = token.data
    if not token.is_text:
        if len(data) == 1 and data in plain:
            return
        if not (known and _KNOWN.fullmatch(data)):
            yield f"a control that is not ours: {data[:120]!r}"
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield f"not UTF-8: {data[:120]!r}"
        return
    for letter in sorted(set(text)):
        if unicodedata.category(letter) in _HIDDEN:
            yield f"U+{ord(letter):04X} in {text[:120]!r}"


def sequences(data: bytes) -> list[bytes]:
    """Return every control sequence that was written."""
    return [token.data for token in split(data)[0] if not token.is_text]


def colours(data: bytes) -> set[int]:
    """Return the SGR numbers that colour a ground, or text that can be seen."""
    found: set[int] = set()
    pen: set[int] = set()
    for token in split(data)[0]:
        if token.is_text:
            blank = not token.data.strip()
            found |= {number for number in pen if not blank or _colours_ground(number)}
        elif token.data.startswith(b"\x1b[") and token.data.endswith(b"m"):
            pen = _colour_numbers(token.data)
    return found


def _colours_ground(number: int) -> bool:
    return number // 10 in (4, 10)


def _colour_numbers(sequence: bytes) -> set[int]:
    """Return what sets a colour in one SGR sequence; each style is written from nothing."""
    parts = [int(part or 0) for part in sequence[2:-1].split(b";")]
    numbers: set[int] = set()
    at = 0
    while at < len(parts):
        number = parts[at]
        if number in (38, 48):
            numbers.add(number)
            at += 5 if parts[at + 1 : at + 2] == [2] else 3
            continue
        if number >= 30 and number not in (39, 49):
            numbers.add(number)
        at += 1
    return numbers
