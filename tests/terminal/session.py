"""A program in a pseudo-terminal, driven by keys and read by conditions, never by sleeping."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyte

from tests.terminal.scanner import Token, split, wrong_with

DEADLINE_SECONDS = 30.0
_LONGEST = 64
"""Bytes of the longest sequence of ours."""
_DRAWN = frozenset(b"mHJKABCDG")


class NotSeen(AssertionError):
    """What was waited for did not come in time, or the program ended."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a terminal, in cells."""

    columns: int
    rows: int


class Session:
    """One program on a terminal of its own.

    Args:
        argv: the command.
        environ: its whole environment.
        size: of the terminal.
    """

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], size: Size) -> None:
        self.written = bytearray()
        """Every byte the program wrote."""
        self.findings: list[str] = []
        """What is wrong with them. A bell is not: Andon rings where a key leads nowhere."""
        self.size = size
        self.status: int | None = None
        """Wait status once it ended."""
        self._pending = b""
        self._screen = pyte.Screen(size.columns, size.rows)
        self._stream = pyte.ByteStream(self._screen)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child
            try:
                self._set_size(0, size)
                os.execve(argv[0], list(argv), dict(environ))
            finally:
                os._exit(127)
        self.cooked = termios.tcgetattr(self._fd)
        """The terminal's settings as the program found them."""

    @staticmethod
    def _set_size(fd: int, size: Size) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))

    # -- reading ---------------------------------------------------------------------------------

    def read(self, seconds: float, limit: int = 1 << 16) -> bytes:
        """Take what it writes, waiting at most so long for the first byte."""
        ready, _, _ = select.select([self._fd], [], [], max(0.0, seconds))
        if not ready:
            return b""
        try:
            data = os.read(self._fd, limit)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self._reap(DEADLINE_SECONDS)
            return b""
        self.written += data
        self._draw(data)
        return data

    def _draw(self, data: bytes) -> None:
        tokens, self._pending = split(self._pending + data)
        for token in tokens:
            self.findings += wrong_with(token, b"\r\n\x07")
        if len(self._pending) > _LONGEST:
            self.findings.append(f"a sequence without end: {self._pending[:80]!r}")
        self._stream.feed(b"".join(map(_drawn, tokens)))

    def until(
        self,
        condition: Callable[[], object],
        what: str = "it",
        *,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        """Read until a condition holds.

        Raises:
            NotSeen: it does not hold in time.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or self.status is not None:
                end = f"; it ended with {self.exit_code}" if self.status is not None else ""
                raise NotSeen(f"{what} did not come{end}; there is:\n{self.text}")
            self.read(min(left, 0.25))

    def shows(self, *words: str, seconds: float = DEADLINE_SECONDS) -> None:
        """Read until all of these words are on the screen."""
        self.until(lambda: all(word in self.text for word in words), repr(words), seconds=seconds)

    def hides(self, word: str, seconds: float = DEADLINE_SECONDS) -> None:
        """Read until a word is not on the screen."""
        self.until(lambda: word not in self.text, f"{word!r} gone", seconds=seconds)

    def quiet(self, seconds: float) -> bytes:
        """Read for so long and return what came."""
        start = len(self.written)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self.status is None:
            self.read(left)
        return bytes(self.written[start:])

    @property
    def lines(self) -> list[str]:
        """The rows of the screen. The second cell of a wide letter holds nothing."""
        columns = range(self._screen.columns)
        rows = (self._screen.buffer[row] for row in range(self._screen.lines))
        return ["".join(row[column].data for column in columns) for row in rows]

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(line.rstrip() for line in self.lines)

    # -- doing -----------------------------------------------------------------------------------

    def send(self, keys: str | bytes) -> None:
        """Press keys."""
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            sent = os.write(self._fd, data)
            data = data[sent:]
            if data:
                self.read(0.01)

    def press(self, keys: str | bytes, *words: str) -> None:
        """Press keys and wait for these words on the screen."""
        self.send(keys)
        self.shows(*words)

    def click(self, column: int, row: int) -> None:
        """Press and release the left mouse button on a cell, counted from 0."""
        at = f"{column + 1};{row + 1}"
        self.send(f"\x1b[<0;{at}M\x1b[<0;{at}m")

    def paste(self, text: str) -> None:
        """Paste text as a terminal does in bracketed mode."""
        self.send(b"\x1b[200~" + text.encode("utf-8", "surrogatepass") + b"\x1b[201~")

    def resize(self, size: Size) -> None:
        """Give the terminal another size."""
        self.size = size
        self._screen.resize(size.rows, size.columns)
        self._set_size(self._fd, size)

    def kill(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        os.close(self._fd)
        self._fd = -1

    # -- ending ----------------------------------------------------------------------------------

    def ends(self, seconds: float = DEADLINE_SECONDS) -> int:
        """Read until the program ended; return its exit code, negative for a signal."""
        deadline = time.monotonic() + seconds
        while self.status is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotSeen(f"it did not end; there is:\n{self.text}")
            if self._fd >= 0:
                self.read(min(left, 0.25))
            self._reap(0.0 if self._fd >= 0 else left)
        while self._fd >= 0 and self.read(0):
            pass  # what it wrote last
        return self.exit_code

    def _reap(self, seconds: float) -> None:
        if self.status is None and wait_for_exit(self.pid, seconds):
            self.status = os.waitpid(self.pid, 0)[1]

    @property
    def exit_code(self) -> int:
        """Exit code, negative for a signal."""
        assert self.status is not None
        return os.waitstatus_to_exitcode(self.status)

    @property
    def attributes(self) -> list[object]:
        """The terminal's settings now."""
        return list(termios.tcgetattr(self._fd))

    def close(self) -> None:
        """End it, whatever state it is in: hang up, and kill it when that is not enough."""
        if self._fd >= 0:
            self.hang_up()
        self._reap(5.0)
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self._reap(5.0)


def _drawn(token: Token) -> bytes:
    """Return what a token means for the drawn screen: text, moves and colours.

    Between the two screens of a terminal stands an empty one.
    """
    data = token.data
    if data in (b"\x1b[?1049h", b"\x1b[?1049l"):
        return b"\x1b[2J\x1b[H"
    if token.is_text:
        # pyte drops what follows a variation selector.
        return data.replace(b"\xef\xb8\x8f", b"")
    if len(data) == 1:
        return data
    if data in (b"\x1b[?7h", b"\x1b[?7l"):
        return data  # whether long lines are wrapped
    draws = data[:2] == b"\x1b[" and data[-1] in _DRAWN and data[2] not in b"<>=?"
    return data if draws else b""


def wait_for_exit(pid: int, seconds: float) -> bool:
    """Wait for a process to end, by its pidfd; return whether it did. Does not reap it."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], seconds)[0])
    finally:
        os.close(fd)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that are still there."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for file in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, file.read_text().split())
    return found


def state_of(pid: int) -> str:
    """Return the letter of a process's state: `S`, `R`, `T` (stopped), `Z`; empty when gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again whether something outside the terminal holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        select.select([], [], [], 0.02)
    return True
