"""Take what a source reported into the snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from andon.model import Batch, Fault, FaultKind, Kind, Record, SourceState
from andon.store.pieces import draft, settled
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
        if kind in batch.whole:
            records, keys = _replaced(old, new)
        else:
            records, keys = _changed(old, new, removed.get(kind, set()))
        facets[kind] = {
            **snapshot.of(kind),
            batch.source: Facets(records, batch.observed_at),
        }
        changes.append(Change(revision, kind, keys))
    return replace(
        snapshot,
        facets=facets,
        revision=revision,
        log=_logged(snapshot.log, changes),
        memo=snapshot.memo.handed_on(),
    )


def _changed(
    old: Mapping[str, Record], new: Mapping[str, Record], removed: set[str]
) -> tuple[Mapping[str, Record], frozenset[str]]:
    """Return the records after some came, changed or went, and the keys of those."""
    gone = [key for key in removed if key in old or key in new]
    if not new and not gone:
        # Observed again and unchanged: the mapping itself stays, so that what was made from it
        # can be used again.
        return old, frozenset()
    records = draft(old)
    records.update(new)
    for key in gone:
        del records[key]
    return settled(records), frozenset(new).union(gone)


def _replaced(
    old: Mapping[str, Record], new: Mapping[str, Record]
) -> tuple[Mapping[str, Record], frozenset[str] | None]:
    """Return the records after a whole report, and the keys that differ (`None`: all of them).

    A record that says what it said before stays the object it was, so that what is drawn of it is
    not drawn again.
    """
    if not old:
        return new, None if new else frozenset()
    records: dict[str, Record] = {}
    changed: set[str] = set()
    for key, record in new.items():
        before = old.get(key)
        if before is record or before == record:
            records[key] = before if before is not None else record
        else:
            records[key] = record
            changed.add(key)
    changed.update(key for key in old if key not in new)
    if not changed and len(records) == len(old):
        return old, frozenset()
    return records, frozenset(changed)


def _logged(log: tuple[Change, ...], changes: list[Change]) -> tuple[Change, ...]:
    """Return the log with `changes`, cut between two revisions.

    Half of a revision would look like the whole of it, and a change would be missed.
    """
    longer = (*log, *changes)
    if len(longer) <= LOG_LENGTH:
        return longer
    cut = longer[-LOG_LENGTH - 1].revision
    return tuple(change for change in longer[-LOG_LENGTH:] if change.revision > cut)
