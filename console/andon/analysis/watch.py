"""The few things that may be problems among the many that are not, kept up to date by changes."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

from andon.analysis.merge import Merged, changed_keys, merged, records_of
from andon.analysis.picking import picked
from andon.analysis.reasons import reason_code
from andon.model import Accelerator, AcceleratorState, Job, JobState, Kind, Node, NodeState
from andon.store import Snapshot

OUT_OF_WORK = frozenset({NodeState.DOWN, NodeState.DRAINED, NodeState.DRAINING})
HARMLESS_RECOVERY = frozenset({"", "none", "no action", "healthy", "ok"})
FAILING_XIDS = frozenset({48, 64, 74, 79, 95, 119, 120, 140})
"""DCGM's own fail class (DCGM 4.6, `BuildXidMappings`); other Xids are warnings."""
_HOT = ("therm", "slowdown", "brake", "heat")
"""Parts of throttle reasons that are trouble; a power cap or an idle clock is normal."""
_ON_PURPOSE = frozenset({"Dependency", "BeginTime", "JobHeldUser", "JobHeldAdmin", "Reservation"})
_KEPT = 64
"""How many of the oldest waiting jobs are kept at hand."""
_ENOUGH = 16
"""Below this many they are looked for again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Oldest:
    seen: Merged
    jobs: Mapping[str, Job]
    until: float
    """Jobs that wait since later than this may be missing; infinite when none is."""


def suspect_nodes(snapshot: Snapshot) -> Mapping[str, Node]:
    """Return the nodes that are down or drained."""
    return picked(snapshot, Node, "suspect-nodes", lambda node: node.state in OUT_OF_WORK)


def suspect_accelerators(snapshot: Snapshot) -> Mapping[str, Accelerator]:
    """Return the accelerators that are faulty, hot or held idle."""
    return picked(snapshot, Accelerator, "suspect-cards", _is_suspect)


def is_faulty(card: Accelerator) -> bool:
    """Return whether an accelerator says that it, or what it did, is broken."""
    return (
        card.state is AcceleratorState.FAULTY
        or card.xid_last is not None
        or bool(card.ecc_uncorrected_count)
        or needs_recovery(card)
    )


def needs_recovery(card: Accelerator) -> bool:
    """Return whether the driver asks for something to be done; words unknown here count."""
    return (card.recovery_action or "").casefold() not in HARMLESS_RECOVERY


def is_hot(card: Accelerator) -> bool:
    """Return whether an accelerator is slowed down for heat or a failing power supply."""
    return any(part in reason.casefold() for reason in card.throttle_reasons for part in _HOT)


def _is_suspect(card: Accelerator) -> bool:
    if card.state is AcceleratorState.IDLE_HELD or is_faulty(card):
        return True
    return bool(card.throttle_reasons) and is_hot(card)


def waiting_since(job: Job) -> float | None:
    """Return since when a job could have started."""
    return job.eligible_at if job.eligible_at is not None else job.submitted_at


def oldest_waiting(snapshot: Snapshot) -> tuple[Job, ...]:
    """Return the longest-waiting jobs that do not wait on purpose: the first few at least."""
    after = merged(snapshot, Kind.JOB)
    jobs = records_of(after, Job)
    before = snapshot.memo.recall("oldest-waiting", _Oldest)
    if before is not None and before.seen is not after:
        before = _aged(snapshot, before, after)
    if before is None:
        before = _oldest(after, jobs)
    snapshot.memo.keep("oldest-waiting", before)
    return tuple(sorted(before.jobs.values(), key=_since))


def _since(job: Job) -> float:
    since = waiting_since(job)
    return since if since is not None else float("inf")


def _counts(job: Job | None) -> bool:
    return (
        job is not None
        and job.state is JobState.PENDING
        and waiting_since(job) is not None
        and reason_code(job.reason) not in _ON_PURPOSE
    )


def _aged(snapshot: Snapshot, before: _Oldest, after: Merged) -> _Oldest | None:
    jobs = records_of(after, Job)
    found = dict(before.jobs)
    for key in changed_keys(snapshot, before.seen, after):
        job = jobs.get(key)
        found.pop(key, None)
        if job is not None and _counts(job) and _since(job) <= before.until:
            found[key] = job
    if len(found) < _ENOUGH and before.until != float("inf"):
        return None
    if len(found) > 2 * _KEPT:
        kept = sorted(found.values(), key=_since)[:_KEPT]
        return _Oldest(after, {job.key: job for job in kept}, _since(kept[-1]))
    return _Oldest(after, found, before.until)


def _oldest(after: Merged, jobs: Mapping[str, Job]) -> _Oldest:
    pending = [job for job in jobs.values() if job.state is JobState.PENDING]
    kept = heapq.nsmallest(_KEPT, filter(_counts, pending), key=_since)
    until = _since(kept[-1]) if len(kept) == _KEPT else float("inf")
    return _Oldest(after, {job.key: job for job in kept}, until)
