"""For terminals without Unicode: every glyph Andon draws with becomes ASCII, any other a `?`."""

from __future__ import annotations

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
    }
)  # fmt: skip


def plain(text: str) -> str:
    """Return text in ASCII that takes as many cells."""
    if text.isascii():
        return text
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
