"""The background under lines that a widget draws by itself."""

from __future__ import annotations

from typing import Any

from rich.style import Style
from textual._styles_cache import StylesCache
from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class _Lines(StylesCache):
    """The lines of a widget without border, padding, opacity and links, kept until they change.

    Textual takes each line through all of these: half of the time of a repaint.
    """

    def render_widget(self, widget: Widget, crop: Region) -> list[Strip]:
        """Return the lines of a repaint."""
        background = widget.background_colors[1]
        filters = widget.get_line_filters()
        width = widget.size.width
        if width != self._width:
            self.clear()
            self._width = width
        strips = []
        for y in crop.line_range:
            strip = None if y in self._dirty_lines else self._cache.get(y)
            if strip is None:
                strip = widget.render_line(y)
                if strip.cell_length != width:
                    strip = strip.adjust_cell_length(width, Style(bgcolor=background.rich_color))
                self._cache[y] = strip
            for each in filters:
                strip = strip.apply_filter(each, background)
            strips.append(strip)
        self._dirty_lines.difference_update(crop.line_range)
        if crop.column_span != (0, width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips


class Grounded(Widget):
    """Lays the widget's own background under what `render_line` returns.

    Textual does this for renderables only. The style is found once for each repaint, and strips
    remember themselves with it, so a cached line costs nothing more.
    """

    _ground = Style.null()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._styles_cache = _Lines()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a repaint."""
        self._ground = Style(bgcolor=self.background_colors[1].rich_color)
        return super().render_lines(crop)

    def grounded(self, strip: Strip) -> Strip:
        """Return a line with the background under it."""
        return strip.apply_style(self._ground)


class Box(Container):
    """Holds other widgets and shows nothing of its own but its background."""

    BLANK = True
