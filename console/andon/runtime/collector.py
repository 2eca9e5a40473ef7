"""The collector: a task per source over one timetable each, so that none holds up another."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from andon.model import Batch, Fault, Kind, SourceState, SourceStatus, Target
from andon.runtime.clock import Clock
from andon.runtime.feed import Report
from andon.runtime.flight import FlightWriter
from andon.runtime.guard import forget_outcome, same
from andon.runtime.poller import Poller
from andon.runtime.reports import first_status
from andon.runtime.schedule import Schedule
from andon.runtime.slowness import DEADLINE_S
from andon.sdk.source import Source

if TYPE_CHECKING:
    from andon.runtime.sources import SourceSpec

CLOSE_S: Final = 1.0
"""How long the sources get to let go at the end."""


class Collector:
    """Owns schedules, deadlines, back-off and request budgets of its sources.

    Args:
        sources: opened sources.
        specs: what they were opened from.
        clock: times and waiting.
        emit: takes every batch, fault and status; may raise for a batch that it cannot take.
        enrich: completes each batch from the configuration's tenants and sites.
        verbs: what the plugin of each source can do, by source name.
        flight: where it is noted which source is being polled.
        suspects: sources that are polled one at a time, since one of them ended a collector.
        chance: numbers in [0, 1) for jitter.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        specs: Sequence[SourceSpec],
        clock: Clock,
        emit: Callable[[Report], None],
        *,
        enrich: Callable[[Batch], Batch] = same,
        verbs: Mapping[str, tuple[str, ...]] | None = None,
        flight: FlightWriter | None = None,
        suspects: Iterable[str] = (),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._emit = emit
        self._enrich = enrich
        self._flight = flight or FlightWriter()
        self._suspects = frozenset(suspects)
        self._gate = asyncio.Lock()
        self._chance = chance
        self._interest: frozenset[Kind] | None = None
        self._pollers: dict[str, Poller] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        by_name = {spec.name: spec for spec in specs}
        for source in sources:
            self.add(source, by_name[source.name], (verbs or {}).get(source.name, ()))

    @property
    def statuses(self) -> tuple[SourceStatus, ...]:
        """How every source is doing."""
        return tuple(poller.status for poller in self._pollers.values())

    def add(self, source: Source, spec: SourceSpec, verbs: tuple[str, ...] = ()) -> None:
        """Take one more source in; call `start` to have it asked."""
        self._pollers[source.name] = Poller(
            source,
            spec,
            verbs=verbs,
            schedule=Schedule(
                source.intervals_seconds,
                self._chance,
                positive_int(spec.options.get("polls_per_minute")),
            ),
            clock=self._clock,
            emit=self._emit,
            enrich=self._enrich,
            flight=self._flight,
            gate=self._gate if source.name in self._suspects else None,
            deadline_s=positive(spec.options.get("timeout")) or DEADLINE_S,
        )
        self._pollers[source.name].schedule.look_at(self._interest)

    def refuse(self, spec: SourceSpec, fault: Fault) -> None:
        """Report a source that could not even be opened."""
        self._emit(fault)
        down = replace(first_status(spec), state=SourceState.DOWN, failures=1, fault=fault)
        self._emit(down)

    def start(self) -> None:
        """Start asking every source that is not being asked yet."""
        for name, poller in self._pollers.items():
            if name not in self._tasks:
                task = asyncio.create_task(poller.run(), name=f"poll {name}")
                task.add_done_callback(forget_outcome)
                self._tasks[name] = task

    def interest(self, kinds: frozenset[Kind] | None) -> None:
        """Poll these kinds and no others; `None`: all."""
        self._interest = kinds
        for poller in self._pollers.values():
            poller.look_at(kinds)

    def refresh(self, names: Iterable[str] = ()) -> None:
        """Poll now, also what is backing off; no names: every source."""
        wanted = set(names)
        for name, poller in self._pollers.items():
            if not wanted or name in wanted:
                poller.refresh()

    def reread(self, targets: Sequence[Target]) -> None:
        """Ask the sources of these things for just them."""
        for name, poller in self._pollers.items():
            if mine := [target for target in targets if target.source == name]:
                poller.reread(mine)

    async def close(self) -> None:
        """Stop asking and close the sources, waiting for none of them longer than a moment."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=CLOSE_S)
        closing = [asyncio.create_task(p.source.close()) for p in self._pollers.values()]
        for task in closing:
            task.add_done_callback(forget_outcome)
        if closing:
            await asyncio.wait(closing, timeout=CLOSE_S)


def positive(value: object) -> float | None:
    """Return `value` as a number if it is one above zero."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    return None


def positive_int(value: object) -> int | None:
    """Return `value` as a whole number if it is one of at least 1."""
    number = positive(value)
    return int(number) if number and number >= 1 else None
