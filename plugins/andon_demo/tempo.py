"""How real time maps to simulated time.

The factory is a function of (seed, simulated time, acts). Simulated time is counted from one fixed
moment, `EPOCH`, so that every process sees the same factory at the same real moment: the screen's
collector and a command in another terminal agree, with nothing to share but the acts.

    simulated = EPOCH + (real - EPOCH) * speed

Records carry the *real* moments at which a viewer could have seen things happen, the inverse of
that map, which does not depend on now: the start of a job never slides between two polls, an age
counted with the viewer's clock is right, and a job that runs for two simulated hours takes two
hours at speed 1 and six minutes at speed 20, with its time limit scaled alike. Speed 1 is the
default: its lanes are short enough that something starts or ends every few seconds anyway, and its
day is the viewer's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

EPOCH = 1_767_225_600.0
"""2026-01-01 00:00 UTC, seconds since the Unix epoch."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """The map between real and simulated seconds since the Unix epoch."""

    speed: float = 1.0

    def simulated(self, real: float) -> float:
        """Return the simulated moment at a real one."""
        return real if self.speed == 1.0 else EPOCH + (real - EPOCH) * self.speed

    def real(self, simulated: float) -> float:
        """Return the whole real second in which a simulated moment lies."""
        if self.speed == 1.0:
            return float(floor(simulated))
        return float(floor(EPOCH + (simulated - EPOCH) / self.speed))

    def real_or_none(self, simulated: float | None) -> float | None:
        """Return `real(simulated)`, or `None` for `None`."""
        return None if simulated is None else self.real(simulated)

    def lasting(self, simulated_seconds: float) -> int:
        """Return how many real seconds a simulated span takes, at least one."""
        return max(1, round(simulated_seconds / self.speed))
