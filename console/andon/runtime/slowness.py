"""Whether a source that answers is slow. Pure.

A poll is too long that takes more than half of the interval at which its kind is asked for, or half
of the time after which it would be given up. A kind is slow from two such polls in a row on, until
two in a row take less than half of that; in between it stays what it was, so that a backend at the
limit does not flicker. The interval is the one configured: a slow source is asked less often, which
makes it no quicker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from andon.model import Kind

DEADLINE_S: Final = 10.0
"""Seconds that one request may take."""
_SHARE: Final = 0.5
_LEAST_S: Final = 1.0
"""What takes less is never too long, however often it is asked for."""
_IN_A_ROW: Final = 2


def limit_s(interval_s: float, deadline_s: float = DEADLINE_S) -> float:
    """Return from how many seconds on a poll is too long."""
    return min(max(_LEAST_S, _SHARE * interval_s), _SHARE * deadline_s)


def slow_once(latency_s: float) -> float | None:
    """Return how long a single poll of many kinds took, if that is too long for any."""
    return latency_s if latency_s > _SHARE * DEADLINE_S else None


class Slowness:
    """Follows the polls of one source.

    Args:
        intervals: seconds between two polls as configured, by kind.
        deadline_s: seconds that one request may take.
    """

    def __init__(self, intervals: Mapping[Kind, float], deadline_s: float) -> None:
        self._limits = {kind: limit_s(each, deadline_s) for kind, each in intervals.items()}
        self._slow: dict[Kind, float] = {}
        """How long the last poll of each slow kind took that did not speak against it."""
        self._against: dict[Kind, int] = {}
        """How many polls in a row spoke against what each kind is taken for."""

    def answered(
        self, kinds: frozenset[Kind], latency_s: float, wanted: frozenset[Kind]
    ) -> float | None:
        """Note a poll; return how long the slowest kind that is wanted takes, `None` if none is.

        Args:
            kinds: what was asked for; nothing for a reread of single things, which says nothing.
            latency_s: how long it took.
            wanted: the kinds that are polled now.
        """
        for kind in kinds & self._limits.keys():
            self._note(kind, latency_s)
        return max((self._slow[kind] for kind in wanted & self._slow.keys()), default=None)

    def _note(self, kind: Kind, latency_s: float) -> None:
        limit, is_slow = self._limits[kind], kind in self._slow
        speaks_against = latency_s < _SHARE * limit if is_slow else latency_s > limit
        if is_slow and not speaks_against:
            self._slow[kind] = latency_s
        self._against[kind] = self._against.get(kind, 0) + 1 if speaks_against else 0
        if self._against[kind] < _IN_A_ROW:
            return
        self._against[kind] = 0
        if is_slow:
            del self._slow[kind]
        else:
            self._slow[kind] = latency_s
