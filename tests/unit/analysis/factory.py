"""A small factory to write tests against."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from andon.model import (
    Accelerator,
    AcceleratorState,
    Batch,
    Incident,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Queue,
    Record,
    SourceState,
    SourceStatus,
    Tenant,
)
from andon.store import Snapshot, apply

NOW = 1_800_000_000.0
HOUR = 3600.0


def node(name: str, state: NodeState = NodeState.IDLE, **more: Any) -> Node:
    fields: dict[str, Any] = {"site": "par1", "gpus_total": 8, "gpus_allocated": 0, **more}
    return Node(name=name, state=state, **fields)


def card(
    host: str, index: int, state: AcceleratorState = AcceleratorState.FREE, **more: Any
) -> Accelerator:
    fields: dict[str, Any] = {"site": "par1", "uuid": f"GPU-{host}-{index}", **more}
    return Accelerator(node=host, index=index, state=state, **fields)


def job(id: str, state: JobState = JobState.RUNNING, **more: Any) -> Job:
    fields: dict[str, Any] = {"site": "par1", "cluster": "c1", **more}
    return Job(id=id, state=state, **fields)


def queue(name: str, **more: Any) -> Queue:
    return Queue(**{"site": "par1", "cluster": "c1", "name": name, **more})


def tenant(name: str, **more: Any) -> Tenant:
    return Tenant(**{"site": "par1", "cluster": "c1", "name": name, **more})


def incident(id: str, **more: Any) -> Incident:
    return Incident(**{"site": "par1", "id": id, "topic": "xid", "text": f"Incident {id}", **more})


def status(name: str, **more: Any) -> SourceStatus:
    fields: dict[str, Any] = {
        "plugin": "test",
        "site": "par1",
        "state": SourceState.LIVE,
        "interval_seconds": 10.0,
        "observed_at": NOW,
        **more,
    }
    return SourceStatus(name=name, **fields)


def said(
    snapshot: Snapshot,
    *records: Record,
    source: str = "slurm",
    at: float = NOW,
    whole: Iterable[Kind] = (),
    removed: Iterable[tuple[Kind, str]] = (),
) -> Snapshot:
    """Return the snapshot after `source` said this."""
    batch = Batch(
        source=source,
        observed_at=at,
        records=records,
        whole=frozenset(whole),
        removed=tuple(removed),
    )
    return apply(snapshot, batch)


def factory(*records: Record, source: str = "slurm", **more: Any) -> Snapshot:
    """Return a snapshot in which one live source said all of this."""
    return said(Snapshot().with_status(status(source, **more)), *records, source=source)
