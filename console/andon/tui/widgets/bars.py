"""Bars of a few lines that never scroll: header, title, activity and footer."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from andon.tui.text import Line, length
from andon.tui.theme import Palette
from andon.tui.widgets.ground import Grounded
from andon.tui.widgets.lines_view import differing


class Bar(Grounded):
    """Shows lines of segments; new lines repaint only the cells that differ."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Bar {
        height: 1;
        width: 1fr;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        old, self._lines = self._lines, lines
        regions = []
        for y in range(max(len(old), len(lines))):
            before = old[y] if y < len(old) else []
            after = lines[y] if y < len(lines) else []
            regions += [Region(x, y, width, 1) for x, width in differing(before, after)]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width)
        return Strip(self._lines[y]).adjust_cell_length(width)


def footer_line(entries: Sequence[tuple[str, str, bool]], palette: Palette, width: int) -> Line:
    """Return `key label` pairs, as many as fit; those that are off are drawn muted.

    Args:
        entries: key, label and whether it does something now.
        palette: the styles.
        width: cells there are.
    """
    bar = palette.chrome["bar"]
    line: Line = [Segment(" ", bar)]
    used = 1
    for key, label, on in entries:
        size = len(key) + len(label) + 3
        if used + size > width + 2:
            continue
        key_style = palette.chrome["key"] if on else palette.chrome["heading"]
        label_style = palette.chrome["key_label"] if on else palette.chrome["heading"]
        line += [
            Segment(key, bar + key_style),
            Segment(f" {label}  ", bar + label_style),
        ]
        used += size
    return [*line, Segment(" " * max(0, width - length(line)), bar)]
