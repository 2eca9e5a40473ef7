"""Claims: a plan runs once. Whoever makes its claim file may run it and holds its lock while alive.

The lock, not the process number written beside it, tells whether the runner lives: numbers are used
again, and a home folder may be shared by several hosts.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from andon.runtime.journal_records import timestamp
from andon.runtime.plan_file import checked_id, started_before
from andon.runtime.private import private_folder

_GRACE_SECONDS = 5.0
"""A claim that is still empty is being made, unless it is older than this."""


class RunnerState(StrEnum):
    """Whether somebody runs a plan."""

    NONE = "none"
    """Nobody ever claimed it."""
    ALIVE = "alive"
    DEAD = "dead"
    """It was claimed, and its runner has ended."""


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    host: str
    started: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run one plan; it lasts as long as this process or until `release`."""

    path: Path
    descriptor: int

    def release(self) -> None:
        """Give the lock up; the file stays, so that the plan cannot be run again."""
        os.close(self.descriptor)


def claim_path(folder: Path, plan: str) -> Path:
    """Return where the claim of a plan is kept."""
    return folder / f"{checked_id(plan)}.claim"


def claim(folder: Path, plan: str, now: float) -> Claim:
    """Claim a plan for this process.

    Raises:
        PlanStale: it is being run, or was.
        OSError: the claim cannot be written.
    """
    path = claim_path(private_folder(folder), plan)
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError as error:
        raise started_before(plan) from error
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    note = _Note(pid=os.getpid(), host=socket.gethostname(), started=timestamp(now))
    os.write(descriptor, msgspec.json.encode(note))
    os.fsync(descriptor)
    return Claim(path, descriptor)


def runner_state(folder: Path, plan: str, now: float) -> RunnerState:
    """Return whether a plan's runner lives.

    Args:
        folder: where the claims are.
        plan: the plan's id.
        now: seconds since the epoch.
    """
    path = claim_path(folder, plan)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return RunnerState.NONE
    try:
        status = os.fstat(descriptor)
        if status.st_size == 0 and now - status.st_mtime < _GRACE_SECONDS:
            return RunnerState.ALIVE
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return RunnerState.ALIVE
        return RunnerState.DEAD
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def in_place_of_runner(folder: Path, plan: str) -> Iterator[bool]:
    """Take a dead runner's lock; yields whether this process alone has it now."""
    try:
        descriptor = os.open(claim_path(folder, plan), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        # The claim was cleared away; nobody else can be told apart, so go on.
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
