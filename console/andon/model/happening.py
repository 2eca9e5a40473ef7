"""Events and the incidents they fold into."""

from __future__ import annotations

from typing import ClassVar

from andon.model.base import Kind, Record
from andon.model.states import Severity


class Event(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something that happened at a time."""

    kind: ClassVar[Kind] = Kind.EVENT

    id: str
    at: float
    severity: Severity = Severity.INFO
    topic: str
    """What kind of thing happened, for example `xid`, `node-state`, `throttle`."""
    text: str
    object_kind: Kind | None = None
    object_key: str | None = None

    @property
    def key(self) -> str:
        """`site/id`."""
        return f"{self.site}/{self.id}"


class Incident(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One open problem, folded from many events."""

    kind: ClassVar[Kind] = Kind.INCIDENT

    id: str
    topic: str
    severity: Severity = Severity.WARNING
    text: str
    opened_at: float | None = None
    evidence: tuple[str, ...] = ()
    object_kind: Kind | None = None
    object_key: str | None = None
    nodes: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    gpus_hit: int | None = None
    next_step: str | None = None

    @property
    def key(self) -> str:
        """`site/id`."""
        return f"{self.site}/{self.id}"
