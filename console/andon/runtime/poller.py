"""One source: asked when its schedule says so, held to its deadline, never twice at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from andon.model import Batch, Coverage, FaultKind, Kind, SourceState, Target
from andon.runtime.clock import Clock, ended_within
from andon.runtime.feed import Report
from andon.runtime.flight import FlightWriter
from andon.runtime.guard import OVERRUN, checked, contained, forget_outcome, stepped
from andon.runtime.reports import fault_of, first_status, state_after
from andon.runtime.schedule import Schedule
from andon.runtime.slowness import DEADLINE_S, Slowness
from andon.sdk.errors import SourceTimeout
from andon.sdk.lengths import seconds_text
from andon.sdk.source import Source

if TYPE_CHECKING:
    from andon.runtime.sources import SourceSpec

CANCEL_GRACE_S: Final = 1.0
"""How long a cancelled poll may take to end before it is abandoned."""


class Poller:
    """The collector's task for one source.

    Args:
        source: the opened source.
        spec: what it was opened from.
        verbs: what its plugin can do.
        schedule: its timetable.
        clock: times and waiting.
        emit: takes batches, faults and statuses; may raise for a batch that it cannot take.
        enrich: completes batches from the configuration's registry.
        flight: where it says what it is doing.
        gate: held while polling by the sources that may not be polled side by side.
        deadline_s: seconds one request may take.
    """

    def __init__(
        self,
        source: Source,
        spec: SourceSpec,
        *,
        verbs: tuple[str, ...],
        schedule: Schedule,
        clock: Clock,
        emit: Callable[[Report], None],
        enrich: Callable[[Batch], Batch],
        flight: FlightWriter,
        gate: asyncio.Lock | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self.source = source
        self.schedule = schedule
        self._clock = clock
        self._emit = emit
        self._enrich = enrich
        self._flight = flight
        self._gate = gate
        self._deadline_s = deadline_s
        self._wake = asyncio.Event()
        self._targets: dict[tuple[Kind, str], Target] = {}
        self._coverage: dict[Kind, Coverage] = {}
        self._slowness = Slowness(source.intervals_seconds, deadline_s)
        self.status = replace(
            first_status(spec, source, verbs),
            interval_seconds=schedule.interval_s,
            polls_per_minute_limit=schedule.limit,
        )

    def look_at(self, kinds: frozenset[Kind] | None) -> None:
        """Set the kinds of interest; `None`: all."""
        self.schedule.look_at(kinds)
        self._tell(interval_seconds=self.schedule.interval_s)
        self._wake.set()

    def refresh(self) -> None:
        """Ask now, as far as the budget allows."""
        self.schedule.refresh()
        self._wake.set()

    def reread(self, targets: Sequence[Target]) -> None:
        """Ask for just these things, next."""
        self._targets.update({(target.kind, target.key): target for target in targets})
        self._wake.set()

    async def run(self) -> None:
        """Ask for ever; ends only by being cancelled."""
        self._emit(self.status)
        while True:
            now = self._clock.monotonic()
            if self._targets and self.schedule.allowed_at(now) <= now:
                targets = tuple(self._targets.values())
                self._targets.clear()
                await self._request(
                    frozenset(),
                    lambda d, t=targets: self.source.reread(t, d),  # type: ignore[misc]
                )
            elif kinds := self.schedule.due(now):
                await self._request(
                    kinds,
                    lambda d, k=kinds: self.source.poll(k, d),  # type: ignore[misc]
                )
            else:
                await self._rest(now)

    async def _rest(self, now: float) -> None:
        at = self.schedule.allowed_at(now) if self._targets else self.schedule.next_at(now)
        await ended_within(self._clock, self._wake.wait(), None if at is None else at - now)
        self._wake.clear()

    async def _request(
        self, kinds: frozenset[Kind], call: Callable[[float], Awaitable[Batch]]
    ) -> None:
        """Make one request and report what came of it."""
        async with self._gate or contextlib.nullcontext():
            self.schedule.started(self._clock.monotonic())
            self._flight.asked(self.source.name)
            task = asyncio.create_task(self._contained(call))
            task.add_done_callback(forget_outcome)
            began = self._clock.monotonic()
            try:
                batch = self._enrich(
                    checked(await self._outcome(task), self.source.name, self._clock.now())
                )
                self._emit(batch)
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its own fault
                self._failed(error)
            else:
                self._succeeded(kinds, batch, self._clock.monotonic() - began)
            finally:
                task.cancel()
                self._flight.answered(self.source.name)
        if not task.done():
            await self._outlast(task)

    async def _contained(self, call: Callable[[float], Awaitable[Batch]]) -> Batch:
        # A coroutine of its own: what `poll` raises before it can be awaited is contained too.
        return await stepped(
            contained(call(self._deadline_s)),
            lambda: self._flight.enter(self.source.name),
            self._flight.leave,
        )

    async def _outcome(self, task: asyncio.Task[Batch]) -> Batch:
        """Return what the request returns, or raise what it raises or that it is late."""
        if await ended_within(self._clock, task, self._deadline_s * OVERRUN):
            if not task.cancelled():
                return task.result()
            raise RuntimeError("the plugin cancelled its own poll")
        task.cancel()
        stopped = await ended_within(self._clock, task, CANCEL_GRACE_S)
        tail = "" if stopped else " and does not stop; it is left alone until it does"
        raise SourceTimeout(
            f"no answer within {seconds_text(self._deadline_s)}{tail}",
            hint="the backend is slow or hangs; raise the source's `timeout` if it only is slow",
        )

    async def _outlast(self, task: asyncio.Task[Batch]) -> None:
        """Wait for a request that did not let itself be cancelled: never two at once."""
        await ended_within(self._clock, task, None)

    def _succeeded(self, kinds: frozenset[Kind], batch: Batch, latency_s: float) -> None:
        now = self._clock.monotonic()
        self.schedule.succeeded(kinds, now)
        for kind in kinds or batch.observed:
            self._coverage.pop(kind, None)
        self._coverage.update({coverage.kind: coverage for coverage in batch.coverage})
        coverage = tuple(self._coverage.values())
        self._tell(
            state=state_after(coverage),
            observed_at=batch.observed_at if kinds else self.status.observed_at,
            latency_seconds=latency_s,
            slow_seconds=self._slowness.answered(kinds, latency_s, self.schedule.wanted),
            failures=0,
            coverage=coverage,
            identity=batch.identity or self.status.identity,
            version=batch.version or self.status.version,
            fault=None,
        )

    def _failed(self, error: Exception) -> None:
        kind = getattr(error, "fault_kind", FaultKind.CRASHED)
        wait_s = self.schedule.failed(kind, self._clock.monotonic())
        at = self._clock.now()
        fault = fault_of(self.source.name, error, at, at + wait_s)
        self._emit(fault)
        denied = fault.kind is FaultKind.DENIED
        self._tell(
            state=SourceState.DENIED if denied else SourceState.DOWN,
            failures=self.schedule.failures,
            fault=fault,
        )

    def _tell(self, **changes: object) -> None:
        status = replace(
            self.status,
            **changes,
            polls_per_minute=self.schedule.polls_per_minute(self._clock.monotonic()),
        )
        if "interval_seconds" not in changes:
            status = replace(status, interval_seconds=self.schedule.interval_s)
        if status != self.status:
            self.status = status
            self._emit(status)
