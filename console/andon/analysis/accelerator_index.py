"""Accelerators by node, brought up to date by what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from andon.analysis.merge import Merged, changed_keys, merged, records_of
from andon.model import Accelerator, Kind
from andon.store import Snapshot
from andon.store.pieces import draft, settled


@dataclass(frozen=True, slots=True, eq=False)
class AcceleratorIndex:
    """Where accelerators are."""

    accelerators: Merged
    of_node: Mapping[str, tuple[Accelerator, ...]]
    """By node key, in order of their index, slices after the whole cards."""


def accelerator_index(snapshot: Snapshot) -> AcceleratorIndex:
    """Return where accelerators are; made from the last index and those that changed."""
    after = merged(snapshot, Kind.ACCELERATOR)
    before = snapshot.memo.recall("accelerator-index", AcceleratorIndex)
    if before is not None and before.accelerators is after:
        return before
    if before is None:
        of_node = _afresh(records_of(after, Accelerator))
    else:
        keys = changed_keys(snapshot, before.accelerators, after)
        of_node = _updated(
            before.of_node,
            records_of(before.accelerators, Accelerator),
            records_of(after, Accelerator),
            keys,
        )
    index = AcceleratorIndex(after, of_node)
    snapshot.memo.keep("accelerator-index", index)
    return index


def node_key(accelerator: Accelerator) -> str:
    """Return the key of the node that an accelerator is on."""
    return f"{accelerator.site}/{accelerator.node}"


def _afresh(records: Mapping[str, Accelerator]) -> Mapping[str, tuple[Accelerator, ...]]:
    groups: defaultdict[str, list[Accelerator]] = defaultdict(list)
    for record in records.values():
        groups[node_key(record)].append(record)
    return {node: tuple(sorted(group, key=_place)) for node, group in groups.items()}


def _updated(
    before: Mapping[str, tuple[Accelerator, ...]],
    old: Mapping[str, Accelerator],
    new: Mapping[str, Accelerator],
    keys: frozenset[str],
) -> Mapping[str, tuple[Accelerator, ...]]:
    changes: defaultdict[str, list[_Step]] = defaultdict(list)
    for key in keys:
        was, now = old.get(key), new.get(key)
        if was is not None and now is not None and was.site == now.site and was.node == now.node:
            changes[node_key(now)].append((was, now))
            continue
        if was is not None:
            changes[node_key(was)].append((was, None))
        if now is not None:
            changes[node_key(now)].append((None, now))
    of_node = draft(before)
    for node, steps in changes.items():
        group = _stepped(of_node.get(node, ()), steps)
        if group:
            of_node[node] = group
        else:
            of_node.pop(node, None)
    return settled(of_node)


_Step = tuple[Accelerator | None, Accelerator | None]


def _stepped(group: tuple[Accelerator, ...], steps: list[_Step]) -> tuple[Accelerator, ...]:
    """Return a node's accelerators after some changed, came or went."""
    cards = list(group)
    sorted_still = True
    for was, now in steps:
        # By identity: the one that was is the very object that stands here.
        place = next((at for at, card in enumerate(cards) if card is was), None)
        if place is not None and now is not None:
            cards[place] = now
            sorted_still = sorted_still and was is not None and _place(was) == _place(now)
        elif place is not None:
            del cards[place]
        elif now is not None:
            cards.append(now)
            sorted_still = False
    return tuple(cards if sorted_still else sorted(cards, key=_place))


def _place(accelerator: Accelerator) -> tuple[bool, int, str, str]:
    index = accelerator.index
    partition = accelerator.partition or ""
    return index is None, index or 0, partition, accelerator.uuid or ""
