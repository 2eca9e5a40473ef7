"""Descriptors read and written by threads, so that any kind of descriptor can stand still.

A pipe, a socket, a terminal and a file are all alike here, and none of them is switched to
non-blocking: that would also switch it for whoever else holds it, the shell for example.
"""

from __future__ import annotations

import asyncio
import os
import queue
import select
import threading
from collections.abc import Callable

_READ_BYTES = 1 << 16


class Writer:
    """Writes to a descriptor, one piece at a time."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._work: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]] | None]
        self._work = queue.SimpleQueue()
        threading.Thread(target=self._run, name="feed writer", daemon=True).start()

    async def write(self, data: bytes) -> None:
        """Write all of `data`; waits as long as the reader does.

        Raises:
            OSError: the reader is gone.
        """
        done: asyncio.Future[None] = self._loop.create_future()
        self._work.put((data, done))
        await done

    def close(self) -> None:
        """Let the thread end when it has written what it was given."""
        self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            data, done = work
            error: OSError | None = None
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[self._write(rest) :]
            except OSError as problem:
                error = problem
            if not self._report(done, error):
                return

    def _write(self, data: memoryview) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:  # whoever gave it to us had made it non-blocking
            select.select([], [self._fd], [])
            return 0

    def _report(self, done: asyncio.Future[None], error: OSError | None) -> bool:
        try:
            self._loop.call_soon_threadsafe(_settle, done, error)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return False
        return error is None


def _settle(done: asyncio.Future[None], error: OSError | None) -> None:
    if done.done():
        return
    if error:
        done.set_exception(error)
    else:
        done.set_result(None)


class Input:
    """Reads a descriptor to its end.

    Args:
        fd: what to read.
        at_end: called in the reading thread after the end, also when the loop stands still.
    """

    def __init__(self, fd: int, at_end: Callable[[], None] | None = None) -> None:
        self._fd = fd
        self._at_end = at_end
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        threading.Thread(target=self._run, name="feed control", daemon=True).start()

    async def read(self) -> bytes:
        """Return the next bytes; empty at the end."""
        return await self._chunks.get()

    def _run(self) -> None:
        chunk = b"-"
        while chunk:
            try:
                chunk = os.read(self._fd, _READ_BYTES)
            except BlockingIOError:
                select.select([self._fd], [], [])
                continue
            except OSError:
                chunk = b""
            try:
                self._loop.call_soon_threadsafe(self._chunks.put_nowait, chunk)
            except RuntimeError:  # the loop is closed
                return
        if self._at_end:
            self._at_end()
