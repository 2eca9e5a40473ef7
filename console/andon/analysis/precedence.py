"""Whose word counts for which field, and what counts as a contradiction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec

from andon.model import (
    AcceleratorState,
    JobState,
    Kind,
    NodeState,
    QueueState,
    Record,
    SourceState,
    WorkClass,
)
from andon.store import Snapshot

_NOT_SAID: frozenset[Any] = frozenset(
    {
        None,
        "",
        (),
        NodeState.UNKNOWN,
        AcceleratorState.UNKNOWN,
        JobState.UNKNOWN,
        QueueState.UNKNOWN,
        WorkClass.UNKNOWN,
    }
)
"""Values that say nothing, so that the next source is asked."""

_LOST = frozenset(
    {SourceState.STALE, SourceState.DENIED, SourceState.DOWN, SourceState.QUARANTINED}
)

COMPARED: dict[Kind, tuple[str, ...]] = {
    Kind.NODE: ("state", "gpus_total", "gpus_allocated", "gpu_model", "driver_version"),
    Kind.ACCELERATOR: ("uuid", "index", "state", "job", "tenant", "model"),
    Kind.JOB: ("state", "tenant", "queue", "gpus"),
    Kind.QUEUE: ("state",),
    Kind.TENANT: ("gpus_limit", "sector"),
}
"""Facts that are the same for every honest source. Readings (watts, percent) differ by nature."""

# A driver knows better whether a held accelerator works; a scheduler only that it is held.
_REFINES = {
    (AcceleratorState.ALLOCATED, AcceleratorState.BUSY),
    (AcceleratorState.ALLOCATED, AcceleratorState.IDLE_HELD),
}
# States that a node's own agent cannot know to differ: it only sees that the host answers.
_WORKING_NODE = frozenset({NodeState.IDLE, NodeState.MIXED, NodeState.ALLOCATED})


def order(snapshot: Snapshot, names: Iterable[str]) -> tuple[str, ...]:
    """Return sources by whose word counts first.

    Sources that are heard before sources that were lost; then schedulers (whoever reports jobs),
    which decide what a node does; then by name, so that the order never depends on luck.
    """

    def rank(name: str) -> tuple[bool, bool, str]:
        status = snapshot.sources.get(name)
        lost = status is not None and status.state in _LOST
        schedules = name in snapshot.of(Kind.JOB) or (
            status is not None and Kind.JOB in status.kinds
        )
        return lost, not schedules, name

    return tuple(sorted(names, key=rank))


@cache
def _fields(type_: type[Record]) -> tuple[str, ...]:
    return tuple(type_.__struct_fields__)


def merge(facets: Sequence[Record]) -> Record:
    """Return one record of what several sources said, the first source's word first.

    Each field is the first one that says something. An accelerator that any source calls faulty is
    faulty, and "allocated" gives way to "busy" or "idle": neither contradicts, both know more.
    """
    first = facets[0]
    values = list(msgspec.structs.astuple(first))
    for facet in facets[1:]:
        for index, other in enumerate(msgspec.structs.astuple(facet)):
            if values[index] in _NOT_SAID and other not in _NOT_SAID:
                values[index] = other
    merged = type(first)(**dict(zip(_fields(type(first)), values, strict=True)))
    if first.kind is Kind.ACCELERATOR:
        state = _accelerator_state([getattr(facet, "state", None) for facet in facets])
        if state is not None and state is not getattr(merged, "state", None):
            merged = msgspec.structs.replace(merged, state=state)
    return merged


def _accelerator_state(states: Sequence[AcceleratorState | None]) -> AcceleratorState | None:
    if AcceleratorState.FAULTY in states:
        return AcceleratorState.FAULTY
    said = [state for state in states if state is not None and state not in _NOT_SAID]
    for state in said[1:]:
        if (said[0], state) in _REFINES:
            return state
    return said[0] if said else None


def differ(field: str, one: Any, other: Any) -> bool:
    """Return whether two sources contradict each other in a field."""
    if one in _NOT_SAID or other in _NOT_SAID or one == other:
        return False
    if (one, other) in _REFINES or (other, one) in _REFINES:
        return False
    if isinstance(one, NodeState) and isinstance(other, NodeState):
        return not (one in _WORKING_NODE and other in _WORKING_NODE)
    if field in ("model", "gpu_model") and isinstance(one, str) and isinstance(other, str):
        return not _same_model(one, other)
    return True


def _same_model(one: str, other: str) -> bool:
    """Return whether two names may be one model: `h100` and `NVIDIA H100 80GB HBM3` are."""
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    return short in long or bool(_words(short) & _words(long))


def _words(text: str) -> set[str]:
    spread = "".join(character if character.isalnum() else " " for character in text)
    return {word for word in spread.split() if any(map(str.isdigit, word)) and len(word) > 2}
