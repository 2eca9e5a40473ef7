"""How a filter that is being typed can go on, from the view's fields and from its rows now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from andon.sdk.errors import UsageError
from andon.tui.commands import Candidate
from andon.views.columns import ColumnSpec, Context
from andon.views.filters import FilterError, compile_filter
from andon.views.filters.ending import ending_of
from andon.views.formats import count_text
from andon.views.registry import ViewSpec, view_named
from andon.views.tables import filter_fields
from andon.views.values import (
    ValueScan,
    column_of,
    is_open,
    known_values,
    name_offers,
    scan_of,
    value_offers,
)

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen


@dataclass(frozen=True, slots=True)
class Offered:
    """How a filter could go on."""

    found: Sequence[Candidate] = ()
    note: str = ""
    """What is to be said of them."""
    unfinished: bool = False
    """Whether all that may be missing is the rest of a value: nothing to scold for."""


def candidates(screen: MainScreen, view: ViewSpec, text: str, lead: str = "") -> Offered:
    """Return how a filter of a view could go on.

    Args:
        screen: On which it is typed.
        view: Whose rows it is for.
        text: The filter so far.
        lead: What stands before it in the line.
    """
    ending = ending_of(text)
    if ending is None:
        return Offered()
    if ending.field is None:
        offers = name_offers(text, ending, view)
        return Offered([Candidate(lead + one.text, one.shown, one.summary) for one in offers])
    column = column_of(view, ending)
    if column is None:
        return Offered()
    values, note = known_values(column, ending.typed), ""
    if is_open(column):
        scan = _scan(screen, view, column, ending.typed)
        values, note = scan.found(ending.typed), _note(scan)
    offers = value_offers(text, ending, values)
    return Offered(
        [Candidate(lead + one.text, one.shown) for one in offers],
        note,
        bool(offers) and _is_whole(f"{offers[0].text}{')' * ending.open_groups}", view),
    )


def after_view(screen: MainScreen, text: str) -> Offered:
    """Return how the filter after a view's name could go on: `:jobs state=pe`."""
    head, blank, rest = text.lstrip().partition(" ")
    try:
        view = view_named(head) if blank else None
    except UsageError:
        return Offered()
    return candidates(screen, view, rest, f"{head} ") if view is not None else Offered()


def before_name(text: str, applied: str) -> str | None:
    """Return the filter before a comparison was begun whose field was taken for a free word.

    `sta` keeps the rows with that word; at `state=` it is seen that none was meant.

    Args:
        text: What is typed: all up to a comparison that wants a value still.
        applied: The filter that is applied now.

    Returns:
        `None` where another filter than that word is applied.
    """
    ending = ending_of(text)
    if ending is None or ending.field is None:
        return None
    start = ending.field.column
    if not text.startswith(applied) or not start < len(applied) < ending.compared:
        return None
    return text[:start].rstrip(" &|!(")


def _scan(screen: MainScreen, view: ViewSpec, column: ColumnSpec[Any], begun: str) -> ValueScan:
    """Return the values found in the rows, after a look at some more of these."""
    scan = screen.values
    if scan is None or not scan.serves(column, begun):
        context = Context.of(screen.desk.shown, screen.desk.now)
        scan = scan_of(view, column, begun, screen.place.state.scope, context)
        screen.values = scan
    scan.go_on(perf_counter)
    return scan


def _note(scan: ValueScan) -> str:
    if scan.full:
        return "and more: type on"
    return "" if scan.ended else f"in the first {count_text(scan.rows)} rows"


def _is_whole(text: str, view: ViewSpec) -> bool:
    try:
        compile_filter(text, *filter_fields(view))
    except FilterError:
        return False
    return True
