"""One screen of text for cron and the login message, and whether it holds findings."""

from __future__ import annotations

from typing import Final

from andon.analysis.freshness import state_now
from andon.analysis.problems import Problem, problems
from andon.analysis.summary import Summary, Tally, summarise
from andon.model import Kind, NodeState, Severity, SourceState
from andon.sdk.errors import EXIT_FINDINGS, EXIT_OK
from andon.store import Snapshot
from andon.views.columns.tones import SEVERITY_TONES
from andon.views.formats import age_text, count_text, duration_text, least_text, watts_text
from andon.views.notes import notes_of, reporting, source_label
from andon.views.overview import free_table, known_jobs, sum_cell
from andon.views.page import (
    MISSING,
    Block,
    Cell,
    Column,
    Page,
    StaticRows,
    Table,
    Text,
    Tone,
)
from andon.views.state import Scope

_PROBLEMS: Final = 10
_REASONS: Final = 3
_OUT: Final = (
    NodeState.DOWN,
    NodeState.DRAINING,
    NodeState.DRAINED,
    NodeState.MAINTENANCE,
    NodeState.UNKNOWN,
)
"""States of nodes that new work cannot get, or may not."""


def status_page(snapshot: Snapshot, now: float, *, scope: Scope | None = None) -> Page:
    """Return the factory on one screen: sites, problems, why jobs wait, what is free, sources."""
    scope = scope or Scope()
    summary = summarise(snapshot, now, scope)
    found = _problems(snapshot, now, scope)
    blocks: list[Block] = [_sites(summary), _worst(found, snapshot, scope, now)]
    waiting = _waiting(summary.total)
    if waiting is not None:
        blocks.append(waiting)
    blocks.append(free_table(summary))
    silent = _silent(snapshot, scope, now)
    if silent is not None:
        blocks.append(silent)
    return Page(
        name="status",
        title="Status",
        blocks=tuple(blocks),
        notes=notes_of(snapshot, None, scope, now),
    )


def findings(snapshot: Snapshot, now: float, *, scope: Scope | None = None) -> int:
    """Return the exit code: 1 when something is wrong or not all is heard, else 0.

    Wrong is a problem that is a warning or worse. Not heard is a source that is not live, or no
    source at all: a monitor that cannot see must not say that all is well.
    """
    scope = scope or Scope()
    sources = reporting(snapshot, None, scope)
    live = [state_now(status, now) is SourceState.LIVE for status in sources]
    if not sources or not all(live):
        return EXIT_FINDINGS
    bad = any(one.severity is not Severity.INFO for one in _problems(snapshot, now, scope))
    return EXIT_FINDINGS if bad else EXIT_OK


def _problems(snapshot: Snapshot, now: float, scope: Scope) -> list[Problem]:
    return [
        one
        for one in problems(snapshot, now)
        if not scope.sites or not one.site or one.site in scope.sites
    ]


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


def _sites(summary: Summary) -> Table:
    tallies = [*summary.sites.items()]
    if len(tallies) > 1:
        tallies.append(("all", summary.total))
    return Table(
        name="sites",
        title="Sites",
        columns=_SITE_COLUMNS,
        rows=StaticRows([name for name, _ in tallies], [_site(*one) for one in tallies]),
        total=len(tallies),
        sort="site",
        empty="" if tallies else "No source is configured: andon doctor says what was looked for",
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


def _count(count: int, kind: Kind, tally: Tally) -> Cell:
    """Return a count; what nobody is heard to report is not zero."""
    heard = tally.nodes if kind is Kind.NODE else known_jobs(tally)
    partial = kind in tally.partial_kinds
    if not heard and partial:
        return MISSING
    return Cell(least_text(count_text(count), partial=partial), Tone.NORMAL, count)


def _worst(found: list[Problem], snapshot: Snapshot, scope: Scope, now: float) -> Text:
    lines: list[tuple[Cell, ...]] = []
    for one in found[:_PROBLEMS]:
        pieces = [
            Cell(f"{one.severity.value:<8} ", SEVERITY_TONES[one.severity], one.severity.value),
            Cell(f"{one.site}: " if one.site else "", Tone.MUTED, one.site),
            Cell(one.title, Tone.STRONG, one.title),
        ]
        if one.since is not None:
            age = duration_text(max(0.0, now - one.since))
            pieces.append(Cell(f", for {age}", Tone.MUTED, one.since))
        lines.append(tuple(pieces))
    if len(found) > _PROBLEMS:
        rest = count_text(len(found) - _PROBLEMS)
        lines.append((Cell(f"and {rest} more", Tone.MUTED, len(found)),))
    if not found:
        heard = all(state_now(one, now).trusted for one in reporting(snapshot, None, scope))
        words = "none" if heard and snapshot.sources else "none known, but not all is heard"
        lines.append((Cell(words, Tone.GOOD if words == "none" else Tone.WARN, None),))
    return Text(name="problems", title="Problems", lines=tuple(lines))


def _waiting(total: Tally) -> Text | None:
    if not total.reasons:
        return None
    lines: list[tuple[Cell, ...]] = [
        (
            Cell(f"{count_text(one.jobs):>7}  ", Tone.STRONG, one.jobs),
            Cell(one.reason, Tone.NORMAL, one.reason),
            Cell(f"  {one.words}", Tone.MUTED, one.words),
        )
        for one in total.reasons[:_REASONS]
    ]
    rest = len(total.reasons) - _REASONS
    if rest > 0:
        words = f"and {rest} more {'reason' if rest == 1 else 'reasons'}"
        lines.append((Cell(words, Tone.MUTED, len(total.reasons)),))
    return Text(name="pending", title="Why jobs wait", lines=tuple(lines))


def _silent(snapshot: Snapshot, scope: Scope, now: float) -> Text | None:
    """Return the sources that are not live, with why and what to do."""
    lines: list[tuple[Cell, ...]] = []
    for status in reporting(snapshot, None, scope):
        state = state_now(status, now)
        if state is SourceState.LIVE:
            continue
        tone = Tone.WARN if state.trusted or state is SourceState.LATE else Tone.BAD
        pieces = [
            Cell(f"{source_label(status)} ", Tone.STRONG, status.name),
            Cell(state.value, tone, state.value),
        ]
        if status.observed_at is not None:
            age = age_text(max(0.0, now - status.observed_at))
            pieces.append(Cell(f", data {age} old", Tone.MUTED, status.observed_at))
        if status.fault is not None:
            pieces.append(Cell(f": {status.fault.message}", Tone.NORMAL, status.fault.message))
            if status.fault.hint:
                pieces.append(Cell(f" ({status.fault.hint})", Tone.MUTED, status.fault.hint))
        notes = "; ".join(part.note for part in status.coverage if part.note)
        if notes:
            pieces.append(Cell(f": {notes}", Tone.NORMAL, notes))
        lines.append(tuple(pieces))
    if not lines:
        return None
    return Text(name="sources", title="Sources that are not live", lines=tuple(lines))
