"""What a lane does when outages, drains or acts on its jobs disturb it.

Still a closed form: a turn is worked out from its own acts, from the times in which the lane takes
no work, and from the turn before it where that gave up its place early. Then the next job moves up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from andon.sdk import JobState
from andon_demo import lanes
from andon_demo.lanes import FOREVER, REMEMBERED_SECONDS, Look, Stay
from andon_demo.layout import Lane

CANCEL = "cancel"
CANCEL_WAITING = "cancel-waiting"
"""Cancel a task only if it has not started: the waiting part of an array."""
HOLD = "hold"
RELEASE = "release"
REQUEUE = "requeue"

_CLEANING_SECONDS = 12.0
"""Between a job that left early and the next one on the same accelerators."""
_REQUEUE_SECONDS = 120.0
"""How long a requeued job waits before it may start again, as schedulers do."""
_MOST_MOVES = 8


class Block(NamedTuple):
    """A time in which a lane starts nothing."""

    start: float
    end: float
    reason: str
    """Why its jobs wait, in the scheduler's words."""
    turns_away: bool = True
    """Whether new jobs go elsewhere meanwhile, as they do while a node is drained."""


class Kill(NamedTuple):
    """A moment at which whatever runs in a lane ends."""

    at: float
    fate: JobState


class Deed(NamedTuple):
    """One act on one job."""

    at: float
    word: str
    """`cancel`, `cancel-waiting`, `hold`, `release` or `requeue`."""


class Hold(NamedTuple):
    """A time in which a job may not start."""

    start: float
    end: float
    reason: str
    is_natural: bool = False
    """Set by the job's user in the factory: it ends in time for the job's turn."""


@dataclass(slots=True)
class Turn:
    """The whole story of one job."""

    number: int
    submitted: float
    begin: float
    """When its turn comes, from which waiting reasons count."""
    holds: list[Hold] = field(default_factory=list)
    runs: list[tuple[float, float]] = field(default_factory=list)
    requeued: list[float] = field(default_factory=list)
    deeds_seen: int = 0
    """How many of its acts its last start has left behind."""
    over: float = FOREVER
    fate: JobState = JobState.COMPLETED
    missed: float | None = None
    """When it should have run and could not: it was held, or requeued too late for its turn."""
    vacated: float | None = None
    """When it gave up its place before the end of its turn."""


