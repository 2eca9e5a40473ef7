"""Jobs by node, tenant and queue, brought up to date by what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from andon.analysis.merge import Merged, changed_keys, merged, records_of
from andon.model import Job, Kind
from andon.store import Snapshot
from andon.store.pieces import KeyedPieces, draft, settled

_Place = tuple[str, str, str]
"""Site, cluster and name."""


class Counts(NamedTuple):
    """How many jobs of something there are."""

    running: int
    """Jobs that hold resources."""
    pending: int
    """Jobs that wait, held ones too; each waiting task of an array for itself."""
    gpus: int
    """GPUs that the running ones hold, as far as they say."""


NO_COUNTS = Counts(0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class JobIndex:
    """Where jobs are."""

    jobs: Merged
    on_node: Mapping[str, tuple[Job, ...]]
    """Active jobs by node key, oldest first."""
    by_tenant: Mapping[_Place, Counts]
    by_queue: Mapping[_Place, Counts]
    waiting: Mapping[_Place, KeyedPieces[None]]
    """Keys of waiting jobs by queue."""
    clusters: Mapping[str, tuple[str, ...]]
    """The clusters of each site that ever had a job; never empty names."""


def job_index(snapshot: Snapshot) -> JobIndex:
    """Return where jobs are; made from the last index and the jobs that changed."""
    after = merged(snapshot, Kind.JOB)
    before = snapshot.memo.recall("job-index", JobIndex)
    if before is not None and before.jobs is after:
        return before
    if before is None:
        index = _updated(None, after, (), records_of(after, Job).values())
    else:
        keys = changed_keys(snapshot, before.jobs, after)
        old, new = records_of(before.jobs, Job), records_of(after, Job)
        gone = [old[key] for key in keys if key in old]
        came = [new[key] for key in keys if key in new]
        index = _updated(before, after, gone, came)
    snapshot.memo.keep("job-index", index)
    return index


def _updated(
    before: JobIndex | None, jobs: Merged, gone: Iterable[Job], came: Iterable[Job]
) -> JobIndex:
    nodes: defaultdict[str, list[Job]] = defaultdict(list)
    left: defaultdict[str, set[str]] = defaultdict(set)
    counts: tuple[_Sums, _Sums] = (defaultdict(_zero), defaultdict(_zero))
    waiting: defaultdict[_Place, tuple[set[str], set[str]]] = defaultdict(_two_sets)
    clusters: dict[tuple[str, str], None] = {}
    for job in gone:
        _count(job, -1, counts)
        if job.state.active:
            for node in job.nodes:
                left[f"{job.site}/{node}"].add(job.key)
        elif job.state.waiting:
            for queue in job.queues:
                waiting[job.site, job.cluster or "", queue][0].add(job.key)
    for job in came:
        _count(job, 1, counts)
        if job.cluster:
            clusters[job.site, job.cluster] = None
        if job.state.active:
            for node in job.nodes:
                nodes[f"{job.site}/{node}"].append(job)
        elif job.state.waiting:
            for queue in job.queues:
                waiting[job.site, job.cluster or "", queue][1].add(job.key)
    return JobIndex(
        jobs,
        _on_nodes(before.on_node if before else {}, left, nodes),
        _sums(before.by_tenant if before else {}, counts[0]),
        _sums(before.by_queue if before else {}, counts[1]),
        _waiting(before.waiting if before else {}, waiting),
        _clusters(before.clusters if before else {}, clusters),
    )


_Sums = defaultdict[_Place, list[int]]


def _zero() -> list[int]:
    return [0, 0, 0]


def _two_sets() -> tuple[set[str], set[str]]:
    return set(), set()


def _count(job: Job, sign: int, counts: tuple[_Sums, _Sums]) -> None:
    state = job.state
    if state.active:
        change = (sign, 0, sign * (job.gpus or 0))
    elif state.waiting:
        change = (0, sign * (job.tasks_count or 1), 0)
    else:
        return
    by_tenant, by_queue = counts
    site, cluster = job.site, job.cluster or ""
    places = [by_queue[site, cluster, queue] for queue in job.queues]
    if job.tenant is not None:
        places.append(by_tenant[site, cluster, job.tenant])
    for one in places:
        one[0] += change[0]
        one[1] += change[1]
        one[2] += change[2]


def _sums(before: Mapping[_Place, Counts], changes: _Sums) -> Mapping[_Place, Counts]:
    sums = dict(before)
    for place, (running, pending, gpus) in changes.items():
        old = sums.get(place, NO_COUNTS)
        new = Counts(old.running + running, old.pending + pending, old.gpus + gpus)
        sums[place] = new
        if new == NO_COUNTS:
            del sums[place]
    return sums


def _on_nodes(
    before: Mapping[str, tuple[Job, ...]],
    left: Mapping[str, set[str]],
    came: Mapping[str, list[Job]],
) -> Mapping[str, tuple[Job, ...]]:
    on_node = draft(before)
    for node in left.keys() | came.keys():
        gone = left.get(node, ())
        jobs = [job for job in on_node.get(node, ()) if job.key not in gone]
        jobs += came.get(node, ())
        if jobs:
            on_node[node] = tuple(sorted(jobs, key=_age)) if len(jobs) > 1 else (jobs[0],)
        else:
            on_node.pop(node, None)
    return settled(on_node)


def _age(job: Job) -> tuple[float, str]:
    return job.started_at or 0.0, job.id


def _waiting(
    before: Mapping[_Place, KeyedPieces[None]],
    changes: Mapping[_Place, tuple[set[str], set[str]]],
) -> Mapping[_Place, KeyedPieces[None]]:
    waiting = dict(before)
    for place, (left, came) in changes.items():
        old, new = waiting.get(place), ((key, None) for key in came)
        keys = KeyedPieces.of(new, len(came)) if old is None else old.changed(left, new)
        if keys:
            waiting[place] = keys
        else:
            waiting.pop(place, None)
    return waiting


def _clusters(
    before: Mapping[str, tuple[str, ...]], found: Iterable[tuple[str, str]]
) -> Mapping[str, tuple[str, ...]]:
    clusters = dict(before)
    for site, cluster in found:
        if cluster not in clusters.get(site, ()):
            clusters[site] = (*clusters.get(site, ()), cluster)
    return clusters
