"""Pure: from a `Page` and a size to lines: blocks side by side where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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


def _arrange(blocks: Sequence[Block], brush: Brush) -> Drawn:
    """Put blocks into columns in order; a block that needs the whole width ends a band."""
    count = max(1, min(3, (brush.width + GAP) // (_MIN_COLUMN + GAP)))
    width = (brush.width - GAP * (count - 1)) // count
    lines: list[Line] = []
    spots: list[Spot] = []
    band: list[Block] = []

    def close() -> None:
        if band:
            _add(lines, spots, _band(band, replace(brush, width=width), count))
            band.clear()

    for block in blocks:
        if count > 1 and isinstance(block, Table) and natural_width(block) > width:
            close()
            _add(lines, spots, draw_block(block, brush))
        else:
            band.append(block)
    close()
    return Drawn(tuple(lines), tuple(spots))


def _add(lines: list[Line], spots: list[Spot], drawn: Drawn) -> None:
    """Put a block under the ones before it, a blank line between."""
    if not drawn.lines:
        return
    if lines:
        lines.append([])
    spots.extend(spot.moved(len(lines), 0) for spot in drawn.spots)
    lines.extend(drawn.lines)


def _band(blocks: Sequence[Block], brush: Brush, count: int) -> Drawn:
    """Draw blocks into `count` columns, each block into the column that is shortest so far."""
    columns: list[list[Line]] = [[] for _ in range(count)]
    spots: list[Spot] = []
    last: list[Block | None] = [None] * count
    for block in blocks:
        drawn = draw_block(block, brush)
        if not drawn.lines:
            continue
        target = min(range(count), key=lambda index: len(columns[index]))
        if isinstance(block, Series):
            # Sparklines stay together: they share a scale of time.
            kin = [index for index in range(count) if isinstance(last[index], Series)]
            target = kin[0] if kin else target
        column = columns[target]
        if column and not (isinstance(block, Series) and isinstance(last[target], Series)):
            column.append([])
        x = target * (brush.width + GAP)
        spots.extend(spot.moved(len(column), x) for spot in drawn.spots)
        column.extend(drawn.lines)
        last[target] = block
    spots.sort(key=lambda spot: (spot.x, spot.line))
    return Drawn(tuple(beside(columns, [brush.width] * count, GAP)), tuple(spots))
