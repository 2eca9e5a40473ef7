"""The table one works with: cursor, current column, marks and the mouse over `TableCanvas`."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from andon.tui.table_lines import first_column_for
from andon.tui.theme import Palette
from andon.tui.widgets.table_canvas import HEADER, TableCanvas


class VirtualTable(TableCanvas, inherit_bindings=False):
    """A table that is asked to move; keys are bound where the one key registry is."""

    @dataclass
    class Opened(Message):
        """A row was double-clicked."""

        key: str

    @dataclass
    class SortAsked(Message):
        """A column's header was clicked."""

        column: str

    @dataclass
    class Marked(Message):
        """The set of marks changed."""

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(palette, id=id)
        self._anchor: str | None = None

    @property
    def column_name(self) -> str | None:
        """Name of the current column."""
        if self.table is None or not self.table.columns:
            return None
        return self.table.columns[self.current].name

    # -- moving ----------------------------------------------------------------------------------

    def move_to(self, index: int) -> None:
        """Put the cursor on a row and bring it into sight."""
        if self.table is None or not self.row_count:
            return
        index = max(0, min(index, self.row_count - 1))
        before, self.cursor_row = self.cursor_row, index
        self.cursor_key = self.table.rows.key(index)
        self.refresh_row(before)
        self.refresh_row(index)
        self.reveal()
        if index != before:
            self.post_message(self.Moved(self.cursor_key))

    def move_by(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.move_to(self.cursor_row + rows)

    def move_pages(self, pages: int) -> None:
        """Move the cursor by screenfuls."""
        self.move_by(pages * max(1, self.view.height - HEADER - 1))

    def move_to_key(self, key: str | None) -> bool:
        """Put the cursor on a thing; return whether it is among the rows."""
        found = self.table.rows.index(key) if self.table and key is not None else None
        if found is None:
            return False
        self.move_to(found)
        return True

    def reveal(self) -> None:
        """Scroll until the cursor is in sight."""
        height = self.view.height - HEADER
        if self.cursor_row < self.top:
            self.scroll_to(y=self.cursor_row, animate=False, force=True)
        elif height > 0 and self.cursor_row >= self.top + height:
            self.scroll_to(y=self.cursor_row - height + 1, animate=False, force=True)

    def move_column(self, columns: int) -> None:
        """Make another column the current one and bring it into sight."""
        if self.table is None or not self.table.columns:
            return
        self.current = max(0, min(self.current + columns, len(self.table.columns) - 1))
        first = 1
        if self.current:
            first = first_column_for(
                self.table.columns,
                self.view.width,
                self.first_column,
                self.current,
                self.needs,
                self.texts,
            )
        if first != self.first_column:
            self.first_column = first
            self.redraw()
        else:
            self.refresh_header()

    # -- marks -----------------------------------------------------------------------------------

    def toggle_mark(self) -> None:
        """Mark the row under the cursor or take its mark away, and go on to the next."""
        if self.cursor_key is None or not self.row_count:
            return
        self.marks ^= {self.cursor_key}
        self._anchor = self.cursor_key
        self.refresh_row(self.cursor_row)
        self.move_by(1)
        self.post_message(self.Marked())

    def mark_range(self) -> None:
        """Mark every row from the last one marked to the cursor."""
        if self.table is None or not self.row_count:
            return
        start = self.table.rows.index(self._anchor) if self._anchor is not None else None
        first = self.cursor_row if start is None else start
        low, high = sorted((first, self.cursor_row))
        self.marks |= {self.table.rows.key(index) for index in range(low, high + 1)}
        self._anchor = self.cursor_key
        self.redraw()
        self.post_message(self.Marked())

    def clear_marks(self) -> None:
        """Take every mark away."""
        if self.marks:
            self.marks.clear()
            self._anchor = None
            self.redraw()
            self.post_message(self.Marked())

    def marked_keys(self) -> tuple[str, ...]:
        """Return the marked things that are among the rows, in row order."""
        if self.table is None or not self.marks:
            return ()
        found = ((self.table.rows.index(key), key) for key in self.marks)
        return tuple(key for index, key in sorted(f for f in found if f[0] is not None))

    # -- events ----------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new width and keep the cursor in sight."""
        self._resize_canvas()
        self._look_for_needs()
        self.redraw()
        self.reveal()

    def on_focus(self) -> None:
        """Show the cursor as one's own."""
        self.refresh_row(self.cursor_row)
        self.refresh_header()

    def on_blur(self) -> None:
        """Show the cursor as not one's own."""
        self.refresh_row(self.cursor_row)
        self.refresh_header()

    def on_click(self, event: events.Click) -> None:
        """Header: sort. Row: move there; twice: open."""
        if self.table is None:
            return
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < HEADER:
            span = self.layout_now.span_at(offset.x)
            if span is not None:
                self.post_message(self.SortAsked(self.table.columns[span.index].name))
            return
        # What one sees there, which may not be what the newest table has in that place.
        seen = self.drawn.lines.get(offset.y)
        index = self.table.rows.index(seen.key) if seen is not None else None
        if index is None:
            return
        self.move_to(index)
        if event.chain == 2 and self.cursor_key is not None:
            self.post_message(self.Opened(self.cursor_key))
