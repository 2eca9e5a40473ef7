"""Take what a source reported into the snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from andon.model import Batch, Fault, FaultKind, Kind, Record, SourceState
from andon.store.snapshot import LOG_LENGTH, Change, Facets, Snapshot

_STATE_OF_FAULT = {FaultKind.DENIED: SourceState.DENIED}


def apply(snapshot: Snapshot, report: Batch | Fault) -> Snapshot:
    """Return the snapshot after `report`.

    A whole kind of a batch replaces what its own source said of that kind and nobody else's. A
    fault changes only the status of its source: data stays and is shown as old.
    """
    if isinstance(report, Fault):
        return _with_fault(snapshot, report)
    return _with_batch(snapshot, report)


def _with_fault(snapshot: Snapshot, fault: Fault) -> Snapshot:
    status = snapshot.sources.get(fault.source)
    if status is None:
        return snapshot
    changes: dict[str, object] = {
        "fault": fault,
        "failures": status.failures + 1,
        "state": _STATE_OF_FAULT.get(fault.kind, SourceState.DOWN),
    }
    fields = {name: getattr(status, name) for name in status.__struct_fields__}
    return snapshot.with_status(type(status)(**{**fields, **changes}))


def _with_batch(snapshot: Snapshot, batch: Batch) -> Snapshot:
    by_kind: dict[Kind, dict[str, Record]] = defaultdict(dict)
    for record in batch.records:
        by_kind[record.kind][record.key] = record
    removed: dict[Kind, set[str]] = defaultdict(set)
    for kind, key in batch.removed:
        removed[kind].add(key)

    revision = snapshot.revision + 1
    facets = dict(snapshot.facets)
    changes: list[Change] = []
    for kind in sorted({*by_kind, *removed, *batch.whole, *batch.observed}):
        old = snapshot.said_by(batch.source, kind)
        new = by_kind.get(kind, {})
        records: Mapping[str, Record]
        if kind in batch.whole:
            records = new
            keys = _differing(dict(old), new)
        elif not new and not removed[kind]:
            # Observed again and unchanged: the mapping itself stays, so that what was made from
            # it can be used again.
            records, keys = old, frozenset()
        else:
            records = merged = {**old, **new}
            for key in removed[kind]:
                merged.pop(key, None)
            keys = frozenset(new) | frozenset(removed[kind])
        facets[kind] = {
            **snapshot.of(kind),
            batch.source: Facets(records, batch.observed_at),
        }
        changes.append(Change(revision, kind, keys))
    return replace(
        snapshot,
        facets=facets,
        revision=revision,
        log=(*snapshot.log, *changes)[-LOG_LENGTH:],
    )


def _differing(old: dict[str, Record], new: dict[str, Record]) -> frozenset[str] | None:
    """Return the keys whose records differ, or `None` when there was nothing before."""
    if not old:
        return None
    changed = {key for key, record in new.items() if old.get(key) is not record}
    changed = {key for key in changed if old.get(key) != new[key]}
    changed.update(key for key in old if key not in new)
    return frozenset(changed)
