"""What stands in a waiting job's way, as far as a snapshot tells. Each takes a job and says it.

Used for one job at a time, when somebody looks at it: these may walk through a queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from andon.analysis.joins import Joins
from andon.analysis.merge import things
from andon.analysis.tally import TAKES_WORK
from andon.analysis.words import clock_text, duration_text, plural, several
from andon.model import Job, Node, NodeState, Queue, QueueState, Reservation, canonical_host

_DEPENDENCY = re.compile(r"(?:(\w+):)?\+?(\d+(?:_(?:\d+|\*))?)(?:\((\w+)\))?", re.ASCII)
_HOSTS = re.compile(r"([^\[\],\s]*)\[([\d,-]+)\]([^\[\],\s]*)|([^\[\],\s]+)", re.ASCII)
_HOSTS_LIMIT = 256
_SHOWN = 4
_ARRAY_LIMIT = re.compile(r"%(\d+)\s*$", re.ASCII)


def queues_of(job: Job, joins: Joins) -> tuple[Queue, ...]:
    """Return the queues a job waits in; Slurm lets it wait in several at once."""
    found = (joins.queue(job.site, job.cluster, name) for name in job.queues)
    return tuple(queue for queue in found if queue is not None)


def nodes_of(job: Job, joins: Joins) -> tuple[Node, ...]:
    """Return the nodes of the queues a job waits in."""
    names = frozenset(job.queues)
    if not names:
        return ()
    listed = {f"{queue.site}/{name}" for queue in queues_of(job, joins) for name in queue.nodes}
    if listed:
        return tuple(node for key in sorted(listed) if (node := joins.nodes.get(key)) is not None)
    return tuple(
        node
        for node in joins.nodes.values()
        if node.site == job.site and not names.isdisjoint(node.queues)
    )


def queue_closed(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say which of its queues starts no work."""
    return tuple(
        f"Queue {queue.name} is {queue.state.value}."
        for queue in queues_of(job, joins)
        if queue.state in (QueueState.STOPPED, QueueState.CLOSED)
    )


