"""Rows of sinfo to nodes, their GPUs and partitions. Pure; texts from outside are cleaned here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from andon.sdk import (
    Accelerator,
    AcceleratorState,
    Job,
    Node,
    NodeState,
    Queue,
    SourceGarbled,
    canonical_host,
    clean,
    clean_or_none,
)
from andon_slurm import gres
from andon_slurm.fields import Place, cpus, epoch, limit_seconds, number, text
from andon_slurm.states import node_state, queue_state

NODE_FIELDS = (
    "NodeList",
    "Partition",
    "StateComplete",
    "CPUsState",
    "CPUsLoad",
    "Memory",
    "AllocMem",
    "FreeMem",
    "Gres",
    "GresUsed",
    "Version",
    "NodeAddr",
    "User",
    "TimeStamp",
    "Features",
    "Comment",
    "Reason",
)
QUEUE_FIELDS = (
    "Partition",
    "Available",
    "Time",
    "PriorityTier",
    "Nodes",
    "CPUsState",
)

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")


def nodes(table: Iterable[Sequence[str]], place: Place) -> list[Node]:
    """Return one record per node; sinfo prints a row for each partition a node is in."""
    found: dict[str, Node] = {}
    for fields in table:
        row = dict(zip(NODE_FIELDS, fields, strict=True))
        queue = text(row["Partition"].removesuffix("*"))
        known = found.get(row["NodeList"])
        if known is None:
            found[row["NodeList"]] = _node(row, place, queue)
        elif queue and queue not in known.queues:
            found[row["NodeList"]] = replace(known, queues=(*known.queues, queue))
    return list(found.values())


def _node(row: dict[str, str], place: Place, queue: str | None) -> Node:
    name = row["NodeList"]
    if not _HOST.fullmatch(name):
        raise SourceGarbled(
            f"sinfo printed {name!r} where a node name belongs",
            hint="run sinfo by hand and compare; a wrapper script must not print to stdout",
        )
    allocated, total = cpus(row["CPUsState"])
    has = gres.gpus(row["Gres"])
    used = gres.gpus(row["GresUsed"])
    state = node_state(row["StateComplete"], busy=bool(allocated))
    megabytes = [number(row[name]) for name in ("Memory", "AllocMem", "FreeMem")]
    memory_total, memory_allocated, memory_free = (
        None if value is None else value << 20 for value in megabytes
    )
    canonical = canonical_host(name)
    return Node(
        site=place.site,
        name=canonical,
        backend_name=name if name != canonical else None,
        cluster=place.cluster,
        state=state,
        backend_state=clean(row["StateComplete"].upper()),
        reason=text(row["Reason"]),
        reason_by=text(row["User"]),
        reason_at=epoch(row["TimeStamp"]),
        queues=(queue,) if queue else (),
        features=tuple(clean(part) for part in row["Features"].split(",") if text(part)),
        cpus_total=total,
        cpus_allocated=allocated,
        load_1m=_load(row["CPUsLoad"]),
        memory_total_bytes=memory_total,
        memory_allocated_bytes=memory_allocated,
        memory_free_bytes=memory_free,
        gpus_total=has.count,
        gpus_allocated=used.count,
        gpu_indexes_allocated=used.indexes,
        gpu_model=clean_or_none(has.model or used.model),
        agent_version=text(row["Version"]),
        address=text(row["NodeAddr"]),
        comment=text(row["Comment"]),
    )


def _load(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None


def accelerators(all_nodes: Iterable[Node], holders: Mapping[str, Job]) -> list[Accelerator]:
    """Return one record per GPU that a node's GRES names.

    Args:
        all_nodes: the nodes as just read.
        holders: the job that holds it, for each `node:index` that is known.
    """
    found = []
    for node in all_nodes:
        taken = set(node.gpu_indexes_allocated)
        # Without indexes all that is known is how many are held, not which.
        known = len(taken) == (node.gpus_allocated or 0)
        for index in range(node.gpus_total or 0):
            job = holders.get(f"{node.name}:{index}")
            found.append(
                Accelerator(
                    site=node.site,
                    node=node.name,
                    index=index,
                    model=node.gpu_model,
                    state=_accelerator_state(node, index in taken, known),
                    job=job.id if job else None,
                    cluster=node.cluster,
                    tenant=job.tenant if job else None,
                )
            )
    return found


_CLOSED = frozenset(
    {NodeState.DOWN, NodeState.DRAINED, NodeState.DRAINING, NodeState.MAINTENANCE}
    | {NodeState.POWERED_OFF, NodeState.STARTING}
)


def _accelerator_state(node: Node, taken: bool, known: bool) -> AcceleratorState:
    if taken:
        return AcceleratorState.ALLOCATED
    if node.state in _CLOSED:
        return AcceleratorState.UNAVAILABLE
    return AcceleratorState.FREE if known else AcceleratorState.UNKNOWN


def queues(table: Iterable[Sequence[str]], all_nodes: Iterable[Node], place: Place) -> list[Queue]:
    """Return one record per partition, with the nodes and GPUs that are in it."""
    members: dict[str, list[Node]] = {}
    for node in all_nodes:
        for name in node.queues:
            members.setdefault(name, []).append(node)
    found: dict[str, Queue] = {}
    for fields in table:
        row = dict(zip(QUEUE_FIELDS, fields, strict=True))
        name = clean(row["Partition"].removesuffix("*"))
        inside = members.get(name, [])
        found[name] = Queue(
            site=place.site,
            cluster=place.cluster,
            name=name,
            state=queue_state(row["Available"]),
            backend_state=text(row["Available"].upper()),
            is_default=row["Partition"].endswith("*"),
            priority=number(row["PriorityTier"]),
            time_limit_seconds=limit_seconds(row["Time"]),
            nodes=tuple(node.name for node in inside),
            nodes_total=number(row["Nodes"]),
            cpus_total=cpus(row["CPUsState"])[1],
            gpus_total=sum(node.gpus_total or 0 for node in inside),
            gpus_allocated=sum(node.gpus_allocated or 0 for node in inside),
        )
    return list(found.values())
