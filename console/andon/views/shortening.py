"""A page made to fit so many lines of text: the worst of each table, and how much is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from andon.views.page import Block, Page, StaticRows, Table

_LEAST: Final[Mapping[str, int]] = {"sites": 3, "problems": 4, "sources": 0}
"""Rows that a table keeps whatever the others want, by its name."""
_FEW: Final = 1
"""The same for every other table."""
_TURNS: Final = ("problems", "sites", "pending", "changes", "free")
"""Who gets the lines that are left, one row each, again and again."""


def text_lines(page: Page, *, apart: bool = True) -> int:
    """Return how many lines the tables of a page take as text, blank ones between if `apart`."""
    between = len(page.blocks) - 1 if apart else 0
    return between + sum(_frame(one) + _rows(one) for one in page.blocks)


def shortened(page: Page, lines: int) -> Page:
    """Return a page of tables that takes no more than `lines` lines of text, if that can be.

    A table keeps its first rows, which are the most important ones; that of sites those with the
    worst problems, in its own order, and the sum of all; that of free GPUs those with the most. A
    title says how many rows of how many are there.

    Args:
        page: What to show; every block of it is a table.
        lines: Lines there are, without the blank ones between blocks.
    """
    tables = [block for block in page.blocks if isinstance(block, Table)]
    kept = {one.name: min(len(one.rows), _LEAST.get(one.name, _FEW)) for one in tables}
    room = lines - sum(_frame(one) + (kept[one.name] if len(one.rows) else 1) for one in tables)
    wanting = {one.name: len(one.rows) for one in tables}
    order = [*_TURNS, *(one.name for one in tables if one.name not in _TURNS)]
    while room > 0 and any(kept[name] < count for name, count in wanting.items()):
        for name in order:
            if room > 0 and kept.get(name, 0) < wanting.get(name, 0):
                kept[name] += 1
                room -= 1
    bad = _troubles(tables)
    return replace(
        page,
        blocks=tuple(
            _cut(one, kept[one.name], bad) if isinstance(one, Table) else one for one in page.blocks
        ),
    )


def is_cut(page: Page) -> bool:
    """Whether something of a page's tables was left out."""
    return any(isinstance(block, Table) and len(block.rows) < block.total for block in page.blocks)


def _frame(block: Block) -> int:
    """Return the lines that a table takes beside its rows."""
    if not isinstance(block, Table):
        return 1
    titles = bool(len(block.rows)) and any(column.title for column in block.columns)
    return bool(block.title) + titles


def _rows(block: Block) -> int:
    return (len(block.rows) or bool(block.empty)) if isinstance(block, Table) else 0


def _cut(table: Table, count: int, bad: Mapping[object, int]) -> Table:
    whole = len(table.rows)
    if count >= whole:
        return table
    chosen = list(range(count))
    if table.name == "sites":
        chosen = _worst_sites(table, count, bad)
    elif table.name == "free":
        chosen = _most_free(table, count)
    told = f"{count:,} of {whole:,}" if count else ""
    return replace(
        table,
        title=f"{table.title} ({told})" if told else table.title,
        rows=StaticRows(
            [table.rows.key(index) for index in chosen],
            [table.rows.cells(index) for index in chosen],
        ),
    )


def _worst_sites(table: Table, count: int, bad: Mapping[object, int]) -> list[int]:
    """Return which sites to keep, in their order: the last row is the sum of all."""
    last = len(table.rows) - 1
    ranked = sorted(range(last), key=lambda index: (-bad[table.rows.cells(index)[0].raw], index))
    return [*sorted(ranked[: count - 1]), last]


def _most_free(table: Table, count: int) -> list[int]:
    """Return the rows with the most free GPUs, in their order."""
    place = [column.name for column in table.columns].index("gpus_free")

    def free(index: int) -> int:
        raw = table.rows.cells(index)[place].raw
        return raw if isinstance(raw, int) else 0

    ranked = sorted(range(len(table.rows)), key=lambda index: (-free(index), index))
    return sorted(ranked[:count])


def _troubles(tables: Sequence[Table]) -> Counter[object]:
    """Return how much is wrong at each site; one critical problem outweighs any warnings."""
    bad: Counter[object] = Counter()
    for table in tables:
        if table.name != "problems":
            continue
        place = [column.name for column in table.columns].index("site")
        for index in range(len(table.rows)):
            cells = table.rows.cells(index)
            weight = {"critical": 1_000_000, "warning": 1_000}.get(str(cells[0].raw), 1)
            bad[cells[place].raw] += weight
    return bad
