"""The last look at text before the terminal gets it, whoever drew it.

What Andon draws itself is clean where it is drawn. Textual's own widgets (inputs, toasts, buttons)
write what they are given, also what was pasted or what a plugin forgot to clean.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from andon.tui.text import safe


class Harmless(LineFilter):
    """Applied to every line before it is written."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without anything that drives a terminal."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            Segment(safe(text), style, control) if not control else Segment(text, style, control)
            for text, style, control in segments
        ]
