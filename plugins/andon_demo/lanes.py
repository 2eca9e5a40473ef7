"""What a lane does at a time, when nobody disturbs it: closed form, no stepping.

The turns of a lane are a jittered lattice: turn k occupies the time from `bound(lane, k)` to
`bound(lane, k + 1)`. Its job was submitted some turns before, starts after a short gap and ends at
the upper bound. `course` does the same for lanes that outages or acts disturb.
"""

from __future__ import annotations

from math import floor
from typing import NamedTuple

from andon.sdk import JobState, WorkClass
from andon_demo.chance import draw
from andon_demo.layout import SERVICE, Lane
from andon_demo.tempo import EPOCH

REMEMBERED_SECONDS = 180.0
"""How long an ended job stays listed, as with a scheduler's `MinJobAge`."""

_JITTER = 0.6
_LATE = 0.15
"""The last part of a wait, in which a job is at the top of its queue."""
_HELD_PART = 0.7
"""The part of its wait that a job spends held, if its user holds it."""

FOREVER = float("inf")


class Stay(NamedTuple):
    """What is known of one job at one time; times are simulated."""

    turn: int
    state: JobState
    reason: str | None
    submitted: float
    eligible: float
    started: float | None = None
    ended: float | None = None
    expected: float | None = None
    """When it is likely to start, while it waits for hardware."""
    tasks: str | None = None
    """Task expression, when this stands for the waiting part of an array."""
    tasks_count: int | None = None
    """How many tasks that is."""


class Look(NamedTuple):
    """What a lane does at one time."""

    stays: tuple[Stay, ...]
    running: Stay | None
    until: float
    """The simulated time before which none of this changes."""
    waiting: int
    """How many jobs wait, each waiting task of an array for itself."""


def bits_of(lane: Lane, turn: int) -> int:
    """Return the 64 random bits of one turn: 24 on top for its bound, the rest for its traits."""
    return draw(lane.salt, turn)


def begins(lane: Lane, turn: int, bits: int) -> float:
    """Return when a turn begins, given its bits."""
    jitter = (bits >> 40) / 16_777_216 - 0.5
    return EPOCH + lane.phase + (turn + _JITTER * jitter) * lane.rhythm.period


def bound(lane: Lane, turn: int) -> float:
    """Return when a turn begins."""
    return begins(lane, turn, bits_of(lane, turn))


class Span(NamedTuple):
    """One turn: its bits, and when it begins and ends."""

    turn: int
    bits: int
    begin: float
    end: float


def span_at(lane: Lane, now: float) -> Span:
    """Return the turn in which `now` lies."""
    turn = floor((now - EPOCH - lane.phase) / lane.rhythm.period)
    bits = bits_of(lane, turn)
    begin = begins(lane, turn, bits)
    if now < begin:
        before = bits_of(lane, turn - 1)
        return Span(turn - 1, before, begins(lane, turn - 1, before), begin)
    after = bits_of(lane, turn + 1)
    end = begins(lane, turn + 1, after)
    if now >= end:
        return Span(turn + 1, after, end, bound(lane, turn + 2))
    return Span(turn, bits, begin, end)


def turn_at(lane: Lane, now: float) -> int:
    """Return the number of the turn in which `now` lies."""
    return span_at(lane, now).turn


def start_of(lane: Lane, turn: int, begin: float, bits: int) -> float:
    """Return when the job of an undisturbed turn starts."""
    return begin + (bits >> 24 & 0xFFFF) / 65_536 * lane.rhythm.gap * lane.rhythm.period


def lead(lane: Lane, bits: int) -> float:
    """Return how long before its turn a job is submitted."""
    if lane.rhythm is SERVICE:
        return 30.0
    return (0.4 + 1.2 * (bits & 0xFFFF) / 65_536) * lane.wait * lane.rhythm.period


def fate_of(lane: Lane, bits: int) -> JobState:
    """Return how the job of an undisturbed turn ends."""
    point = bits >> 16 & 0xFF
    if lane.rhythm is SERVICE or point >= 37:
        return JobState.COMPLETED
    if point < 15:
        return JobState.FAILED
    if point < 26:
        return JobState.CANCELLED
    return JobState.TIMEOUT if point < 34 else JobState.PREEMPTED


def follows(lane: Lane, bits: int) -> bool:
    """Whether a job depends on the one before it in its lane."""
    return (bits >> 8 & 0xFF) < 20 and lane.rhythm is not SERVICE and lane.team is None


def same_user(lane: Lane, bits: int) -> bool:
    """Whether a job is of the same user as the one before it in its lane."""
    return follows(lane, bits) or 43 <= (bits >> 8 & 0xFF) < 63


def wants_license(lane: Lane, bits: int) -> bool:
    """Whether a job needs licences."""
    return lane.work is WorkClass.HPC and 63 <= (bits >> 8 & 0xFF) < 100


