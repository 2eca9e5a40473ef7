"""The columns of queues."""

from __future__ import annotations

from dataclasses import dataclass

from andon.analysis.merge import Merged, changed_keys
from andon.model import Job, Kind, Queue, QueueState
from andon.views.columns.clocks import since
from andon.views.columns.hosts import folded
from andon.views.columns.jobs import waits_since
from andon.views.columns.make import flag, lasting, listing, number, state, words
from andon.views.columns.spec import ColumnSpec, Context, Shown
from andon.views.columns.tones import QUEUE_RANKS, QUEUE_TONES
from andon.views.page import Tone

_JOBS = frozenset({Kind.JOB})
_LONG_WAIT = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class _Waits:
    """The job that has waited longest in each queue, filled as asked for."""

    jobs: Merged
    oldest: dict[str, tuple[float, str] | None]
    """By queue key: since when it waits, and its key."""


def running(queue: Queue, context: Context) -> int | None:
    """Return how many jobs run: as the scheduler says, else as counted."""
    if queue.jobs_running is not None:
        return queue.jobs_running
    return context.joins.jobs_of_queue(queue.key).running if context.snapshot.of(Kind.JOB) else None


def pending(queue: Queue, context: Context) -> int | None:
    """Return how many jobs wait: as the scheduler says, else as counted."""
    if queue.jobs_pending is not None:
        return queue.jobs_pending
    return context.joins.jobs_of_queue(queue.key).pending if context.snapshot.of(Kind.JOB) else None


def gpus_held(queue: Queue, context: Context) -> int | None:
    """Return how many GPUs its jobs hold: as the scheduler says, else as counted."""
    if queue.gpus_allocated is not None:
        return queue.gpus_allocated
    return context.joins.jobs_of_queue(queue.key).gpus if context.snapshot.of(Kind.JOB) else None


def oldest_wait(queue: Queue, context: Context) -> float | None:
    """Return since when the job that has waited longest waits; `None` when none does."""
    oldest = _waits(context).oldest
    if queue.key not in oldest:
        oldest[queue.key] = min(
            (
                (since, job.key)
                for job in context.joins.waiting_in(queue.site, queue.cluster, queue.name)
                if (since := job.submitted_at if job.eligible_at is None else job.eligible_at)
                is not None
            ),
            default=None,
        )
    found = oldest[queue.key]
    return found[0] if found else None


def _waits(context: Context) -> _Waits:
    """Return what is known of the oldest jobs, brought up to date by the jobs that changed.

    Only where the oldest job itself changed is a queue looked through again.
    """
    memo, jobs = context.snapshot.memo, context.merged(Kind.JOB)
    known = memo.recall("oldest waits", _Waits)
    if known is not None and known.jobs is jobs:
        return known
    oldest: dict[str, tuple[float, str] | None] = {}
    if known is not None:
        changed = changed_keys(context.snapshot, known.jobs, jobs)
        oldest = {
            queue: found
            for queue, found in known.oldest.items()
            if found is None or found[1] not in changed
        }
        for key in changed:
            job = jobs.records.get(key)
            since = waits_since(job, context) if isinstance(job, Job) else None
            if since is None or not isinstance(job, Job):
                continue
            for name in job.queues:
                queue = f"{job.site}/{job.cluster or ''}/{name}"
                if queue in oldest:
                    oldest[queue] = min(oldest[queue] or (since, key), (since, key))
    made = _Waits(jobs, oldest)
    memo.keep("oldest waits", made)
    return made


def _nodes_total(queue: Queue, _context: Context) -> int | None:
    if queue.nodes_total is not None:
        return queue.nodes_total
    return len(queue.nodes) or None


def _sources(queue: Queue, context: Context) -> tuple[str, ...]:
    return context.merged(Kind.QUEUE).sources(queue.key)


QUEUES: tuple[ColumnSpec[Queue], ...] = (
    words("name", "NAME", 12, lambda q, _: q.name, "Queue", tone=Tone.STRONG),
    words("site", "SITE", 6, lambda q, _: q.site, "Site it is at"),
    words("cluster", "CLUSTER", 10, lambda q, _: q.cluster, "Cluster", shown=Shown.WIDE),
    state(
        "state",
        "STATE",
        8,
        QueueState,
        lambda q: q.state,
        QUEUE_TONES,
        lambda q: QUEUE_RANKS[q.state],
        "Whether it takes and starts work",
    ),
    words(
        "backend_state",
        "BACKEND",
        10,
        lambda q, _: q.backend_state,
        "The scheduler's own word for the state",
        shown=Shown.WIDE,
    ),
    flag(
        "is_default",
        "DEFAULT",
        7,
        lambda q, _: q.is_default,
        "Whether jobs go there unasked",
        shown=Shown.WIDE,
        aliases=("default",),
    ),
    number(
        "jobs_running", "RUNNING", 7, running, "Jobs that run", joined=_JOBS, aliases=("running",)
    ),
    number(
        "jobs_pending", "PENDING", 7, pending, "Jobs that wait", joined=_JOBS, aliases=("pending",)
    ),
    number(
        "gpus_allocated",
        "GPUS",
        9,
        gpus_held,
        "GPUs its jobs hold, of all",
        of=lambda q, _: q.gpus_total,
        joined=_JOBS,
        aliases=("gpus_used",),
    ),
    number(
        "gpus_total",
        "ALL GPUS",
        8,
        lambda q, _: q.gpus_total,
        "GPUs of its nodes",
        shown=Shown.ASKED,
        aliases=("gpus",),
    ),
    number("nodes_total", "NODES", 5, _nodes_total, "Nodes it may use"),
    since(
        "oldest_wait_seconds",
        "OLDEST",
        7,
        oldest_wait,
        "Longest wait of a job in it",
        tone=lambda value, _: Tone.WARN if value >= _LONG_WAIT else Tone.NORMAL,
        joined=_JOBS,
        aliases=("oldest",),
    ),
    lasting(
        "time_limit_seconds",
        "LIMIT",
        7,
        lambda q, _: q.time_limit_seconds,
        "Longest time a job may run",
        shown=Shown.WIDE,
        aliases=("limit",),
    ),
    number(
        "priority",
        "PRIO",
        6,
        lambda q, _: q.priority,
        "Its priority among queues",
        shown=Shown.WIDE,
    ),
    number(
        "cpus_total",
        "CPUS",
        7,
        lambda q, _: q.cpus_total,
        "CPUs of its nodes",
        shown=Shown.WIDE,
        aliases=("cpus",),
    ),
    listing(
        "nodes",
        "NODE NAMES",
        24,
        lambda q, _: q.nodes,
        "Nodes it may use",
        text=folded,
        shown=Shown.WIDE,
        aliases=("node",),
    ),
    listing(
        "tenants_allowed",
        "TENANTS",
        20,
        lambda q, _: q.tenants_allowed,
        "Who may use it; empty means everyone",
        shown=Shown.WIDE,
        grow=True,
        aliases=("tenant",),
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
