"""The waiting part of job arrays: one record for all tasks that have not started."""

from __future__ import annotations

from collections.abc import Sequence

from andon.sdk import JobState
from andon_demo import lanes
from andon_demo.course import Course
from andon_demo.lanes import Look, Stay
from andon_demo.layout import Lane, Team

_BACK = 2
"""How many turns back a job may still wait on which nobody acted."""

Member = tuple[Lane, Look, Course | None]


def waiting_arrays(
    team: Team, members: Sequence[Member], now: float
) -> tuple[tuple[Stay, ...], float]:
    """Return a stay for each array with waiting tasks, and until when that is so.

    Its turn is the first of the array; the lanes' own changes are not counted in the time.
    """
    present = [lanes.turn_at(lane, now) for lane, _, _ in members]
    leader = members[0][0]
    stays: list[Stay] = []
    for number in sorted(_acted_arrays(team, members, min(present))):
        stay = _rest_of_array(team, members, present, number * team.rounds, now)
        if stay is not None:
            stays.append(stay)
    # A job that was held or requeued waits though later turns have come.
    number = (min(present) - _BACK) // team.rounds
    while True:
        origin = number * team.rounds
        begin = lanes.bound(leader, origin)
        submitted = lanes.submitted_at(leader, origin, begin, lanes.bits_of(leader, origin))
        if submitted > now:
            return tuple(stays), submitted
        stay = _rest_of_array(team, members, present, origin, now)
        if stay is not None:
            stays.append(stay)
        number += 1


def _acted_arrays(team: Team, members: Sequence[Member], present: int) -> set[int]:
    """Return the arrays of which the last turn has come, and on which somebody acted."""
    first = (present - _BACK) // team.rounds
    acted = (turn for _, _, course in members if course is not None for turn in course.acted_on)
    return {turn // team.rounds for turn in acted if turn // team.rounds < first}


def _rest_of_array(
    team: Team, members: Sequence[Member], present: Sequence[int], origin: int, now: float
) -> Stay | None:
    tasks: list[int] = []
    held = 0
    reasons: list[str | None] = []
    for seat, (_, look, course) in enumerate(members):
        last = origin + team.rounds
        if course is None:
            turns = range(max(present[seat] + (look.running is not None), origin), last)
            tasks.extend((turn - origin) * len(members) + seat for turn in turns)
            continue
        for turn in range(origin, last):
            if turn < present[seat] - _BACK and turn not in course.acted_on:
                continue
            stay = course.waits(turn, now)
            if stay is not None:
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
    leader = members[0][0]
    begin = lanes.bound(leader, origin)
    submitted = lanes.submitted_at(leader, origin, begin, lanes.bits_of(leader, origin))
    expression = f"{ranges(sorted(tasks))}%{len(members)}"
    return Stay(
        origin, state, reason, submitted, submitted, tasks=expression, tasks_count=len(tasks)
    )


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
