"""What one line of the journal holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from andon.model import Cause, Effect, Outcome, Result, Target, Tier
from andon.sdk.clean import clean

VERSION = 1
_TEXT_LIMIT = 4_096


class Phase(StrEnum):
    """Where in a plan's life an entry was written."""

    PLAN = "plan"
    """A runner took the plan up."""
    INTENT = "intent"
    """The call of one step is about to be made."""
    OUTCOME = "outcome"
    """What the call came to."""
    VERIFY = "verify"
    """What reading the thing again showed."""
    END = "end"
    """The runner is done with the plan."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. Strings are cleaned when it is written and again when it is read."""

    v: int
    """Version of the form; never left out, so there is no default."""
    seq: int
    """Counts up by one over the whole file."""
    ts: str
    """When it was written: ISO 8601, UTC, with `Z`."""
    phase: Phase
    plan: str
    actor: str
    verb: str = ""
    title: str = ""
    effect: Effect | None = None
    tier: Tier | None = None
    reason: str = ""
    demo: bool = False
    targets: int | None = None
    """How many steps the plan has."""
    tty: str | None = None
    ssh_from: str | None = None
    uid: int | None = None
    host: str | None = None
    sudo_user: str | None = None
    arming: str | None = None
    tool: str | None = None
    """Version of Andon that acts."""
    pid: int | None = None
    step: str | None = None
    target: Target | None = None
    call: tuple[str, ...] = ()
    before: dict[str, str] = {}
    """What was read of the target right before its call."""
    result: Result | None = None
    cause: Cause = Cause.NONE
    message: str = ""
    observed: str | None = None
    counts: dict[str, int] = {}
    """How many steps ended with each result."""
    exit_code: int | None = None

    @property
    def at(self) -> float:
        """When it was written, seconds since the epoch."""
        return datetime.fromisoformat(self.ts).timestamp()

    @property
    def outcome(self) -> Outcome | None:
        """The outcome that an `outcome` or `verify` entry tells of."""
        if self.step is None or self.target is None or self.result is None:
            return None
        return Outcome(
            step=self.step,
            target=self.target,
            result=self.result,
            cause=self.cause,
            message=self.message,
            observed=self.observed,
            at=self.at,
        )


@dataclass(frozen=True, slots=True)
class Damage:
    """A line of the journal that cannot be read."""

    line: int
    """Counted from 1."""
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a journal."""

    entries: tuple[Entry, ...]
    """Oldest first."""
    problems: tuple[Damage, ...] = ()


def timestamp(at: float) -> str:
    """Return a time as the journal writes it."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")


def encode_entry(entry: Entry) -> bytes:
    """Return the line of an entry, cleaned, with its newline."""
    return msgspec.json.encode(_cleaned(msgspec.to_builtins(entry))) + b"\n"


def decode_entry(line: bytes) -> Entry:
    """Return the entry of one line, cleaned again: a log may have been written by anybody.

    Raises:
        ValueError: it is no entry, or of a version that this program does not know.
    """
    entry = msgspec.convert(_cleaned(msgspec.json.decode(line)), Entry)
    if entry.v != VERSION:
        raise ValueError(f"written by another version (form {entry.v}, this one reads {VERSION})")
    datetime.fromisoformat(entry.ts)
    return entry


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value, limit=_TEXT_LIMIT)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(item) for item in value]
    return value


__all__ = [
    "VERSION",
    "Damage",
    "Entry",
    "Phase",
    "Reading",
    "decode_entry",
    "encode_entry",
    "timestamp",
]
