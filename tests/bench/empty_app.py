"""The yardstick: a Textual application of one widget that moves a highlighted line, and no more."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

HIGHLIGHT = "2;42;56;72"
"""SGR arguments of the highlighted line's background."""
_PLAIN, _LIGHT = Style(bgcolor="#11151a"), Style(bgcolor="#2a3848")


class Lines(Widget, can_focus=True):
    """Fixed lines of text, one of them highlighted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]
    at = 0

    def action_move(self, lines: int) -> None:
        """Highlight another line."""
        for line in (self.at, self.at + lines):
            self.refresh(Region(0, line, self.size.width, 1))
        self.at += lines

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        text = f"{y} a line of text".ljust(self.size.width)
        return Strip([Segment(text, _LIGHT if y == self.at else _PLAIN)], self.size.width)


class EmptyApp(App[None]):
    """Nothing but the lines."""

    def compose(self) -> ComposeResult:
        """Yield them."""
        yield Lines()


if __name__ == "__main__":
    EmptyApp().run()
