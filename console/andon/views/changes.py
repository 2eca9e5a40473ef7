"""What changed: as sources report it, and as it was seen from here."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Sequence
from typing import Final

from andon.analysis.holdings import holdings, is_owned
from andon.analysis.merge import merged, records_of
from andon.analysis.problems import problems_in
from andon.analysis.transitions import OPENED
from andon.model import Event, Job, Kind, Severity
from andon.store import Snapshot
from andon.store.history import EVENTS_LIMIT, History
from andon.views.columns.tones import SEVERITY_TONES
from andon.views.folding import folded
from andon.views.formats import age_text
from andon.views.page import Cell, Column, StaticRows, Table, Tone
from andon.views.state import Scope
from andon.views.targets import row_key

CHANGES_SHOWN: Final = 30
_LOOKED_AT: Final = 10
"""Events of a source looked at for each that is shown: what repeats hides nothing."""
_COLUMNS: Final = (
    Column(name="age_seconds", title="", summary="How long ago", width=4, align="right"),
    Column(name="severity", title="", summary="How bad it is", width=8),
    Column(name="site", title="", summary="Where", width=6),
    Column(name="text", title="", summary="What happened", width=30, grow=True),
)


def newest_events(
    snapshot: Snapshot, scope: Scope, history: History | None, most: int, now: float
) -> list[Event]:
    """Return what happened last to the things in a scope, newest first.

    Of tenants or a user it is what happened to their jobs, to the queues, nodes and GPUs of those,
    to sources, and the incidents that are problems of theirs. That a job ended is no change worth a
    line, unless its source finds it worth a warning; nor is an incident that was opened with the
    very words of an event. What repeats is told once.
    """
    seen: list[Event] = []
    for name, facets in snapshot.of(Kind.EVENT).items():
        if scope.sources and name not in scope.sources:
            continue
        reported = [
            one
            for one in facets.records.values()
            if isinstance(one, Event) and not _is_routine(one)
        ]
        if not is_owned(scope):
            reported = heapq.nlargest(most * _LOOKED_AT, reported, key=_when)
        seen += reported
    if history is not None:
        told = {(one.site, one.text) for one in seen}
        noticed = history.events(EVENTS_LIMIT)
        seen += [one for one in noticed if (one.site, one.text.removeprefix(OPENED)) not in told]
    kept = sorted(_of_scope(seen, snapshot, scope, now), key=_when, reverse=True)
    return folded(kept)[:most]


def _is_routine(event: Event) -> bool:
    return event.severity is Severity.INFO and event.object_kind is Kind.JOB


def _when(event: Event) -> float:
    return event.at


def _of_scope(
    events: Iterable[Event], snapshot: Snapshot, scope: Scope, now: float
) -> Iterable[Event]:
    if scope.sites:
        events = [one for one in events if one.site in scope.sites]
    if not is_owned(scope):
        return events
    held = holdings(snapshot, scope)
    jobs = records_of(merged(snapshot, Kind.JOB), Job)
    problems = problems_in(snapshot, now, scope)
    incidents = {problem.key for problem in problems if problem.kind is Kind.INCIDENT}
    things: dict[Kind | None, Container[str]] = {
        Kind.NODE: held.nodes,
        Kind.ACCELERATOR: held.cards,
        Kind.QUEUE: held.queues,
        Kind.INCIDENT: incidents,
    }

    def is_theirs(event: Event) -> bool:
        key = event.object_key or ""
        if event.object_kind is None:
            # Of a source: it may hide what is theirs.
            return bool(key)
        if event.object_kind is not Kind.JOB:
            return key in things.get(event.object_kind, ())
        job = jobs.get(key)
        if job is None or (scope.tenants and job.tenant not in scope.tenants):
            return False
        return scope.user is None or job.user == scope.user

    return [one for one in events if is_theirs(one)]


def change_table(events: Sequence[Event], now: float, empty: str) -> Table:
    """Return events as lines; a row's key names the thing, see `targets.row_target`."""
    made = [
        (
            Cell(age_text(max(0.0, now - one.at)), Tone.MUTED, now - one.at),
            Cell(one.severity.value, SEVERITY_TONES[one.severity], one.severity.value),
            Cell(one.site, Tone.MUTED, one.site or None),
            Cell(one.text, Tone.NORMAL, one.text),
        )
        for one in events
    ]
    return Table(
        name="changes",
        title="What changed",
        columns=_COLUMNS,
        rows=StaticRows([row_key(one.object_kind, one.object_key, one.id) for one in events], made),
        total=len(events),
        sort="age_seconds",
        empty="" if events else empty,
    )
