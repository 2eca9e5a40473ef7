"""Pure: from a `Page` and a size to lines: blocks side by side where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from andon.tui.block_lines import Brush, Drawn, Spot, draw_block, natural_width
from andon.tui.text import Line, beside
from andon.tui.theme import Palette
from andon.views.page import Block, Page, Series, Table

GAP = 4
"""Cells between columns of blocks."""
_MIN_COLUMN = 54
_LEAST_ROWS = 3


def draw_page(page: Page, palette: Palette, width: int, height: int | None = None) -> Drawn:
    """Return the lines of a page.

    Args:
        page: what to draw.
        palette: in which styles.
        width: cells a line may take.
        height: when given, tables are shortened until everything fits or they are short.
    """
    brush = Brush(palette, max(20, width))
    drawn = _arrange(page.blocks, brush)
    if height is None or len(drawn.lines) <= height:
        return drawn
    low, high = _LEAST_ROWS, max(_most_rows(page.blocks), _LEAST_ROWS)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_arrange(page.blocks, replace(brush, row_limit=middle)).lines) <= height:
            low = middle
        else:
            high = middle - 1
    return _arrange(page.blocks, replace(brush, row_limit=low))


def _most_rows(blocks: Sequence[Block]) -> int:
    return max((len(block.rows) for block in blocks if isinstance(block, Table)), default=0)


@dataclass
class _Sheet:
    """Lines under construction."""

    lines: list[Line] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    starts: list[tuple[int, str]] = field(default_factory=list)

    def add(self, drawn: Drawn, x: int = 0, *, close: bool = False) -> None:
        """Put a block under the ones before it, a blank line between unless `close`."""
        if not drawn.lines:
            return
        if self.lines and not close:
            self.lines.append([])
        at = len(self.lines)
        self.spots.extend(spot.moved(at, x) for spot in drawn.spots)
        self.starts.extend((line + at, name) for line, name in drawn.starts)
        self.lines.extend(drawn.lines)

    def drawn(self) -> Drawn:
        """Return what came of it."""
        return Drawn(tuple(self.lines), tuple(self.spots), tuple(self.starts))


def _arrange(blocks: Sequence[Block], brush: Brush) -> Drawn:
    """Put blocks into columns in order; a block that needs the whole width ends a band."""
    count = max(1, min(3, (brush.width + GAP) // (_MIN_COLUMN + GAP)))
    width = (brush.width - GAP * (count - 1)) // count
    sheet = _Sheet()
    band: list[Block] = []

    def close() -> None:
        if band:
            sheet.add(_band(band, replace(brush, width=width), count))
            band.clear()

    for block in blocks:
        if count > 1 and isinstance(block, Table) and natural_width(block) > width:
            close()
            sheet.add(draw_block(block, brush))
        else:
            band.append(block)
    close()
    return sheet.drawn()


def _band(blocks: Sequence[Block], brush: Brush, count: int) -> Drawn:
    """Draw blocks into `count` columns, each block into the column that is shortest so far."""
    columns = [_Sheet() for _ in range(count)]
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
