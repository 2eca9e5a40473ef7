"""The rows of a table, in order, whose cells are made only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from andon.analysis.merge import Merged
from andon.store import Snapshot
from andon.views.columns import ColumnSpec, Context
from andon.views.ordering import Entry, Order
from andon.views.page import Cell, Raw
from andon.views.pieces import SortedPieces
from andon.views.state import Scope

CELL_CACHE = 4_096
"""Rows whose cells are kept: many screens, and little beside the records."""

CellCache = dict[str, tuple[Any, list[Cell | None]]]
TextCache = dict[int, tuple[Any, str]]
"""By identity of the thing, which the entry keeps alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a table was made of, from which the next one starts.

    `cells` and `texts` are caches: they only ever hold what could be made again.
    """

    snapshot: Snapshot
    merged: Merged | None
    things: Mapping[str, Any]
    scope: Scope
    sort: str
    descending: bool
    order: Order
    """All in scope, unfiltered."""
    filter: str
    columns: tuple[str, ...]
    kept: SortedPieces[Entry]
    """Those that match the filter; `order.entries` itself without one."""
    filtered_at: float
    cells: CellCache = field(default_factory=dict)
    texts: TextCache = field(default_factory=dict)


class LazyRows:
    """`page.Rows` over an order; see `tables.table`."""

    __slots__ = ("_age", "_backwards", "_context", "_live", "_specs", "_things", "basis")

    def __init__(
        self,
        basis: Basis,
        specs: tuple[ColumnSpec[Any], ...],
        context: Context,
        age: Callable[[str], float | None],
        *,
        backwards: bool,
    ) -> None:
        self.basis = basis
        self._specs = specs
        self._context = context
        self._age = age
        self._backwards = backwards
        self._things = basis.things
        self._live = tuple((place, spec) for place, spec in enumerate(specs) if not spec.lasting)

    def __len__(self) -> int:
        """Return how many rows match."""
        return len(self.basis.kept)

    def key(self, index: int) -> str:
        """Return the record key of one row.

        Raises:
            IndexError: There is no such row.
        """
        if not 0 <= index < len(self.basis.kept):
            raise IndexError(index)
        return self.basis.kept[-1 - index if self._backwards else index][2]

    def index(self, key: str) -> int | None:
        """Return where a thing stands now, by bisection."""
        entry = self.basis.order.by_key.get(key)
        if entry is None:
            return None
        at = self.basis.kept.position(entry)
        if at is None or not self._backwards:
            return at
        return len(self.basis.kept) - 1 - at

    def thing(self, index: int) -> Any:
        """Return the record, or source status, of one row."""
        return self._things[self.key(index)]

    def cells(self, index: int) -> tuple[Cell, ...]:
        """Return one row's cells; those that only depend on the record come from a cache."""
        key = self.key(index)
        thing = self._things[key]
        cache = self.basis.cells
        cached = cache.get(key)
        if cached is not None and cached[0] is thing:
            row = cached[1].copy()
        else:
            row = [
                spec.cell(thing, self._context) if spec.lasting else None for spec in self._specs
            ]
            if len(cache) >= CELL_CACHE:
                cache.clear()
            cache[key] = (thing, row.copy())
        for place, spec in self._live:
            row[place] = spec.cell(thing, self._context)
        return tuple(cell for cell in row if cell is not None)

    def raw(self, index: int) -> tuple[Raw, ...]:
        """Return one row's raw values without making cells, for machine output."""
        thing = self.thing(index)
        return tuple(spec.value(thing, self._context) for spec in self._specs)

    def raws(self) -> Iterator[tuple[Raw, ...]]:
        """Yield every row's raw values, in order."""
        values, context, things = [spec.value for spec in self._specs], self._context, self._things
        kept = self.basis.kept
        for entry in reversed(kept) if self._backwards else kept:
            thing = things[entry[2]]
            yield tuple([value(thing, context) for value in values])

    def stale_seconds(self, index: int) -> float | None:
        """Return the age of a row none of whose sources is to be trusted now, else `None`."""
        return self._age(self.key(index))
