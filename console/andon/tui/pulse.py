"""Coalescing: much news, few redraws. Pure but for the clock it is given."""

from __future__ import annotations


class Pulse:
    """Says how long to wait before drawing news, so that draws keep a distance.

    Args:
        distance_seconds: the least time between two draws.
    """

    def __init__(self, distance_seconds: float) -> None:
        self._distance = distance_seconds
        self._last = float("-inf")
        self.due = False
        """Whether a draw waits."""

    def news(self, now: float) -> float | None:
        """Return the seconds after which to draw, or `None` when a draw is already due."""
        if self.due:
            return None
        self.due = True
        return max(0.0, self._last + self._distance - now)

    def drew(self, now: float) -> None:
        """Note that it was drawn."""
        self._last = now
        self.due = False
