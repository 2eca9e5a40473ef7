"""Run a backend's command-line tool: argv only, with a deadline, an output cap and no shell.

Built on `subprocess.Popen` and the loop's file watching, not on `asyncio.subprocess`, because that
reaps the process by itself. Here the leader stays unreaped until its group has been killed: as
long as it is a zombie its number cannot belong to anybody else, so the kill can hit only what we
started.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from andon.sdk.errors import SourceTimeout, SourceTooLarge, SourceUnreachable
from andon.sdk.lengths import seconds_text

OUTPUT_LIMIT_BYTES = 1 << 30
STDERR_LIMIT_BYTES = 64 << 10
GRACE_S = 0.2
"""How long the rest of the output is waited for once the process itself has ended."""

_CHUNK_BYTES = 1 << 18
_POLL_S = 0.02
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a process left behind."""

    argv: tuple[str, ...]
    returncode: int
    """Exit status, or minus the number of the signal that ended it."""
    stdout: bytes
    stderr: bytes
    """The first 64 KiB."""
    left_open: bool = False
    """Something it started still held its output when we stopped listening, so some may be lost."""


async def run_process(
    argv: Sequence[str],
    *,
    deadline_s: float,
    environ: Mapping[str, str] | None = None,
    output_limit_bytes: int = OUTPUT_LIMIT_BYTES,
    stdin: bytes = b"",
) -> Finished:
    """Run `argv` in its own process group with `LC_ALL=C` and return what it printed.

    The whole group is killed when the deadline passes, the output exceeds the cap or the caller is
    cancelled, and what is left of it also when the process itself ends. A child that outlives it
    and keeps its pipes open is given `GRACE_S` seconds.

    Args:
        argv: program and arguments; no shell sees them.
        deadline_s: seconds from now within which the process has to end.
        environ: its environment, ours by default; `PATH` is looked up in it.
        output_limit_bytes: the most that is held of its standard output.
        stdin: what it reads on standard input.

    Raises:
        SourceUnreachable: the program is missing or cannot be started.
        SourceTimeout: it did not end within `deadline_s` seconds.
        SourceTooLarge: it printed more than `output_limit_bytes`.
    """
    program = argv[0]
    env = os.environ if environ is None else environ
    try:
        with _talk(argv, env, stdin, output_limit_bytes) as exchange:
            async with asyncio.timeout(deadline_s):
                await exchange.done
    except TimeoutError as error:
        raise SourceTimeout(
            f"{program} did not answer within {seconds_text(deadline_s)}",
            hint="the backend is slow or hangs; raise the source's `timeout` if it only is slow",
        ) from error
    return Finished(
        tuple(argv),
        exchange.process.wait(),
        exchange.stdout.getvalue(),
        exchange.stderr.getvalue(),
        exchange.left_open,
    )


@contextlib.contextmanager
def _talk(
    argv: Sequence[str], environ: Mapping[str, str], stdin: bytes, limit_bytes: int
) -> Iterator[_Exchange]:
    """Start a process and listen to it; at the end nothing of it is left."""
    process: subprocess.Popen[bytes] | None = None
    exchange: _Exchange | None = None
    try:
        with _held_back():
            process = _start(argv, environ, bool(stdin))
        exchange = _Exchange(process, stdin, limit_bytes)
        yield exchange
    finally:
        try:
            if exchange is not None:
                exchange.close()
        finally:
            if process is not None:
                _end(process)


