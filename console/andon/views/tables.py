"""Tables of things: chosen, ordered and filtered; made from the one before where there is one.

What a new table costs, with n things, k of which changed since `previous`:

- first, or another sort or scope: one sort value per thing and a sort, n log n;
- another filter: the filter once per thing, the order is kept;
- a new snapshot: k sort values and k filter calls, k log n comparisons and, of the pieces that
  entries are kept in, a copy of those in which some row moved;
- only a new `now`, or nothing new: no work per thing at all.

A sort or a filter on a column made from other kinds (a node's jobs) is redone when one of those
kinds changed. A filter on an age is redone when `FILTER_AGE_SECONDS` have passed. Ages are sorted
by their moment, so time alone never moves a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from andon.analysis.freshness import stale_age
from andon.analysis.merge import Merged, changed_keys, merged
from andon.model import Kind
from andon.store import Snapshot
from andon.views.columns import ColumnSpec, Context
from andon.views.emptiness import why_empty
from andon.views.filters import FieldType, Filter, compile_filter
from andon.views.notes import notes_of
from andon.views.ordering import (
    Entry,
    Order,
    number_value,
    text_value,
)
from andon.views.page import Raw, Table
from andon.views.pieces import SortedPieces
from andon.views.registry import ViewSpec
from andon.views.rows import Basis, LazyRows, TextCache
from andon.views.scoping import in_scope
from andon.views.state import Scope, ViewState

FILTER_AGE_SECONDS: Final = 5.0
_ONE_WORD: Final = re.compile(r"\w[\w.]*")
"""A filter that is one free word and nothing else."""
_REBUILD_SHARE: Final = 0.3
"""From this share of changed things on, sorting afresh is cheaper."""


def table(
    snapshot: Snapshot,
    spec: ViewSpec,
    state: ViewState,
    now: float,
    previous: Table | None = None,
) -> Table:
    """Return the table of one view.

    Args:
        snapshot: The state of the factory.
        spec: Which view; one that has columns.
        state: What the viewer chose.
        now: Seconds since the epoch.
        previous: The last table of this view, whose order is reused.

    Raises:
        UnknownColumn: A shown or sort column does not exist.
        FilterError: The filter cannot be read.
    """
    query = _query(snapshot, spec, state, now)
    before = _basis_of(previous, spec)
    changed = _changed(query, before) if before else None
    order = _ordered(query, before, changed)
    basis = _basis(snapshot, query, state, order, before, changed)
    rows = LazyRows(basis, query.shown, query.context, _ages(query), backwards=query.backwards)
    total = len(order.entries)
    found = len(query.things)
    return Table(
        name=spec.name,
        title=spec.title,
        columns=tuple(column.column for column in query.shown),
        rows=rows,
        total=total,
        sort=query.sort.name,
        descending=query.descending,
        empty="" if basis.kept else why_empty(snapshot, spec, state, total, found, now),
        notes=notes_of(snapshot, spec.kind, state.scope, now),
    )


def _basis(
    snapshot: Snapshot,
    query: _Query,
    state: ViewState,
    order: Order,
    before: Basis | None,
    changed: Collection[str] | None,
) -> Basis:
    """Return what the rows are made from, and what the next table starts from."""
    kept, filtered_at, texts = _filtered(query, order, before, changed)
    same_columns = before is not None and before.columns == query.names
    return Basis(
        snapshot=snapshot,
        merged=query.merged,
        things=query.things,
        scope=state.scope,
        sort=query.sort.name,
        descending=query.descending,
        order=order,
        filter=state.filter,
        columns=query.names,
        kept=kept,
        filtered_at=filtered_at,
        cells=before.cells if before and same_columns else {},
        texts=texts,
    )


def filter_fields(
    spec: ViewSpec,
) -> tuple[dict[str, FieldType], dict[str, str], dict[str, tuple[str, ...]]]:
    """Return what `compile_filter` wants to know of a view's fields: types, aliases, choices."""
    fields = {column.name: column.type for column in spec.columns}
    aliases = {alias: column.name for column in spec.columns for alias in column.aliases}
    choices = {column.name: column.choices for column in spec.columns if column.choices}
    return fields, aliases, choices


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """What a table is asked for, resolved."""

    spec: ViewSpec
    context: Context
    merged: Merged | None
    things: Mapping[str, Any]
    shown: tuple[ColumnSpec[Any], ...]
    sort: ColumnSpec[Any]
    descending: bool
    scope: Scope
    inside: Callable[[Any], bool] | None
    filter: Filter

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.shown)

    @property
    def backwards(self) -> bool:
        """Whether the ascending order is read from its end; only text is, numbers are negated."""
        return self.descending and self.sort.words

    @property
    def fields(self) -> tuple[ColumnSpec[Any], ...]:
        """The columns that the filter reads."""
        read = [column for column in self.spec.columns if column.name in self.filter.fields]
        if self.filter.uses_text:
            read += [column for column in self.shown if column not in read]
        return tuple(read)


