"""The background under lines that a widget draws by itself."""

from __future__ import annotations

from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual._styles_cache import StylesCache
from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class _Lines(StylesCache):
    """The lines of a widget without border, padding, opacity and links, kept until they change.

    Textual takes each line through all of these, and every line of a widget through its filters
    whenever one of them is painted: more than half of the time of a repaint.
    """

    def __init__(self) -> None:
        super().__init__()
        self._crop: Region | None = None
        self._strips: list[Strip] = []

    def clear(self) -> None:
        """Forget every line."""
        super().clear()
        self._crop = None

    def render_widget(self, widget: Widget, crop: Region) -> list[Strip]:
        """Return the lines of a repaint."""
        width = widget.size.width
        if width != self._width:
            self.clear()
            self._width = width
        if crop != self._crop or self._dirty_lines:
            self._strips = self._rendered(widget, crop, width)
            self._crop = crop
        return self._strips

    def _rendered(self, widget: Widget, crop: Region, width: int) -> list[Strip]:
        background = widget.background_colors[1]
        ground = Style(bgcolor=background.rich_color)
        filters = widget.get_line_filters()
        cache = self._cache
        for y in self._dirty_lines.intersection(crop.line_range):
            cache.pop(y, None)
        strips = []
        for y in crop.line_range:
            strip = cache.get(y)
            if strip is None:
                line = widget.render_line(y)
                if line.cell_length != width:
                    line = line.adjust_cell_length(width)
                segments = list(Segment.apply_style(line, ground))
                for each in filters:
                    segments = each.apply(segments, background)
                strip = cache[y] = Strip(segments, width)
            strips.append(strip)
        self._dirty_lines.difference_update(crop.line_range)
        if crop.column_span != (0, width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips


class Grounded(Widget):
    """Lays the widget's own background under what `render_line` returns.

    Textual does this for renderables only.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._styles_cache = _Lines()


class Box(Container):
    """Holds other widgets and shows nothing of its own but its background."""

    BLANK = True
