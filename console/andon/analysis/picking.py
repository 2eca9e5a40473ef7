"""The few things of a kind that matter for something, kept up to date by what changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from andon.analysis.merge import Merged, changed_keys, merged, records_of
from andon.model import Record
from andon.store import Snapshot

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True, eq=False)
class _Picked:
    """Things of one kind that were wanted."""

    seen: Merged
    by: Hashable
    records: Mapping[str, Record]


def picked(
    snapshot: Snapshot,
    type_: type[R],
    name: str,
    wanted: Callable[[R], bool],
    by: Hashable = None,
) -> Mapping[str, R]:
    """Return the things of a kind that are wanted, by key.

    Args:
        snapshot: The state.
        type_: Their kind.
        name: What they are wanted for; what was picked last is kept under it.
        wanted: Says of a thing whether it is; of nothing but the thing and `by`.
        by: What else `wanted` depends on: when it differs from the last time, all are asked anew.
    """
    name = f"picked:{name}"
    after = merged(snapshot, type_.kind)
    before = snapshot.memo.recall(name, _Picked)
    if before is None or before.by != by:
        keys: Iterable[str] = after.records
        found: dict[str, R] = {}
    elif before.seen is after:
        return before.records  # type: ignore[return-value]
    else:
        keys = changed_keys(snapshot, before.seen, after)
        found = dict(before.records)  # type: ignore[arg-type]
    records = records_of(after, type_)
    for key in keys:
        record = records.get(key)
        if record is not None and wanted(record):
            found[key] = record
        elif found:
            found.pop(key, None)
    snapshot.memo.keep(name, _Picked(after, by, found))
    return found
