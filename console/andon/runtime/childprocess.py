"""One run of the collector's process, seen from the console: pipes, flight record, last words."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from andon.runtime.feed import Control, encode
from andon.runtime.flight import FlightRecord
from andon.sdk.clean import clean

COLLECTOR_ARGV: Final = (sys.executable, "-P", "-m", "andon.runtime.child")
"""`-P`: a module in the folder Andon was started from must not be imported."""

_READ_BYTES = 1 << 18
_STDERR_LINES = 200
_STDERR_LINE_BYTES = 2_000
_STREAM_LIMIT_BYTES = 1 << 19


class ChildProcess:
    """A collector in its own session, so that ctrl-c and ctrl-z are not its business."""

    def __init__(self, process: asyncio.subprocess.Process, flight: FlightRecord) -> None:
        self._process = process
        self.flight = flight
        self._words: deque[str] = deque(maxlen=_STDERR_LINES)
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, argv: Sequence[str], environ: Mapping[str, str]) -> ChildProcess:
        """Start `argv` by exec.

        Raises:
            OSError: it cannot be started.
        """
        flight = FlightRecord()
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=dict(environ),
                start_new_session=True,
                pass_fds=(flight.fd,),
                limit=_STREAM_LIMIT_BYTES,
            )
        except BaseException:
            flight.close()
            raise
        return cls(process, flight)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def last_words(self) -> tuple[str, ...]:
        """The last lines it wrote to stderr, cleaned, oldest first."""
        return tuple(self._words)

    def send(self, message: Control) -> None:
        """Write one control message; to a process that is gone it is lost."""
        stdin = self._process.stdin
        assert stdin
        if not stdin.is_closing() and self._process.returncode is None:
            stdin.write(encode(message))

    async def read(self) -> bytes:
        """Return the next bytes of the feed; empty when it ended."""
        assert self._process.stdout
        return await self._process.stdout.read(_READ_BYTES)

    def kill(self) -> None:
        """End it and its process group at once."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self, patience_s: float) -> str:
        """Wait for its end, kill it after `patience_s`, and say in words how it ended."""
        stdin = self._process.stdin
        assert stdin
        stdin.close()
        waiting = asyncio.ensure_future(self._process.wait())
        await asyncio.wait({waiting}, timeout=patience_s)
        self.kill()
        returncode = await waiting
        await asyncio.wait({self._listening}, timeout=patience_s)
        self._listening.cancel()
        self.flight.close()
        return ending(returncode)

    async def _listen(self) -> None:
        assert self._process.stderr
        rest = b""
        while chunk := await self._process.stderr.read(_READ_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[-_STDERR_LINE_BYTES:]
            for line in lines[-_STDERR_LINES:]:
                self._hear(line)
        if rest:
            self._hear(rest)

    def _hear(self, line: bytes) -> None:
        text = line[:_STDERR_LINE_BYTES].decode("utf-8", "replace").rstrip()
        if text:
            self._words.append(clean(text, limit=_STDERR_LINE_BYTES))


def ending(returncode: int) -> str:
    """Return in words how a process ended, for example `killed by SIGSEGV`."""
    if returncode >= 0:
        return f"ended with exit status {returncode}"
    try:
        return f"killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"killed by signal {-returncode}"
