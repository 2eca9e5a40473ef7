"""Tables and pages as aligned text, from the same blocks as the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from andon.views.page import (
    Block,
    Cell,
    Cells,
    Column,
    Facts,
    Page,
    Series,
    Table,
    Text,
    Tone,
    line_columns,
    line_texts,
)

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
WIDEST_CELL = 120
"""A table in a pipe is as wide as its texts, but no cell is wider than this."""


def paint(cell: Cell, text: str, colour: bool) -> str:
    """Return `text` in the colour of the cell's tone."""
    code = _SGR.get(cell.tone) if colour else None
    return f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text


def table_lines(
    table: Table, *, headers: bool = True, colour: bool = False, width: int | None = None
) -> Iterator[str]:
    """Return the table as aligned lines, without trailing blanks.

    Args:
        table: what to show; all its rows are made.
        headers: whether to begin with the titles.
        colour: whether to write SGR colours.
        width: cells of a terminal line to fit into, `None` to show every text whole.
    """
    columns = line_columns(table.columns)
    rows = [table.rows.cells(index) for index in range(len(table.rows))]
    texts = [line_texts(table.columns, row) for row in rows]
    titles = [column.title for column in columns]
    headers = headers and any(titles)
    widths = _widths(columns, [titles, *texts] if headers else texts, width)
    if len(columns) < len(table.columns) and width is None:
        # Nothing stands behind a text that runs on, so nothing is moved by its length.
        widths[-1] = max((cell_len(row[-1]) for row in texts), default=0)
    if headers:
        heading = [Cell(title, Tone.MUTED) for title in titles]
        yield _line(columns, heading, titles, widths, colour)
    for row, told in zip(rows, texts, strict=True):
        yield _line(columns, row, told, widths, colour)


def _widths(
    columns: Sequence[Column], texts: Sequence[Sequence[str]], width: int | None
) -> list[int]:
    widths = [
        min(max((cell_len(row[place]) for row in texts), default=0), WIDEST_CELL)
        for place in range(len(columns))
    ]
    if width is None:
        return widths
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    # Texts give way before identifiers: first what grows, then the widest of the rest.
    for place in sorted(range(len(columns)), key=lambda p: (not columns[p].grow, -widths[p])):
        if over <= 0:
            break
        least = min(widths[place], max(8, len(columns[place].title)))
        taken = min(over, widths[place] - least)
        widths[place] -= taken
        over -= taken
    return widths


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
            text = set_cell_size(text, max(width - 1, 0)).rstrip() + "…"
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


def page_lines(page: Page, *, colour: bool = False, width: int | None = None) -> Iterator[str]:
    """Return every block of a page as text."""
    for place, block in enumerate(page.blocks):
        if place:
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
