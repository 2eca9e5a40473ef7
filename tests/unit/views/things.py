"""Records for the tests of views: a small factory, full records, empty ones and hostile ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from andon.model import (
    Accelerator,
    AcceleratorState,
    Batch,
    Coverage,
    Fault,
    FaultKind,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Queue,
    QueueState,
    Record,
    Site,
    SourceState,
    SourceStatus,
    Tenant,
    WorkClass,
)
from andon.sdk import clean
from andon.store import Snapshot, apply

NOW = 1_800_000_000.0
GIB = 1 << 30
ALL_KINDS = tuple(Kind)

HOSTILE = tuple(
    clean(text)
    for text in (
        "[@click=app.quit]x[/]",
        "[/evil]",
        "\x1b]0;P\x07",
        "\x9b2J",
        "\x1b]52;c;eA==\x07",
        "\u202egnp.exe",
        "A" * 10_000,
        "nul\0nul",
        "lone\ud800",
        "two\nlines\tand a tab\r",
        "e" + "\u0301" * 50,
        "@group,gpu[001-",
        "-all",
        '"><script>',
    )
)
"""What hostile names look like after `clean`: what records hold."""


def source(name: str = "slurm@par1", **changes: Any) -> SourceStatus:
    """Return a live source of every kind."""
    fields: dict[str, Any] = {
        "name": name,
        "plugin": "slurm",
        "site": "par1",
        "state": SourceState.LIVE,
        "kinds": ALL_KINDS,
        "interval_seconds": 10.0,
        "observed_at": NOW - 1,
    }
    return SourceStatus(**{**fields, **changes})


def snapshot_of(
    records: Iterable[Record], *, status: SourceStatus | None = None, base: Snapshot | None = None
) -> Snapshot:
    """Return a snapshot in which one source reports these records, each kind as a whole."""
    status = status or source()
    records = tuple(records)
    return apply(
        (base or Snapshot()).with_status(status),
        Batch(
            source=status.name,
            observed_at=NOW - 1,
            records=records,
            whole=frozenset(record.kind for record in records),
        ),
    )


def changed(
    snapshot: Snapshot,
    records: Iterable[Record] = (),
    removed: Iterable[Record] = (),
    name: str = "slurm@par1",
) -> Snapshot:
    """Return the snapshot after one source reported some changes."""
    return apply(
        snapshot,
        Batch(
            source=name,
            observed_at=NOW,
            records=tuple(records),
            removed=tuple((record.kind, record.key) for record in removed),
        ),
    )


def filled(type_: type[Record] | type[SourceStatus], text: str = "word", **changes: Any) -> Any:
    """Return a record in which every field has a value; texts are `text`."""
    values = {
        field.name: _value(field.name, field.type, text) for field in msgspec.structs.fields(type_)
    }
    return type_(**{**values, **changes})


def _value(name: str, annotation: Any, text: str) -> Any:
    known: dict[str, Any] = {
        "site": "par1",
        "state": None,
        "work": WorkClass.TRAINING,
        "kinds": (Kind.NODE, Kind.JOB),
        "coverage": (Coverage(kind=Kind.NODE, reported=125, expected=128, note=text),),
        "fault": Fault(
            source="s",
            kind=FaultKind.TIMEOUT,
            message=text,
            hint=text,
            at=NOW - 60,
            retry_at=NOW + 30,
        ),
        "pid": 42,
    }
    if name == "state":
        return _state(annotation)
    if name in known:
        return known[name]
    words = str(annotation)
    if "tuple[int" in words:
        return (0, 3)
    if "tuple[str" in words:
        return (text, f"{text}2")
    if "bool" in words:
        return True
    if name.endswith(("_at", "_since")):
        return NOW - 4_000 if name not in ("ends_at", "estimated_start_at") else NOW + 4_000
    if "float" in words:
        return 41.5
    if name.endswith("_bytes"):
        return 64 * GIB
    if "int" in words:
        return 7
    return text


def _state(annotation: Any) -> Any:
    states: dict[Any, Any] = {
        NodeState: NodeState.DRAINING,
        AcceleratorState: AcceleratorState.IDLE_HELD,
        JobState: JobState.RUNNING,
        QueueState: QueueState.OPEN,
        SourceState: SourceState.LIVE,
    }
    return states[annotation]


def bare(type_: type[Record] | type[SourceStatus]) -> Any:
    """Return a record in which nothing is reported but what must be."""
    required: dict[Any, dict[str, Any]] = {
        Node: {"site": "par1", "name": "gpu01"},
        Accelerator: {"site": "par1", "node": "gpu01"},
        Job: {"site": "par1", "id": "1"},
        Queue: {"site": "par1", "name": "main"},
        Tenant: {"site": "par1", "name": "physics"},
        SourceStatus: {"name": "slurm@par1", "plugin": "slurm", "site": "par1"},
    }
    return type_(**required[type_])


def factory() -> tuple[Record, ...]:
    """Return a small site: four nodes with two GPUs each, jobs, queues, tenants."""
    states = (NodeState.MIXED, NodeState.IDLE, NodeState.DOWN, NodeState.DRAINING)
    nodes = [
        Node(
            site="par1",
            name=f"gpu{place + 1}",
            cluster="c1",
            state=state,
            reason="NHC: ib link down" if place == 2 else "maintenance" if place == 3 else None,
            reason_by="root" if place > 1 else None,
            reason_at=NOW - 7_200 if place > 1 else None,
            gpus_total=2,
            gpus_allocated=1 if place in (0, 3) else 0,
            gpu_model="H100",
            queues=("main",),
        )
        for place, state in enumerate(states)
    ]
    devices = [
        Accelerator(
            site="par1",
            node=node.name,
            index=index,
            uuid=f"GPU-{node.name}-{index}",
            model="H100",
            state=AcceleratorState.IDLE_HELD
            if (node.name, index) == ("gpu1", 0)
            else AcceleratorState.FREE,
            job="101" if (node.name, index) == ("gpu1", 0) else None,
            cluster="c1",
            idle_since=NOW - 3_600 if (node.name, index) == ("gpu1", 0) else None,
        )
        for node in nodes
        for index in range(2)
    ]
    return (
        Site(site="par1", jurisdiction="FR", region="EU"),
        *nodes,
        *devices,
        _job("101", JobState.RUNNING, nodes=("gpu1",), started_at=NOW - 5_000, user="alice"),
        _job("102", JobState.RUNNING, nodes=("gpu4",), started_at=NOW - 100, tenant="health"),
        _job("103", JobState.PENDING, reason="Priority", priority=10),
        _job("104", JobState.PENDING, reason="Resources", priority=20),
        _job("99", JobState.FAILED, ended_at=NOW - 50, started_at=NOW - 90),
        Queue(site="par1", cluster="c1", name="main", state=QueueState.OPEN, gpus_total=8),
        Tenant(site="par1", cluster="c1", name="physics", residency=("DE",)),
        Tenant(site="par1", cluster="c1", name="health", residency=("FR",)),
    )


def _job(id_: str, state: JobState, **changes: Any) -> Job:
    fields: dict[str, Any] = {
        "site": "par1",
        "cluster": "c1",
        "id": id_,
        "name": f"train-{id_}",
        "user": "bob",
        "tenant": "physics",
        "queue": "main",
        "state": state,
        "gpus": 1,
        "submitted_at": NOW - 9_000,
        "eligible_at": NOW - 8_000,
    }
    return Job(**{**fields, **changes})
