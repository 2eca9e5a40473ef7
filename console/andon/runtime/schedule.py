"""When one source is asked, and for what. Pure; monotonic seconds and chance are passed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from andon.model import FaultKind, Kind

BACK_OFF_S: Final = 5.0
"""The wait after a first failure, if the source is not asked more often anyway; it doubles."""
BREAKER_FAILURES: Final = 5
"""After so many failures in a row the source is only probed."""
PROBE_S: Final = 60.0
NO_USE_S: Final = 300.0
"""The wait after a fault that asking again does not mend."""
SLOW_S: Final = 2.0
"""A poll that takes longer, or more than a quarter of the interval, doubles the interval."""
WIDEST: Final = 8.0
SHRINK: Final = 0.8
"""What a quick poll does to a widened interval."""
JITTER: Final = 0.05
TOGETHER: Final = 0.1
"""Kinds due within this part of their interval are asked for in one poll."""
BUDGET_S: Final = 60.0
LEAST_BUDGET: Final = 6


class Schedule:
    """The state of one source's timetable.

    Args:
        intervals: seconds between two polls, by kind.
        chance: returns numbers in [0, 1).
        limit: polls per minute that are allowed; by default twice what the intervals need.
    """

    def __init__(
        self,
        intervals: Mapping[Kind, float],
        chance: Callable[[], float],
        limit: int | None = None,
    ) -> None:
        self._intervals = dict(intervals)
        self._chance = chance
        self._due: dict[Kind, float] = dict.fromkeys(intervals, float("-inf"))
        self._interest: frozenset[Kind] | None = None
        self._widening = 1.0
        self._retry_at: float | None = None
        self._polls: deque[float] = deque()
        self._started = 0.0
        self.limit = limit or max(LEAST_BUDGET, round(2 * self._needed_per_minute()))
        """Polls per minute that are allowed."""
        self.failures = 0
        """Polls that failed one after another."""

    def _needed_per_minute(self) -> float:
        return 60 / min(self._intervals.values()) if self._intervals else 0

    def look_at(self, kinds: frozenset[Kind] | None) -> None:
        """Set the kinds of interest; `None`: all."""
        self._interest = kinds

    @property
    def wanted(self) -> frozenset[Kind]:
        """The kinds that are polled now."""
        mine = frozenset(self._intervals)
        return mine if self._interest is None else mine & self._interest

    @property
    def interval_s(self) -> float | None:
        """The shortest interval in force, `None` when nothing is polled."""
        wanted = self.wanted
        return min(self._interval(kind) for kind in wanted) if wanted else None

    def due(self, now: float) -> frozenset[Kind]:
        """Return the kinds to ask for now; empty when it is not time or not allowed."""
        wanted = self.wanted
        if not wanted or now < self._earliest(now) or min(map(self._due_at, wanted)) > now:
            return frozenset()
        return frozenset(
            kind for kind in wanted if self._due_at(kind) <= now + TOGETHER * self._interval(kind)
        )

    def next_at(self, now: float) -> float | None:
        """Return when something becomes due, `None` when nobody looks."""
        wanted = self.wanted
        if not wanted:
            return None
        return max(self._earliest(now), min(map(self._due_at, wanted)))

    def allowed_at(self, now: float) -> float:
        """Return when the budget allows one more request."""
        self._forget_polls(now)
        return self._polls[0] + BUDGET_S if len(self._polls) >= self.limit else now

    def polls_per_minute(self, now: float) -> int:
        """Return how many requests were made within the last minute."""
        self._forget_polls(now)
        return len(self._polls)

    def started(self, now: float) -> None:
        """Note that a request begins."""
        self._polls.append(now)
        self._started = now

    def succeeded(self, kinds: frozenset[Kind], now: float) -> None:
        """Note that `kinds` were answered, and adapt the pace to how long that took.

        Without kinds it was a reread of single things, which says nothing of the pace.
        """
        self.failures, self._retry_at = 0, None
        if not kinds:
            return
        asked = min(map(self._interval, kinds))
        if now - self._started > min(asked / 4, SLOW_S):
            self._widening = min(WIDEST, self._widening * 2)
        else:
            self._widening = max(1.0, self._widening * SHRINK)
        for kind in kinds:
            interval = self._interval(kind)
            at = self._started + interval * (1 + JITTER * self._chance())
            # A backend that needs longer than its interval still gets a rest.
            self._due[kind] = max(at, now + interval / 4)

    def failed(self, kind: FaultKind, now: float) -> float:
        """Note a failure; return the seconds until the next try."""
        self.failures += 1
        wait_s = min(BACK_OFF_S, self.interval_s or BACK_OFF_S) * 2.0 ** min(self.failures - 1, 10)
        if kind is FaultKind.UNSUPPORTED:
            wait_s = NO_USE_S
        elif kind is FaultKind.DENIED or self.failures >= BREAKER_FAILURES:
            wait_s = max(PROBE_S, self.interval_s or 0)
        wait_s = min(wait_s, NO_USE_S) * (0.75 + 0.5 * self._chance())
        self._retry_at = now + wait_s
        return wait_s

    def refresh(self) -> None:
        """Make everything due, also what is backing off; the budget still holds."""
        self._retry_at = None
        self._due = dict.fromkeys(self._due, float("-inf"))

    def _interval(self, kind: Kind) -> float:
        return self._intervals[kind] * self._widening

    def _due_at(self, kind: Kind) -> float:
        return self._due[kind]

    def _earliest(self, now: float) -> float:
        allowed_at = self.allowed_at(now)
        return allowed_at if self._retry_at is None else max(allowed_at, self._retry_at)

    def _forget_polls(self, now: float) -> None:
        while self._polls and self._polls[0] <= now - BUDGET_S:
            self._polls.popleft()
