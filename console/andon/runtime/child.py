"""The collector's own process: `python -m andon.runtime.child`, and `serve`, its core.

The feed goes to what was stdout; nothing else ever writes there, since descriptor 1 is made to be
stderr before any plugin is imported. Control messages come in on what was stdin; the first is
`Open`. The process ends with its input.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from andon.model import Kind, SourceState
from andon.runtime.clock import Clock, SystemClock, ended_within
from andon.runtime.collector import Collector
from andon.runtime.feed import (
    Bye,
    Control,
    ControlReader,
    Hello,
    Interest,
    KeyframePlease,
    Open,
    PluginPath,
    Quit,
    Refresh,
    Reread,
    encode,
)
from andon.runtime.flight import FlightWriter
from andon.runtime.gc_tuning import tune_gc
from andon.runtime.opening import Opener
from andon.runtime.outbox import Outbox
from andon.runtime.reports import fault_of, first_status
from andon.runtime.streams import Input, Writer
from andon.sdk.errors import SourceGarbled

if TYPE_CHECKING:
    from andon.runtime.registry import Registry
    from andon.runtime.sources import SourceSpec

FLIGHT_BEAT_S: Final = 1.0
FEED_BEATS: Final = 3
"""A beat goes into the feed every so many beats of the flight record."""
TRACE_S: Final = 8.0
"""A loop that stands still for so long leaves a traceback on stderr."""
NICENESS: Final = 5
"""Where cores are few the screen answers a key before the collector polls on."""
BYE_S: Final = 0.5
HARD_EXIT_S: Final = 5.0
"""The process is gone this long after its input ended, whatever a plugin is doing."""


class Server:
    """Collects, and talks the feed over two descriptors until it is told to end.

    Args:
        out_fd: where the feed goes.
        in_fd: where control messages come from; `None`: nobody controls it.
        environ: the environment for plugins, configuration folders and secrets.
        clock: times and waiting.
        end_with_input: whether the end of the input ends the feed.
        at_input_end: called in a thread when the input ended, also when the loop stands still.
        on_beat: called every second while the loop turns.
        on_filled: called once, when every source has answered or failed.
    """

    def __init__(
        self,
        out_fd: int,
        in_fd: int | None,
        *,
        environ: Mapping[str, str],
        clock: Clock,
        end_with_input: bool = True,
        at_input_end: Callable[[], None] | None = None,
        on_beat: Callable[[], None] = lambda: None,
        on_filled: Callable[[], object] = lambda: None,
    ) -> None:
        self._clock = clock
        self._environ = environ
        self._end_with_input = end_with_input
        self._on_beat = on_beat
        self._on_filled = on_filled
        self._writer = Writer(out_fd)
        self._input = Input(in_fd, at_input_end) if in_fd is not None else None
        self._controls = ControlReader()
        self._waiting: list[Control] = []
        self._news = asyncio.Event()
        self._outbox = Outbox(clock.now, self._news.set)
        self._flight = FlightWriter()
        self._collector: Collector | None = None
        self._unopened: dict[str, SourceSpec] = {}
        self._opener: Opener | None = None
        self.lost: OSError | None = None
        """Why nothing more could be written, if that is what ended it."""

    async def run(self, order: Open | None) -> str:
        """Serve until the end; return why it ended.

        Args:
            order: what to open; `None`: the first control message says it.
        """
        tasks: set[asyncio.Task[str]] = set()
        try:
            order = order or await self._first_order()
            if order is None:
                return "nothing was ordered"
            await self._begin(order)
            tasks = {asyncio.create_task(self._write()), asyncio.create_task(self._beat())}
            if self._input:
                tasks.add(asyncio.create_task(self._obey()))
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        except OSError as error:
            self.lost = error
            return f"the reader is gone: {error.strerror}"
        except SourceGarbled as error:
            return error.message
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._end()

    async def _first_order(self) -> Open | None:
        while (message := await self._next_control()) is not None:
            if isinstance(message, Open):
                return message
        return None

    async def _next_control(self) -> Control | None:
        """Return the next control message, `None` at the end of the input."""
        while not self._waiting:
            assert self._input
            chunk = await self._input.read()
            if not chunk:
                return None
            self._waiting = list(self._controls.push(chunk))
        return self._waiting.pop(0)

    async def _begin(self, order: Open) -> None:
        self._flight = FlightWriter(order.flight_fd)
        self._flight.beat()
        self._opener = Opener(order.plugins, order.registry, self._environ, self._clock.now)
        specs = self._opener.specs(order.specs)
        hello = Hello(
            demo=any(spec.demo for spec in specs),
            at=self._clock.now(),
            sources=tuple(map(first_status, specs)),
        )
        await self._writer.write(encode(hello))
        self._collector = Collector(
            [],
            [],
            self._clock,
            self._outbox.put,
            enrich=self._opener.enrich,
            flight=self._flight,
            suspects=order.suspects,
        )
        self._collector.interest(order.interest)
        self._open(specs)
        tune_gc()

    def _open(self, specs: Sequence[SourceSpec]) -> None:
        assert self._collector and self._opener
        for spec in specs:
            self._flight.enter(spec.name)
            try:
                source, verbs = self._opener.open(spec)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - the plugin's own fault
                self._unopened[spec.name] = spec
                self._collector.refuse(spec, fault_of(spec.name, error, self._clock.now()))
            else:
                self._collector.add(source, spec, verbs)
            finally:
                self._flight.leave()
        self._collector.start()

    async def _obey(self) -> str:
        while (message := await self._next_control()) is not None:
            if isinstance(message, Quit):
                return "asked to"
            self._carry_out(message)
        if self._end_with_input:
            return "the input ended"
        await asyncio.Event().wait()
        return ""

    def _carry_out(self, message: Control) -> None:
        assert self._collector and self._opener
        match message:
            case Open():
                self._open(self._opener.specs(message.specs))
            case Interest():
                self._collector.interest(message.kinds)
            case Refresh():
                unopened, self._unopened = tuple(self._unopened.values()), {}
                self._open(unopened)
                self._collector.refresh(message.sources)
            case Reread():
                self._collector.reread(message.targets)
            case KeyframePlease():
                self._outbox.everything_again()
            case Quit():
                pass

    async def _write(self) -> str:
        while True:
            self._news.clear()
            while frame := self._outbox.next_frame():
                await self._writer.write(frame)
            await self._news.wait()

    async def _beat(self) -> str:
        filled = False
        beats = 0
        while True:
            self._flight.beat()
            self._on_beat()
            if beats % FEED_BEATS == 0:
                self._outbox.beat()
            beats += 1
            await self._clock.sleep(FLIGHT_BEAT_S)
            if not filled and self._filled():
                filled = True
                tune_gc()
                self._on_filled()

    def _filled(self) -> bool:
        statuses = self._collector.statuses if self._collector else ()
        return all(status.state is not SourceState.CONNECTING for status in statuses)

    async def _end(self) -> None:
        if self._collector:
            await self._collector.close()
        bye = asyncio.create_task(self._writer.write(encode(Bye(at=self._clock.now()))))
        await ended_within(self._clock, bye, BYE_S)
        if bye.done() and not bye.cancelled():
            bye.exception()
        bye.cancel()
        self._writer.close()


async def serve(
    specs: Sequence[SourceSpec],
    out_fd: int,
    in_fd: int | None = None,
    *,
    plugins: Sequence[PluginPath] = (),
    registry: Registry | None = None,
    interest: frozenset[Kind] | None = None,
    end_with_input: bool = False,
    environ: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> str:
    """Write the feed of these sources to `out_fd` until the reader goes; return why it ended.

    This is `andon feed`. Nothing else may write to `out_fd`; a plugin that prints would garble it,
    so hand over a duplicate of descriptor 1 and let 1 be stderr (`take_stdout`).

    Args:
        specs: the sources.
        out_fd: any descriptor: pipe, socket, terminal or file.
        in_fd: control messages come from here; `None`: nobody controls it.
        plugins: plugins beside the installed ones.
        registry: the configuration's tenants and sites.
        interest: the kinds to poll; `None`: all.
        end_with_input: whether the end of `in_fd` ends the feed (not under `ssh -n`).
        environ: the environment, ours by default.
        clock: times and waiting.

    Raises:
        OSError: `out_fd` takes no more, though its reader has not gone: a full disk.
    """
    server = Server(
        out_fd,
        in_fd,
        environ=os.environ if environ is None else environ,
        clock=clock or SystemClock(),
        end_with_input=end_with_input,
    )
    why = await server.run(
        Open(
            specs=msgspec.Raw(msgspec.msgpack.encode(specs)),
            registry=msgspec.Raw(msgspec.msgpack.encode(registry)),
            plugins=tuple(plugins),
            interest=interest,
        )
    )
    if server.lost is not None and server.lost.errno not in (errno.EPIPE, errno.ECONNRESET):
        raise server.lost
    return why


def take_stdout() -> int:
    """Return a private descriptor for what is stdout now, and make descriptor 1 stderr."""
    sys.stdout.flush()
    out_fd = os.dup(1)
    os.dup2(2, 1)
    return out_fd


def _take_stdin() -> int:
    """Return a private descriptor for what is stdin now, and make descriptor 0 empty."""
    in_fd = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return in_fd


def _exit_soon() -> None:
    threading.Event().wait(HARD_EXIT_S)
    os._exit(0)


def _yield_to_the_screen() -> None:
    """Let the screen answer a key first; until the first data is in, that is what it waits for."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)


def main() -> None:
    """Run the collector over stdin and stdout; never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out_fd, in_fd = take_stdout(), _take_stdin()
    faulthandler.enable()

    async def run() -> None:
        server = Server(
            out_fd,
            in_fd,
            environ=os.environ,
            clock=SystemClock(),
            at_input_end=_exit_soon,
            on_beat=lambda: faulthandler.dump_traceback_later(TRACE_S),
            on_filled=_yield_to_the_screen,
        )
        await server.run(None)
        sys.stderr.flush()
        # Not by returning: a poll or a thread that does not end would keep the process.
        os._exit(0)

    asyncio.run(run())


if __name__ == "__main__":
    main()
