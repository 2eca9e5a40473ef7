"""The page of one job."""

from __future__ import annotations

from typing import Final

from andon.analysis.pending import why_pending
from andon.model import Accelerator, Job, Kind
from andon.views.columns import Context
from andon.views.columns.hosts import folded
from andon.views.detail.parts import (
    NEIGHBOURS,
    disagreements,
    facts,
    neighbours,
    problems_of,
    shown_columns,
    sources_fact,
)
from andon.views.page import Block, Cell, Text, Tone
from andon.views.registry import view_named

_LABELS: Final = (
    ("State", "state"),
    ("Name", "name"),
    ("User", "user"),
    ("Tenant", "tenant"),
    ("Queue", "queue"),
    ("GPUs", "gpus"),
    ("Reason", "reason"),
    ("GPU model", "gpu_model"),
    ("Backend's word", "backend_state"),
    ("Work", "work"),
    ("CPUs", "cpus"),
    ("Memory GiB", "memory_bytes"),
    ("Nodes", "nodes_count"),
    ("Runs for", "run_seconds"),
    ("Time left", "left_seconds"),
    ("Ran for", "ran_seconds"),
    ("Waits for", "wait_seconds"),
    ("Time limit", "time_limit_seconds"),
    ("Submitted", "submitted_at"),
    ("Eligible", "eligible_at"),
    ("Started", "started_at"),
    ("Ends", "ends_at"),
    ("Ended", "ended_at"),
    ("Start expected", "estimated_start_at"),
    ("Priority", "priority"),
    ("QOS", "qos"),
    ("Depends on", "dependency"),
    ("Reservation", "reservation"),
    ("Licences", "licenses"),
    ("Array", "array_id"),
    ("Array tasks", "array_tasks"),
    ("Exit code", "exit_code"),
    ("Cluster", "cluster"),
    ("Comment", "comment"),
    ("Identity", "uid"),
)
_ALWAYS: Final = 6
_GPU_COLUMNS: Final = (
    "node",
    "index",
    "state",
    "utilization_percent",
    "memory_used_bytes",
    "temperature_celsius",
    "power_draw_watts",
    "idle_seconds",
    "xid_last",
)


def job_blocks(job: Job, key: str, context: Context) -> tuple[Block, ...]:
    """Return a job with why it waits, its nodes, accelerators and problems."""
    joins = context.joins
    nodes = [
        node for name in job.nodes[:NEIGHBOURS] if (node := joins.node(job.site, name)) is not None
    ]
    devices = devices_of(job, context)
    wanted = [(Kind.JOB, key), *((Kind.ACCELERATOR, device.key) for device in devices)]
    wanted += [(Kind.NODE, node.key) for node in nodes]
    more: list[tuple[str, Cell]] = [("Site", Cell(job.site, Tone.NORMAL, job.site))]
    if job.nodes:
        more.append(("Node names", Cell(folded(job.nodes), Tone.NORMAL, job.nodes)))
    if job.nodes_wanted:
        more.append(
            ("Nodes asked for", Cell(folded(job.nodes_wanted), Tone.NORMAL, job.nodes_wanted))
        )
    more.append(sources_fact(Kind.JOB, key, context))
    blocks: list[Block] = [
        facts(view_named("jobs"), job, context, _LABELS, always=_ALWAYS, more=more)
    ]
    if job.state.waiting:
        blocks.append(_why(job, context))
    blocks.extend(problems_of(context, wanted))
    if not job.state.waiting:
        nodes_view, gpus_view = view_named("nodes"), view_named("gpus")
        blocks.append(
            neighbours(
                "nodes",
                "Nodes",
                nodes_view,
                shown_columns(nodes_view),
                nodes,
                context,
                empty=_no_nodes(job),
            )
        )
        blocks.append(
            neighbours(
                "gpus", "GPUs", gpus_view, _GPU_COLUMNS, devices, context, empty=_no_devices(job)
            )
        )
    blocks.extend(disagreements(Kind.JOB, key, context))
    return tuple(blocks)


def devices_of(job: Job, context: Context) -> tuple[Accelerator, ...]:
    """Return the accelerators that a job is known to hold, never guessed from counts."""
    found = []
    for name in job.nodes:
        node_key = f"{job.site}/{name}"
        for device in context.joins.accelerators_of(node_key):
            holder = context.joins.job_of(device)
            if holder is not None and holder.key == job.key:
                found.append(device)
    return tuple(found)


def _why(job: Job, context: Context) -> Text:
    why = why_pending(job, context.joins, context.now)
    head: tuple[Cell, ...] = (Cell(why.summary, Tone.STRONG, why.summary),)
    lines = [head, *((Cell(line, Tone.NORMAL, line),) for line in why.lines)]
    return Text(name="why", title="Why it waits", lines=tuple(lines))


def _no_nodes(job: Job) -> str:
    if job.nodes:
        return f"{folded(job.nodes)}: no source reports these nodes"
    return "It holds no node that is reported"


def _no_devices(job: Job) -> str:
    if job.gpus:
        return f"{job.gpus} GPUs, but no source says which"
    return "It holds no GPU" if job.gpus == 0 else "Not reported"
