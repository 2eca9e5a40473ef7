"""Which source ends the collector: strikes and quarantine. Pure; times are passed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

STRIKES: Final = 2
"""So many ends of the collector under one source put that source out."""
MEMORY_S: Final = 600.0
"""A strike is forgotten after that long."""


class Suspicion:
    """Counts, per source, how often the collector died while that source was being polled."""

    def __init__(self) -> None:
        self._strikes: dict[str, list[float]] = {}

    def died(self, suspects: Sequence[str], at: float) -> tuple[str, ...]:
        """Take in a death under `suspects`; return those that are to be quarantined now."""
        out: list[str] = []
        for name in suspects:
            strikes = [*self._recent(name, at), at]
            self._strikes[name] = strikes
            if len(strikes) >= STRIKES:
                out.append(name)
        return tuple(out)

    def hung(self, suspects: Sequence[str], at: float) -> tuple[str, ...]:
        """Take in that the loop stood still; a lone suspect is put out at once."""
        return tuple(suspects) if len(suspects) == 1 else self.died(suspects, at)

    def suspects(self, at: float) -> tuple[str, ...]:
        """Return the sources with a strike, which are better polled one at a time."""
        return tuple(name for name in self._strikes if self._recent(name, at))

    def forget(self, name: str) -> None:
        """Start afresh with one source."""
        self._strikes.pop(name, None)

    def _recent(self, name: str, at: float) -> list[float]:
        return [strike for strike in self._strikes.get(name, ()) if at - strike < MEMORY_S]
