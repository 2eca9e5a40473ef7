"""The columns of jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from andon.model import Job, JobState, Kind, WorkClass
from andon.views.columns.clocks import moment, since, until
from andon.views.columns.hosts import folded, folded_or_counted
from andon.views.columns.make import lasting, listing, number, size, state, words
from andon.views.columns.spec import ColumnSpec, Context, Shown
from andon.views.columns.tones import JOB_RANKS, JOB_TONES
from andon.views.formats import clock_text, model_text
from andon.views.page import Cell, Raw, Tone

_RANK_STEP: Final = 1e11
"""Above any time since the epoch and any priority, so that ranks never mix."""
_RANKS: Final = {state: rank * _RANK_STEP for state, rank in JOB_RANKS.items()}
_WHERE_WIDTH: Final = 12
_ENDING_SOON: Final = 600.0
_ID_LIMIT: Final = 16
"""Characters of an id as it is shown; the column TASKS has all of an array's."""
_ID_END: Final = 4
"""So many of its last ones are shown at least."""
_WORK: Final = tuple(work.value for work in WorkClass if work is not WorkClass.UNKNOWN)


def attention(job: Job) -> float:
    """Return the place of a job in the default order, smaller first.

    What holds resources comes first, newest start first; then what waits, highest priority first;
    then what ended, newest first.
    """
    state = job.state
    rank = _RANKS[state]
    if state is JobState.PENDING or state is JobState.HELD:
        return rank - (job.priority or 0)
    return rank - (job.started_at or job.ended_at or job.submitted_at or 0.0)


def _time_from(job: Job, context: Context) -> float | None:
    """Return from when the one time of the narrow table counts, while it does: start or wait."""
    return job.started_at if job.state.active else waits_since(job, context)


def waits_since(job: Job, _context: Context) -> float | None:
    """Return since when a waiting job waits: from when it is eligible."""
    if not job.state.waiting:
        return None
    return job.eligible_at if job.eligible_at is not None else job.submitted_at


def _where(job: Job, _context: Context) -> str | None:
    """Return the nodes of a job that has some, else why it waits or ended."""
    if job.nodes and job.state.active:
        return folded_or_counted(job.nodes, _WHERE_WIDTH)
    return job.reason


def _where_names(job: Job, _context: Context) -> str | None:
    """Return the same with every node by its name: cheap, and found by any of them."""
    return " ".join(job.nodes) if job.nodes and job.state.active else job.reason


def _running_since(job: Job, _context: Context) -> float | None:
    return job.started_at if job.state.active else None


def _ends_at(job: Job, _context: Context) -> float | None:
    return job.ends_at if job.state.active else None


def _ran_seconds(job: Job, _context: Context) -> float | None:
    if job.started_at is None or job.ended_at is None:
        return None
    return max(0.0, job.ended_at - job.started_at)


def _work(job: Job, _context: Context) -> str | None:
    return None if job.work is WorkClass.UNKNOWN else job.work.value


def _nodes_count(job: Job, _context: Context) -> int | None:
    if job.nodes_count is not None:
        return job.nodes_count
    return len(job.nodes) or None


def _sources(job: Job, context: Context) -> tuple[str, ...]:
    return context.merged(Kind.JOB).sources(job.key)


def _label(job: Job, _context: Context) -> str:
    """Return the id as the scheduler lists it: of an array's waiting rest with its throttle."""
    return job.id if job.array_tasks is None else f"{job.id}_[{job.array_tasks}]"


def _show_id(raw: Raw, job: Job, context: Context) -> Cell:
    label = _label(job, context)
    if len(label) > _ID_LIMIT:
        # How many may run at once is worth less than which they are, and that less than whose.
        head, label = f"{job.id}_[", job.called
        if len(label) > _ID_LIMIT:
            label = f"{head}…{label[-max(_ID_END, _ID_LIMIT - 1 - len(head)) :]}"
    return Cell(label, Tone.STRONG, raw)


