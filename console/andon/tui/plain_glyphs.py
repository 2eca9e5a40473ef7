"""For terminals without Unicode: every glyph Andon draws with becomes ASCII, any other a `?`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_PLAIN = str.maketrans(
    {
        "…": "~", "–": "-", "—": "-", "‹": "<", "›": ">", "▲": "^", "▼": "v", "●": "*", "○": "o",
        "◐": "+", "■": "#", "━": "=", "─": "-", "│": "|", "✓": "x", "✗": "!", "·": ".", "•": "*",
        "█": "#", "▓": "%", "▒": "=", "░": "-", "▚": "!", "▁": "_", "▂": "_", "▃": "-", "▄": "-",
        "▅": "=", "▆": "=", "▇": "#", "≥": ">", "≤": "<", "°": " ", "↑": "^", "↓": "v", "←": "<",
        "→": ">", "“": '"', "”": '"', "’": "'", "∞": "~", "×": "x", "▏": "|", "▎": "|", "▍": "|",
        "▌": "|", "▋": "|", "▊": "|", "▉": "#", "▀": "-", "▐": "|", "▔": "-", "▕": "|",
        "╸": "-",
        "⠋": "-", "⠙": "\\", "⠹": "|", "⠸": "/", "⠼": "-", "⠴": "\\", "⠦": "|", "⠧": "/",
        "⠇": "-", "⠏": "\\",
        # Stand for control characters in names from outside.
        **{chr(code): "^" for code in range(0x2400, 0x2427)},
    }
)  # fmt: skip
_LEAST_ASIDE = re.compile(r"(?<= ) ≥(?=\d)")
_LEAST = re.compile(r"≥(\d(?:[^\s/]*[^\s/.,:;)])?)")


def plain(text: str) -> str:
    """Return text in ASCII that takes as many cells."""
    if text.isascii():
        return text
    if "≥" in text:
        # `>` would say more than is known: `>=` where a blank can be spared for it, else `184+`.
        text = _LEAST.sub(r"\1+", _LEAST_ASIDE.sub(">=", text))
    return "".join(
        character if character.isascii() else "?" * max(cell_len(character), 0)
        for character in text.translate(_PLAIN)
    )


class PlainGlyphs(LineFilter):
    """Applied to every line before it is written."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in ASCII."""
        return [
            segment if segment.text.isascii() else Segment(plain(segment.text), segment.style)
            for segment in segments
        ]

    @staticmethod
    def glyphs() -> Sequence[str]:
        """Return what there is a replacement for."""
        return [chr(code) for code in _PLAIN]
