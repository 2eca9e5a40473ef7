"""How a filter that is being typed can go on: names of fields, and values that there are.

The values of a closed set are known. Those of an open field are looked up in the rows: a few
milliseconds' worth with each key, going on where the key before stopped, so that 100,000 rows are
through after a handful of keys and none of them is felt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from andon.views.columns import ColumnSpec, Context
from andon.views.filters import FieldType, FilterError, field_named
from andon.views.filters.choices import starting
from andon.views.filters.ending import Ending
from andon.views.filters.lexer import quoted
from andon.views.ordering import natural
from andon.views.registry import ViewSpec
from andon.views.scoping import in_scope
from andon.views.state import Scope
from andon.views.tables import filter_fields

MOST_VALUES: Final = 1_000
"""So many are offered; of more, the next letter chooses."""
SCAN_SECONDS: Final = 0.003
"""So long rows are looked through at a time."""
_STEP: Final = 64
"""Rows between two looks at the clock."""
_YES_NO: Final = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Offer:
    """One way a filter could go on."""

    text: str
    """The whole filter then."""
    shown: str
    summary: str = ""


class ValueScan:
    """The distinct values of a column that begin with some letters, found little by little.

    Args:
        column: Whose values.
        begun: The letters, in any case.
        things: The rows.
        context: What the column may look at beside them.
    """

    def __init__(
        self, column: ColumnSpec[Any], begun: str, things: Iterator[Any], context: Context
    ) -> None:
        self.column = column
        self.begun = begun.casefold()
        self._things = things
        self._context = context
        self._found: dict[str, None] = {}
        self.ended = False
        """Whether all rows were looked at."""
        self.rows = 0
        """How many were."""

    @property
    def full(self) -> bool:
        """Whether there are more values than are offered."""
        return len(self._found) >= MOST_VALUES

    def serves(self, column: ColumnSpec[Any], begun: str) -> bool:
        """Return whether what it finds is what there is for these letters of that column."""
        wanted = begun.casefold()
        same = self.column is column and wanted.startswith(self.begun)
        return same and (not self.full or wanted == self.begun)

    def go_on(self, clock: Callable[[], float]) -> None:
        """Look through some more rows.

        Args:
            clock: Seconds, from any moment on.
        """
        until = clock() + SCAN_SECONDS
        while not self.ended and not self.full:
            step = list(islice(self._things, _STEP))
            for thing in step:
                self._note(thing)
            self.rows += len(step)
            self.ended = len(step) < _STEP
            if clock() >= until:
                return

    def _note(self, thing: Any) -> None:
        raw = (self.column.compared or self.column.value)(thing, self._context)
        if raw is None or raw in self._found:
            return
        for word in raw if isinstance(raw, tuple) else (raw,):
            text = str(word)
            if text and text not in self._found and text.casefold().startswith(self.begun):
                self._found[text] = None

    def found(self, begun: str) -> list[str]:
        """Return those found so far that begin with some letters, as people count."""
        wanted = begun.casefold()
        return sorted(
            (text for text in self._found if text.casefold().startswith(wanted)),
            key=lambda text: (natural(text), text),
        )


def scan_of(
    spec: ViewSpec, column: ColumnSpec[Any], begun: str, scope: Scope, context: Context
) -> ValueScan:
    """Return the scan of a column of all rows of a view that are in scope, filtered or not."""
    things: Iterator[Any]
    if spec.kind is None:
        things = iter(context.snapshot.sources.values())
    else:
        things = iter(context.merged(spec.kind).records.values())
    inside = in_scope(scope, spec.kind, spec.tenants, spec.users, context)
    return ValueScan(column, begun, filter(inside, things) if inside else things, context)


def column_of(spec: ViewSpec, ending: Ending) -> ColumnSpec[Any] | None:
    """Return the column whose value is being typed, or `None`."""
    if ending.field is None:
        return None
    fields, aliases, _ = filter_fields(spec)
    try:
        name = field_named(ending.field.text, fields, ending.field.column, aliases)
    except FilterError:
        return None
    return next(column for column in spec.columns if column.name == name)


def is_open(column: ColumnSpec[Any]) -> bool:
    """Return whether a column's values are texts that only the rows can tell."""
    return column.type is FieldType.TEXT and not column.choices


def known_values(column: ColumnSpec[Any], begun: str) -> Sequence[str]:
    """Return the values of a column that are known without its rows and begin with some letters."""
    known = _YES_NO if column.type is FieldType.FLAG else column.choices
    return starting(begun, known)


def value_offers(text: str, ending: Ending, values: Sequence[str]) -> list[Offer]:
    """Return how a filter goes on with one of some values, but for those its list has already.

    Nothing where the only way is as it stands.
    """
    listed = {value.casefold() for value in ending.before}
    head = text[: ending.start]
    offers = [
        Offer(head + quoted(value), value) for value in values if value.casefold() not in listed
    ]
    return [] if len(offers) == 1 and offers[0].text.casefold() == text.casefold() else offers


def name_offers(text: str, ending: Ending, spec: ViewSpec) -> list[Offer]:
    """Return the fields of a view whose names begin with what is being typed."""
    begun = ending.typed.casefold().replace("-", "_")
    return [
        Offer(f"{text[: ending.start]}{column.name}", column.name, column.explained)
        for column in spec.columns
        if column.name.startswith(begun)
    ]