def natural_hold(lane: Lane, bits: int, submitted: float, begin: float) -> tuple[float, str] | None:
    """Return (end, reason) of the hold that a job begins its wait with, if it does."""
    point = bits >> 8 & 0xFF
    if not 30 <= point < 43 or lane.rhythm is SERVICE or lane.team is not None:
        return None
    reason = "JobHeldUser" if point < 40 else "JobHeldAdmin"
    return submitted + _HELD_PART * (begin - submitted), reason


def waiting(
    lane: Lane, turn: int, bits: int, now: float, submitted: float, begin: float
) -> tuple[str, float]:
    """Return (reason, until when it is so) of an unheld job that waits for its turn."""
    if now >= begin:
        return "Resources", FOREVER
    point = bits >> 8 & 0xFF
    if lane.booked:
        return "Reservation", begin
    if follows(lane, bits):
        return "Dependency", begin
    if 20 <= point < 30:
        return "BeginTime", begin
    top = begin - _LATE * (begin - submitted)
    if 43 <= point < 63:
        before = bound(lane, turn - 1)
        return ("QOSMaxGRESPerUser", begin) if now >= before else ("Priority", before)
    if wants_license(lane, bits):
        middle = 0.5 * (submitted + begin)
        return ("Licenses", begin) if now >= middle else ("Priority", middle)
    return ("Resources", begin) if now >= top else ("Priority", top)


def eligible_at(lane: Lane, bits: int, submitted: float, begin: float) -> float:
    """Return when a job could first have started: waiting for others or a set time is no wait."""
    return begin if follows(lane, bits) or 20 <= (bits >> 8 & 0xFF) < 30 else submitted


def look(lane: Lane, now: float) -> Look:
    """Return what an undisturbed lane does; the waiting part of its arrays is not in it."""
    turn, bits, begin, end = span_at(lane, now)
    stays, until = _ended(lane, turn, now, begin)
    over = len(stays)
    start = start_of(lane, turn, begin, bits)
    submitted = submitted_at(lane, turn, begin, bits)
    eligible = eligible_at(lane, bits, submitted, begin)
    running: Stay | None = None
    if now >= start:
        running = Stay(turn, JobState.RUNNING, None, submitted, eligible, start)
        stays.append(running)
        until = min(until, end)
    else:
        until = min(until, start)
        if lane.team is None:
            stays.append(
                Stay(turn, JobState.PENDING, "Resources", submitted, eligible, expected=start)
            )
    if lane.team is None:
        until = min(until, _coming(lane, turn, now, stays))
    return Look(tuple(stays), running, until, len(stays) - over - (running is not None))


def _ended(lane: Lane, turn: int, now: float, begin: float) -> tuple[list[Stay], float]:
    stays: list[Stay] = []
    until = FOREVER
    end = begin
    for past in range(turn - 1, turn - 5, -1):
        if end + REMEMBERED_SECONDS <= now:
            break
        until = end + REMEMBERED_SECONDS
        bits = bits_of(lane, past)
        first = begins(lane, past, bits)
        submitted = submitted_at(lane, past, first, bits)
        stays.append(
            Stay(
                past,
                fate_of(lane, bits),
                None,
                submitted,
                eligible_at(lane, bits, submitted, first),
                start_of(lane, past, first, bits),
                end,
            )
        )
        end = first
    return stays, until


def _coming(lane: Lane, turn: int, now: float, stays: list[Stay]) -> float:
    """Add the jobs that wait for later turns; return when that changes."""
    until = FOREVER
    for later in range(turn + 1, turn + 3 + int(1.6 * lane.wait)):
        bits = bits_of(lane, later)
        begin = begins(lane, later, bits)
        submitted = begin - lead(lane, bits)
        if submitted > now:
            until = min(until, submitted)
            continue
        hold = natural_hold(lane, bits, submitted, begin)
        state = JobState.PENDING
        expected: float | None = None
        if hold is not None and now < hold[0]:
            state = JobState.HELD
            change, reason = hold
        else:
            reason, change = waiting(lane, later, bits, now, submitted, begin)
            if reason == "Resources":
                expected = start_of(lane, later, begin, bits)
        until = min(until, change)
        eligible = eligible_at(lane, bits, submitted, begin)
        stays.append(Stay(later, state, reason, submitted, eligible, expected=expected))
    return until


def submitted_at(lane: Lane, turn: int, begin: float, bits: int) -> float:
    """Return when the job of a turn was submitted; the tasks of an array came together."""
    if lane.team is None:
        return begin - lead(lane, bits)
    first = turn - turn % lane.team.rounds
    origin = EPOCH + lane.phase - lane.rhythm.period * lane.team_seat / len(lane.team.lanes)
    lattice = origin + (first - 0.5 * _JITTER) * lane.rhythm.period
    return lattice - lead(lane, draw(lane.team.salt, first))
