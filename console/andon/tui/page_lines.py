"""Pure: from a `Page` and a size to lines: blocks side by side where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from andon.tui.block_lines import (
    Brush,
    Drawn,
    Spot,
    draw_block,
    facts_columns,
    least_width,
    natural_width,
)
from andon.tui.text import Line, pad
from andon.tui.theme import Palette
from andon.views.page import Block, Cells, Facts, Page, Series, Table

GAP = 4
"""Cells between columns of blocks."""
_COMFORTABLE_ROWS = 5
_SPACED_ROWS = 4
"""Rows a table must keep for blank lines between blocks to be worth their room."""
_LEAST_ROWS = 3
_STEP_DOWN = 3
"""Lines a table may go down to have room beside it."""
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
    tight = replace(brush, tight=True)
    return (
        _fewer_rows(page.blocks, brush, count, height, _COMFORTABLE_ROWS)
        or _fewer_rows(page.blocks, tight, count, height, _SPACED_ROWS)
        or _close(page, replace(tight, close=True), count, height)
    )


def _close(page: Page, brush: Brush, count: int, height: int) -> Drawn:
    """Return the page without blank lines, and without what can be spared if that is needed."""
    last = [block for block in page.blocks if block.name in _FIRST_TO_GO]
    blocks = [block for block in page.blocks if block not in last] + last
    return (
        _fewer_rows(blocks, brush, count, height, _LEAST_ROWS)
        or _fewer_rows(blocks[: len(blocks) - len(last)], brush, count, height, _LEAST_ROWS)
        or _arrange(blocks, replace(brush, row_limit=_LEAST_ROWS), count)
    )


def _fewer_rows(
    blocks: Sequence[Block], brush: Brush, count: int, height: int, least: int
) -> Drawn | None:
    """Return the page with as many rows a table as fit, or `None` when that is under `least`.

    Lines that are left then go to the first table that has the whole width.
    """
    found = _arrange(blocks, replace(brush, row_limit=least), count)
    spare = height - len(found.lines)
    if spare < 0:
        return None
    low, high = least + 1, _most_rows(blocks)
    # A row more is a line more, mostly in two bands: begin there, to draw as few times as can be.
    middle = max(low, least + spare // 2)
    while low <= high:
        middle = min(middle, high)
        drawn = _arrange(blocks, replace(brush, row_limit=middle), count)
        if len(drawn.lines) <= height:
            found, low = drawn, middle + 1
        else:
            high = middle - 1
        middle = (low + high) // 2
    high = low - 1
    spare = height - len(found.lines)
    if spare:
        return _arrange(blocks, replace(brush, row_limit=high), count, spare)
    return found


def _most_rows(blocks: Sequence[Block]) -> int:
    return max((len(block.rows) for block in blocks if isinstance(block, Table)), default=0)


@dataclass
class _Sheet:
    """One column of blocks under construction."""

    close: bool
    lines: list[Line | None] = field(default_factory=list)
    """`None` where the column to the left reaches over."""
    spots: list[Spot] = field(default_factory=list)
    starts: list[tuple[int, str]] = field(default_factory=list)

    def add(self, drawn: Drawn, x: int = 0, *, close: bool = False) -> None:
        """Put a block under the ones before it, a blank line between unless `close`."""
        if not drawn.lines:
            return
        if self.lines and not close and not self.close:
            self.lines.append([])
        at = len(self.lines)
        self.spots.extend(spot.moved(at, x) for spot in drawn.spots)
        self.starts.extend((line + at, name) for line, name in drawn.starts)
        self.lines.extend(drawn.lines)

    def fill(self, height: int) -> None:
        """Leave room free down to a height."""
        self.lines.extend([] for _ in range(height - len(self.lines)))

    def drawn(self) -> Drawn:
        """Return what came of it."""
        lines = tuple(line or [] for line in self.lines)
        return Drawn(lines, tuple(self.spots), tuple(self.starts))


def _arrange(blocks: Sequence[Block], brush: Brush, count: int, spare: int = 0) -> Drawn:
    """Put blocks into columns in order; a block that needs the whole width ends a band.

    The first table of the whole width gets `spare` rows more than the others.
    """
    width = (brush.width - GAP * (count - 1)) // count
    sheet = _Sheet(brush.close)
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
    columns = [_Sheet(brush.close) for _ in range(count)]
    last: list[Block | None] = [None] * count
    for block in blocks:
        target = min(range(count), key=lambda index: len(columns[index].lines))
        kin = [index for index in range(count) if isinstance(last[index], Series)]
        if isinstance(block, Series) and kin:
            # Courses stay together: they share a scale of time.
            target = kin[0]
        close = isinstance(block, Series) and isinstance(last[target], Series)
        over = range(target, target + 1)
        if block is blocks[-1]:
            # Nothing follows that would stand below a hole.
            over = _reach(block, brush, columns, target)
        # It begins in the first of them, below what stands in any.
        target = over[0]
        columns[target].fill(max(len(columns[index].lines) for index in over))
        width = brush.width * len(over) + GAP * (len(over) - 1)
        drawn = draw_block(block, replace(brush, width=width))
        columns[target].add(drawn, target * (brush.width + GAP), close=close)
        if drawn.lines:
            last[target] = block
        for index in over[1:]:
            columns[index].fill(len(columns[target].lines) - len(drawn.lines))
            columns[index].lines.extend([None] * len(drawn.lines))
    lines = _side_by_side([sheet.lines for sheet in columns], brush.width)
    spots = [spot for sheet in columns for spot in sheet.spots]
    starts = sorted(start for sheet in columns for start in sheet.starts)
    return Drawn(tuple(lines), tuple(spots), tuple(starts))


def _reach(block: Block, brush: Brush, columns: Sequence[_Sheet], target: int) -> range:
    """Return the columns a block is drawn over: a cut table reaches into room beside it."""
    first, last = target, target
    if not isinstance(block, Table):
        return range(first, last + 1)
    wanted = natural_width(block, brush.row_limit)
    limit = len(columns[target].lines) + _STEP_DOWN
    while (brush.width + GAP) * (last - first + 1) - GAP < wanted:
        if last + 1 < len(columns) and len(columns[last + 1].lines) <= limit:
            last += 1
        elif first > 0 and len(columns[first - 1].lines) <= limit:
            first -= 1
        else:
            break
    return range(first, last + 1)


def _side_by_side(columns: Sequence[Sequence[Line | None]], width: int) -> list[Line]:
    """Return columns as lines; one that reaches over its neighbours has their room."""
    lines: list[Line] = []
    for index in range(max((len(column) for column in columns), default=0)):
        line: Line = []
        for position, column in enumerate(columns):
            part = column[index] if index < len(column) else []
            if part is None:
                continue
            line = pad(line, position * (width + GAP)) if position else line
            line.extend(part)
        lines.append(pad(line, len(columns) * (width + GAP) - GAP))
    return lines
