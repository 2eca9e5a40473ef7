"""Taking in large reports without holding up the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
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

    Between slices other tasks have their turn; reports must be taken in one after the other.
    """
    if len(batch.records) < LARGE:
        return batch
    said: dict[Kind, dict[str, Record]] = {kind: {} for kind in batch.whole}
    for part in _slices(batch.records):
        for record in part:
            said.setdefault(record.kind, {})[record.key] = record
        await asyncio.sleep(0)
    records: list[Record] = []
    removed = [gone for gone in batch.removed if gone[0] not in batch.whole]
    for kind, new in said.items():
        known = snapshot.said_by(batch.source, kind)
        for some in _slices(new.items()):
            for key, record in some:
                before = known.get(key)
                if before is not record and before != record:
                    records.append(record)
            await asyncio.sleep(0)
        if kind in batch.whole:
            for keys in _slices(known):
                removed += [(kind, key) for key in keys if key not in new]
                await asyncio.sleep(0)
    return replace(
        batch,
        records=tuple(records),
        removed=tuple(removed),
        whole=frozenset(),
        observed=batch.observed | frozenset(said),
    )


def _slices(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while part := list(islice(iterator, _SLICE)):
        yield part
