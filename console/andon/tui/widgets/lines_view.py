"""A scrollable view of lines drawn elsewhere; new lines repaint only the cells that differ."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from andon.tui.text import Line, length, width_of
from andon.tui.widgets.ground import Grounded


def differing(old: Sequence[Segment], new: Sequence[Segment]) -> list[tuple[int, int]]:
    """Return `(x, width)` of the parts of a line that must be repainted to turn old into new."""
    if len(old) == len(new):
        parts: list[tuple[int, int]] = []
        x = 0
        for before, after in zip(old, new, strict=True):
            size = width_of(after.text)
            if size != width_of(before.text):
                break
            if before != after:
                parts.append((x, size))
            x += size
        else:
            return parts
    return [(0, max(length(old), length(new)))]


class LinesView(Grounded, ScrollView, can_focus=True, inherit_bindings=False):
    """Shows lines of segments. Knows nothing of what they mean."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LinesView {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        background: $background;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._margin = 0

    @property
    def view(self) -> Size:
        """Cells there are to draw on."""
        return self.scrollable_content_region.size

    def set_lines(self, lines: Sequence[Line], *, margin: int = 0) -> None:
        """Show other lines, `margin` cells from the left edge."""
        old, self._lines = self._lines, lines
        size = Size(self.view.width, len(lines))
        if size != self.virtual_size:
            self.virtual_size = size
        if margin != self._margin:
            self._margin = margin
            self.refresh()
            return
        top = round(self.scroll_y)
        regions: list[Region] = []
        for y in range(self.size.height):
            before = old[y + top] if y + top < len(old) else []
            after = lines[y + top] if y + top < len(lines) else []
            if before is not after:
                regions += [
                    Region(margin + x, y, width, 1) for x, width in differing(before, after)
                ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen."""
        width = self.view.width
        index = round(self.scroll_y) + y
        if index >= len(self._lines) or not self._lines[index]:
            return Strip.blank(width)
        segments = [Segment(" " * self._margin), *self._lines[index]]
        return Strip(segments).adjust_cell_length(width)

    def scroll_lines(self, lines: int) -> None:
        """Scroll by some lines."""
        self.scroll_to(y=round(self.scroll_y) + lines, animate=False, force=True)

    def reveal_line(self, line: int) -> None:
        """Scroll until a line is in sight."""
        height = self.view.height
        top = round(self.scroll_y)
        if line < top:
            self.scroll_to(y=line, animate=False, force=True)
        elif line >= top + height:
            self.scroll_to(y=line - height + 1, animate=False, force=True)