@contextlib.contextmanager
def _held_back() -> Iterator[None]:
    """Hold back what asks us to end until this is over.

    Python raises what they raise as soon as a process was forked, before anybody knows its number:
    nobody could end it any more.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    usual = {number: signal.getsignal(number) for number in _ENDING}
    usual = {number: handler for number, handler in usual.items() if callable(handler)}
    try:
        for number in usual:
            signal.signal(number, lambda number, _: came.append(number))
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)


def _start(argv: Sequence[str], environ: Mapping[str, str], feed: bool) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            bufsize=0,
            stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environ, "LC_ALL": "C"},
            start_new_session=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        folder, _, tool = argv[0].rpartition("/")
        raise SourceUnreachable(
            f"{argv[0]} cannot be started: {why}",
            hint=f"look whether {folder} is the folder that has {tool}"
            if folder
            else f"install {tool} on this machine or name its folder in the source's settings",
        ) from error


class _Exchange:
    """The talk with one process; `done` is set when it ended and its output was read."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, limit_bytes: int) -> None:
        self.stdout = io.BytesIO()
        self.stderr = io.BytesIO()
        self.left_open = False
        self.process = process
        self._limit_bytes = limit_bytes
        self._unsent = memoryview(stdin)
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self._loop.create_future()
        self._exited = False
        self._timer: asyncio.TimerHandle | None = None
        self._pidfd: int | None = None
        assert process.stdout and process.stderr
        self._open: set[IO[bytes]] = {process.stdout, process.stderr}
        for pipe in self._open:
            os.set_blocking(pipe.fileno(), False)
            self._loop.add_reader(pipe.fileno(), self._read, pipe)
        if process.stdin:
            os.set_blocking(process.stdin.fileno(), False)
            self._loop.add_writer(process.stdin.fileno(), self._write, process.stdin)
        self._watch()

    def close(self) -> None:
        """Stop listening and close the pipes."""
        if self._timer:
            self._timer.cancel()
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None
        for pipe in tuple(self._open):
            self._drop(pipe)
        if self.process.stdin and not self.process.stdin.closed:
            self._drop_input(self.process.stdin)
        if not self.done.cancel() and not self.done.cancelled():
            self.done.exception()  # retrieved, should the caller have been cancelled meanwhile

    def _watch(self) -> None:
        """Learn of the end of the process without reaping it."""
        try:
            self._pidfd = os.pidfd_open(self.process.pid)
        except (AttributeError, OSError):  # macOS, and kernels before 5.3
            self._look()
        else:
            self._loop.add_reader(self._pidfd, self._on_exit)

    def _look(self) -> None:
        if _has_exited(self.process):
            self._on_exit()
        else:
            self._timer = self._loop.call_later(_POLL_S, self._look)

    def _on_exit(self) -> None:
        if self._exited:
            return
        self._exited = True
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
        self._timer = self._loop.call_later(GRACE_S, self._give_up)
        self._settle()

    def _give_up(self) -> None:
        """Take what is in the pipes now, which is all that the process itself wrote, and end."""
        for pipe in tuple(self._open):
            while not self.done.done() and self._read(pipe):
                pass
        self.left_open = bool(self._open)
        if not self.done.done():
            self.done.set_result(None)

    def _settle(self) -> None:
        if self._exited and not self._open and not self.done.done():
            self.done.set_result(None)

    def _read(self, pipe: IO[bytes]) -> bool:
        """Take one chunk of `pipe`; return whether there may be more right now."""
        try:
            chunk = os.read(pipe.fileno(), _CHUNK_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._drop(pipe)
            self._settle()
            return False
        if pipe is self.process.stderr:
            self.stderr.write(chunk[: STDERR_LIMIT_BYTES - self.stderr.tell()])
        elif self.stdout.tell() + len(chunk) <= self._limit_bytes:
            self.stdout.write(chunk)
        else:
            self._refuse()
            return False
        return True

    def _refuse(self) -> None:
        for pipe in tuple(self._open):
            self._drop(pipe)
        self.stdout.close()
        if not self.done.done():
            self.done.set_exception(_too_large(self.process.args, self._limit_bytes))

    def _write(self, pipe: IO[bytes]) -> None:
        try:
            sent = os.write(pipe.fileno(), self._unsent[:_CHUNK_BYTES])
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # it does not read on
            sent = len(self._unsent)
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._drop_input(pipe)

    def _drop(self, pipe: IO[bytes]) -> None:
        self._open.discard(pipe)
        self._loop.remove_reader(pipe.fileno())
        pipe.close()

    def _drop_input(self, pipe: IO[bytes]) -> None:
        self._loop.remove_writer(pipe.fileno())
        pipe.close()


def _too_large(args: object, limit_bytes: int) -> SourceTooLarge:
    program = args[0] if isinstance(args, list) else "the backend"
    size = f"{limit_bytes >> 20} MiB" if limit_bytes >= 1 << 20 else f"{limit_bytes} bytes"
    return SourceTooLarge(
        f"{program} printed more than {size}; its reply was dropped",
        hint="narrow the source (fewer queues, shorter history) or raise its output limit",
    )


def _has_exited(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process ended; it stays unreaped where the system can tell without reaping."""
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    try:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process.pid, flags) is not None
    except ChildProcessError:  # somebody ignores SIGCHLD: the system reaped it
        return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process group, close its pipes, reap its leader; never waits.

    A leader in an uninterruptible wait, say on a dead file server, dies later: a thread of its own
    reaps it then.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        if process.poll() is None:
            threading.Thread(target=process.wait, name="andon-reaper", daemon=True).start()
