"""Pure: from a `Page` and a size to lines: blocks side by side where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from andon.tui.block_lines import Brush, Drawn, Spot, draw_block, facts_columns, least_width
from andon.tui.text import Line, beside
from andon.tui.theme import Palette
from andon.views.page import Block, Cells, Facts, Page, Series, Table

GAP = 4
"""Cells between columns of blocks."""
_COMFORTABLE_ROWS = 5
_LEAST_ROWS = 3
_FIRST_TO_GO = ("free",)
"""Blocks whose point the others make too, where there is no room for all."""
BOARD_COLUMNS = (72, 150)
"""From these widths on a board has two and three columns."""
PANE_COLUMNS = (110, 190)
"""The same for the page of one thing, whose blocks are wider."""


def draw_page(
    page: Page,
    palette: Palette,
    width: int,
    height: int | None = None,
    *,
    columns: tuple[int, ...] = PANE_COLUMNS,
) -> Drawn:
    """Return the lines of a page.

    Args:
        page: what to draw.
        palette: in which styles.
        width: cells a line may take.
        height: when given, tables are shortened until everything fits or they are short.
        columns: the widths from which on there is one column of blocks more.
    """
    brush = Brush(palette, max(20, width))
    count = 1 + sum(width >= least for least in columns)
    drawn = _arrange(page.blocks, brush, count)
    if height is None or len(drawn.lines) <= height:
        return drawn
    fitting = _fewer_rows(page.blocks, brush, count, height, _COMFORTABLE_ROWS)
    if fitting is None:
        last = [block for block in page.blocks if block.name in _FIRST_TO_GO]
        blocks = [block for block in page.blocks if block not in last] + last
        tight = replace(brush, tight=True)
        fewest = _arrange(blocks, replace(tight, row_limit=_LEAST_ROWS), count)
        fitting = (
            _fewer_rows(blocks, tight, count, height, _LEAST_ROWS)
            or _fewer_rows(blocks[: len(blocks) - len(last)], tight, count, height, _LEAST_ROWS)
            or fewest
        )
    return fitting


def _fewer_rows(
    blocks: Sequence[Block], brush: Brush, count: int, height: int, least: int
) -> Drawn | None:
    """Return the page with as many rows a table as fit, or `None` when that is under `least`.

    Lines that are left then go to the first table that has the whole width.
    """
    low, high = least, max(_most_rows(blocks), least)
    found: Drawn | None = None
    while low <= high:
        middle = (low + high) // 2
        drawn = _arrange(blocks, replace(brush, row_limit=middle), count)
        if len(drawn.lines) <= height:
            found, low = drawn, middle + 1
        else:
            high = middle - 1
    spare = 0 if found is None else height - len(found.lines)
    if spare:
        return _arrange(blocks, replace(brush, row_limit=high), count, spare)
    return found


def _most_rows(blocks: Sequence[Block]) -> int:
    return max((len(block.rows) for block in blocks if isinstance(block, Table)), default=0)


@dataclass
class _Sheet:
    """Lines under construction."""

    tight: bool
    lines: list[Line] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    starts: list[tuple[int, str]] = field(default_factory=list)

    def add(self, drawn: Drawn, x: int = 0, *, close: bool = False) -> None:
        """Put a block under the ones before it, a blank line between unless `close`."""
        if not drawn.lines:
            return
        if self.lines and not close and not self.tight:
            self.lines.append([])
        at = len(self.lines)
        self.spots.extend(spot.moved(at, x) for spot in drawn.spots)
        self.starts.extend((line + at, name) for line, name in drawn.starts)
        self.lines.extend(drawn.lines)

    def drawn(self) -> Drawn:
        """Return what came of it."""
        return Drawn(tuple(self.lines), tuple(self.spots), tuple(self.starts))


def _arrange(blocks: Sequence[Block], brush: Brush, count: int, spare: int = 0) -> Drawn:
    """Put blocks into columns in order; a block that needs the whole width ends a band.

    The first table of the whole width gets `spare` rows more than the others.
    """
    width = (brush.width - GAP * (count - 1)) // count
    sheet = _Sheet(brush.tight)
    band: list[Block] = []

    def close() -> None:
        if band:
            # A few blocks share the whole width.
            among = min(count, len(band))
            each = (brush.width - GAP * (among - 1)) // among
            sheet.add(_band(band, replace(brush, width=each), among))
            band.clear()

    for block in blocks:
        if _needs_all(block, brush, width):
            close()
            own = brush
            if isinstance(block, Table) and brush.row_limit is not None:
                own = replace(brush, row_limit=brush.row_limit + spare)
                spare = 0
            sheet.add(draw_block(block, own))
        else:
            band.append(block)
    close()
    return sheet.drawn()


def _needs_all(block: Block, brush: Brush, width: int) -> bool:
    """Return whether a block is better over the whole width than in a column."""
    if isinstance(block, Table):
        run_on = bool(block.columns) and block.columns[-1].run_on
        return run_on or least_width(block, brush.row_limit) > width
    if isinstance(block, Cells):
        return not block.weights
    return isinstance(block, Facts) and facts_columns(block, brush.width) > 1


def _band(blocks: Sequence[Block], brush: Brush, count: int) -> Drawn:
    """Draw blocks into `count` columns, each block into the column that is shortest so far."""
    columns = [_Sheet(brush.tight) for _ in range(count)]
    last: list[Block | None] = [None] * count
    for block in blocks:
        target = min(range(count), key=lambda index: len(columns[index].lines))
        kin = [index for index in range(count) if isinstance(last[index], Series)]
        if isinstance(block, Series) and kin:
            # Courses stay together: they share a scale of time.
            target = kin[0]
        close = isinstance(block, Series) and isinstance(last[target], Series)
        drawn = draw_block(block, brush)
        columns[target].add(drawn, target * (brush.width + GAP), close=close)
        if drawn.lines:
            last[target] = block
    lines = beside([sheet.lines for sheet in columns], [brush.width] * count, GAP)
    spots = [spot for sheet in columns for spot in sheet.spots]
    starts = sorted(start for sheet in columns for start in sheet.starts)
    return Drawn(tuple(lines), tuple(spots), tuple(starts))