class Course:
    """The turns of one lane under all that disturbs it."""

    def __init__(
        self,
        lane: Lane,
        blocks: Sequence[Block],
        kills: Sequence[Kill],
        deeds: Mapping[int, Sequence[Deed]],
    ) -> None:
        self._lane = lane
        self._blocks = sorted(blocks)
        self._kills = sorted(kills)
        self._deeds = deeds
        self._memo: dict[int, Turn | None] = {}
        self._moved: dict[int, list[int]] = {}
        """Later turns by the turn that was missed and takes their first half, one after another."""
        self._guests: dict[int, int] = {}
        """The same the other way round."""
        for number in sorted(deeds):
            self._move(number)

    def turn(self, number: int) -> Turn | None:
        """Return the story of one turn, `None` when its job went elsewhere."""
        if number not in self._memo:
            self._memo[number] = self._work_out(number)
        return self._memo[number]

    def _work_out(self, number: int) -> Turn | None:
        lane = self._lane
        bits = lanes.bits_of(lane, number)
        begin, end = lanes.begins(lane, number, bits), lanes.bound(lane, number + 1)
        submitted = lanes.submitted_at(lane, number, begin, bits)
        start = lanes.start_of(lane, number, begin, bits)
        for block in self._blocks:
            if block.turns_away and block.start <= submitted < block.end:
                submitted = block.end + 1.0
                start = max(start, submitted + 2.0)
        if submitted > end - 0.1 * (end - begin):
            return None
        turn = Turn(number, submitted, max(begin, submitted))
        turn.holds = self._holds(number, submitted, begin, bits)
        before = self._vacated(number - 1)
        if before is not None:
            start = min(start, max(before + _CLEANING_SECONDS, submitted + 5.0))
        if number in self._guests:
            start = max(start, self._guest_span(number)[1] + _CLEANING_SECONDS)
        self._run(turn, start, end, lanes.fate_of(lane, bits))
        vacated = turn.vacated
        for later in self._moved.get(number, ()):
            if turn.missed is not None and turn.over == FOREVER:
                turn.missed = None
                self._run(turn, *self._guest_span(later), JobState.COMPLETED)
        turn.vacated = vacated
        return turn

    def _run(self, turn: Turn, start: float, end: float, fate: JobState) -> None:
        """Let a job run from `start` to `end`, as far as it is let."""
        deeds = self._deeds.get(turn.number, ())
        ready = start
        while True:
            ready = self._unblocked(ready)
            later = deeds[turn.deeds_seen :]
            cancel = next(
                (deed.at for deed in later if deed.word in (CANCEL, CANCEL_WAITING)), FOREVER
            )
            # Its turn passes at `end`, whatever kept it from starting until then.
            chance = min(ready, end)
            if cancel <= chance:
                turn.over, turn.fate = max(cancel, turn.submitted), JobState.CANCELLED
                turn.vacated = chance
                return
            hold = next((each for each in turn.holds if each.start <= chance < each.end), None)
            if hold is not None and hold.is_natural:
                ready = hold.end
                continue
            if hold is not None:
                turn.missed = turn.vacated = chance
                if cancel < FOREVER:
                    turn.over, turn.fate = cancel, JobState.CANCELLED
                return
            if ready >= end and turn.requeued:
                turn.missed = end
                if cancel < FOREVER:
                    turn.over, turn.fate = cancel, JobState.CANCELLED
                return
            if ready >= end:
                turn.over, turn.fate = max(end, turn.submitted), JobState.CANCELLED
                return
            stop, why, again = self._cut(turn, ready, end, fate)
            turn.runs.append((ready, stop))
            if again is None:
                turn.over, turn.fate = stop, why
                turn.vacated = stop if stop < end else None
                return
            turn.requeued.append(stop)
            ready = again

    def _cut(
        self, turn: Turn, start: float, end: float, fate: JobState
    ) -> tuple[float, JobState, float | None]:
        """Return when and how a run ends, and when it may start again."""
        stop, why, again = end, fate, None
        for kill in self._kills:
            if start < kill.at < stop:
                stop, why = kill.at, kill.fate
        for number, deed in enumerate(self._deeds.get(turn.number, ())):
            if number < turn.deeds_seen or not start < deed.at < stop:
                continue
            if deed.word == CANCEL:
                stop, why, again = deed.at, JobState.CANCELLED, None
            elif deed.word == REQUEUE:
                stop, again = deed.at, deed.at + _REQUEUE_SECONDS
                turn.deeds_seen = number + 1
        return stop, why, again

    def _holds(self, number: int, submitted: float, begin: float, bits: int) -> list[Hold]:
        holds: list[Hold] = []
        opened: tuple[float, str] | None = None
        natural = lanes.natural_hold(self._lane, bits, submitted, begin)
        released = natural[0] if natural is not None else submitted
        if natural is not None:
            opened = (submitted, natural[1])
        for deed in self._deeds.get(number, ()):
            if natural is not None and opened is not None and deed.at >= released:
                holds.append(Hold(opened[0], released, opened[1], True))
                opened, natural = None, None
            if deed.word == HOLD and opened is None:
                opened = (deed.at, "JobHeldUser")
            elif deed.word == RELEASE and opened is not None:
                holds.append(Hold(opened[0], deed.at, opened[1], natural is not None))
                opened, natural = None, None
        if opened is not None:
            until = FOREVER if natural is None else released
            holds.append(Hold(opened[0], until, opened[1], natural is not None))
        return holds

    def _unblocked(self, ready: float) -> float:
        for block in self._blocks:
            if block.start <= ready < block.end:
                wait = 5.0 + (self._lane.salt + int(block.start)) % 35
                ready = block.end + wait
        return ready

    def _vacated(self, number: int) -> float | None:
        touched = number in self._deeds or number in self._guests
        if not touched and self._kills:
            begin, end = lanes.bound(self._lane, number), lanes.bound(self._lane, number + 1)
            touched = any(begin <= kill.at < end for kill in self._kills)
        turn = self.turn(number) if touched else None
        return turn.vacated if turn is not None else None

    def _move(self, number: int) -> None:
        """Give a job that could not run in its turn the first half of a later one."""
        for _ in range(_MOST_MOVES):
            turn = self.turn(number)
            if turn is None or turn.missed is None or turn.over < FOREVER:
                return
            free = turn.missed
            for hold in turn.holds:
                if hold.start <= free < hold.end:
                    free = hold.end
            candidate = self._turn_free_after(free, number) if free < FOREVER else None
            if candidate is None:
                return
            self._moved.setdefault(number, []).append(candidate)
            self._guests[candidate] = number
            self._memo.clear()

    def _turn_free_after(self, free: float, number: int) -> int | None:
        """Return the first turn that starts after `free` and has no guest yet."""
        later = max(number, lanes.turn_at(self._lane, free)) + 1
        for candidate in range(later, later + 64):
            other = self.turn(candidate)
            taken = candidate in self._guests or other is None or not other.runs
            if not taken and other is not None and other.runs[0][0] >= free:
                return candidate
        return None

    def _guest_span(self, number: int) -> tuple[float, float]:
        """Return the part of a turn that a job which missed its own turn gets."""
        begin, end = lanes.bound(self._lane, number), lanes.bound(self._lane, number + 1)
        start = lanes.start_of(self._lane, number, begin, lanes.bits_of(self._lane, number))
        start = self._unblocked(start)
        return start, max(start, 0.5 * (start + end))

    def look(self, now: float) -> Look:
        """Return what the lane does; what waits with the rest of an array is not in it."""
        present = lanes.turn_at(self._lane, now)
        numbers = [number for number in self._deeds if number < present - 4]
        numbers.extend(range(present - 4, present + 3 + int(1.6 * self._lane.wait)))
        stays: list[Stay] = []
        running: Stay | None = None
        waiting = 0
        until = FOREVER
        for number in numbers:
            turn = self.turn(number)
            if turn is None:
                continue
            stay, change = self._stay(turn, now)
            until = min(until, change)
            if stay is None or (stay.state.waiting and self._is_in_array(turn)):
                continue
            stays.append(stay)
            waiting += stay.state.waiting
            if stay.state is JobState.RUNNING:
                running = stay
        upcoming = [block.start for block in self._blocks if block.start > now]
        upcoming += [block.end for block in self._blocks if block.end > now]
        # With the next turn others come into sight, even if nothing happens to these any more.
        upcoming.append(lanes.bound(self._lane, present + 1))
        return Look(tuple(stays), running, min(until, *upcoming), waiting)

    @property
    def acted_on(self) -> Collection[int]:
        """The turns on which somebody acted."""
        return self._deeds.keys()

    def waits(self, number: int, now: float) -> Stay | None:
        """Return the state of a turn's job if it waits with the rest of its array."""
        turn = self.turn(number)
        if turn is None:
            return None
        stay, _ = self._stay(turn, now)
        if stay is None or not stay.state.waiting or not self._is_in_array(turn):
            return None
        return stay

    def _is_in_array(self, turn: Turn) -> bool:
        """Whether a waiting job is told with the rest of its array, as one that has not run."""
        return self._lane.team is not None and not turn.requeued

    def _stay(self, turn: Turn, now: float) -> tuple[Stay | None, float]:
        """Return what is known of a job and until when; `None` when nothing is (any more)."""
        if now < turn.submitted:
            return None, turn.submitted
        bits = lanes.bits_of(self._lane, turn.number)
        eligible = lanes.eligible_at(self._lane, bits, turn.submitted, turn.begin)
        if now >= turn.over:
            gone = turn.over + REMEMBERED_SECONDS
            if now >= gone:
                return None, FOREVER
            started = turn.runs[-1][0] if turn.runs else None
            return (
                Stay(turn.number, turn.fate, None, turn.submitted, eligible, started, turn.over),
                gone,
            )
        until = turn.over
        for start, stop in turn.runs:
            if start <= now < stop:
                stay = Stay(turn.number, JobState.RUNNING, None, turn.submitted, eligible, start)
                return stay, stop
            if now < start:
                until = min(until, start)
        return self._waiting(turn, now, eligible, until)

    def _waiting(self, turn: Turn, now: float, eligible: float, until: float) -> tuple[Stay, float]:
        expected = next((start for start, _ in turn.runs if start > now), None)
        state = JobState.PENDING
        held = next((hold for hold in turn.holds if hold.start <= now < hold.end), None)
        edges = [edge for hold in turn.holds for edge in (hold.start, hold.end) if edge > now]
        again = next((at + _REQUEUE_SECONDS for at in turn.requeued if at <= now), 0.0)
        block = next((block for block in self._blocks if block.start <= now < block.end), None)
        if held is not None:
            state, reason, expected = JobState.HELD, held.reason, None
        elif now < again:
            reason = "BeginTime"
            edges.append(again)
        elif block is not None and turn.number <= lanes.turn_at(self._lane, now) + 1:
            reason = block.reason
            # The next turn comes under the block too as soon as the present one ends.
            edges.append(lanes.bound(self._lane, lanes.turn_at(self._lane, now) + 1))
        else:
            reason, change = lanes.waiting(
                self._lane,
                turn.number,
                lanes.bits_of(self._lane, turn.number),
                now,
                turn.submitted,
                turn.begin,
            )
            edges.append(change)
            edges.append(lanes.bound(self._lane, lanes.turn_at(self._lane, now) + 1))
        if reason != "Resources":
            expected = None
        stay = Stay(turn.number, state, reason, turn.submitted, eligible, expected=expected)
        return stay, min([until, *edges])
