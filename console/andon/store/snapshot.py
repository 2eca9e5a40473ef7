"""The immutable state of the factory at one moment: facets by kind and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from andon.model import Kind, Record, SourceState, SourceStatus
from andon.store.memo import Memo

_NO_RECORDS: Mapping[str, Record] = {}
LOG_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Facets:
    """What one source last said of one kind of thing."""

    records: Mapping[str, Record]
    """By record key. Never changed in place."""
    observed_at: float


@dataclass(frozen=True, slots=True)
class Change:
    """Which things one step of `apply` touched."""

    revision: int
    kind: Kind
    keys: frozenset[str] | None
    """`None` means possibly all of them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What every source last said.

    A dead source leaves its facets; its status says that they are old. Snapshots share structure:
    making one from another costs what changed, not what there is.
    """

    facets: Mapping[Kind, Mapping[str, Facets]] = field(default_factory=dict)
    """By kind, then by source name."""
    sources: Mapping[str, SourceStatus] = field(default_factory=dict)
    revision: int = 0
    log: tuple[Change, ...] = ()
    """The newest changes, oldest first, about `LOG_LENGTH`; every revision is there whole or not at
    all."""
    memo: Memo = field(default_factory=Memo, compare=False, repr=False)
    """What was made from it already; no part of its value."""

    def of(self, kind: Kind) -> Mapping[str, Facets]:
        """Return the facets of one kind by source name."""
        return self.facets.get(kind, {})

    def said_by(self, source: str, kind: Kind) -> Mapping[str, Record]:
        """Return what one source last said of one kind, by record key."""
        facets = self.of(kind).get(source)
        return facets.records if facets else _NO_RECORDS

    def changed_since(self, revision: int, kind: Kind) -> frozenset[str] | None:
        """Return the keys of `kind` that changed after `revision`.

        `None` means that it cannot be told, or that the whole kind changed: start afresh.
        """
        if revision == self.revision:
            return frozenset()
        if not self.log or self.log[0].revision > revision + 1:
            return None
        keys: set[str] = set()
        for change in self.log:
            if change.revision > revision and change.kind is kind:
                if change.keys is None:
                    return None
                keys |= change.keys
        return frozenset(keys)

    def state_of(self, source: str) -> SourceState:
        """Return how far the data of one source can be trusted."""
        status = self.sources.get(source)
        return status.state if status else SourceState.CONNECTING

    @property
    def demo(self) -> bool:
        """Whether any of it is invented."""
        return any(status.demo for status in self.sources.values())

    def with_status(self, status: SourceStatus) -> Snapshot:
        """Return a snapshot in which one source has a new status."""
        return replace(
            self,
            sources={**self.sources, status.name: status},
            memo=self.memo.handed_on(),
        )