_ID: ColumnSpec[Job] = replace(
    words("id", "ID", 8, lambda j, _: j.called, "Number of the job", search=_label, names=True),
    show=_show_id,
    compared=lambda j, _: j.id if j.array_tasks is None else (j.called, j.id),
)
_QUEUE: ColumnSpec[Job] = replace(
    words("queue", "QUEUE", 7, lambda j, _: j.queue, "Queue it is in, or those it waits in"),
    compared=lambda j, _: j.queues,
)

JOBS: tuple[ColumnSpec[Job], ...] = (
    _ID,
    words("name", "NAME", 11, lambda j, _: j.name, "Name its owner gave it", names=True),
    words("user", "USER", 7, lambda j, _: j.user, "Who submitted it"),
    words("tenant", "TENANT", 10, lambda j, _: j.tenant, "Who owns it", shown=Shown.WIDE),
    _QUEUE,
    words("site", "SITE", 6, lambda j, _: j.site, "Site it is at", shown=Shown.WIDE),
    state(
        "state",
        "STATE",
        9,
        JobState,
        lambda j: j.state,
        JOB_TONES,
        attention,
        "Where it is in its life: what runs, what waits, what ended",
    ),
    number("gpus", "GPUS", 4, lambda j, _: j.gpus, "GPUs it holds or asks for"),
    words(
        "gpu_model",
        "MODEL",
        9,
        lambda j, _: j.gpu_model,
        "GPU model it holds or asks for",
        shown=Shown.WIDE,
        aliases=("model",),
        text=model_text,
    ),
    since(
        "time_seconds",
        "TIME",
        6,
        _time_from,
        "How long it has been running, has waited, or ran; by it, what ended comes last",
        shown=Shown.NARROW,
        aliases=("time",),
        lasted=_ran_seconds,
    ),
    words(
        "where",
        "NODES/REASON",
        _WHERE_WIDTH,
        _where,
        "Nodes it holds, or why it waits",
        shown=Shown.NARROW,
        grow=True,
        search=_where_names,
        names=True,
    ),
    since(
        "run_seconds",
        "RUNS",
        6,
        _running_since,
        "How long it has been running",
        shown=Shown.WIDE,
        aliases=("runtime",),
    ),
    until(
        "left_seconds",
        "LEFT",
        6,
        _ends_at,
        "Time until its limit ends it",
        tone=lambda value, _: Tone.WARN if value < _ENDING_SOON else Tone.NORMAL,
        shown=Shown.WIDE,
        aliases=("left",),
    ),
    since(
        "wait_seconds",
        "WAITS",
        6,
        waits_since,
        "How long it has waited since it became eligible",
        shown=Shown.WIDE,
        aliases=("waited",),
    ),
    since(
        "age_seconds",
        "AGE",
        6,
        lambda j, _: j.submitted_at,
        "Time since it was submitted",
        shown=Shown.WIDE,
        aliases=("age",),
        descending=False,
    ),
    listing(
        "nodes",
        "NODES",
        16,
        lambda j, _: j.nodes,
        "Nodes it holds",
        text=folded,
        shown=Shown.WIDE,
        aliases=("node",),
    ),
    words(
        "reason",
        "REASON",
        14,
        lambda j, _: j.reason,
        "Why it waits or ended",
        shown=Shown.WIDE,
        grow=True,
    ),
    number(
        "priority", "PRIO", 7, lambda j, _: j.priority, "Priority in its queue", shown=Shown.WIDE
    ),
    words("qos", "QOS", 7, lambda j, _: j.qos, "Quality of service", shown=Shown.WIDE),
    words("work", "WORK", 11, _work, "Kind of work", shown=Shown.WIDE, choices=_WORK),
    number("cpus", "CPUS", 5, lambda j, _: j.cpus, "CPUs it holds or asks for", shown=Shown.WIDE),
    size(
        "memory_bytes",
        "MEM GiB",
        7,
        lambda j, _: j.memory_bytes,
        "Memory it holds or asks for",
        shown=Shown.WIDE,
        aliases=("mem",),
    ),
    words("cluster", "CLUSTER", 10, lambda j, _: j.cluster, "Cluster", shown=Shown.ASKED),
    words(
        "backend_state",
        "BACKEND",
        12,
        lambda j, _: j.backend_state,
        "The scheduler's own words for the state",
        shown=Shown.ASKED,
    ),
    number(
        "nodes_count",
        "NODES#",
        6,
        _nodes_count,
        "How many nodes it holds or asks for",
        shown=Shown.ASKED,
    ),
    lasting(
        "time_limit_seconds",
        "LIMIT",
        7,
        lambda j, _: j.time_limit_seconds,
        "How long it may run",
        shown=Shown.ASKED,
        aliases=("limit",),
    ),
    lasting("ran_seconds", "RAN", 7, _ran_seconds, "How long it ran", shown=Shown.ASKED),
    words(
        "dependency", "AFTER", 14, lambda j, _: j.dependency, "What it waits for", shown=Shown.ASKED
    ),
    words(
        "reservation",
        "RESERVATION",
        12,
        lambda j, _: j.reservation,
        "Reservation it uses",
        shown=Shown.ASKED,
    ),
    words(
        "licenses", "LICENSES", 10, lambda j, _: j.licenses, "Licences it needs", shown=Shown.ASKED
    ),
    words(
        "array_id", "ARRAY", 8, lambda j, _: j.array_id, "Array it belongs to", shown=Shown.ASKED
    ),
    words(
        "array_tasks",
        "TASKS",
        10,
        lambda j, _: j.array_tasks,
        "Tasks of an array that is one record still",
        shown=Shown.ASKED,
    ),
    number(
        "exit_code",
        "EXIT",
        4,
        lambda j, _: j.exit_code,
        "Exit code",
        tone=lambda value, _: Tone.BAD if value else Tone.NORMAL,
        shown=Shown.ASKED,
    ),
    words("comment", "COMMENT", 20, lambda j, _: j.comment, "Comment", shown=Shown.ASKED),
    words(
        "uid", "UID", 20, lambda j, _: j.uid, "Identity that is never used twice", shown=Shown.ASKED
    ),
    listing(
        "gpu_indexes",
        "GPU INDEXES",
        16,
        lambda j, _: j.gpu_indexes,
        "Which accelerators it holds, as node:index",
        shown=Shown.ASKED,
    ),
    listing(
        "nodes_wanted",
        "WANTED",
        16,
        lambda j, _: j.nodes_wanted,
        "Nodes it asks for by name",
        text=folded,
        shown=Shown.ASKED,
    ),
    moment(
        "submitted_at",
        "SUBMITTED",
        lambda j, _: j.submitted_at,
        "When it was submitted",
        clock=clock_text,
    ),
    moment(
        "eligible_at",
        "ELIGIBLE",
        lambda j, _: j.eligible_at,
        "From when its scheduler considers it",
        clock=clock_text,
    ),
    moment("started_at", "STARTED", lambda j, _: j.started_at, "When it started", clock=clock_text),
    moment("ended_at", "ENDED", lambda j, _: j.ended_at, "When it ended", clock=clock_text),
    moment("ends_at", "ENDS", lambda j, _: j.ends_at, "When its limit ends it", clock=clock_text),
    moment(
        "estimated_start_at",
        "STARTS",
        lambda j, _: j.estimated_start_at,
        "When the scheduler expects to start it",
        clock=clock_text,
    ),
    listing(
        "sources",
        "SOURCES",
        12,
        _sources,
        "Sources that report it",
        shown=Shown.ASKED,
        aliases=("source",),
    ),
)

__all__ = ["JOBS", "attention", "waits_since"]
