"""The background under lines that a widget draws by itself."""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Grounded(Widget):
    """Lays the widget's own background under what `render_line` returns.

    Textual does this for renderables only. The style is found once for each repaint, and strips
    remember themselves with it, so a cached line costs nothing more.
    """

    _ground = Style.null()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a repaint."""
        self._ground = Style(bgcolor=self.background_colors[1].rich_color)
        return super().render_lines(crop)

    def grounded(self, strip: Strip) -> Strip:
        """Return a line with the background under it."""
        return strip.apply_style(self._ground)
