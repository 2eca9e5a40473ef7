"""When news is drawn: seldom, and not when a key is about to be pressed. Pure but for its clock."""

from __future__ import annotations

from typing import Final

CALM_SECONDS: Final = 0.3
"""Who pressed a key so lately is likely to press another: news waits, but is drawn right after."""
PATIENCE_SECONDS: Final = 0.8
"""News waits no longer than this for a moment between keys."""


class Pulse:
    """Says how long to wait before drawing news, so that draws keep a distance to each other.

    A whole screen takes some tens of milliseconds to draw. Right after a key was answered nobody
    notices them; just before the next key they would be the time that the key waits.

    Args:
        distance_seconds: the least time between two draws; at 0 keys hold nothing up either.
    """

    def __init__(self, distance_seconds: float) -> None:
        self._distance = distance_seconds
        self._last = float("-inf")
        self._key = float("-inf")
        self._since = 0.0
        self.due = False
        """Whether a draw waits."""

    def news(self, now: float) -> float | None:
        """Return the seconds after which to draw, or `None` when a draw is already due."""
        if self.due:
            return None
        self.due = True
        self._since = now
        return self._wait(now)

    def _wait(self, now: float) -> float:
        return max(0.0, self._last + self._distance - now)

    def pressed(self, now: float) -> None:
        """Note that a key was pressed."""
        self._key = now

    def hold(self, now: float) -> float:
        """Return for how many seconds a draw that is due is better put off."""
        if not self._distance:
            return 0.0
        patience = self._since + PATIENCE_SECONDS - now
        return max(0.0, min(self._key + CALM_SECONDS - now, patience))

    def fits(self, now: float) -> bool:
        """Return whether a draw is due and may be made now, right after a key was answered."""
        return self.due and not self._wait(now)

    def drew(self, now: float) -> None:
        """Note that it was drawn."""
        self._last = now
        self.due = False
