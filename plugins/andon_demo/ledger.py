"""The acts of the operator: a file of lines that every process of one user shares.

One JSON object a line, appended under a lock in one write; a torn last line, which a crash or a
full disk may leave, is skipped. There is one file for each factory (seed, nodes, jobs, speed).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

_PREFIX = "actions-"
_SUFFIX = ".jsonl"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act that the factory took."""

    at: float
    """Real seconds since the epoch."""
    site: str
    """The simulated site."""
    verb: str
    target: str
    """Node name, job number, or job number and tasks."""
    reason: str = ""
    by: str = ""


class _Stamp(NamedTuple):
    inode: int
    size: int
    changed: int


class Ledger:
    """The acts on one factory, in the order in which they were taken."""

    def __init__(self, path: Path | None) -> None:
        """Open nothing yet. Without a path the acts live as long as this object."""
        self._path = path
        self._stamp: _Stamp | None = None
        self._acts: tuple[Act, ...] = ()

    def acts(self) -> tuple[Act, ...]:
        """Return all acts; the same object as before when there is nothing new.

        Raises:
            OSError: the file exists and cannot be read.
        """
        if self._path is None:
            return self._acts
        try:
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                stamp = _Stamp(found.st_ino, found.st_size, found.st_mtime_ns)
                if stamp == self._stamp:
                    return self._acts
                content = file.read()
        except FileNotFoundError:
            if self._acts:
                self._acts = ()
            self._stamp = None
            return self._acts
        self._stamp = stamp
        self._acts = tuple(_decode(content))
        return self._acts

    def append(self, act: Act) -> None:
        """Write one act so that it survives this process.

        Raises:
            OSError: it could not be written.
        """
        if self._path is None:
            self._acts = (*self._acts, act)
            return
        line = msgspec.json.encode(act) + b"\n"
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                # Somebody's line was torn: end it, so that ours stands alone.
                line = b"\n" + line
            if os.write(handle, line) != len(line):
                raise OSError("the disk took only a part of the line")
        finally:
            os.close(handle)


def _decode(content: bytes) -> Sequence[Act]:
    acts: list[Act] = []
    decoder = msgspec.json.Decoder(Act)
    for line in content.split(b"\n"):
        if line.strip():
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                acts.append(decoder.decode(line))
    acts.sort(key=lambda act: act.at)
    return acts


def ledger_path(folder: Path, *, seed: int, nodes: int, jobs: int, speed: float) -> Path:
    """Return where the acts on one factory are kept."""
    return folder / f"{_PREFIX}{seed}-{nodes}-{jobs}-{speed:g}{_SUFFIX}"


def forget_acts(folder: Path) -> int:
    """Remove the acts on every factory; return how many there were.

    Raises:
        OSError: a file could not be removed.
    """
    count = 0
    for path in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}")):
        count += len(_decode(path.read_bytes()))
        path.unlink()
    return count
