"""One screen of text for cron and the login message, and whether it holds findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from andon.analysis.freshness import age_seconds, state_now
from andon.analysis.holdings import unknown_tenants
from andon.analysis.problems import Problem, problems_in
from andon.analysis.summary import Summary, Tally, summarise
from andon.model import Event, Kind, NodeState, Severity, SourceState, SourceStatus
from andon.sdk.errors import EXIT_FINDINGS, EXIT_OK
from andon.store import Snapshot
from andon.views.changes import CHANGES_SHOWN, change_table, newest_events
from andon.views.columns.tones import SOURCE_RANKS
from andon.views.emptiness import owner_text
from andon.views.formats import count_text, least_text, watts_text
from andon.views.free import free_table
from andon.views.notes import notes_of, reporting, source_cell, source_label
from andon.views.overview import all_clear, sum_cell
from andon.views.page import (
    MISSING,
    Block,
    Cell,
    Column,
    Page,
    StaticRows,
    Table,
    Tone,
)
from andon.views.problems import problem_table, with_own
from andon.views.state import Scope
from andon.views.waiting import known_jobs, waiting_table

BLOCKS: Final = ("sites", "problems", "changes", "pending", "free", "sources")
"""Names of the blocks, in order; a block about which there is nothing to say is left out."""
_LATELY_SECONDS: Final = 3600.0
_HEARD: Final = frozenset({SourceState.LIVE, SourceState.SLOW})
_OUT: Final = (
    NodeState.DOWN,
    NodeState.DRAINING,
    NodeState.DRAINED,
    NodeState.MAINTENANCE,
    NodeState.UNKNOWN,
)
"""States of nodes that new work cannot get, or may not."""


def status_page(
    snapshot: Snapshot, now: float, *, scope: Scope | None = None, own: Sequence[Problem] = ()
) -> Page:
    """Return the factory in short: sites, problems, changes, why jobs wait, what is free.

    Everything is in it; `shortening.shortened` makes one screen of it.

    Args:
        snapshot: What is known.
        now: Seconds since the epoch.
        scope: What is looked at; everything by default.
        own: Problems that no source knows of, told first among those as bad.
    """
    scope = scope or Scope()
    summary, whose = summarise(snapshot, now, scope), owner_text(scope)
    found = with_own(own, problems_in(snapshot, now, scope))
    clear = all_clear(snapshot, scope, now)
    blocks: list[Block] = [
        _sites(summary, whose, clear),
        problem_table(found, now, clear, len(found), whose=whose),
    ]
    events = _news(snapshot, scope, found, now)
    if events:
        blocks.append(change_table(events, now, ""))
    waiting = waiting_table(summary.total)
    if waiting is not None:
        blocks.append(waiting)
    blocks.append(free_table(snapshot, now, scope, some=True))
    sources = _sources(snapshot, scope, now)
    if sources is not None:
        blocks.append(sources)
    return Page(
        name="status",
        title="Status",
        blocks=tuple(blocks),
        notes=notes_of(snapshot, None, scope, now),
    )


def findings(snapshot: Snapshot, now: float, *, scope: Scope | None = None) -> int:
    """Return the exit code: 1 when something is wrong or not all is heard, else 0.

    Wrong is a problem that is a warning or worse. Not heard is a source that is not live, or no
    source at all, or a tenant that nobody knows: a monitor that cannot see must not say that all is
    well. A source that is slow is heard.
    """
    scope = scope or Scope()
    sources = reporting(snapshot, None, scope)
    if not sources or not all(state_now(status, now) in _HEARD for status in sources):
        return EXIT_FINDINGS
    if unknown_tenants(snapshot, scope):
        return EXIT_FINDINGS
    found = problems_in(snapshot, now, scope)
    return EXIT_FINDINGS if any(one.severity is not Severity.INFO for one in found) else EXIT_OK


def _number(name: str, title: str, summary: str, width: int = 7) -> Column:
    return Column(name=name, title=title, summary=summary, width=width, align="right")


_SITE_COLUMNS = (
    Column(name="site", title="SITE", summary="Site", width=8),
    _number("nodes", "NODES", "Nodes", 6),
    _number("nodes_out", "OUT", "Nodes that take no new work", 4),
    _number("gpus_total", "GPUS", "GPUs"),
    _number("gpus_allocated", "ALLOC", "GPUs that jobs hold"),
    _number("gpus_free", "FREE", "GPUs new work could get"),
    _number("jobs_running", "RUNNING", "Jobs that run", 8),
    _number("jobs_pending", "PENDING", "Jobs that wait", 8),
    _number("power_draw_watts", "POWER", "Power as metered", 8),
)
_AT_LEAST: Final = Column(name="at_least", title="", summary="Numbers that may be more", width=1)
_SOURCE_COLUMNS: Final = (
    Column(name="source", title="", summary="Source", width=16),
    Column(name="state", title="", summary="How it is, and since when", width=12),
    Column(name="site", title="", summary="Where", width=1),
    Column(name="age_seconds", title="", summary="Since it was heard", width=1, align="right"),
)
"""The last two are values only: the texts of the others say them."""
_NOBODYS: Final = frozenset({"gpus_total", "gpus_free"})
"""What only a whole site has."""


def _sites(summary: Summary, whose: str, clear: str) -> Table:
    tallies = [*summary.sites.items()]
    if len(tallies) > 1:
        tallies.append(("all", summary.total))
    columns = [one for one in _SITE_COLUMNS if not whose or one.name not in _NOBODYS]
    places = [_SITE_COLUMNS.index(one) for one in columns]
    empty = "No source is configured: andon doctor says what was looked for"
    if whose:
        empty = "Nothing now" if clear.startswith("None") else clear
    made = [_site(*one) for one in tallies]
    rows = [tuple(row[place] for place in places) for row in made]
    return Table(
        name="sites",
        title=f"Held by {whose}" if whose else "Sites",
        columns=(*columns, _AT_LEAST),
        rows=StaticRows(
            [name for name, _ in tallies], [(*row, _least(columns, row)) for row in rows]
        ),
        total=len(tallies),
        sort="site",
        empty="" if tallies else empty,
    )


def _site(name: str, tally: Tally) -> tuple[Cell, ...]:
    out = sum(tally.nodes.get(state, 0) for state in _OUT)
    power = tally.power_watts
    return (
        Cell(name, Tone.STRONG, name),
        _count(tally.nodes_total, Kind.NODE, tally),
        Cell(count_text(out), Tone.WARN if out else Tone.NORMAL, out) if tally.nodes else MISSING,
        sum_cell(tally.gpus_total),
        sum_cell(tally.gpus_allocated),
        sum_cell(tally.gpus_free, Tone.GOOD if tally.gpus_free.value else Tone.NORMAL),
        _count(tally.jobs_running, Kind.JOB, tally),
        _count(tally.jobs_pending, Kind.JOB, tally),
        MISSING
        if power.value is None
        else Cell(
            least_text(watts_text(power.value), partial=power.partial), Tone.NORMAL, power.value
        ),
    )


def _least(columns: Sequence[Column], cells: Sequence[Cell]) -> Cell:
    """Return which numbers of a row are lower bounds, which their texts say and values do not."""
    mark = least_text("", partial=True)
    names = [
        column.name
        for column, cell in zip(columns, cells, strict=True)
        if column.align == "right" and cell.text.startswith(mark)
    ]
    return Cell("", Tone.MUTED, tuple(names))


def _count(count: int, kind: Kind, tally: Tally) -> Cell:
    """Return a count; what nobody is heard to report is not zero."""
    heard = tally.nodes if kind is Kind.NODE else known_jobs(tally)
    partial = kind in tally.partial_kinds
    if not heard and partial:
        return MISSING
    return Cell(least_text(count_text(count), partial=partial), Tone.NORMAL, count)


def _news(snapshot: Snapshot, scope: Scope, found: Sequence[Problem], now: float) -> list[Event]:
    """Return what happened lately and matters, but does not stand among the problems."""
    return [
        event
        for event in newest_events(snapshot, scope, None, CHANGES_SHOWN, now)
        if now - event.at <= _LATELY_SECONDS and not _is_told(event, found)
    ]


def _is_told(event: Event, told: Iterable[Problem]) -> bool:
    kind, key = event.object_kind, event.object_key
    return bool(kind and key) and any(one.touches(kind, key) for one in told if kind and key)


def _sources(snapshot: Snapshot, scope: Scope, now: float) -> Table | None:
    """Return how the sources are that are not live, the worst first; `None` when all are.

    Why stands in their problems.
    """
    statuses = reporting(snapshot, None, scope)
    states = {status.name: state_now(status, now) for status in statuses}
    odd = [status for status in statuses if states[status.name] is not SourceState.LIVE]
    if not odd:
        return None
    odd.sort(key=lambda status: SOURCE_RANKS[states[status.name]])
    live = count_text(len(statuses) - len(odd))
    return Table(
        name="sources",
        title=f"Sources: {live} of {count_text(len(statuses))} live",
        columns=_SOURCE_COLUMNS,
        rows=StaticRows([status.name for status in odd], [_source(status, now) for status in odd]),
        total=len(odd),
        sort="state",
    )


def _source(status: SourceStatus, now: float) -> tuple[Cell, ...]:
    return (
        Cell(source_label(status), Tone.STRONG, status.name),
        source_cell(status, now),
        Cell("", Tone.MUTED, status.site or None),
        Cell("", Tone.MUTED, age_seconds(status, now)),
    )
