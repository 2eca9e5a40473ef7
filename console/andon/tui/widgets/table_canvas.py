"""How a table of any length is drawn: only the lines on the screen, and of those only what differs.

A new table costs the visible rows: each is compared with what was drawn last and only the cells
that differ are repainted. Knows a cursor and marks, and nothing of keys or mice.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from andon.tui.table_lines import GUTTER, Layout, RowLook, heading, lay_out, widths_of
from andon.tui.text import fit, width_of, wrap
from andon.tui.theme import Palette
from andon.tui.widgets.drawn_rows import DrawnRow, DrawnRows
from andon.tui.widgets.ground import Grounded
from andon.views.formats import age_text
from andon.views.page import Table, Tone

HEADER = 1
"""Lines above the rows."""
_AT_ONCE = 12
"""Rows that differ are painted so many at a time: some 4 ms in a wide terminal."""


class TableCanvas(Grounded, ScrollView, can_focus=True):
    """Draws one `Table`. The cursor holds a row's key, so it stays on its thing."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TableCanvas {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        background: $background;
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        key: str | None

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.palette = palette
        self.table: Table | None = None
        self.cursor_key: str | None = None
        self.cursor_row = 0
        """Index of the row under the cursor; 0 when there are no rows."""
        self.marks: set[str] = set()
        self.current = 0
        """Index of the current column among the table's columns."""
        self.first_column = 1
        """The first column drawn after column 0, which never scrolls."""
        self.needs: list[int] = []
        """The cells each column would like to have."""
        self.texts: list[int] = []
        """The widest text seen so far in each column."""
        self.drawn = DrawnRows()
        """What is on the screen."""
        self.layout_now = Layout((), 0)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.table.rows) if self.table else 0

    @property
    def view(self) -> Size:
        """Cells there are to draw on, the header's line included."""
        return self.scrollable_content_region.size

    @property
    def top(self) -> int:
        """Index of the first row in sight."""
        return round(self.scroll_y)

    def show(self, table: Table | None) -> None:
        """Draw another table. The cursor stays on its key, the screen on its rows."""
        old, self.table = self.table, table
        afresh = old is None or table is None or old.columns != table.columns
        if afresh:
            self._keep_column(old)
            self.needs, self.texts = [], []
        self._keep_row()
        self._resize_canvas()
        wider = self._look_for_needs()
        if afresh or wider or not self.drawn.lines or self.layout_now.width != self.view.width:
            self.redraw()
            return
        assert old is not None and table is not None
        if not self.row_count and (len(old.rows) or old.empty != table.empty):
            self.refresh()
        if (old.sort, old.descending) != (table.sort, table.descending):
            self.refresh_header()
        self._refresh_changes()

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self.palette = palette
        self.redraw()

    def redraw(self) -> None:
        """Draw every line again."""
        self.drawn.clear()
        columns = self.table.columns if self.table else ()
        self.layout_now = lay_out(
            columns, self.view.width, self.first_column, self.needs, self.texts
        )
        self.refresh()

    def refresh_header(self) -> None:
        """Draw the header's line again."""
        self.refresh(Region(0, 0, self.view.width, HEADER))

    def refresh_row(self, index: int) -> None:
        """Draw one row again if it is in sight."""
        line = index - self.top + HEADER
        if HEADER <= line < self.size.height:
            self.refresh(Region(0, line, self.view.width, 1))

    def _look_for_needs(self) -> bool:
        """Note how wide the texts in sight are; return whether a column should be wider now.

        What was seen stays noted, so that columns do not move to and fro while one scrolls.
        """
        if self.table is None:
            return False
        columns, width = self.table.columns, self.view.width
        # Room for the title and, whichever column is sorted by, its arrow.
        least = [max(column.width, width_of(column.title) + 1) for column in columns]
        texts = self.texts or [0] * len(columns)
        before = widths_of(columns, width, self.needs or least, texts)
        for index in range(self.top, min(self.top + self.view.height, self.row_count)):
            cells = self.table.rows.cells(index)
            texts = [
                max(text, width_of(cell.text)) for text, cell in zip(texts, cells, strict=True)
            ]
        self.texts = texts
        self.needs = [max(one, text) for one, text in zip(least, texts, strict=True)]
        return widths_of(columns, width, self.needs, texts) != before

    def _resize_canvas(self) -> None:
        size, before = Size(self.view.width, self.row_count + HEADER), self.virtual_size
        if size == before:
            return
        if size.width != before.width or min(size.height, before.height) <= self.view.height:
            self.virtual_size = size
            return
        # There is a scrollbar and it stays: a layout would paint the whole screen again.
        self.set_reactive(TableCanvas.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height
        self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def _keep_column(self, old: Table | None) -> None:
        """Keep the current column by name when the set of columns changes."""
        names = [column.name for column in self.table.columns] if self.table else []
        name = old.columns[self.current].name if old and self.current < len(old.columns) else ""
        self.current = names.index(name) if name in names else 0
        self.first_column = 1

    def _keep_row(self) -> None:
        """Find the cursor's row again and keep it where it is on the screen."""
        count = self.row_count
        before, top = self.cursor_row, self.top
        if self.table is None or not count:
            # The key is kept: the rows may only be away for a moment.
            self.cursor_row = 0
            return
        key = self.cursor_key
        found = self.table.rows.index(key) if key is not None else None
        self.cursor_row = min(before, count - 1) if found is None else found
        if found is None:
            self.cursor_key = self.table.rows.key(self.cursor_row)
            self.post_message(self.Moved(self.cursor_key))
        if self.cursor_row == before:
            return
        height = max(1, self.view.height - HEADER)
        if top or self.cursor_row >= height:
            # At the top and in sight the screen stays: there one watches what comes in.
            self._resize_canvas()
            y = self.validate_scroll_y(top + self.cursor_row - before)
            # Not by `scroll_to`, which paints every line: most of them stay as they are.
            self.set_reactive(TableCanvas.scroll_y, y)
            self.set_reactive(TableCanvas.scroll_target_y, y)
            self.vertical_scrollbar.position = y

    def _refresh_changes(self, first: int = HEADER) -> None:
        """Repaint the cells of visible rows that differ from what is on the screen.

        Few rows at a time: a key that is pressed meanwhile is answered between two paints.

        Args:
            first: the line of the screen to begin with.
        """
        painted = 0
        for line in range(first, self.size.height):
            if painted == _AT_ONCE:
                self.call_after_refresh(self._refresh_changes, line)
                return
            regions = self.drawn.differing(line, self._draw(line), self.layout_now)
            if regions:
                self.refresh(*regions)
                painted += 1

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen; line 0 is the header."""
        width = self.view.width
        if self.table is None:
            return Strip.blank(width)
        if y < HEADER:
            return self._heading(self.table)
        drawn = self.drawn.lines[y] = self._draw(y)
        if drawn is not None:
            return drawn.strip
        if not self.row_count:
            return _empty_line(self.table, y - HEADER - 1, width, self.palette)
        return Strip.blank(width)

    def _heading(self, table: Table) -> Strip:
        segments = heading(
            table.columns,
            self.layout_now,
            self.palette,
            sort=table.sort,
            descending=table.descending,
            current=self.current if self.has_focus else -1,
        )
        return Strip(segments, self.layout_now.width)

    def _draw(self, line: int) -> DrawnRow | None:
        """Return what a line of the screen has to show; `None` below the last row."""
        index = self.top + line - HEADER
        if self.table is None or not 0 <= index < self.row_count:
            return None
        look = self._look(index, self.table.rows.key(index))
        return self.drawn.row(self.table, index, look, self.layout_now, self.palette)

    def _look(self, index: int, key: str) -> RowLook:
        assert self.table is not None
        over = ""
        if index == self.cursor_row:
            over = "cursor" if self.has_focus else "cursor_blurred"
        stale = self.table.rows.stale_seconds(index)
        age = "" if stale is None else f"{age_text(stale)} old"
        return RowLook(over, key in self.marks, age)


def _empty_line(table: Table, index: int, width: int, palette: Palette) -> Strip:
    """Say why there is nothing."""
    lines = wrap(table.empty, max(10, width - 2 * GUTTER))
    text = f"  {lines[index]}" if 0 <= index < len(lines) else ""
    return Strip([Segment(fit(text, width), palette.tone(Tone.MUTED))], width)
