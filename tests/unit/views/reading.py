"""Reading pages in tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from andon.views.page import Block, Cell, Cells, Facts, Page, Series, Table, Text


def block(page: Page, name: str) -> Any:
    """Return a page's block by its name; `None` when it has none."""
    return next((one for one in page.blocks if one.name == name), None)


def facts(page: Page) -> dict[str, str]:
    """Return the texts of a page's facts by label."""
    made = block(page, "facts")
    assert isinstance(made, Facts)
    return {label: cell.text for label, cell in made.items}


def rows(table: Table) -> list[list[str]]:
    """Return the texts of a table's rows."""
    return [[cell.text for cell in table.rows.cells(index)] for index in range(len(table.rows))]


def column(table: Table, name: str) -> list[str]:
    """Return the texts of one column."""
    place = [one.name for one in table.columns].index(name)
    return [row[place] for row in rows(table)]


def lines(text: Text) -> list[str]:
    """Return the lines of a text."""
    return ["".join(cell.text for cell in line) for line in text.lines]


def cells(page: Page) -> Iterator[Cell]:
    """Yield every cell of a page."""
    yield from page.notes
    for one in page.blocks:
        yield from _cells_of(one)


def _cells_of(one: Block) -> Iterator[Cell]:
    yield Cell(one.title)
    match one:
        case Table():
            yield from one.notes
            yield Cell(one.empty)
            for index in range(len(one.rows)):
                yield from one.rows.cells(index)
        case Facts():
            for label, cell in one.items:
                yield Cell(label)
                yield cell
        case Series():
            yield one.latest
        case Cells():
            yield from one.cells
        case Text():
            for line in one.lines:
                yield from line