def _query(snapshot: Snapshot, spec: ViewSpec, state: ViewState, now: float) -> _Query:
    names = state.columns or spec.column_names(wide=state.wide)
    sort = spec.column(state.sort or spec.sort)
    context = Context.of(snapshot, now)
    reported = None if spec.kind is None else merged(snapshot, spec.kind)
    return _Query(
        spec=spec,
        context=context,
        merged=reported,
        things=snapshot.sources if reported is None else reported.records,
        shown=tuple(spec.column(name) for name in names),
        sort=sort,
        descending=sort.descending if state.descending is None else state.descending,
        scope=state.scope,
        inside=in_scope(state.scope, spec.kind, spec.tenants, spec.users, context),
        filter=compile_filter(state.filter, *filter_fields(spec)),
    )


def _basis_of(previous: Table | None, spec: ViewSpec) -> Basis | None:
    if previous is None or previous.name != spec.name:
        return None
    return previous.rows.basis if isinstance(previous.rows, LazyRows) else None


def _changed(query: _Query, before: Basis) -> Collection[str] | None:
    """Return the keys of things that may differ from those before; `None` for "most"."""
    if query.merged is None or before.merged is None:
        return None
    return changed_keys(query.context.snapshot, before.merged, query.merged)


def _touched(query: _Query, before: Basis, kinds: Collection[Kind]) -> bool:
    """Whether things of other kinds changed."""
    snapshot = query.context.snapshot
    return any(
        snapshot.changed_since(before.snapshot.revision, kind) != frozenset()
        for kind in kinds
        if kind is not query.spec.kind
    )


def _maker(query: _Query) -> Callable[[str, Any], Entry]:
    value, tie, context = query.sort.order, query.spec.tie, query.context
    descending = query.descending
    if query.sort.words:
        return lambda key, thing: (
            text_value(value(thing, context), descending=descending),  # type: ignore[arg-type]
            tie(thing),
            key,
        )
    return lambda key, thing: (
        number_value(value(thing, context), descending=descending),  # type: ignore[arg-type]
        tie(thing),
        key,
    )


def _ordered(query: _Query, before: Basis | None, changed: Collection[str] | None) -> Order:
    """Return everything in scope, sorted."""
    make, inside, things = _maker(query), query.inside, query.things
    if (
        before is None
        or changed is None
        or (before.sort, before.descending) != (query.sort.name, query.descending)
        or before.scope != query.scope
        or query.sort.restless
        or len(changed) > _REBUILD_SHARE * len(things)
        or _touched(query, before, query.sort.joined)
        or (_owned(query.scope) and _touched(query, before, (Kind.JOB,)))
    ):
        return Order.of(
            [make(key, thing) for key, thing in things.items() if inside is None or inside(thing)]
        )
    gone: list[Entry] = []
    added: list[Entry] = []
    for key in changed:
        old = before.order.by_key.get(key)
        thing = things.get(key)
        new = None
        if thing is not None and (inside is None or inside(thing)):
            new = make(key, thing)
        if old != new:
            if old is not None:
                gone.append(old)
            if new is not None:
                added.append(new)
    return before.order.changed(gone, added)


