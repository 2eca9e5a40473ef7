"""A thing as the tools of a real backend would print it, for the raw view."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from andon.sdk import Job, Node, Record


def describe(record: Record) -> str:
    """Return a node or a job in the manner of Slurm's `scontrol show`; nothing else has a text."""
    if isinstance(record, Job):
        return _job(record)
    return _node(record) if isinstance(record, Node) else ""


def _said(value: object) -> str:
    return "(null)" if value is None else str(value)


def _when(moment: float | None) -> str:
    if moment is None:
        return "Unknown"
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(seconds: int | None) -> str:
    if seconds is None:
        return "UNLIMITED"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return (f"{days}-" if days else "") + f"{hours:02d}:{minutes:02d}:{rest:02d}"


def _names(names: Iterable[str]) -> str:
    return ",".join(names) or "(null)"


def _job(job: Job) -> str:
    memory = f"{(job.memory_bytes or 0) >> 30}G"
    gpus = f",gres/gpu={job.gpus}" if job.gpus else ""
    lines = [
        f"JobId={job.id} JobName={job.name}",
        f"   UserId={_said(job.user)} Account={_said(job.tenant)} QOS={_said(job.qos)}",
        f"   JobState={_said(job.backend_state)} Reason={job.reason or 'None'}"
        f" Dependency={_said(job.dependency)}",
        f"   Priority={_said(job.priority)} ExitCode={job.exit_code or 0}:0",
        f"   SubmitTime={_when(job.submitted_at)} EligibleTime={_when(job.eligible_at)}",
        f"   StartTime={_when(job.started_at or job.estimated_start_at)}"
        f" EndTime={_when(job.ended_at or job.ends_at)} TimeLimit={_span(job.time_limit_seconds)}",
        f"   Partition={_said(job.queue)} Reservation={_said(job.reservation)}"
        f" Licenses={_said(job.licenses)}",
        f"   ReqNodeList={_names(job.nodes_wanted)} NodeList={_names(job.nodes)}",
        f"   NumNodes={_said(job.nodes_count)} NumCPUs={_said(job.cpus)}",
        f"   TRES=cpu={_said(job.cpus)},mem={memory},node={_said(job.nodes_count)}{gpus}",
    ]
    if job.array_id is not None:
        task = job.array_tasks or job.id.partition("_")[2]
        lines.insert(1, f"   ArrayJobId={job.array_id} ArrayTaskId={task}")
    if job.gpu_indexes:
        lines.append(f"   GRES={_names(job.gpu_indexes)}")
    return "\n".join(lines)


def _node(node: Node) -> str:
    indexes = ",".join(map(str, node.gpu_indexes_allocated)) or "N/A"
    gres = f"gpu:{node.features[0]}:{node.gpus_total}" if node.gpus_total else "(null)"
    lines = [
        f"NodeName={node.name} Arch=x86_64 CPUTot={_said(node.cpus_total)}"
        f" CPUAlloc={_said(node.cpus_allocated)} CPULoad={_said(node.load_1m)}",
        f"   AvailableFeatures={_names(node.features)}",
        f"   Gres={gres}",
        f"   GresUsed=gpu:{_said(node.gpus_allocated)}(IDX:{indexes})",
        f"   NodeAddr={_said(node.address)} Version={_said(node.agent_version)}",
        f"   RealMemory={(node.memory_total_bytes or 0) >> 20}"
        f" AllocMem={(node.memory_allocated_bytes or 0) >> 20}"
        f" FreeMem={(node.memory_free_bytes or 0) >> 20}",
        f"   State={_said(node.backend_state)} Partitions={_names(node.queues)}",
        f"   BootTime={_when(node.booted_at)} LastBusyTime={_when(node.last_seen_at)}",
        f"   CurrentWatts={_said(node.power_draw_watts)}",
    ]
    if node.reason is not None:
        lines.append(f"   Reason={node.reason} [{_said(node.reason_by)}@{_when(node.reason_at)}]")
    if node.comment is not None:
        lines.append(f"   Comment={node.comment}")
    return "\n".join(lines)
