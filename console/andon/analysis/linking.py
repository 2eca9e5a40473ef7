"""Which accelerators of several sources are one: by rules, never by luck.

A driver names a card by UUID, a scheduler often only by its index on a node. Two keys are one card
when their PCI addresses are equal, or, within one node only, when their indexes are and nothing
speaks against it. What does not match stays two rows: a false join is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from andon.model import Record
from andon.store.pieces import draft, settled

_Said = tuple[str, Any, int]
"""Key, record, and which source says it."""


@dataclass(frozen=True, slots=True)
class Links:
    """Which keys of accelerators mean one thing."""

    home: Mapping[str, str]
    """The node key of every raw key."""
    groups: Mapping[str, tuple[str, ...]]
    """The raw keys of every node."""
    alias: Mapping[str, str]
    """The canonical key of each raw key that has another one."""
    joined: Mapping[str, tuple[tuple[str, ...], str]]
    """For each canonical key that has several: all of them, and by what they were joined."""
    mixed: frozenset[str]
    """Nodes on which keys were joined."""

    def members(self, key: str) -> tuple[str, ...]:
        """Return the raw keys under one canonical key."""
        found = self.joined.get(key)
        if found:
            return found[0]
        return () if key in self.alias else (key,)

    def joined_by(self, key: str) -> str:
        """Return by what the facets of a thing were joined: `uuid`, `pci` or `index`."""
        found = self.joined.get(key)
        if found:
            return found[1]
        home = self.home.get(key)
        # Keys without a UUID are `site/node/index`.
        return "index" if home is not None and key.startswith(home + "/") else "uuid"

    def canonical(self, key: str) -> str:
        """Return the key of the record that a raw key went into."""
        return self.alias.get(key, key)

    def touched(self, keys: Iterable[str]) -> set[str]:
        """Return the canonical keys whose records depend on any of these raw keys."""
        touched: set[str] = set()
        for key in keys:
            home = self.home.get(key, "")
            if home in self.mixed:
                touched.update(self.groups[home])
            touched.add(key)
        return touched


def link(
    facets: Sequence[Mapping[str, Record]], before: Links | None, changed: Iterable[str]
) -> Links:
    """Return the links of what the sources say.

    Args:
        facets: Each source's accelerators, whose word counts first first.
        before: The links before the change, `None` to start afresh.
        changed: The raw keys that may have changed since.
    """
    home = draft(before.home if before else {})
    groups = draft(before.groups if before else {})
    alias = dict(before.alias) if before else {}
    joined = dict(before.joined) if before else {}
    mixed = set(before.mixed) if before else set()

    came: dict[str, dict[str, None]] = {}
    for key in changed:
        was = home.pop(key, None)
        if was is not None:
            came.setdefault(was, {})
        for said in facets:
            record: Any = said.get(key)
            if record is not None:
                node = f"{record.site}/{record.node}"
                home.setdefault(key, node)
                came.setdefault(node, {})[key] = None
    for node, keys in came.items():
        old = groups.pop(node, ())
        for key in old:
            alias.pop(key, None)
            joined.pop(key, None)
        mixed.discard(node)
        members = tuple(dict.fromkeys([*(key for key in old if home.get(key) == node), *keys]))
        if not members:
            continue
        groups[node] = members
        reporting = sum(not said.keys().isdisjoint(members) for said in facets)
        pairs = _pairs(members, facets) if reporting > 1 else {}
        if pairs:
            mixed.add(node)
        for key, (whole, how) in pairs.items():
            alias[key] = whole
            others, known = joined.get(whole, ((whole,), how))
            joined[whole] = ((*others, key), how if known == how else "index")
    return Links(settled(home), settled(groups), alias, joined, frozenset(mixed))


def _pairs(
    keys: tuple[str, ...], facets: Sequence[Mapping[str, Record]]
) -> dict[str, tuple[str, str]]:
    """Return for each key without UUID the key with one that is the same card, and by what."""
    said: list[_Said] = [
        (key, one[key], source) for source, one in enumerate(facets) for key in keys if key in one
    ]
    named = [entry for entry in said if entry[1].uuid]
    bare = [entry for entry in said if not entry[1].uuid]
    pairs: dict[str, tuple[str, str]] = {}
    for key, record, source in bare:
        own = {other for other, _, theirs in named if theirs == source}
        for how, found in (("pci", _by_pci(record, named)), ("index", _by_index(record, named))):
            # A source that reports both knows them as two.
            if len(found - own) == 1 and key not in pairs:
                pairs[key] = ((found - own).pop(), how)
    return pairs


def _by_pci(record: Any, named: list[_Said]) -> set[str]:
    address = _pci(record.pci_address)
    if address is None:
        return set()
    return {key for key, other, _ in named if _pci(other.pci_address) == address}


def _by_index(record: Any, named: list[_Said]) -> set[str]:
    if record.index is None or record.partition is not None:
        return set()
    mine = _pci(record.pci_address)
    found: set[str] = set()
    for key, other, _ in named:
        if other.index == record.index and other.partition is None and not other.parent_uuid:
            theirs = _pci(other.pci_address)
            if mine is not None and theirs is not None and mine != theirs:
                return set()
            found.add(key)
    return found


def _pci(address: str | None) -> str | None:
    """Return a PCI address as every source would write it: `00000000:1B:00.0` is `0:1b:00.0`."""
    if not address:
        return None
    domain, _, rest = address.strip().lower().partition(":")
    if ":" not in rest:
        return f"0:{domain}:{rest}"
    return f"{domain.lstrip('0') or '0'}:{rest}"
