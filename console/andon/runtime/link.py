"""The console's end of the feed: starts the collector, follows it, and starts it again.

Everything the collector says comes out of `FeedLink.messages`. When it dies, hangs or writes
rubbish, the data stays where it is, the statuses say so, and it is started again with back-off; a
source under which that happens twice is kept out until asked for again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from andon.model import Fault, FaultKind, Kind, SourceState, SourceStatus, Target
from andon.runtime.childprocess import COLLECTOR_ARGV, ChildProcess
from andon.runtime.clock import Clock, SystemClock, ended_within
from andon.runtime.condition import Condition
from andon.runtime.feed import (
    Assembler,
    Beat,
    Bye,
    Change,
    Control,
    FaultFrame,
    Frame,
    FrameReader,
    Hello,
    Interest,
    Keyframe,
    KeyframePlease,
    Open,
    PluginPath,
    Quit,
    Refresh,
    Report,
    Reread,
    StatusFrame,
)
from andon.runtime.reports import first_status
from andon.runtime.suspicion import Suspicion
from andon.sdk.errors import SourceError, SourceUnsupported

if TYPE_CHECKING:
    from andon.runtime.registry import Registry
    from andon.runtime.sources import SourceSpec

HANG_S: Final = 20.0
"""A collector whose loop has not turned for so long is ended."""
RESTART_S: Final = 0.5
RESTART_LIMIT_S: Final = 30.0
HEALTHY_S: Final = 60.0
"""A collector that lived so long starts the back-off afresh."""
_LOOK_S = 1.0
_QUEUE_REPORTS = 4
_PATIENCE_S = 1.0


class FeedLink:
    """Follows one collector process for as long as the console runs.

    Args:
        specs: the sources; they travel through the collector's stdin.
        plugins: plugins beside the installed ones.
        registry: the configuration's tenants and sites.
        interest: the kinds looked at from the start; `None`: all.
        argv: the collector's command.
        environ: its environment, ours by default.
        clock: passed in so that tests can step it.
        hang_s: seconds of standstill after which the collector is ended.
    """

    def __init__(
        self,
        specs: Sequence[SourceSpec],
        *,
        plugins: Sequence[PluginPath] = (),
        registry: Registry | None = None,
        interest: frozenset[Kind] | None = None,
        argv: Sequence[str] = COLLECTOR_ARGV,
        environ: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        hang_s: float = HANG_S,
    ) -> None:
        self.condition = Condition()
        """How the collector is now."""
        self._specs = {spec.name: spec for spec in specs}
        self._plugins = tuple(plugins)
        self._registry = msgspec.Raw(msgspec.msgpack.encode(registry))
        self._interest = interest
        self._argv = tuple(argv)
        self._environ = os.environ if environ is None else environ
        self._clock = clock or SystemClock()
        self._hang_s = hang_s
        self._child: ChildProcess | None = None
        self._statuses = {spec.name: first_status(spec) for spec in specs}
        self._suspicion = Suspicion()
        self._quarantined: set[str] = set()
        self._last_words: tuple[str, ...] = ()
        self._hung: tuple[str, ...] | None = None
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue(_QUEUE_REPORTS)
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the collector and follow it in the background. Returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._live(), name="feed link")

    async def messages(self) -> AsyncIterator[Report]:
        """Yield what the sources say until `close`. One reader at a time.

        A batch is delivered whole; while nobody takes it, the collector coalesces.
        """
        while (report := await self._reports.get()) is not None:
            yield report

    def interest(self, kinds: frozenset[Kind] | None) -> None:
        """Say which kinds are looked at now; `None`: all. Others are not polled."""
        if kinds != self._interest:
            self._interest = kinds
            self._send(Interest(kinds=kinds))

    def refresh(self) -> None:
        """Poll everything now that is of interest, and take quarantined sources back."""
        self._hurry.set()
        back = [self._specs[name] for name in sorted(self._quarantined)]
        for spec in back:
            self._quarantined.discard(spec.name)
            self._suspicion.forget(spec.name)
            self._statuses[spec.name] = first_status(spec)
        if back:
            self._send(self._order(back, None))
        self._send(Refresh())

    def reread(self, targets: Sequence[Target]) -> None:
        """Ask for these things again, now."""
        self._send(Reread(targets=tuple(targets)))

    def keyframe(self) -> None:
        """Ask for everything once more, for a reader that starts afresh."""
        self._send(KeyframePlease())

    @property
    def diagnostics(self) -> tuple[str, ...]:
        """What the collector wrote to stderr lately, cleaned."""
        return self._child.last_words if self._child else self._last_words

    @property
    def pid(self) -> int | None:
        """Process id of the collector, while there is one."""
        return self._child.pid if self._child else None

    async def close(self) -> None:
        """End the collector and the messages."""
        task, self._task = self._task, None
        if task:
            self._send(Quit())
            task.cancel()
            await asyncio.wait({task})
        while not self._reports.empty():
            self._reports.get_nowait()
        self._reports.put_nowait(None)

    def _send(self, message: Control) -> None:
        if self._child:
            self._child.send(message)

    def _order(self, specs: Sequence[SourceSpec], flight_fd: int | None) -> Open:
        return Open(
            specs=msgspec.Raw(msgspec.msgpack.encode(specs)),
            registry=self._registry,
            plugins=self._plugins,
            interest=self._interest,
            suspects=self._suspicion.suspects(self._clock.monotonic()),
            flight_fd=flight_fd,
        )

    async def _live(self) -> None:
        """Start, follow and start again, until cancelled."""
        for status in tuple(self._statuses.values()):
            await self._reports.put(status)
        attempt = 0
        while True:
            born = self._clock.monotonic()
            why = await self._one_life()
            self._hurry.clear()
            attempt = 1 if self._clock.monotonic() - born > HEALTHY_S else attempt + 1
            pause_s: float | None = min(RESTART_LIMIT_S, RESTART_S * 2 ** (attempt - 1))
            if isinstance(why, SourceUnsupported):
                pause_s = None  # another try cannot help; `refresh` is one
            self.condition.end(again=pause_s is not None)
            await self._tell_end(why, pause_s)
            await ended_within(self._clock, self._hurry.wait(), pause_s)

    async def _one_life(self) -> SourceError | str:
        """Run one collector to its end; return why it ended."""
        try:
            child = await ChildProcess.start(self._argv, self._environ)
        except OSError as error:
            return f"cannot be started: {error}"
        self._child, self._hung = child, None
        active = [spec for name, spec in self._specs.items() if name not in self._quarantined]
        child.send(self._order(active, child.flight.fd))
        watch = asyncio.create_task(self._watch(child))
        why: SourceError | None = None
        try:
            await self._follow(child)
        except SourceError as error:
            why = error
            child.kill()
        finally:
            watch.cancel()
            flight = child.flight.read()
            how = await child.end(_PATIENCE_S)
            self._child, self._last_words = None, child.last_words
        if why is None:
            self._judge(flight.suspects if flight else ())
        return why or (f"hung in {' or '.join(self._hung)}" if self._hung else how)

    async def _follow(self, child: ChildProcess) -> None:
        reader, assembler = FrameReader(), Assembler()
        while chunk := await child.read():
            for frame in reader.push(chunk):
                if not isinstance(frame, Hello | StatusFrame):
                    self.condition.ended = ""
                for report in self._taken(frame, assembler):
                    await self._reports.put(report)
                # Between two slices of decoding the screen gets its turn.
                await asyncio.sleep(0)

    def _taken(self, frame: Frame, assembler: Assembler) -> Sequence[Report]:
        match frame:
            case Hello():
                return [self._remembered(status) for status in frame.sources]
            case Keyframe() | Change():
                batch = assembler.take(frame)
                return [batch] if batch else []
            case FaultFrame():
                return [frame.fault]
            case StatusFrame():
                return [self._remembered(frame.status)]
            case Beat() | Bye():
                return []

    def _remembered(self, status: SourceStatus) -> SourceStatus:
        """Note a status; one of a fresh collector keeps the age of the data we still have."""
        before = self._statuses.get(status.name)
        if status.observed_at is None and before and before.observed_at is not None:
            state = SourceState.STALE if status.state is SourceState.CONNECTING else status.state
            status = replace(status, state=state, observed_at=before.observed_at)
        self._statuses[status.name] = status
        return status

    async def _watch(self, child: ChildProcess) -> None:
        """End a collector whose loop stands still.

        Looks are counted, not seconds: after ctrl-z or a laptop's sleep both have stood still.
        """
        looks, last = 0, -1
        while True:
            await self._clock.sleep(_LOOK_S)
            flight = child.flight.read()
            if flight is None or flight.beat != last:
                looks, last = 0, flight.beat if flight else last
                self.condition.silent_seconds = 0.0
                continue
            looks += 1
            self.condition.silent_seconds = looks * _LOOK_S
            if looks * _LOOK_S >= self._hang_s:
                self._hung = flight.suspects or ("the collector itself",)
                child.kill()
                return

    def _judge(self, suspects: Sequence[str]) -> None:
        known = [name for name in suspects if name in self._specs]
        now = self._clock.monotonic()
        out = self._suspicion.hung(known, now) if self._hung else self._suspicion.died(known, now)
        self._quarantined.update(out)

    async def _tell_end(self, why: SourceError | str, pause_s: float | None) -> None:
        for name, status in tuple(self._statuses.items()):
            kept_out = name in self._quarantined
            fault = _fault(name, why, self._clock.now(), pause_s, kept_out)
            if kept_out:
                state = SourceState.QUARANTINED
            elif isinstance(why, SourceError) or status.observed_at is None:
                state = SourceState.DOWN
            else:
                state = SourceState.STALE
            self._statuses[name] = replace(status, state=state, fault=fault)
            await self._reports.put(self._statuses[name])


def _fault(
    source: str, why: SourceError | str, now: float, pause_s: float | None, kept_out: bool
) -> Fault:
    """Return what the end of the collector means for one source."""
    retry_at = None if pause_s is None else now + pause_s
    kind = FaultKind.CRASHED
    if kept_out:
        message = f"its plugin stopped the collector ({why}) and is kept out"
        hint, retry_at = "refresh takes it back", None
    elif isinstance(why, SourceError):
        kind, message, hint = why.fault_kind, why.message, why.hint
    else:
        message = f"the collector {why}; it is started again"
        hint = "the data shown is the last that came"
    return Fault(source=source, kind=kind, message=message, hint=hint, at=now, retry_at=retry_at)
