"""Draws a page of blocks; rows of its tables can be walked and opened."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.message import Message

from andon.tui.block_lines import Drawn, Spot
from andon.tui.page_lines import BOARD_COLUMNS, PANE_COLUMNS, draw_page
from andon.tui.text import Line, width_of
from andon.tui.theme import Palette
from andon.tui.widgets.lines_view import LinesView
from andon.views.page import Page

_MARGIN = 1
_NONE = -1
"""Where the cursor is while it stands on no row."""


class PageView(LinesView):
    """A page, with a cursor on the rows that stand for things."""

    @dataclass
    class Opened(Message):
        """A row was double-clicked."""

        table: str
        key: str

    def __init__(
        self,
        palette: Palette,
        *,
        one_look: bool = False,
        margin: int = _MARGIN,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.palette = palette
        self.page: Page | None = None
        self._left = margin
        self._one_look = one_look
        """Shorten tables so that the page fits the screen."""
        self._drawn = Drawn(())
        self._chosen: tuple[str, str] | None = None
        self._least = 0 if one_look else _NONE
        """Where the cursor starts: a board on its first row, the page of a thing on the thing."""
        self._at = self._least

    @property
    def chosen(self) -> Spot | None:
        """The row under the cursor; `None` while it stands on none."""
        spots = self._drawn.spots
        return spots[self._at] if 0 <= self._at < len(spots) else None

    def show(self, page: Page | None) -> None:
        """Draw another page. The cursor stays on its row by table and key."""
        self.page = page
        self._redraw()

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self.palette = palette
        self._redraw()

    def home(self) -> None:
        """Go back to the first row and the first line, as for another subject."""
        self._chosen = None
        self._at = self._least
        self.scroll_to(y=0, animate=False, force=True)

    def move_by(self, rows: int) -> None:
        """Move the cursor by some rows; without rows, scroll.

        A single step to a row that is out of sight only reads on by a line.
        """
        spots = self._drawn.spots
        at = max(self._least, min(self._at + rows, len(spots) - 1))
        if not spots or at == self._at or (abs(rows) == 1 and self._is_far(at, rows)):
            # Past the last row, and between two tables, there are lines to read.
            self.scroll_lines(rows)
            return
        self._at = at
        spot = self.chosen
        self._chosen = (spot.table, spot.key) if spot else None
        self._paint()
        if spot is not None:
            self.reveal_line(spot.line)

    def _is_far(self, at: int, step: int) -> bool:
        """Return whether a row stays out of sight when one scrolls by a line."""
        if at < 0:
            return False
        top = round(self.scroll_y) + step
        return (
            not min(top, top - step)
            <= self._drawn.spots[at].line
            < max(top, top - step) + (self.view.height)
        )

    def move_pages(self, pages: int) -> None:
        """Scroll by screenfuls."""
        self.scroll_lines(pages * max(1, self.view.height - 2))

    def move_end(self, *, first: bool) -> None:
        """Go to the first or the last row."""
        self.move_by(-len(self._drawn.spots) if first else len(self._drawn.spots))
        self.scroll_to(y=0 if first else len(self._drawn.lines), animate=False, force=True)

    def scroll_to_block(self, name: str) -> None:
        """Bring the start of a block into sight, when the page has one of that name."""
        for line, block in self._drawn.starts:
            if block == name:
                self.scroll_to(y=line, animate=False, force=True)
                return

    def _redraw(self) -> None:
        width = self.view.width - 2 * self._left
        if self.page is None or width <= 0:
            self._drawn = Drawn(())
        else:
            height = self.view.height if self._one_look else None
            columns = BOARD_COLUMNS if self._one_look else PANE_COLUMNS
            self._drawn = draw_page(self.page, self.palette, width, height, columns=columns)
        keys = [(spot.table, spot.key) for spot in self._drawn.spots]
        if self._chosen in keys:
            self._at = keys.index(self._chosen)
        else:
            self._at = max(self._least, min(self._at, len(keys) - 1))
            self._chosen = keys[self._at] if 0 <= self._at < len(keys) else None
        self._paint()

    def _paint(self) -> None:
        lines: list[Line] = list(self._drawn.lines)
        spot = self.chosen
        if spot is not None and self.has_focus:
            lines[spot.line] = self._with_cursor(lines[spot.line], spot)
        self.set_lines(lines, margin=self._left)

    def _with_cursor(self, line: Line, spot: Spot) -> Line:
        cursor = self.palette.chrome["cursor"]
        made: Line = []
        x = 0
        for segment in line:
            inside = spot.x <= x < spot.x + spot.width
            shown = self.palette.laid(segment.style, "cursor") if segment.style else cursor
            made.append(Segment(segment.text, shown) if inside else segment)
            x += width_of(segment.text)
        return made

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new size."""
        self._redraw()

    def on_focus(self) -> None:
        """Show the cursor as one's own."""
        self._paint()

    def on_blur(self) -> None:
        """Show the cursor as not one's own."""
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the mouse; twice opens it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        line, x = offset.y + round(self.scroll_y), offset.x - self._left
        for index, spot in enumerate(self._drawn.spots):
            if spot.line == line and spot.x <= x < spot.x + spot.width:
                self._at = index
                self._chosen = (spot.table, spot.key)
                self._paint()
                if event.chain == 2:
                    self.post_message(self.Opened(spot.table, spot.key))
                return
