"""Counting things by their properties, brought up to date by what changed.

A cell is a set of things with the same place and the same sources; a ledger has for each cell how
many of what there are in it. Whether a source can be trusted is decided when a ledger is read: a
source that falls silent costs nothing here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import NamedTuple

from andon.analysis.accelerator_index import AcceleratorIndex, accelerator_index
from andon.analysis.merge import Merged, changed_keys, merged, records_of
from andon.analysis.reasons import reason_code
from andon.model import Accelerator, AcceleratorState, Job, JobState, Kind, Node, NodeState
from andon.store import Snapshot
from andon.store.pieces import draft, settled

Entry = tuple[Hashable, ...]
Ledger = Mapping[Hashable, Mapping[Entry, int]]
"""Amounts by cell and entry. Amounts are whole numbers, so that nothing drifts: powers are in
milliwatts."""

TAKES_WORK = frozenset({NodeState.IDLE, NodeState.MIXED, NodeState.ALLOCATED})
"""States in which a free GPU may be given to anyone."""
HELD = frozenset({AcceleratorState.ALLOCATED, AcceleratorState.BUSY, AcceleratorState.IDLE_HELD})


class JobCell(NamedTuple):
    """Jobs of one tenant at one site, by whoever reports them."""

    site: str
    sources: tuple[str, ...]
    tenant: str | None


class NodeCell(NamedTuple):
    """Nodes of one site with one model of GPU, by whoever reports them and their GPUs."""

    site: str
    sources: tuple[str, ...]
    gpu_sources: tuple[str, ...]
    """Empty where no source reports single accelerators."""
    model: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _JobTally:
    jobs: Merged
    ledger: Ledger


_NodeSignature = tuple[NodeCell, tuple[tuple[Entry, int], ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _NodeTally:
    nodes: Merged
    accelerators: AcceleratorIndex
    ledger: Ledger
    signatures: Mapping[str, _NodeSignature]
    """What each node adds to which cell."""


def job_ledger(snapshot: Snapshot, user: str | None = None) -> Ledger:
    """Return jobs counted by `JobCell`, optionally only one user's; waiting tasks one by one.

    Entries: `("state", state)`; of active jobs `("held",)` the GPUs they hold; of waiting jobs
    `("gpus",)` the GPUs they ask for, `("reason", code)` how many wait for a reason and
    `("reason-gpus", code)` their GPUs.
    """
    name = "job-tally" if user is None else f"job-tally:{user}"
    after = merged(snapshot, Kind.JOB)
    before = snapshot.memo.recall(name, _JobTally)
    if before is not None and before.jobs is after:
        return before.ledger
    counted: Counter[_JobSignature] = Counter()
    if before is None:
        counted.update(_job_signatures(after, after.records, user))
        ledger: Ledger = {}
    else:
        keys = changed_keys(snapshot, before.jobs, after)
        counted.update(_job_signatures(after, keys, user))
        counted.subtract(_job_signatures(before.jobs, keys, user))
        ledger = before.ledger
    made = _JobTally(after, _applied(ledger, _job_changes(counted)))
    snapshot.memo.keep(name, made)
    return made.ledger


_JobSignature = tuple[str, str | None, tuple[str, ...], JobState, int | None, str | None, int]
"""Site, tenant, sources, state, GPUs of each, reason, and how many jobs one record stands for."""


def _job_signatures(jobs: Merged, keys: Iterable[str], user: str | None) -> Iterable[_JobSignature]:
    records = records_of(jobs, Job)
    one_source = jobs.order if len(jobs.order) == 1 else None
    for key in keys:
        job = records.get(key)
        if job is None or (user is not None and job.user != user):
            continue
        sources = one_source or jobs.sources(key)
        state = job.state
        if state.waiting:
            yield (
                job.site,
                job.tenant,
                sources,
                state,
                job.gpus,
                job.reason,
                job.tasks_count or 1,
            )
        else:
            yield job.site, job.tenant, sources, state, job.gpus if state.active else 0, None, 1


def _job_changes(counted: Mapping[_JobSignature, int]) -> _Changes:
    changes: _Changes = defaultdict(_zeros)
    for (site, tenant, sources, state, gpus, reason, each), records in counted.items():
        count = records * each
        if not count:
            continue
        sums = changes[JobCell(site, sources, tenant)]
        sums["state", state] += count
        if state.waiting:
            code = reason_code(reason)
            sums["reason", code] += count
            if gpus:
                sums["gpus",] += count * gpus
                sums["reason-gpus", code] += count * gpus
        elif gpus:
            sums["held",] += count * gpus
    return changes


_Changes = defaultdict[Hashable, defaultdict[Entry, int]]


def _applied(ledger: Ledger, changes: _Changes) -> Ledger:
    cells = dict(ledger)
    for cell, amounts in changes.items():
        sums = dict(cells.get(cell, {}))
        for entry, amount in amounts.items():
            total = sums.get(entry, 0) + amount
            if total:
                sums[entry] = total
            else:
                sums.pop(entry, None)
        if sums:
            cells[cell] = sums
        else:
            cells.pop(cell, None)
    return cells


def _zeros() -> defaultdict[Entry, int]:
    return defaultdict(int)


def node_ledger(snapshot: Snapshot) -> Ledger:
    """Return nodes and their GPUs counted by `NodeCell`.

    Entries: `("state", state)`. By single accelerators (`how` is `"a"`) and by the nodes' own
    numbers (`"n"`): `(how, "nodes")` nodes that say, `(how, "total")`, `(how, "held")`,
    `(how, "free")`, `(how, "block", size)` nodes with that many free at once; also
    `("accelerator", state)`, `("gpu-mw",)` with `("gpu-metered",)` how many report power,
    `("node-mw",)` with `("node-metered",)`.
    """
    nodes = merged(snapshot, Kind.NODE)
    index = accelerator_index(snapshot)
    before = snapshot.memo.recall("node-tally", _NodeTally)
    if before is not None and before.nodes is nodes and before.accelerators is index:
        return before.ledger
    if before is None:
        keys: Iterable[str] = nodes.records.keys() | index.of_node.keys()
        signatures: MutableMapping[str, _NodeSignature] = {}
        ledger: Ledger = {}
    else:
        keys = _changed_nodes(snapshot, before, nodes, index)
        signatures = draft(before.signatures)
        ledger = before.ledger
    changes: _Changes = defaultdict(_zeros)
    for key in keys:
        old = signatures.pop(key, None)
        new = _node_signature(key, nodes, index)
        if new is not None:
            signatures[key] = new
        if old == new:
            continue
        for sign, signature in ((-1, old), (1, new)):
            if signature is not None:
                sums = changes[signature[0]]
                for entry, count in signature[1]:
                    sums[entry] += sign * count
    made = _NodeTally(nodes, index, _applied(ledger, changes), settled(signatures))
    snapshot.memo.keep("node-tally", made)
    return made.ledger


def _changed_nodes(
    snapshot: Snapshot, before: _NodeTally, nodes: Merged, index: AcceleratorIndex
) -> set[str]:
    keys = set(changed_keys(snapshot, before.nodes, nodes))
    changed = changed_keys(snapshot, before.accelerators.accelerators, index.accelerators)
    for found in (before.accelerators.accelerators, index.accelerators):
        records = records_of(found, Accelerator)
        for key in changed:
            record = records.get(key)
            if record is not None:
                keys.add(f"{record.site}/{record.node}")
    return keys


def _node_signature(key: str, nodes: Merged, index: AcceleratorIndex) -> _NodeSignature | None:
    node = records_of(nodes, Node).get(key)
    cards = leaves(index.of_node.get(key, ()))
    if node is None and not cards:
        return None
    entries: list[tuple[Entry, int]] = []
    if node is not None:
        entries.append((("state", node.state), 1))
        entries += _by_node(node)
        if node.power_draw_watts is not None:
            entries += [(("node-mw",), round(node.power_draw_watts * 1000)), (("node-metered",), 1)]
    if cards:
        entries += card_entries(cards, node)
    site = node.site if node is not None else cards[0].site
    model = (node.gpu_model if node is not None else None) or (cards[0].model if cards else None)
    sources = nodes.sources(key) if node is not None else ()
    cell = NodeCell(site, sources, sources_of(key, cards, index.accelerators), model)
    return cell, tuple(entries)


def leaves(cards: tuple[Accelerator, ...]) -> tuple[Accelerator, ...]:
    """Return what can be given to a job: cards that are not cut, and slices."""
    parents = {card.parent_uuid for card in cards}
    if len(parents) == 1 and None in parents:
        return cards
    return tuple(card for card in cards if card.uuid not in parents)


def sources_of(node_key: str, cards: tuple[Accelerator, ...], found: Merged) -> tuple[str, ...]:
    """Return who reports some accelerators of a node."""
    if not cards:
        return ()
    if found.links is None:
        return found.order
    keys = found.links.groups.get(node_key, ())
    return tuple(
        name
        for name, said in zip(found.order, found.facets, strict=True)
        if not said.keys().isdisjoint(keys)
    )


def _by_node(node: Node) -> list[tuple[Entry, int]]:
    if node.gpus_total is None:
        return []
    entries: list[tuple[Entry, int]] = [(("n", "nodes"), 1), (("n", "total"), node.gpus_total)]
    held = node.gpus_allocated
    if held is None and node.gpus_total == 0:
        held = 0
    if held is not None:
        entries += _given("n", node.gpus_total, held, node.gpus_total - held, node)
    return entries


def _given(
    how: str, total: int, held: int, free: int, node: Node | None
) -> list[tuple[Entry, int]]:
    takes = node is None or node.state in TAKES_WORK
    free = max(0, free) if takes else 0
    entries: list[tuple[Entry, int]] = [((how, "known"), total), ((how, "held"), held)]
    if free:
        entries += [((how, "free"), free), ((how, "block", free), 1)]
    return entries


def card_entries(cards: tuple[Accelerator, ...], node: Node | None) -> list[tuple[Entry, int]]:
    """Return what some accelerators of a node add to its cell."""
    states: dict[AcceleratorState, int] = {}
    milliwatts, metered = 0.0, 0
    takes_work = node is None or node.state in TAKES_WORK
    for card in cards:
        state = card.state
        if state is AcceleratorState.FREE and not takes_work:
            state = AcceleratorState.UNAVAILABLE
        states[state] = states.get(state, 0) + 1
        if card.power_draw_watts is not None:
            milliwatts += card.power_draw_watts * 1000
            metered += 1
    entries: list[tuple[Entry, int]] = [(("a", "nodes"), 1), (("a", "total"), len(cards))]
    entries += [(("accelerator", state), count) for state, count in states.items()]
    unknown = states.get(AcceleratorState.UNKNOWN, 0)
    if unknown < len(cards):
        held = sum(states.get(state, 0) for state in HELD)
        free = states.get(AcceleratorState.FREE, 0)
        entries += _given("a", len(cards) - unknown, held, free, node)
    elif node is not None and node.gpus_allocated is not None:
        # A driver alone cannot know who holds a card; the scheduler's number stands in.
        free = len(cards) - node.gpus_allocated
        entries += _given("a", len(cards), node.gpus_allocated, free, node)
    if metered:
        entries += [(("gpu-mw",), round(milliwatts)), (("gpu-metered",), metered)]
    return entries
