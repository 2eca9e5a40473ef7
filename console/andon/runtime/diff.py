"""What a batch changes of what is already known. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from andon.model import Batch, Kind, Record


@dataclass(frozen=True, slots=True)
class Difference:
    """What one batch means for one kind."""

    kind: Kind
    whole: bool
    """Whether the batch said everything there is of the kind."""
    records: Mapping[str, Record]
    """What is known after the batch, by key."""
    changed: tuple[str, ...]
    """Keys of records that are new or differ."""
    removed: tuple[str, ...]
    """Keys of records that went."""


def differences(known: Mapping[Kind, Mapping[str, Record]], batch: Batch) -> list[Difference]:
    """Compare `batch` with what is known, for every kind that it speaks of.

    A record that is the very object that is known, or equal to it, did not change. Of several
    records with one key the last counts.
    """
    reported: dict[Kind, dict[str, Record]] = defaultdict(dict)
    for record in batch.records:
        reported[record.kind][record.key] = record
    gone: dict[Kind, set[str]] = defaultdict(set)
    for kind, key in batch.removed:
        gone[kind].add(key)
    kinds = {*reported, *gone, *batch.whole, *batch.observed}
    return [
        _difference(
            kind,
            kind in batch.whole,
            known.get(kind, {}),
            reported.get(kind, {}),
            gone.get(kind, set()),
        )
        for kind in sorted(kinds)
    ]


def _difference(
    kind: Kind,
    whole: bool,
    before: Mapping[str, Record],
    reported: dict[str, Record],
    gone: set[str],
) -> Difference:
    changed = tuple(
        key
        for key, record in reported.items()
        if (old := before.get(key)) is not record and old != record
    )
    if whole:
        removed = tuple(key for key in before if key not in reported)
        return Difference(kind, True, reported, changed, removed)
    removed = tuple(key for key in sorted(gone) if key in before and key not in reported)
    after: Mapping[str, Record] = before
    if changed or removed:
        after = {**before, **{key: reported[key] for key in changed}}
        for key in removed:
            del after[key]
    return Difference(kind, False, after, changed, removed)
