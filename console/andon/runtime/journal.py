"""The append-only record of what was planned, sent and seen.

One JSON object a line, in a file that only its owner may read. Every line is on the disk before the
call it announces is made; where that fails, nothing may run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import msgspec

from andon.runtime.journal_records import (
    Damage,
    Entry,
    Phase,
    Reading,
    decode_entry,
    encode_entry,
)
from andon.runtime.paths import Paths
from andon.runtime.private import private_folder, sync_folder
from andon.sdk.errors import EXIT_DENIED, AndonError
from andon.sdk.lengths import seconds_text

LOCK_SECONDS = 10.0
"""How long to wait for another writer before giving up."""
_LOCK_POLL_SECONDS = 0.01
_BLOCK_BYTES = 64 << 10


class JournalUnwritable(AndonError):
    """The journal cannot be written, so nothing may be sent."""

    exit_code: ClassVar[int] = EXIT_DENIED


class Journal:
    """One journal file. Several processes may append to it at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: Entry) -> Entry:
        """Write one entry, number it, and return it once it is on the disk.

        Args:
            entry: what to write; its `seq` is replaced by the next number of the file.

        Raises:
            JournalUnwritable: it may not be on the disk.
        """
        try:
            private_folder(self.path.parent)
            descriptor, made = self._open()
            try:
                self._lock(descriptor)
                numbered = msgspec.structs.replace(entry, seq=_last_seq(descriptor) + 1)
                _write_line(descriptor, encode_entry(numbered))
            finally:
                os.close(descriptor)
            if made:
                sync_folder(self.path.parent)
        except OSError as error:
            raise JournalUnwritable(
                f"the journal {self.path} cannot be written: {error.strerror or error}",
                hint="acts are only sent when they can be recorded; make room or fix its access",
            ) from error
        return numbered

    def _open(self) -> tuple[int, bool]:
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o600), True
        except FileExistsError:
            descriptor = os.open(self.path, flags)
        with contextlib.suppress(PermissionError):
            os.fchmod(descriptor, 0o600)
        return descriptor, False

    def _lock(self, descriptor: int) -> None:
        """Lock the file; the lock goes with the descriptor.

        Raises:
            OSError: another process holds it for too long.
        """
        waiting = threading.Event()
        for _ in range(int(LOCK_SECONDS / _LOCK_POLL_SECONDS)):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            waiting.wait(_LOCK_POLL_SECONDS)
        raise OSError(f"another process has held its lock for {seconds_text(LOCK_SECONDS)}")

    def size(self) -> int:
        """Return how many bytes it has, 0 when there is none yet."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def read_from(self, offset: int) -> tuple[tuple[Entry, ...], int]:
        """Return the entries behind a byte offset and the offset behind them, for following.

        An unfinished last line is left for the next time; lines that cannot be read are passed
        over, `read` reports them.
        """
        entries = []
        with contextlib.suppress(OSError), self.path.open("rb") as stream:
            stream.seek(offset)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                offset += len(line)
                with contextlib.suppress(ValueError, RecursionError):
                    entries.append(decode_entry(line))
        return tuple(entries), offset

    def read(
        self,
        *,
        since: float | None = None,
        after_seq: int = 0,
        plan: str | None = None,
        limit: int | None = None,
    ) -> Reading:
        """Return entries, oldest first, and the lines that cannot be read.

        Args:
            since: only those written at or after this time.
            after_seq: only those with a greater number.
            plan: only those of this plan.
            limit: only the newest so many of them.

        Raises:
            AndonError: there is a journal and it may not be read.
        """
        kept: deque[Entry] = deque(maxlen=limit)
        problems: list[Damage] = []
        for item in self._lines():
            if isinstance(item, Damage):
                problems.append(item)
            elif (
                item.seq > after_seq
                and (plan is None or item.plan == plan)
                and (since is None or item.at >= since)
            ):
                kept.append(item)
        return Reading(tuple(kept), tuple(problems))

    def _lines(self) -> Iterator[Entry | Damage]:
        try:
            with self.path.open("rb") as stream:
                for number, line in enumerate(stream, 1):
                    yield from _readable(number, line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise AndonError(
                f"the journal {self.path} cannot be read: {error.strerror}",
                hint="it is kept for the user who acted, mode 0600",
            ) from error


def journal_of(paths: Paths) -> Journal:
    """Return the user's journal, in the state folder."""
    return Journal(paths.state / "journal.jsonl")


def _readable(number: int, line: bytes) -> Iterator[Entry | Damage]:
    if not line.strip():
        return
    if not line.endswith(b"\n"):
        yield Damage(number, "the last line was cut off while it was written")
        return
    try:
        yield decode_entry(line)
    except (ValueError, RecursionError) as error:
        yield Damage(number, f"not an entry: {error}")


def _write_line(descriptor: int, line: bytes) -> None:
    """Append one line and put it on the disk; leave no part of it when that fails."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        # Whoever wrote last was cut off: keep the fragment, on a line of its own.
        line = b"\n" + line
    try:
        view = memoryview(line)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


def _last_seq(descriptor: int) -> int:
    """Return the number of the last entry that can be read, 0 for an empty file."""
    end = os.fstat(descriptor).st_size
    tail = b""
    while end > 0:
        start = max(0, end - _BLOCK_BYTES)
        tail = os.pread(descriptor, end - start, start) + tail
        end = start
        lines = tail.split(b"\n")
        # The first piece may be the end of a line that begins before this block.
        for line in reversed(lines if start == 0 else lines[1:]):
            seq = _seq_of(line)
            if seq:
                return seq
        tail = lines[0] if start else b""
    return 0


def _seq_of(line: bytes) -> int:
    try:
        return msgspec.json.decode(line, type=_Numbered).seq
    except (ValueError, RecursionError):
        return 0


class _Numbered(msgspec.Struct):
    seq: int
    phase: Phase