def ahead(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say how many jobs of its queue come before it by priority."""
    if job.queue is None or job.priority is None:
        return ()
    rank = _rank(job)
    # What waits in several of its queues is one job all the same.
    waiting = {
        other.key: other
        for name in job.queues
        for other in joins.waiting_in(job.site, job.cluster, name)
    }
    others = sum(other.count for other in waiting.values() if other.key != job.key)
    before = [
        other
        for other in waiting.values()
        if other.priority is not None and _rank(other) < rank and other.state.value != "held"
    ]
    if not before:
        return (f"It is the first of {plural(others + job.count, 'job')} in queue {job.queue}.",)
    count = sum(other.count for other in before)
    gpus = sum((other.gpus or 0) * other.count for other in before)
    first = min(before, key=_rank)
    owner = f" of {first.tenant or first.user}" if first.tenant or first.user else ""
    return (
        f"{plural(count, 'job')} of queue {job.queue} {_come(count)} for "
        f"{plural(gpus, 'GPU')}; the next is {first.called}{owner}.",
    )


def _come(count: int) -> str:
    return "comes first by priority and asks" if count == 1 else "come first by priority and ask"


def _rank(job: Job) -> tuple[int, float]:
    return -(job.priority or 0), job.submitted_at or 0.0


def room(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say how many GPUs it asks for, how many are free where it may run, and when more will be."""
    if not job.gpus:
        return ()
    nodes = nodes_of(job, joins)
    if not nodes:
        return ()
    free = [_free(node, joins) for node in nodes if node.state in TAKES_WORK]
    known = [count for count in free if count is not None]
    if not known:
        return ()
    parts = [
        f"It asks for {plural(job.gpus, 'GPU')}{_shape(job)}; in queue {job.queue} "
        f"{sum(known):,} are free, at most {max(known)} on one node."
    ]
    closed = sum(node.gpus_total or 0 for node in nodes if node.state not in TAKES_WORK)
    if closed:
        count = sum(1 for node in nodes if node.state not in TAKES_WORK)
        parts.append(f"{plural(closed, 'GPU')} on {plural(count, 'node')} there take no work now.")
    if sum(known) < job.gpus:
        parts += _when(job, job.gpus - sum(known), nodes, joins, now)
    elif _fragmented(job, known):
        parts.append("Enough are free in all, but not together on the nodes it needs.")
    return tuple(parts)


def _free(node: Node, joins: Joins) -> int | None:
    if node.gpus_total is not None and node.gpus_allocated is not None:
        return max(0, node.gpus_total - node.gpus_allocated)
    cards = joins.accelerators_of(node.key)
    return sum(card.state.value == "free" for card in cards) if cards else None


def _shape(job: Job) -> str:
    if not job.gpus or not job.nodes_count or job.nodes_count <= 1:
        return " on one node" if job.nodes_count == 1 else ""
    return f" on {job.nodes_count} nodes"


def _fragmented(job: Job, free: list[int]) -> bool:
    if not job.gpus or not job.nodes_count:
        return False
    each = -(-job.gpus // job.nodes_count)
    return sum(1 for count in free if count >= each) < job.nodes_count


def _when(
    job: Job, missing: int, nodes: Iterable[Node], joins: Joins, now: float
) -> tuple[str, ...]:
    """Say when enough running jobs end at the latest, in the order of their time limits."""
    names = {f"{node.site}/{node.name}": node for node in nodes if node.state in TAKES_WORK}
    running = {other.key: other for key in names for other in joins.jobs_on(key) if other.gpus}
    ends = sorted((other.ends_at, other.gpus or 0) for other in running.values() if other.ends_at)
    for at, gpus in ends:
        missing -= gpus
        if missing <= 0:
            when = "now overdue" if at < now else f"{clock_text(at, now)}, in "
            late = "" if at < now else duration_text(at - now)
            return (
                f"Enough GPUs are free by {when}{late}, if running jobs use their whole time and "
                "nobody else takes them.",
            )
    return ()


def dependencies(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say how the jobs it depends on are doing."""
    lines: list[str] = []
    kind = ""
    found = list(_DEPENDENCY.finditer(job.dependency or ""))
    for match in found[:_SHOWN]:
        kind = match[1] or kind
        other = joins.job(job.site, job.cluster, match[2])
        condition = f" ({kind})" if kind else ""
        if other is None:
            lines.append(f"It depends on job {match[2]}{condition}, which is not listed any more.")
            continue
        until = f", at the latest until {clock_text(other.ends_at, now)}" if other.ends_at else ""
        running = until if other.state.active else ""
        lines.append(f"It depends on job {other.id}{condition}: {other.state.value}{running}.")
    if len(found) > _SHOWN:
        lines.append(f"It depends on {len(found) - _SHOWN} more jobs.")
    return tuple(lines)


def start_time(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say when it may start."""
    at = max((time for time in (job.eligible_at, job.estimated_start_at) if time), default=None)
    if at is None:
        return ()
    if at <= now:
        return (f"Its start time {clock_text(at, now)} is past; the next cycle looks at it.",)
    return (f"It may start {clock_text(at, now)}, in {duration_text(at - now)}.",)


def hosts_in(text: str) -> tuple[str, ...]:
    """Return the host names in a list such as `gpu[01-03,07],cpu1`, at most 256."""
    names: list[str] = []
    for prefix, ranges, suffix, plain in _HOSTS.findall(text):
        if plain:
            names.append(plain)
            continue
        for part in ranges.split(","):
            first, _, last = part.partition("-")
            if not first.isdigit() or (last and not last.isdigit()):
                continue
            stop = min(int(last or first), int(first) + _HOSTS_LIMIT)
            names += [
                f"{prefix}{number:0{len(first)}d}{suffix}" for number in range(int(first), stop + 1)
            ]
        if len(names) >= _HOSTS_LIMIT:
            break
    return tuple(names[:_HOSTS_LIMIT])


def named_nodes(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say how the nodes are doing that it demands or the scheduler names."""
    _, _, listed = (job.reason or "").partition("UnavailableNodes:")
    names = dict.fromkeys(canonical_host(name) for name in (*hosts_in(listed), *job.nodes_wanted))
    by_state: dict[str, list[str]] = {}
    reasons: dict[str, str] = {}
    for name in names:
        node = joins.node(job.site, name)
        if node is None:
            by_state.setdefault("not reported", []).append(name)
        elif listed or node.state not in TAKES_WORK or node.state is NodeState.ALLOCATED:
            by_state.setdefault(node.state.value, []).append(name)
            if node.reason and node.state not in TAKES_WORK:
                reasons.setdefault(node.state.value, node.reason)
    return tuple(
        f"{plural(len(nodes), 'node')} {state}: {several(nodes, _SHOWN)}"
        + (f" (“{reasons[state]}”)." if state in reasons else ".")
        for state, nodes in by_state.items()
    )


def queue_nodes(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say how many nodes it asks for and how many its queue has."""
    nodes = nodes_of(job, joins)
    lines = []
    for queue in queues_of(job, joins):
        total = queue.nodes_total or len(nodes)
        if job.nodes_count and total:
            out = sum(node.state not in TAKES_WORK for node in nodes)
            note = f", {out} of them out of work" if out else ""
            lines.append(
                f"It asks for {plural(job.nodes_count, 'node')}; queue {queue.name} has "
                f"{total}{note}."
            )
    return tuple(lines)


def queue_time(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say how long it asks for and how long its queue allows."""
    return tuple(
        f"It asks for {duration_text(job.time_limit_seconds)}; queue {queue.name} allows "
        f"{duration_text(queue.time_limit_seconds)}."
        for queue in queues_of(job, joins)
        if job.time_limit_seconds is not None
        and queue.time_limit_seconds is not None
        and job.time_limit_seconds > queue.time_limit_seconds
    )


def reservation_start(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say when its reservation is, or that it is gone."""
    if not job.reservation:
        return ()
    known = things(joins.snapshot, Reservation)
    found = known.get(f"{job.site}/{job.cluster or ''}/{job.reservation}")
    if found is None:
        return (f"Reservation {job.reservation} is not listed.",) if known else ()
    if found.starts_at is not None and found.starts_at > now:
        wait = duration_text(found.starts_at - now)
        return (f"Reservation {found.name} begins {clock_text(found.starts_at, now)}, in {wait}.",)
    if found.ends_at is not None:
        over = "ended" if found.ends_at <= now else "is open until"
        return (f"Reservation {found.name} {over} {clock_text(found.ends_at, now)}.",)
    return (f"Reservation {found.name} is open.",)


def array_limit(job: Job, joins: Joins, now: float) -> tuple[str, ...]:
    """Say how many tasks of its array run, and how many may."""
    array = job.array_id or job.id.partition("_")[0]
    running = sum(
        1
        for other in joins.jobs.values()
        if other.array_id == array
        and other.state.active
        and (other.site, other.cluster) == (job.site, job.cluster)
    )
    limit = _ARRAY_LIMIT.search(job.array_tasks or "")
    most = f" of at most {limit[1]}" if limit else ""
    return (f"{plural(running, 'task')}{most} of array {array} run now.",) if array else ()
