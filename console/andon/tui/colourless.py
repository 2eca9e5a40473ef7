"""For `NO_COLOR`: what is written has attributes and no colours, not even greys or grounds."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class Colourless(LineFilter):
    """Applied to every line before it is written."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with bold, dim, underline and reverse only."""
        return [
            Segment(text, style.without_color if style is not None else None, control)
            for text, style, control in segments
        ]
