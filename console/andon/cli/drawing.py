"""Tables and pages as aligned text, from the same blocks as the screen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len, set_cell_size

from andon.tui.text import cut_middle
from andon.views.page import (
    Block,
    Cell,
    Cells,
    Column,
    Facts,
    Page,
    Series,
    StaticRows,
    Table,
    Text,
    Tone,
    line_columns,
    line_texts,
)
from andon.views.worth import most_worth

_SGR = {
    Tone.MUTED: "2",
    Tone.STRONG: "1",
    Tone.ACCENT: "36",
    Tone.GOOD: "32",
    Tone.INFO: "36",
    Tone.WARN: "33",
    Tone.BAD: "1;31",
}
_GAP = "  "
_LEAST = 8
WIDEST_CELL = 120
"""A table in a pipe is as wide as its texts, but no cell is wider than this."""


def paint(cell: Cell, text: str, colour: bool) -> str:
    """Return `text` in the colour of the cell's tone."""
    code = _SGR.get(cell.tone) if colour else None
    return f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text


def table_lines(
    table: Table,
    *,
    headers: bool = True,
    colour: bool = False,
    width: int | None = None,
    whole: Collection[str] = (),
) -> Iterator[str]:
    """Return the table as aligned lines, without trailing blanks.

    What a row is called and what is a number is never cut, since what is left would be another.
    A table that cannot fit by cutting the rest is shown whole: a line that goes on in the next one
    has lost nothing.

    Args:
        table: what to show; all its rows are made.
        headers: whether to begin with the titles.
        colour: whether to write SGR colours.
        width: cells of a terminal line to fit into, `None` to show every text whole.
        whole: columns, beside the first one, that say what a row is called.
    """
    columns = line_columns(table.columns)
    rows = [table.rows.cells(index) for index in range(len(table.rows))]
    texts = [line_texts(table.columns, row) for row in rows]
    titles = [column.title for column in columns]
    headers = headers and any(titles)
    widths = _widths(columns, [titles, *texts] if headers else texts, width, whole)
    if len(columns) < len(table.columns) and width is None:
        # Nothing stands behind a text that runs on, so nothing is moved by its length.
        widths[-1] = max((cell_len(row[-1]) for row in texts), default=0)
    if headers:
        heading = [Cell(title, Tone.MUTED) for title in titles]
        yield _line(columns, heading, titles, widths, colour)
    for row, told in zip(rows, texts, strict=True):
        yield _line(columns, row, told, widths, colour)


def narrowed(table: Table, width: int, worth: Sequence[str]) -> Table:
    """Return a table without the columns of least worth that a line has no room for.

    What is left fits `table_lines` at this width, or is the column of most worth alone.

    Args:
        table: what to show; all its rows are made when it may not fit.
        width: cells of a line.
        worth: names of its columns, worth most first.
    """
    rows = [table.rows.cells(index) for index in range(len(table.rows))]
    told = [[column.title for column in table.columns]]
    told += [line_texts(table.columns, row) for row in rows]
    full = _full(told, len(table.columns))
    least = {
        column.name: len(_GAP) + _least(column, place, full[place], ())
        for place, column in enumerate(table.columns)
    }
    order = [name for name in worth if name in least]
    kept = most_worth(((name, least[name]) for name in order), width + len(_GAP)) or order[:1]
    places = [place for place, column in enumerate(table.columns) if column.name in kept]
    if len(places) == len(table.columns):
        return table
    keys = [table.rows.key(index) for index in range(len(table.rows))]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in places),
        rows=StaticRows(keys, [tuple(row[place] for place in places) for row in rows]),
    )


def _full(texts: Sequence[Sequence[str]], count: int) -> list[int]:
    """Return the cells that each column takes when nothing is cut."""
    return [
        min(max((cell_len(row[place]) for row in texts), default=0), WIDEST_CELL)
        for place in range(count)
    ]


def _is_soft(column: Column, place: int, whole: Collection[str]) -> bool:
    """Return whether the texts of a column may be cut."""
    return bool(place or column.grow) and column.align == "left" and column.name not in whole


def _least(column: Column, place: int, full: int, whole: Collection[str]) -> int:
    """Return the fewest cells that a column can be given."""
    if not _is_soft(column, place, whole):
        return full
    return min(full, max(_LEAST, len(column.title)))


def _widths(
    columns: Sequence[Column],
    texts: Sequence[Sequence[str]],
    width: int | None,
    whole: Collection[str],
) -> list[int]:
    full = _full(texts, len(columns))
    if width is None:
        return full
    widths = list(full)
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    soft = [place for place, column in enumerate(columns) if _is_soft(column, place, whole)]
    # First what grows gives way, then the widest of the rest.
    for place in sorted(soft, key=lambda p: (not columns[p].grow, -widths[p])):
        if over <= 0:
            break
        least = _least(columns[place], place, widths[place], whole)
        taken = min(over, widths[place] - least)
        widths[place] -= taken
        over -= taken
    return widths if over <= 0 else full


def _line(
    columns: Sequence[Column],
    cells: Sequence[Cell],
    texts: Sequence[str],
    widths: Sequence[int],
    colour: bool,
) -> str:
    parts = []
    last = len(columns) - 1
    for place, (column, text, width) in enumerate(zip(columns, texts, widths, strict=True)):
        cell = cells[place]
        size = cell_len(text)
        if size > width:
            text = _cut(column, text, width)
            size = cell_len(text)
        pad = " " * (width - size)
        if column.align == "right":
            parts.append(pad + paint(cell, text, colour))
        elif place == last:
            own = len(cell.text)
            tail = paint(cells[-1], text[own:], colour)
            parts.append(paint(cell, text[:own], colour) + tail)
        else:
            parts.append(paint(cell, text, colour) + pad)
    return _GAP.join(parts).rstrip()


def _cut(column: Column, text: str, width: int) -> str:
    short = cut_middle(text, width) if column.names else text
    if cell_len(short) <= width:
        return short
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…"


def page_lines(
    page: Page, *, colour: bool = False, width: int | None = None, apart: bool = True
) -> Iterator[str]:
    """Return every block of a page as text, a blank line between them if `apart`."""
    for place, block in enumerate(page.blocks):
        if place and apart:
            yield ""
        yield from block_lines(block, colour=colour, width=width)


def block_lines(block: Block, *, colour: bool, width: int | None) -> Iterator[str]:
    """Return one block as text."""
    if block.title:
        yield paint(Cell("", Tone.STRONG), block.title, colour)
    match block:
        case Table():
            if len(block.rows):
                yield from table_lines(block, colour=colour, width=width)
            elif block.empty:
                yield paint(Cell("", Tone.MUTED), block.empty, colour)
        case Facts():
            label_width = max((cell_len(label) for label, _ in block.items), default=0)
            for label, cell in block.items:
                pad = " " * (label_width - cell_len(label))
                yield f"{label}{pad}{_GAP}{paint(cell, cell.text, colour)}".rstrip()
        case Series():
            yield f"{block.latest.text} {block.unit}".strip()
        case Cells():
            yield _GAP.join(paint(cell, cell.text, colour) for cell in block.cells)
        case Text():
            for line in block.lines:
                yield "".join(paint(cell, cell.text, colour) for cell in line)
