"""The waiting part of job arrays: one record for all tasks that have not started."""

from __future__ import annotations

from collections.abc import Sequence

from andon.sdk import JobState
from andon_demo import lanes
from andon_demo.course import Course
from andon_demo.lanes import Look, Stay
from andon_demo.layout import Lane, Team

Member = tuple[Lane, Look, Course | None]


def waiting_arrays(
    team: Team, members: Sequence[Member], now: float
) -> tuple[tuple[Stay, ...], float]:
    """Return a stay for each array with waiting tasks, and until when that is so.

    Its turn is the first of the array; the lanes' own changes are not counted in the time.
    """
    first = [_first_waiting(lane, look, course, now) for lane, look, course in members]
    leader = members[0][0]
    number = min(first) // team.rounds
    stays: list[Stay] = []
    while True:
        origin = number * team.rounds
        begin = lanes.bound(leader, origin)
        submitted = lanes.submitted_at(leader, origin, begin, lanes.bits_of(leader, origin))
        if submitted > now:
            return tuple(stays), submitted
        stay = _rest_of_array(team, members, first, origin, submitted, now)
        if stay is not None:
            stays.append(stay)
        number += 1


def _first_waiting(lane: Lane, look: Look, course: Course | None, now: float) -> int:
    present = lanes.turn_at(lane, now)
    if course is not None:
        # A job that was held or requeued waits though later turns have come.
        return present - 2
    return present + (look.running is not None)


def _rest_of_array(
    team: Team,
    members: Sequence[Member],
    first: Sequence[int],
    origin: int,
    submitted: float,
    now: float,
) -> Stay | None:
    tasks: list[int] = []
    held = 0
    reasons: list[str | None] = []
    for seat, (_, _, course) in enumerate(members):
        for turn in range(max(first[seat], origin), origin + team.rounds):
            if course is not None:
                stay = course.waits(turn, now)
                if stay is None:
                    continue
                held += stay.state is JobState.HELD
                reasons.append(stay.reason)
            tasks.append((turn - origin) * len(members) + seat)
    if not tasks:
        return None
    if held == len(tasks):
        state, reason = JobState.HELD, reasons[0]
    else:
        state = JobState.PENDING
        reason = "JobArrayTaskLimit" if len(tasks) < team.tasks else "Priority"
    expression = f"{ranges(sorted(tasks))}%{len(members)}"
    return Stay(origin, state, reason, submitted, submitted, tasks=expression)


def ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as an expression such as `3,5-9`."""
    parts: list[str] = []
    at = 0
    while at < len(numbers):
        last = at
        while last + 1 < len(numbers) and numbers[last + 1] == numbers[last] + 1:
            last += 1
        first_number, last_number = numbers[at], numbers[last]
        parts.append(str(first_number) if at == last else f"{first_number}-{last_number}")
        at = last + 1
    return ",".join(parts)