def _owned(scope: Scope) -> bool:
    return bool(scope.tenants) or scope.user is not None


def _filtered(
    query: _Query, order: Order, before: Basis | None, changed: Collection[str] | None
) -> tuple[SortedPieces[Entry], float, TextCache]:
    """Return the entries that match, when all were last looked at, and the searched texts."""
    now = query.context.now
    texts: TextCache = {}
    if before is not None and before.columns == query.names:
        texts = before.texts
    if query.filter.always:
        return order.entries, now, texts
    if len(texts) > 2 * len(query.things) + 1000:
        texts = {}
    matches, things = _predicate(query, texts), query.things
    if before is None or changed is None or not _still_holds(query, before):
        return _those(order.entries, matches, things), now, texts
    if before.filter != query.filter.text:
        among = order.entries
        if not changed and _narrows(query.filter.text, before.filter):
            among = before.kept
        return _those(among, matches, things), now, texts
    gone: list[Entry] = []
    added: list[Entry] = []
    for key in changed:
        old = before.order.by_key.get(key)
        if old is not None and before.kept.position(old) is None:
            old = None
        new = order.by_key.get(key)
        if new is not None and not matches(things[key]):
            new = None
        if old != new:
            if old is not None:
                gone.append(old)
            if new is not None:
                added.append(new)
    return before.kept.changed(gone, added), before.filtered_at, texts


def _those(
    entries: Iterable[Entry], matches: Callable[[Any], bool], things: Mapping[str, Any]
) -> SortedPieces[Entry]:
    return SortedPieces.of([entry for entry in entries if matches(things[entry[2]])])


def _still_holds(query: _Query, before: Basis) -> bool:
    """Whether what the last filter kept is what it would keep now, but for what changed."""
    fields = query.fields
    late = query.context.now - before.filtered_at >= FILTER_AGE_SECONDS
    return (
        before.scope == query.scope
        and (before.sort, before.descending) == (query.sort.name, query.descending)
        and not query.sort.restless
        and (not query.filter.uses_text or before.columns == query.names)
        and not (late and any(column.timed for column in fields))
        and not any(_touched(query, before, column.joined) for column in fields)
        and not _touched(query, before, query.sort.joined)
        and not (_owned(query.scope) and _touched(query, before, (Kind.JOB,)))
    )


def _narrows(text: str, before: str) -> bool:
    """Whether a filter that is being typed can only keep some of what it kept a key ago."""
    return bool(_ONE_WORD.fullmatch(before) and _ONE_WORD.fullmatch(text)) and before in text


def _predicate(query: _Query, texts: TextCache) -> Callable[[Any], bool]:
    """Return the filter as a function of a thing."""
    context = query.context
    by_name = {column.name: column for column in query.spec.columns}
    reads = [column.search or column.text for column in query.shown if column.lasting]
    # What time or other kinds make is looked up anew each time; ages have no text at all.
    live = [column for column in query.shown if column.joined or (column.timed and column.search)]

    def getter(name: str) -> Callable[[Any], Raw]:
        value = by_name[name].compared or by_name[name].value
        return lambda thing: value(thing, context)

    def free(thing: Any) -> str:
        cached = texts.get(id(thing))
        if cached is None:
            text = "\n".join([read(thing, context) or "" for read in reads]).casefold()
            texts[id(thing)] = (thing, text)
        else:
            text = cached[1]
        if not live:
            return text
        return "\n".join([text, *(column.text(thing, context) for column in live)])

    return query.filter.predicate(getter, free)


def _ages(query: _Query) -> Callable[[str], float | None]:
    """Return the function from a key to the age of a row that is not to be trusted now."""
    snapshot, now, reported = query.context.snapshot, query.context.now, query.merged
    if reported is None:
        # What is known of a source is never old: that it is down is the news.
        return lambda name: None
    known: dict[tuple[str, ...], float | None] = {}

    def age(key: str) -> float | None:
        sources = reported.sources(key)
        if sources not in known:
            known[sources] = stale_age(snapshot, sources, now)
        return known[sources]

    return age
