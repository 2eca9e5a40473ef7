"""What an act would do to work, in words with numbers, before anybody confirms it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from andon.analysis.joins import Joins
from andon.analysis.tally import TAKES_WORK
from andon.analysis.words import clock_text, duration_text, plural, several
from andon.model import Effect, Job, Kind, Node, Target

QUEUE_SHARE = 0.2
"""An act on this share of a queue's nodes, or more, is worth a warning."""
FRESH_SECONDS = 15.0
"""Older data may hide what runs there now (the age at which an act re-reads first)."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Impact:
    """What an act would do."""

    text: str
    """In words with numbers."""
    jobs: tuple[str, ...]
    """Ids of the jobs that are touched or keep running there."""
    tenants: tuple[str, ...]
    gpu_hours_at_risk: float | None
    """GPU-hours of work that may be lost: since each job's start, as nobody reports checkpoints.
    `None` when no job that is hit says what it holds and since when."""
    expected_seconds: float | None
    """Until the effect is complete; `None` when no time limit tells."""
    warnings: tuple[str, ...]


def impact(effect: Effect, targets: Sequence[Target], joins: Joins, now: float) -> Impact:
    """Return what an act would do to its targets.

    Args:
        effect: What the act does to work.
        targets: Nodes or jobs; what is not in the snapshot any more counts for nothing.
        joins: The snapshot's neighbours.
        now: Seconds since the epoch.
    """
    nodes = [
        node
        for target in targets
        if target.kind is Kind.NODE and (node := joins.nodes.get(target.key)) is not None
    ]
    jobs = _jobs(targets, joins)
    text, hours, seconds = _effect(effect, nodes, jobs, joins, now)
    untold = _untold(targets, joins) if effect is not Effect.ALLOW_NEW_WORK else []
    if untold:
        text, hours, seconds = _at_least(effect, text, jobs), None, None
    tenants = tuple(sorted({job.tenant for job in jobs if job.tenant}))
    warnings = [
        *_queue_shares(effect, nodes, joins),
        *(_shared_nodes(nodes, joins) if effect is not Effect.ALLOW_NEW_WORK else ()),
        *_unknown(targets, nodes, jobs),
        *(f"{name} did not report its jobs: what runs there is not known" for name in untold),
        *_ages(nodes, joins, now),
    ]
    ids = tuple(job.called for job in jobs)
    return Impact(text, ids, tenants, hours, seconds, tuple(warnings))


def _jobs(targets: Sequence[Target], joins: Joins) -> tuple[Job, ...]:
    """Return the jobs that are targets and those on nodes that are, each once."""
    found: dict[str, Job] = {}
    for target in targets:
        if target.kind is Kind.JOB:
            job = joins.jobs.get(target.key)
            if job is not None:
                found[job.key] = job
        elif target.kind is Kind.NODE:
            found.update((job.key, job) for job in joins.jobs_on(target.key))
    return tuple(found.values())


def _effect(
    effect: Effect, nodes: list[Node], jobs: tuple[Job, ...], joins: Joins, now: float
) -> tuple[str, float | None, float | None]:
    """Return the words, the GPU-hours at risk and the seconds until it is done."""
    active = [job for job in jobs if job.state.active]
    waiting = [job for job in jobs if job.state.waiting]
    match effect:
        case Effect.STOP_NEW_WORK:
            return _stop(active, now)
        case Effect.ALLOW_NEW_WORK:
            return _allow(nodes, joins)
        case Effect.KILL_JOBS:
            return _end("end now", active, waiting, now)
        case Effect.RESTART_JOBS:
            return _end("start again from the beginning or their last checkpoint", active, [], now)
        case Effect.HOLD_JOBS:
            return _hold(active, waiting)
        case Effect.RELEASE_JOBS:
            gpus = sum((job.gpus or 0) * job.count for job in waiting)
            asks = f", asking for {plural(gpus, 'GPU')}" if gpus else ""
            return f"{plural(_count(waiting), 'job')} may start from now on{asks}", 0.0, 0.0


def _stop(active: list[Job], now: float) -> tuple[str, float | None, float | None]:
    if not active:
        return "no new work; nothing runs there", 0.0, 0.0
    verb = "keeps" if len(active) == 1 else "keep"
    text = f"no new work; {plural(len(active), 'job')} {verb} running"
    ends = [end for job in active if (end := _end_of(job)) is not None]
    if len(ends) < len(active):
        count = len(active) - len(ends)
        which = "time limit unknown" if count == len(active) else f"time limit of {count} unknown"
        return f"{text}, {which}", 0.0, None
    last = max(ends)
    which = "it ends" if len(active) == 1 else "the last ends"
    if last <= now:
        return f"{text}, past {'its' if len(active) == 1 else 'their'} time limit", 0.0, None
    return f"{text}, {which} {clock_text(last, now)} at the latest", 0.0, last - now


def _end_of(job: Job) -> float | None:
    if job.ends_at is not None:
        return job.ends_at
    if job.started_at is not None and job.time_limit_seconds is not None:
        return job.started_at + job.time_limit_seconds
    return None


def _allow(nodes: list[Node], joins: Joins) -> tuple[str, float | None, float | None]:
    gpus = sum(
        node.gpus_total if node.gpus_total is not None else len(joins.accelerators_of(node.key))
        for node in nodes
    )
    having = f" with {plural(gpus, 'GPU')}" if gpus else ""
    closed = sum(node.state not in TAKES_WORK for node in nodes)
    note = (
        ""
        if closed == len(nodes)
        else f"; {plural(len(nodes) - closed, 'takes', 'take')} work already"
    )
    return f"new work may start on {plural(len(nodes), 'node')}{having}{note}", 0.0, 0.0


def _end(
    verb: str, active: list[Job], waiting: list[Job], now: float
) -> tuple[str, float | None, float | None]:
    parts: list[str] = []
    hours = _gpu_hours(active, now)
    if active:
        one = len(active) == 1
        words = verb.replace("end now", "ends now").replace("start again", "starts again")
        words = words.replace("their last", "its last")
        parts.append(f"{plural(len(active), 'job')} {words if one else verb}")
        if hours is None:
            parts.append("the work at risk is unknown: no start or GPUs reported")
        elif hours > 0:
            parts.append(
                f"{_hours(hours)} GPU-hours since start at risk, checkpoints are not reported"
            )
        else:
            parts.append("no GPU-hours at risk")
    if waiting:
        count = _count(waiting)
        verb = "is" if count == 1 else "are"
        parts.append(f"{plural(count, 'waiting job')} {verb} removed from the queue")
    if not parts:
        return "nothing is running or waiting any more: no effect", 0.0, 0.0
    return ", ".join(parts), hours, 0.0


def _hours(hours: float) -> str:
    if hours < 0.05:
        return "less than 0.1"
    return f"{hours:.1f}" if hours < 9.95 else f"{hours:,.0f}"


def _gpu_hours(active: list[Job], now: float) -> float | None:
    """Return GPUs times the time since start, summed; `None` when no job says both."""
    known = [
        job.gpus * max(0.0, now - job.started_at) / 3600
        for job in active
        if job.gpus is not None and job.started_at is not None
    ]
    return sum(known, 0.0) if known or not active else None


def _count(jobs: Iterable[Job]) -> int:
    """Return how many jobs some records are: the waiting tasks of an array are one record."""
    return sum(job.count for job in jobs)


def _hold(active: list[Job], waiting: list[Job]) -> tuple[str, float | None, float | None]:
    parts = [f"{plural(_count(waiting), 'waiting job')} will not start before being released"]
    if active:
        verb = "is" if len(active) == 1 else "are"
        parts.append(f"{plural(len(active), 'running job')} {verb} not stopped")
    return "; ".join(parts), 0.0, 0.0


def _queue_shares(effect: Effect, nodes: list[Node], joins: Joins) -> list[str]:
    """Warn when the targets are much of a queue that takes work now."""
    if effect not in (Effect.STOP_NEW_WORK, Effect.KILL_JOBS) or not nodes:
        return []
    hit: Counter[tuple[str, str]] = Counter()
    for node in nodes:
        if node.state in TAKES_WORK:
            hit.update((node.site, queue) for queue in node.queues)
    if not hit:
        return []
    totals: Counter[tuple[str, str]] = Counter()
    for node in joins.nodes.values():
        if node.state in TAKES_WORK:
            totals.update(place for queue in node.queues if (place := (node.site, queue)) in hit)
    several_sites = len({site for site, _ in hit}) > 1
    whole: dict[str, list[str]] = defaultdict(list)
    warnings = []
    for (site, queue), count in sorted(hit.items()):
        share = count / totals[site, queue]
        at = f" at {site}" if several_sites else ""
        if share >= 1:
            whole[at].append(queue)
        elif share >= QUEUE_SHARE:
            warnings.append(
                f"this is {share * 100:.0f} % of the nodes of queue {queue}{at} that take work"
            )
    every = [
        f"these are all nodes of queue{'s' if len(queues) > 1 else ''}"
        f" {several(queues, _SHOWN)}{at} that take work"
        for at, queues in whole.items()
    ]
    return every + warnings


def _shared_nodes(nodes: list[Node], joins: Joins) -> list[str]:
    shared = {
        node.name: tenants for node in nodes if len(tenants := joins.tenants_on(node.key)) > 1
    }
    if len(shared) > 1:
        return [f"{plural(len(shared), 'node')} among these are shared by tenants"]
    return [
        f"{'two' if len(tenants) == 2 else len(tenants)} tenants share {name}:"
        f" {several(tenants, _SHOWN)}"
        for name, tenants in shared.items()
    ]


def _unknown(targets: Sequence[Target], nodes: list[Node], jobs: tuple[Job, ...]) -> list[str]:
    known = {node.key for node in nodes} | {job.key for job in jobs}
    lost = [target.name for target in targets if target.key not in known]
    if not lost:
        return []
    verb = "is" if len(lost) == 1 else "are"
    return [f"{several(lost, _SHOWN)} {verb} not reported now: the effect there is unknown"]


def _untold(targets: Sequence[Target], joins: Joins) -> list[str]:
    """Return the sources of nodes that report jobs, but did not: none seen is not none there."""
    told = joins.snapshot.of(Kind.JOB)
    asked = sorted({target.source for target in targets if target.kind is Kind.NODE} - told.keys())
    statuses = joins.snapshot.sources
    return [name for name in asked if name in statuses and Kind.JOB in statuses[name].kinds]


def _at_least(effect: Effect, text: str, jobs: tuple[Job, ...]) -> str:
    """Return the words for what is hit where not all that runs there is known."""
    if jobs:
        return f"{text}; what else runs there is not known"
    lead = "no new work; " if effect is Effect.STOP_NEW_WORK else ""
    return f"{lead}what runs there is not known"


def _ages(nodes: list[Node], joins: Joins, now: float) -> list[str]:
    """Warn when what runs on the nodes was seen a while ago; the plan itself tells its own age."""
    sites = {node.site for node in nodes}
    oldest: dict[str, float] = {}
    for name, facets in joins.snapshot.of(Kind.JOB).items():
        status = joins.snapshot.sources.get(name)
        age = now - facets.observed_at
        if age > FRESH_SECONDS and (status is None or status.site in sites):
            oldest[name] = age
    return [
        f"{name} told what runs there {duration_text(age)} ago"
        for name, age in sorted(oldest.items())
    ]
