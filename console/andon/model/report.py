"""What a source reports: a batch, a fault, and how it is doing."""

from __future__ import annotations

import msgspec

from andon.model.base import Kind, Record
from andon.model.states import FaultKind, SourceState


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what should have reported did, for one kind."""

    kind: Kind
    reported: int
    expected: int
    note: str = ""
    """Why some is missing, for example `3 nodes silent` or `hidden by PrivateData`."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What a source reports once.

    A kind in `whole` is replaced as a whole: what is not in `records` is gone. Records of other
    kinds are changes and `removed` names what went.
    """

    source: str
    observed_at: float
    """When the backend was asked, seconds since the epoch."""
    records: tuple[Record, ...] = ()
    whole: frozenset[Kind] = frozenset()
    removed: tuple[tuple[Kind, str], ...] = ()
    observed: frozenset[Kind] = frozenset()
    """Kinds that were asked for and answered. One that is neither whole nor among the records did
    not change: its facets keep their records and get the new time."""
    coverage: tuple[Coverage, ...] = ()
    identity: str | None = None
    """Who the backend takes us for, for example `alice (Operator)`."""
    version: str | None = None
    """The backend's version."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a source could not report."""

    source: str
    kind: FaultKind
    message: str
    hint: str = ""
    """What to do next, in one line."""
    at: float
    retry_at: float | None = None


class SourceStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one source is doing, as the collector sees it."""

    name: str
    plugin: str
    site: str
    state: SourceState = SourceState.CONNECTING
    demo: bool = False
    kinds: tuple[Kind, ...] = ()
    """What it can report."""
    verbs: tuple[str, ...] = ()
    """What its plugin can do."""
    interval_seconds: float | None = None
    """The shortest interval at which it is polled now."""
    observed_at: float | None = None
    """When its data was observed; `None` before the first."""
    latency_seconds: float | None = None
    """How long the last poll took."""
    slow_seconds: float | None = None
    """How long the last of several polls that took too long took; `None` while it is not slow."""
    polls_per_minute: float | None = None
    polls_per_minute_limit: float | None = None
    failures: int = 0
    """Polls that failed one after another."""
    coverage: tuple[Coverage, ...] = ()
    identity: str | None = None
    version: str | None = None
    fault: Fault | None = None
