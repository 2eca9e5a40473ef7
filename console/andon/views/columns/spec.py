"""What a column is: where its value comes from, how it is shown, sorted, filtered and searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from andon.analysis.joins import Joins, joins
from andon.analysis.merge import Merged, merged
from andon.model import Kind
from andon.store import Snapshot
from andon.views.filters import FieldType
from andon.views.ordering import SortValue
from andon.views.page import Cell, Column, Raw

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """What a column may look at beside the thing itself."""

    snapshot: Snapshot
    joins: Joins
    now: float
    _merged: dict[Kind, Merged] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, snapshot: Snapshot, now: float) -> Context:
        """Return the context of one snapshot at one moment."""
        return cls(snapshot, joins(snapshot), now)

    def merged(self, kind: Kind) -> Merged:
        """Return the merged records of one kind."""
        found = self._merged.get(kind)
        if found is None:
            found = self._merged[kind] = merged(self.snapshot, kind)
        return found


class Shown(Enum):
    """In which sets a column is."""

    ALWAYS = "always"
    NARROW = "narrow"
    """Only where there is little room; the wide set says the same in several columns."""
    WIDE = "wide"
    ASKED = "asked"
    """Only by `--columns` and in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec(Generic[T]):
    """One column of the things `T`.

    `value` gives the raw value; `show` makes the cell of it. `order` gives what the column is
    sorted by and never depends on the time now: ages are sorted by their absolute moment.
    """

    column: Column
    type: FieldType
    value: Callable[[T, Context], Raw]
    show: Callable[[Raw, T, Context], Cell]
    order: Callable[[T, Context], SortValue | None]
    words: bool
    """Whether `order` gives text."""
    descending: bool = False
    """The direction in which it sorts when none is asked for."""
    shown: Shown = Shown.ALWAYS
    aliases: tuple[str, ...] = ()
    """Further names in filters and `--columns`."""
    choices: tuple[str, ...] = ()
    """All the values there can be, where they are known beforehand."""
    timed: bool = False
    """Whether value and cell change with time alone."""
    joined: frozenset[Kind] = field(default_factory=frozenset)
    """Other kinds that value and cell are made from."""
    restless: bool = False
    """Whether `order` may change though no record did; such an order is made anew each time."""
    search: Callable[[T, Context], str | None] | None = None
    """Text that free words are looked up in, where it is not the cell's. Ages have none."""
    compared: Callable[[T, Context], Raw] | None = None
    """What filters compare, where that is more than the value: the parts of a list in one text."""

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def explained(self) -> str:
        """What it shows, and the values that it may have where they are known beforehand."""
        if not self.choices:
            return self.column.summary
        return f"{self.column.summary} ({', '.join(self.choices)})"

    @property
    def lasting(self) -> bool:
        """Whether a cell holds as long as its record does."""
        return not self.timed and not self.joined

    def cell(self, thing: T, context: Context) -> Cell:
        """Return the cell of one thing."""
        return self.show(self.value(thing, context), thing, context)

    def text(self, thing: T, context: Context) -> str:
        """Return what free words are looked up in."""
        if self.search is not None:
            return self.search(thing, context) or ""
        if self.timed:
            return ""
        raw = self.value(thing, context)
        return "" if raw is None else self.show(raw, thing, context).text


def column_names(specs: Sequence[ColumnSpec[Any]], *, wide: bool) -> tuple[str, ...]:
    """Return the names of the narrow or the wide set, in order."""
    kept = (Shown.ALWAYS, Shown.WIDE) if wide else (Shown.ALWAYS, Shown.NARROW)
    return tuple(spec.name for spec in specs if spec.shown in kept)
