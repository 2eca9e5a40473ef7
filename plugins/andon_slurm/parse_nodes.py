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
from andon_slurm.states import has_work, node_state, node_words, queue_state

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
_CLOSED = frozenset(
    {NodeState.DOWN, NodeState.DRAINED, NodeState.DRAINING, NodeState.MAINTENANCE}
    | {NodeState.POWERED_OFF, NodeState.STARTING}
)
_MOST_GPUS = 1024
_PARTITION = re.compile(r"[^\s,=*]{1,254}\*?")


def nodes(table: Iterable[Sequence[str]], place: Place) -> list[Node]:
    """Return one record per node; sinfo prints a row for each partition a node is in.

    Raises:
        SourceGarbled: a row has no node name.
    """
    found: dict[str, Node] = {}
    queues_of: dict[str, dict[str, None]] = {}
    for fields in table:
        row = dict(zip(NODE_FIELDS, fields, strict=True))
        name = row["NodeList"]
        if name not in found:
            found[name] = _node(row, place)
        if queue := text(row["Partition"].removesuffix("*")):
            queues_of.setdefault(name, {})[queue] = None
    return [
        replace(node, queues=tuple(queues_of[name])) if name in queues_of else node
        for name, node in found.items()
    ]


def _node(row: Mapping[str, str], place: Place) -> Node:
    name = row["NodeList"]
    if not _HOST.fullmatch(name):
        raise SourceGarbled(
            f"sinfo printed {name[:40]!r} where a node name belongs",
            hint="run sinfo by hand and compare; a wrapper script must not print to stdout",
        )
    allocated, total = cpus(row["CPUsState"])
    words = node_words(row["StateComplete"])
    if "idle" in words and not has_work(words):
        allocated = 0
    has = gres.gpus(row["Gres"])
    used = gres.gpus(row["GresUsed"])
    megabytes = [number(row[name]) for name in ("Memory", "AllocMem", "FreeMem")]
    memory_total, memory_allocated, memory_free = (
        None if value is None else value << 20 for value in megabytes
    )
    canonical = canonical_host(name)
    reason = text(row["Reason"])
    return Node(
        site=place.site,
        name=canonical,
        backend_name=name if name != canonical else None,
        cluster=place.cluster,
        state=node_state(row["StateComplete"]),
        backend_state=clean(row["StateComplete"].upper()),
        reason=reason,
        reason_by=text(row["User"]) if reason else None,
        reason_at=epoch(row["TimeStamp"]) if reason else None,
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
        for index in range(min(node.gpus_total or 0, _MOST_GPUS)):
            job = holders.get(f"{node.name}:{index}")
            found.append(
                Accelerator(
                    site=node.site,
                    node=node.name,
                    index=index,
                    model=node.gpu_model,
                    state=_accelerator_state(node, index),
                    job=job.id if job else None,
                    cluster=node.cluster,
                    tenant=job.tenant if job else None,
                )
            )
    return found


def _accelerator_state(node: Node, index: int) -> AcceleratorState:
    taken, count = node.gpu_indexes_allocated, node.gpus_allocated or 0
    if index in taken or count >= (node.gpus_total or 0):
        return AcceleratorState.ALLOCATED
    if node.state in _CLOSED:
        return AcceleratorState.UNAVAILABLE
    # Without indexes all that is known is how many are held, not which.
    known = len(taken) == count and node.state is not NodeState.UNKNOWN
    return AcceleratorState.FREE if known else AcceleratorState.UNKNOWN


def partitions(table: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    """Return the rows of partitions, by field.

    Raises:
        SourceGarbled: a row has no partition name.
    """
    found = [dict(zip(QUEUE_FIELDS, fields, strict=True)) for fields in table]
    for row in found:
        if not _PARTITION.fullmatch(row["Partition"]):
            raise SourceGarbled(
                f"sinfo printed {row['Partition'][:40]!r} where a partition belongs",
                hint="run sinfo by hand and compare; a wrapper script must not print to stdout",
            )
    return found


def queues(
    rows: Iterable[Mapping[str, str]], all_nodes: Iterable[Node], place: Place
) -> list[Queue]:
    """Return one record per partition, with the nodes and GPUs that are in it."""
    members: dict[str, list[Node]] = {}
    for node in all_nodes:
        for name in node.queues:
            members.setdefault(name, []).append(node)
    found: dict[str, Queue] = {}
    for row in rows:
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
