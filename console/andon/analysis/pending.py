"""Why a job waits: the scheduler's word in plain words, and what this console can work out.

A scheduler shows one reason of several, and only its name. What is worked out here from the same
snapshot says `(computed)`: the scheduler decides by rules that it does not publish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from andon.analysis.blockers import (
    ahead,
    array_limit,
    dependencies,
    named_nodes,
    queue_closed,
    queue_nodes,
    queue_time,
    reservation_start,
    room,
    start_time,
)
from andon.analysis.joins import Joins
from andon.analysis.limits import limit_lines
from andon.analysis.reasons import NO_REASON, limit_of, reason_code, reason_words
from andon.analysis.words import clock_text, duration_text
from andon.model import Job, JobState

__all__ = ["COMPUTED", "Why", "reason_words", "why_pending"]

COMPUTED = " (computed)"
"""Ends every line that the scheduler did not say."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a job waits."""

    summary: str
    """One sentence."""
    lines: tuple[str, ...]
    """What is known beside it; computed ones end in `COMPUTED`."""
    computed: bool
    """Whether any line was worked out here."""


_Blocker = Callable[[Job, Joins, float], tuple[str, ...]]
_BLOCKERS: Mapping[str, tuple[_Blocker, ...]] = {
    "None": (queue_closed, ahead, room),
    "Priority": (ahead, room, queue_closed),
    "Resources": (room, ahead),
    "Dependency": (dependencies,),
    "DependencyNeverSatisfied": (dependencies,),
    "BeginTime": (start_time,),
    "ReqNodeNotAvail": (named_nodes, reservation_start),
    "NodeDown": (named_nodes,),
    "Constraints": (named_nodes, room),
    "BadConstraints": (queue_nodes, queue_time),
    "Reservation": (reservation_start,),
    "ReservationNotAvail": (reservation_start,),
    "ReservationDeleted": (reservation_start,),
    "ReservationInvalid": (reservation_start,),
    "PartitionNodeLimit": (queue_nodes, queue_closed),
    "PartitionTimeLimit": (queue_time,),
    "PartitionDown": (queue_closed,),
    "PartitionInactive": (queue_closed,),
    "PartitionConfig": (queue_time, queue_nodes, queue_closed),
    "JobArrayTaskLimit": (array_limit,),
    "JobArrayTaskLimitReached": (array_limit,),
    "MaxPoweredUpNodes": (room,),
}
_NEXT_STEPS: Mapping[str, str] = {
    "JobHeldUser": "Its owner or an operator has to release it.",
    "JobHeldAdmin": "An operator has to release it; its owner cannot.",
    "JobHoldMaxRequeue": "Find out why it keeps failing before releasing it.",
    "DependencyNeverSatisfied": "It stays here for ever unless it is cancelled or edited.",
    "BadConstraints": "It stays here for ever unless it is cancelled or edited.",
    "PartitionTimeLimit": "A shorter time limit or another queue would let it run.",
    "PartitionNodeLimit": "Fewer nodes or another queue would let it run.",
    "ReservationDeleted": "It stays here until its reservation is taken off it.",
    "ReservationInvalid": "It stays here until its reservation is taken off it.",
    "InvalidAccount": "It needs an account that exists.",
    "InvalidQOS": "It needs a QOS that exists.",
    "AccountNotAllowed": "Another queue, or leave for this account, would let it run.",
    "QOSNotAllowed": "Another QOS, or leave for this one, would let it run.",
}


def why_pending(job: Job, joins: Joins, now: float) -> Why:
    """Return why a job waits, as far as its scheduler says and the snapshot tells.

    Args:
        job: The job, merged.
        joins: Its neighbours in the same snapshot.
        now: Seconds since the epoch.
    """
    if not job.state.waiting:
        return Why(f"It does not wait: it is {job.state.value}.", (), False)
    code = reason_code(job.reason)
    if code == NO_REASON and job.state is JobState.HELD:
        code = "JobHeldUser"
    words = "somebody holds it" if _held_by_nobody(job) else reason_words(job.reason or code)
    lines = list(_said(job, code, now))
    computed: list[str] = []
    for blocker in _BLOCKERS.get(code, ()):
        computed += blocker(job, joins, now)
    limit = limit_of(code)
    if limit is not None:
        computed += limit_lines(job, limit, joins)
    if job.licenses and code == "Licenses":
        lines.append(f"It asks for the licences {job.licenses}.")
    lines += [line + COMPUTED for line in computed]
    if code in _NEXT_STEPS:
        lines.append(_NEXT_STEPS[code])
    return Why(f"It waits: {words}.", tuple(lines), bool(computed))


def _held_by_nobody(job: Job) -> bool:
    return job.state is JobState.HELD and reason_code(job.reason) == NO_REASON


def _said(job: Job, code: str, now: float) -> tuple[str, ...]:
    """Return what the scheduler itself says beside the reason."""
    lines: list[str] = []
    since = job.eligible_at or job.submitted_at
    if since is not None and since <= now:
        # Eligible is no promise of room: what keeps it waiting stands in its reason.
        long, moment = duration_text(now - since), clock_text(since, now)
        if job.eligible_at:
            lines.append(f"It has been eligible for {long}, since {moment}.")
        else:
            lines.append(f"It was submitted {long} ago, {moment}.")
    expected = job.estimated_start_at
    if expected is not None and code != "BeginTime":
        if expected > now:
            late = f"{clock_text(expected, now)}, in {duration_text(expected - now)}"
            lines.append(f"The scheduler expects to start it {late}.")
        else:
            lines.append(f"The scheduler expected to start it {clock_text(expected, now)}.")
    return tuple(lines)
