"""What belongs to some tenants or a user: their jobs, and the queues, nodes and GPUs of those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

from andon.analysis.accelerator_index import AcceleratorIndex, accelerator_index
from andon.analysis.joins import joins
from andon.analysis.merge import Merged, merged, records_of, things
from andon.analysis.picking import picked
from andon.analysis.tally import (
    Entry,
    JobCell,
    Ledger,
    NodeCell,
    card_entries,
    job_ledger,
    leaves,
    sources_of,
)
from andon.model import Accelerator, Job, Kind, Node, Tenant
from andon.store import Snapshot


class Owners(Protocol):
    """Whose things; empty means everyone's."""

    @property
    def tenants(self) -> tuple[str, ...]:
        """Names of tenants."""

    @property
    def user(self) -> str | None:
        """Only this user's."""


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """What belongs to some owners now."""

    seen: tuple[Merged, AcceleratorIndex]
    by: tuple[tuple[str, ...], str | None]
    jobs: Mapping[str, Job]
    """Their jobs that have not ended, by key."""
    ids: frozenset[tuple[str, str]]
    """Site and id of the same."""
    nodes: frozenset[str]
    """Keys of the nodes on which they have work."""
    queues: frozenset[str]
    """Keys of the queues that these jobs are in."""
    cards: Mapping[str, Accelerator]
    """The accelerators that they hold, by key; slices rather than the cards they are cut from."""


def is_owned(owners: Owners) -> bool:
    """Return whether only the things of some owners are meant."""
    return bool(owners.tenants) or owners.user is not None


def unknown_tenants(snapshot: Snapshot, owners: Owners) -> tuple[str, ...]:
    """Return the tenants that nobody reports and that have no job: mistyped, or gone."""
    if not owners.tenants:
        return ()
    known = {tenant.name for tenant in things(snapshot, Tenant).values()}
    known.update(cell.tenant or "" for cell in job_ledger(snapshot) if isinstance(cell, JobCell))
    return tuple(name for name in owners.tenants if name not in known)


def holdings(snapshot: Snapshot, owners: Owners) -> Holdings:
    """Return what belongs to some owners; kept while no job and no accelerator changes."""
    by = (owners.tenants, owners.user)
    seen = (merged(snapshot, Kind.JOB), accelerator_index(snapshot))
    kept = snapshot.memo.recall("holdings", Holdings)
    if kept is not None and kept.by == by and all(map(_is, kept.seen, seen)):
        return kept

    def is_theirs(job: Job) -> bool:
        return not job.state.ended and _owns(owners, job.tenant, job.user)

    jobs = picked(snapshot, Job, "owned-jobs", is_theirs, by)
    nodes = {
        f"{job.site}/{name}" for job in jobs.values() if job.state.active for name in job.nodes
    }
    cards = _cards(snapshot, owners, nodes)
    nodes.update(f"{card.site}/{card.node}" for card in cards.values())
    ids = frozenset((job.site, job.id) for job in jobs.values())
    queues = frozenset(
        f"{job.site}/{job.cluster or ''}/{queue}" for job in jobs.values() for queue in job.queues
    )
    made = Holdings(seen, by, jobs, ids, frozenset(nodes), queues, cards)
    snapshot.memo.keep("holdings", made)
    return made


def _is(one: object, other: object) -> bool:
    return one is other


def _owns(owners: Owners, tenant: str | None, user: str | None) -> bool:
    if owners.tenants and tenant not in owners.tenants:
        return False
    return owners.user is None or user == owners.user


def _cards(snapshot: Snapshot, owners: Owners, nodes: set[str]) -> dict[str, Accelerator]:
    """Return the accelerators that their jobs hold, or that say themselves whose they are."""
    who = joins(snapshot)
    found = {}
    for node in nodes:
        for card in leaves(who.accelerators_of(node)):
            job = who.job_of(card)
            if job is not None and _owns(owners, card.tenant or job.tenant, job.user):
                found[card.key] = card
    if owners.user is None:

        def is_theirs(card: Accelerator) -> bool:
            return card.tenant in owners.tenants

        found.update(picked(snapshot, Accelerator, "owned-cards", is_theirs, owners.tenants))
    return found


def holdings_ledger(snapshot: Snapshot, held: Holdings) -> Ledger:
    """Return the nodes in use by some owners and the GPUs held, counted as `node_ledger` counts."""
    nodes = merged(snapshot, Kind.NODE)
    records, index = records_of(nodes, Node), accelerator_index(snapshot)
    of_node: defaultdict[str, list[Accelerator]] = defaultdict(list)
    for card in held.cards.values():
        of_node[f"{card.site}/{card.node}"].append(card)
    ledger: dict[Hashable, dict[Entry, int]] = {}
    for key in held.nodes:
        node, cards = records.get(key), tuple(of_node.get(key, ()))
        if node is None and not cards:
            continue
        cell = NodeCell(
            node.site if node is not None else cards[0].site,
            nodes.sources(key) if node is not None else (),
            sources_of(key, cards, index.accelerators),
            None,
        )
        sums = ledger.setdefault(cell, {})
        entries = card_entries(cards, node) if cards else []
        if node is not None:
            entries.append((("state", node.state), 1))
        for entry, count in entries:
            sums[entry] = sums.get(entry, 0) + count
    return ledger
