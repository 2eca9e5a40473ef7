"""What an incident is about."""

from __future__ import annotations

from collections.abc import Iterable

from andon.analysis.merge import Merged
from andon.model import Incident, Kind, canonical_host

Place = tuple[Kind, str]
"""Kind and key of a thing."""


def places_of(incident: Incident) -> tuple[Place, ...]:
    """Return the things that an incident is about, each once, by every key that it may have.

    A host that is named with its domain is the node of its canonical name, too (as in
    `Joins.node`). An accelerator has the key by which the incident names it, see `keys_of`.
    """
    return tuple(dict.fromkeys(_places(incident)))


def keys_of(incident: Incident, cards: Merged) -> tuple[str, ...]:
    """Return the keys of the same things; of accelerators also those that the records have."""
    keys = dict.fromkeys([incident.object_key] if incident.object_key else [])
    for kind, key in places_of(incident):
        keys[key] = None
        if kind is Kind.ACCELERATOR:
            keys[cards.canonical(key)] = None
    return tuple(keys)


def _places(incident: Incident) -> Iterable[Place]:
    kind, key = incident.object_kind, incident.object_key
    if kind is not None and key:
        yield kind, key
        if kind is Kind.NODE:
            site, _, name = key.rpartition("/")
            yield kind, f"{site}/{canonical_host(name)}"
    for name in incident.nodes:
        yield Kind.NODE, f"{incident.site}/{name}"
        yield Kind.NODE, f"{incident.site}/{canonical_host(name)}"
