"""One record per thing, from what each source says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar, cast

from andon.analysis.linking import Links, link
from andon.analysis.precedence import COMPARED, differ, merge, order
from andon.model import Kind, Record
from andon.store import Snapshot
from andon.store.pieces import draft, settled

R = TypeVar("R", bound=Record)

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources say different things of one fact; both are shown."""

    field: str
    said: tuple[tuple[str, str], ...]
    """Source and what it says, the source whose word is taken first."""


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """The things of one kind."""

    kind: Kind
    revision: int
    order: tuple[str, ...]
    """The sources, whose word counts first first."""
    facets: tuple[Mapping[str, Record], ...]
    """What each of them says, in that order."""
    records: Mapping[str, Record]
    """One record per thing. With one source this is its own mapping."""
    shared: frozenset[str] = frozenset()
    """Keys of things that more than one source reports."""
    clashes: Mapping[str, tuple[Disagreement, ...]] = field(default_factory=lambda: _NOTHING)
    links: Links | None = None
    """How accelerators that have several keys were joined."""

    def sources(self, key: str) -> tuple[str, ...]:
        """Return who reports a thing, whose word counts first first."""
        if len(self.order) == 1:
            return self.order if key in self.records else ()
        if self.links and key in self.links.alias:
            return ()
        if key not in self.shared:
            for place, said in enumerate(self.facets):
                if key in said:
                    return self.order[place : place + 1]
        keys = self.keys_of(key)
        return tuple(
            name
            for name, said in zip(self.order, self.facets, strict=True)
            if any(one in said for one in keys)
        )

    def disagreements(self, key: str) -> tuple[Disagreement, ...]:
        """Return where the sources contradict each other about a thing."""
        return self.clashes.get(key, ())

    def joined_by(self, key: str) -> str:
        """Return by what a thing's facets were joined: `name`, `uuid`, `pci` or `index`."""
        return self.links.joined_by(key) if self.links else "name"

    def canonical(self, key: str) -> str:
        """Return the key under which the thing stands in `records`."""
        return self.links.canonical(key) if self.links else key

    def keys_of(self, key: str) -> tuple[str, ...]:
        """Return every key under which sources report the thing of a key in `records`."""
        return self.links.members(key) if self.links else (key,)

    def touched(self, keys: Iterable[str]) -> set[str]:
        """Return the keys in `records` that a change of these facets may have changed."""
        return self.links.touched(keys) if self.links else set(keys)

    def facets_of(self, key: str) -> tuple[tuple[str, Record], ...]:
        """Return what each source says of a thing, with the source's name."""
        keys = self.keys_of(key)
        return tuple(
            (name, facets[one])
            for name, facets in zip(self.order, self.facets, strict=True)
            for one in keys
            if one in facets
        )


def merged(snapshot: Snapshot, kind: Kind) -> Merged:
    """Return the things of one kind, one record each.

    The result is kept with the snapshot; the next one is made from it and what changed.
    """
    names = order(snapshot, snapshot.of(kind))
    facets = tuple(snapshot.said_by(name, kind) for name in names)
    before = snapshot.memo.recall(f"merged:{kind}", Merged)
    if before is not None and before.order == names and _same(before.facets, facets):
        return before
    if len(names) <= 1:
        records = facets[0] if facets else _NOTHING
        made = Merged(kind, snapshot.revision, names, facets, records)
    else:
        made = _update(snapshot, kind, names, facets, before)
    snapshot.memo.keep(f"merged:{kind}", made)
    return made


def changed_keys(snapshot: Snapshot, before: Merged, after: Merged) -> frozenset[str]:
    """Return which of the records may differ between two results of `merged`, both keys included.

    Args:
        snapshot: The one that `after` was made from, a descendant of `before`'s.
        before: An earlier result.
        after: A later one.
    """
    if before is after:
        return frozenset()
    raw = snapshot.changed_since(before.revision, after.kind)
    if raw is None or set(before.order) != set(after.order):
        return _different(before.records, after.records)
    if before.order != after.order:
        raw |= before.shared | after.shared
    if before.links is None and after.links is None:
        return raw
    return frozenset(before.touched(raw) | after.touched(raw))


def _different(before: Mapping[str, Record], after: Mapping[str, Record]) -> frozenset[str]:
    look = before.get
    changed = {key for key, record in after.items() if look(key) is not record}
    changed.update(before.keys() - after.keys())
    return frozenset(changed)


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _update(
    snapshot: Snapshot,
    kind: Kind,
    names: tuple[str, ...],
    facets: tuple[Mapping[str, Record], ...],
    before: Merged | None,
) -> Merged:
    """Merge several sources, only the changed things where the last result is at hand."""
    raw: Iterable[str] | None = None
    if before is not None and len(before.order) > 1 and set(before.order) == set(names):
        raw = snapshot.changed_since(before.revision, kind)
        if raw is not None and before.order != names:
            raw = frozenset(raw) | before.shared
    links = None
    keys: set[str]
    if raw is None or before is None:
        return _afresh(snapshot.revision, kind, names, facets)
    if kind is Kind.ACCELERATOR:
        links = link(facets, before.links, raw)
        keys = links.touched(raw) | before.touched(raw)
    else:
        keys = set(raw)
    after = Merged(
        kind, snapshot.revision, names, facets, before.records, before.shared, before.clashes, links
    )
    return _with_keys(after, keys)


def _afresh(
    revision: int,
    kind: Kind,
    names: tuple[str, ...],
    facets: tuple[Mapping[str, Record], ...],
) -> Merged:
    """Merge everything: what only one source reports is taken as it is, all at once."""
    records: dict[str, Record] = {}
    for said in reversed(facets):
        records.update(said)
    common: set[str] = set()
    for index, said in enumerate(facets):
        for other in facets[index + 1 :]:
            common.update(said.keys() & other.keys())
    links = link(facets, None, records) if kind is Kind.ACCELERATOR else None
    if links:
        common.update(links.alias, links.joined)
    return _with_keys(Merged(kind, revision, names, facets, records, links=links), common)


def _with_keys(after: Merged, keys: set[str]) -> Merged:
    """Return `after` with these keys merged again from its facets and links."""
    if not keys:
        return after
    records, shared, clashes = draft(after.records), set(after.shared), dict(after.clashes)
    for key in keys:
        said = after.facets_of(key)
        shared.discard(key)
        clashes.pop(key, None)
        if not said:
            records.pop(key, None)
        elif len(said) == 1:
            records[key] = said[0][1]
        else:
            records[key] = merge([facet for _, facet in said])
            shared.add(key)
            if found := _clashes(after.kind, said):
                clashes[key] = found
    return replace(after, records=settled(records), shared=frozenset(shared), clashes=clashes)


def _clashes(kind: Kind, said: tuple[tuple[str, Record], ...]) -> tuple[Disagreement, ...]:
    found: list[Disagreement] = []
    for name in COMPARED.get(kind, ()):
        words = [(source, getattr(facet, name)) for source, facet in said]
        if any(
            differ(name, words[one][1], words[other][1])
            for one in range(len(words))
            for other in range(one)
        ):
            found.append(
                Disagreement(
                    name, tuple((source, str(word)) for source, word in words if word is not None)
                )
            )
    return tuple(found)


def things(snapshot: Snapshot, type_: type[R]) -> Mapping[str, R]:
    """Return the merged records of the kind that `type_` is the record of."""
    return records_of(merged(snapshot, type_.kind), type_)


def records_of(found: Merged, type_: type[R]) -> Mapping[str, R]:
    """Return a result's records as what they are."""
    return cast("Mapping[str, R]", found.records)
