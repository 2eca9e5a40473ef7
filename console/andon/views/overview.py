"""The board: what is wrong, what changed, what is free, most important first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from andon.analysis.freshness import state_now
from andon.analysis.holdings import unknown_tenants
from andon.analysis.problems import Problem, problems_in
from andon.analysis.summary import Sum, Summary, Tally, summarise
from andon.model import (
    AcceleratorState,
    Kind,
    NodeState,
    Severity,
)
from andon.store import Snapshot
from andon.store.history import History
from andon.views.changes import CHANGES_SHOWN, change_table, newest_events
from andon.views.columns.tones import ACCELERATOR_TONES, NODE_RANKS, NODE_TONES
from andon.views.courses import courses
from andon.views.emptiness import owner_text
from andon.views.formats import count_text, least_text, plural, several
from andon.views.free import free_table
from andon.views.notes import notes_of, reporting, source_label
from andon.views.page import (
    MISSING,
    Block,
    Cell,
    Cells,
    Page,
    Tone,
)
from andon.views.problems import problem_table
from andon.views.state import Scope, ViewState
from andon.views.waiting import jobs_text, sum_text, waiting_table

PROBLEMS_SHOWN: Final = 50
_GPU_ORDER: Final = (
    AcceleratorState.BUSY,
    AcceleratorState.ALLOCATED,
    AcceleratorState.IDLE_HELD,
    AcceleratorState.FREE,
    AcceleratorState.UNAVAILABLE,
    AcceleratorState.FAULTY,
    AcceleratorState.UNKNOWN,
)
_BAR_TONES: Final[Mapping[AcceleratorState, Tone]] = {
    **ACCELERATOR_TONES,
    AcceleratorState.BUSY: Tone.ACCENT,
    AcceleratorState.ALLOCATED: Tone.ACCENT,
}


def overview(
    snapshot: Snapshot, state: ViewState, now: float, *, history: History | None = None
) -> Page:
    """Return the board of one snapshot.

    The blocks come in the order in which an operator needs them; each has a stable name: `lamps`,
    `problems`, `gpus`, `nodes`, `jobs`, `pending`, `free`, `changes`, and the courses
    `gpus_course`, `running_course`, `pending_course`, `power_course`.
    """
    scope = state.scope
    found = problems_in(snapshot, now, scope)
    summary, whose = summarise(snapshot, now, scope), owner_text(scope)
    blocks: list[Block] = [
        _lamps(found, summary),
        problem_table(found, now, all_clear(snapshot, scope, now), PROBLEMS_SHOWN, whose=whose),
        _gpus(summary.total, whose),
        _nodes(summary.total, whose),
        jobs_text(summary.total),
    ]
    waiting = waiting_table(summary.total)
    if waiting is not None:
        blocks.append(waiting)
    blocks.append(free_table(snapshot, now, scope))
    if history is not None and scope == Scope():
        # What is kept over time is kept of everything.
        blocks.extend(courses(history, now, summary))
    since = "since the console was opened" if history is not None else "reported by a source"
    events = newest_events(snapshot, scope, history, CHANGES_SHOWN, now)
    blocks.append(change_table(events, now, f"Nothing {since}"))
    return Page(
        name="overview",
        title="Overview",
        blocks=tuple(blocks),
        notes=notes_of(snapshot, None, scope, now),
    )


def sum_cell(total: Sum, tone: Tone = Tone.NORMAL) -> Cell:
    """Return a sum as a cell; see `sum_text`."""
    if total.value is None:
        return MISSING
    return Cell(sum_text(total), tone, total.value)


def all_clear(snapshot: Snapshot, scope: Scope, now: float) -> str:
    """Return what no problem means: all clear only if everything is heard."""
    if unknown := unknown_tenants(snapshot, scope):
        return f"Nobody reports a tenant {several(unknown)}, so nothing is known of it"
    sources = reporting(snapshot, None, scope)
    deaf = [source_label(one) for one in sources if not state_now(one, now).trusted]
    if not sources:
        return "No source is configured, so nothing is known"
    if deaf:
        return f"None is known, but not all is heard: {', '.join(deaf)}"
    return "None: nothing is known to be wrong"


def _lamps(found: Sequence[Problem], summary: Summary) -> Cells:
    """Return one lamp per site, by its worst problem; those of sources are in the header."""
    cells = [_site_lamp(name, tally, found) for name, tally in summary.sites.items() if name]
    return Cells(name="lamps", title="Sites", cells=tuple(cells))


def _site_lamp(name: str, tally: Tally, found: Sequence[Problem]) -> Cell:
    here = [one for one in found if one.site == name and one.severity is not Severity.INFO]
    critical = sum(one.severity is Severity.CRITICAL for one in here)
    if critical:
        return Cell(f"{name} {critical} critical", Tone.BAD, "critical")
    if here:
        return Cell(f"{name} {plural(len(here), 'warning')}", Tone.WARN, "warning")
    if tally.partial or tally.untrusted or not tally.sources:
        return Cell(f"{name} partly seen", Tone.WARN, "partial")
    return Cell(f"{name} ok", Tone.GOOD, "ok")


def _gpus(total: Tally, whose: str) -> Cells:
    title = (
        f"GPUs: {sum_text(total.gpus_total)}, {sum_text(total.gpus_allocated)} held, "
        f"{sum_text(total.gpus_free)} free"
    )
    if whose:
        title = f"GPUs held by {whose}: {sum_text(total.gpus_allocated)}"
    counts = [(one, total.accelerators.get(one, 0)) for one in _GPU_ORDER]
    return Cells(
        name="gpus",
        title=title,
        cells=tuple(
            Cell(f"{count_text(count)} {one.value}", _BAR_TONES.get(one, Tone.NORMAL), count)
            for one, count in counts
            if count
        ),
        weights=tuple(float(count) for _, count in counts if count),
    )


def _nodes(total: Tally, whose: str) -> Cells:
    partial = Kind.NODE in total.partial_kinds
    order = sorted(NodeState, key=lambda one: -NODE_RANKS[one])
    counts = [(one, total.nodes.get(one, 0)) for one in order]
    heard = total.nodes_total or not partial
    number = least_text(count_text(total.nodes_total), partial=partial) if heard else MISSING.text
    tones = {**NODE_TONES, NodeState.ALLOCATED: Tone.ACCENT, NodeState.MIXED: Tone.ACCENT}
    return Cells(
        name="nodes",
        title=f"Nodes in use: {number}" if whose else f"Nodes: {number}",
        cells=tuple(
            Cell(f"{count_text(count)} {one.value}", tones.get(one, Tone.NORMAL), count)
            for one, count in counts
            if count
        ),
        weights=tuple(float(count) for _, count in counts if count),
    )
