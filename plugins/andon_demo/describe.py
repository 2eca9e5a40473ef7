"""A thing as the tools of a real backend would print it, for the raw view."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from andon.sdk import Job, Node, Record


def describe(record: Record) -> str:
    """Return the text; nodes and jobs in the manner of Slurm's `scontrol show`."""
    if isinstance(record, Job):
        return _job(record)
    if isinstance(record, Node):
        return _node(record)
    fields = ((name, getattr(record, name)) for name in record.__struct_fields__)
    return "\n".join(f"{name}: {value}" for name, value in fields if value is not None)


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
        f"   UserId={job.user} Account={job.tenant} QOS={job.qos}",
        f"   JobState={job.backend_state} Reason={job.reason or 'None'}"
        f" Dependency={job.dependency or '(null)'}",
        f"   Priority={job.priority} ExitCode={job.exit_code or 0}:0",
        f"   SubmitTime={_when(job.submitted_at)} EligibleTime={_when(job.eligible_at)}",
        f"   StartTime={_when(job.started_at or job.estimated_start_at)}"
        f" EndTime={_when(job.ended_at or job.ends_at)} TimeLimit={_span(job.time_limit_seconds)}",
        f"   Partition={job.queue} Reservation={job.reservation or '(null)'}"
        f" Licenses={job.licenses or '(null)'}",
        f"   ReqNodeList={_names(job.nodes_wanted)} NodeList={_names(job.nodes)}",
        f"   NumNodes={job.nodes_count} NumCPUs={job.cpus}",
        f"   TRES=cpu={job.cpus},mem={memory},node={job.nodes_count}{gpus}",
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
        f"NodeName={node.name} Arch=x86_64 CPUTot={node.cpus_total}"
        f" CPUAlloc={node.cpus_allocated} CPULoad={node.load_1m}",
        f"   AvailableFeatures={_names(node.features)}",
        f"   Gres={gres}",
        f"   GresUsed=gpu:{node.gpus_allocated}(IDX:{indexes})",
        f"   NodeAddr={node.address} Version={node.agent_version}",
        f"   RealMemory={(node.memory_total_bytes or 0) >> 20}"
        f" AllocMem={(node.memory_allocated_bytes or 0) >> 20}"
        f" FreeMem={(node.memory_free_bytes or 0) >> 20}",
        f"   State={node.backend_state} Partitions={_names(node.queues)}",
        f"   BootTime={_when(node.booted_at)} LastBusyTime={_when(node.last_seen_at)}",
        f"   CurrentWatts={node.power_draw_watts}",
    ]
    if node.reason is not None:
        lines.append(f"   Reason={node.reason} [{node.reason_by}@{_when(node.reason_at)}]")
    if node.comment is not None:
        lines.append(f"   Comment={node.comment}")
    return "\n".join(lines)
