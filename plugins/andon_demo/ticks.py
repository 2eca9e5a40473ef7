"""Measured values change at staggered times, so that a quiet factory does not flicker.

Ticks are counted in real time: however fast the factory runs, a card is read as often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor


class Ticks:
    """Which of many things are measured anew between two moments."""

    def __init__(self, salts: Sequence[int], period_seconds: int) -> None:
        self.period_seconds = period_seconds
        self._buckets: list[list[int]] = [[] for _ in range(period_seconds)]
        for index, salt in enumerate(salts):
            self._buckets[salt % period_seconds].append(index)

    def due(self, last: float, now: float) -> Iterable[int] | None:
        """Return what is measured in (last, now]; `None` for everything."""
        if not now - self.period_seconds < last <= now:
            return None
        first, final = floor(last) + 1, floor(now)
        found: list[int] = []
        for second in range(first, final + 1):
            found.extend(self._buckets[second % self.period_seconds])
        return found

    def number(self, salt: int, now: float) -> int:
        """Return the number of the last measurement of a thing."""
        return (floor(now) - salt % self.period_seconds) // self.period_seconds

    def moment(self, salt: int, now: float) -> float:
        """Return when a thing was measured last, real seconds."""
        return self.number(salt, now) * self.period_seconds + salt % self.period_seconds
