"""Programs in pseudo-terminals, read side by side so that none of them ever waits for us."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.bench.screen import Screen

COLUMNS, ROWS = 200, 50
_READ_BYTES = 1 << 16


class TookTooLong(Exception):
    """A program did not show what it was waited for."""


class Terminal:
    """A program on a screen of its own."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start it.

        Args:
            argv: The command; the first word is a path.
            environ: Its environment; the kind of terminal is added.
        """
        self.screen = Screen(COLUMNS, ROWS)
        self.started_at = time.perf_counter()
        self.read_at = self.started_at
        self.bytes_read = 0
        self.ended = False
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child
            size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            os.execve(argv[0], list(argv), dict(environ) | terminal)
        os.set_blocking(self._fd, False)

    def fileno(self) -> int:
        """Our end of it."""
        return self._fd

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._fd, keys)

    def read(self) -> None:
        """Take what it wrote, as much as there is now."""
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.read_at = time.perf_counter()
        self.bytes_read += len(data)
        self.ended = self.ended or not data
        self.screen.feed(data)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while not self.ended and time.monotonic() < deadline:
            pump([self], 0.1)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def pump(terminals: Iterable[Terminal], seconds: float) -> None:
    """Read from any of the terminals, waiting at most so long for the first byte."""
    alive = [terminal for terminal in terminals if not terminal.ended]
    ready, _, _ = select.select(alive, [], [], max(0.0, seconds))
    for terminal in ready:
        terminal.read()


def rest(terminals: Sequence[Terminal], seconds: float) -> None:
    """Let time pass, reading what is written."""
    deadline = time.perf_counter() + seconds
    while (left := deadline - time.perf_counter()) > 0:
        pump(terminals, left)


def wait_for(
    terminals: Sequence[Terminal],
    condition: Callable[[], bool],
    what: str,
    deadline_s: float = 60.0,
) -> None:
    """Read until something is on a screen.

    Raises:
        TookTooLong: It is not there in time, or every program ended.
    """
    deadline = time.perf_counter() + deadline_s
    while not condition():
        if time.perf_counter() > deadline or all(terminal.ended for terminal in terminals):
            shown = "\n".join(terminal.screen.text() for terminal in terminals)
            raise TookTooLong(f"{what} did not come in {deadline_s:g} s; there is:\n{shown}")
        pump(terminals, min(1.0, deadline - time.perf_counter()))
