"""Taking in large reports without holding up the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from msgspec.structs import replace

from andon.model import Batch, Kind, Record
from andon.store import Snapshot

T = TypeVar("T")

LARGE: Final = 4_000
"""A report of more records is compared in slices."""
_SLICE: Final = 2_000


async def thinned(snapshot: Snapshot, batch: Batch) -> Batch:
    """Return a batch that changes a snapshot as `batch` does and holds only what differs.

    Between slices other tasks have their turn. The snapshot stays the same meanwhile: who takes
    reports in does so one after the other.
    """
    if len(batch.records) < LARGE:
        return batch
    records: list[Record] = []
    known: dict[Kind, set[str]] = {kind: set() for kind in batch.whole}
    for part in _slices(batch.records):
        for record in part:
            before = snapshot.said_by(batch.source, record.kind).get(record.key)
            if before is not record and before != record:
                records.append(record)
            if record.kind in known:
                known[record.kind].add(record.key)
        await asyncio.sleep(0)
    removed = list(batch.removed)
    for kind, keys in known.items():
        for some in _slices_of(snapshot.said_by(batch.source, kind)):
            removed += [(kind, key) for key in some if key not in keys]
            await asyncio.sleep(0)
    # Of two records with one key the last counts, also where the first is what was known.
    if len({(one.kind, one.key) for one in batch.records}) != len(batch.records):
        return batch
    return replace(
        batch,
        records=tuple(records),
        removed=tuple(removed),
        whole=frozenset(),
        observed=batch.observed | batch.whole,
    )


def _slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), _SLICE):
        yield items[at : at + _SLICE]


def _slices_of(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while part := list(islice(iterator, _SLICE)):
        yield part
