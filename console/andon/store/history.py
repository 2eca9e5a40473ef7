"""The last minutes of a few numbers, and the last things that happened.

The only thing in the store that changes in place. Its size is fixed: an hour's silence, a burst of
a thousand events or a source that invents series names cost no memory.
"""

from __future__ import annotations

import math
from array import array
from collections import OrderedDict, deque

from andon.model import Event

SERIES_LIMIT = 512
EVENTS_LIMIT = 500
_STEP_LIMIT = 2**62


class History:
    """Ring buffers of numbers by name, one value per step of time, and the newest events."""

    def __init__(self, span_seconds: float = 900, step_seconds: float = 5) -> None:
        if step_seconds <= 0 or span_seconds < step_seconds:
            raise ValueError("a history needs a step above zero and a span of at least one step")
        self.span_seconds = span_seconds
        self.step_seconds = step_seconds
        self._length = math.ceil(span_seconds / step_seconds)
        self._rings: OrderedDict[str, _Ring] = OrderedDict()
        self._events: deque[Event] = deque(maxlen=EVENTS_LIMIT)

    def add(self, series: str, at: float, value: float | None) -> None:
        """Keep what `series` was at a moment.

        Of several values in one step the last stays; `None` and what is no number leave a gap; a
        moment older than the span is dropped. Beyond `SERIES_LIMIT` names the one that was written
        longest ago goes.
        """
        if not math.isfinite(at):
            return
        ring = self._rings.get(series)
        if ring is None:
            while len(self._rings) >= SERIES_LIMIT:
                self._rings.popitem(last=False)
            ring = self._rings[series] = _Ring(self._length)
        else:
            self._rings.move_to_end(series)
        number = math.nan if value is None else float(value)
        ring.put(math.floor(at / self.step_seconds), number)

    def values(self, series: str, now: float) -> tuple[float | None, ...]:
        """Return the series up to `now`, oldest first: always span / step values.

        `None` stands where nothing was observed. A step that has not ended yet and has no value
        is not shown as a gap: the row then ends at the step before.
        """
        ring = self._rings.get(series)
        if ring is None:
            return (None,) * self._length
        last = math.floor(now / self.step_seconds)
        if ring.at(last) is None:
            last -= 1
        return tuple(ring.at(step) for step in range(last - self._length + 1, last + 1))

    def latest(self, series: str, now: float) -> float | None:
        """Return the newest value that is not older than the span, or `None`."""
        for value in reversed(self.values(series, now)):
            if value is not None:
                return value
        return None

    @property
    def series(self) -> tuple[str, ...]:
        """The names there are, the one written longest ago first."""
        return tuple(self._rings)

    def note(self, event: Event) -> None:
        """Keep an event; the oldest of more than `EVENTS_LIMIT` goes."""
        self._events.append(event)

    def events(self, limit: int = 50) -> tuple[Event, ...]:
        """Return the newest events, newest first."""
        newest = [*self._events][-limit:] if limit > 0 else []
        return tuple(reversed(newest))


class _Ring:
    """One number per step; a slot remembers which step it holds."""

    __slots__ = ("_steps", "_values")

    def __init__(self, length: int) -> None:
        self._values = array("d", [math.nan]) * length
        self._steps = array("q", [-1]) * length

    def put(self, step: int, value: float) -> None:
        slot = step % len(self._values)
        if 0 <= step < _STEP_LIMIT and step >= self._steps[slot]:
            self._values[slot] = value
            self._steps[slot] = step

    def at(self, step: int) -> float | None:
        if step < 0:
            return None
        slot = step % len(self._values)
        if self._steps[slot] != step:
            return None
        value = self._values[slot]
        return value if math.isfinite(value) else None
