"""The page of one node."""

from __future__ import annotations

from typing import Final

from andon.model import Kind, Node
from andon.views.columns import Context
from andon.views.detail.parts import (
    disagreements,
    facts,
    joined_note,
    neighbours,
    problems_of,
    shown_columns,
    sources_fact,
)
from andon.views.page import Block, Cell, Tone
from andon.views.registry import view_named

_LABELS: Final = (
    ("State", "state"),
    ("Backend's word", "backend_state"),
    ("Reason", "reason"),
    ("Reason by", "reason_by"),
    ("Since", "since_seconds"),
    ("GPUs", "gpus_allocated"),
    ("GPUs free", "gpus_free"),
    ("GPU model", "gpu_model"),
    ("CPUs", "cpus_allocated"),
    ("Load", "load_1m"),
    ("Memory held GiB", "memory_allocated_bytes"),
    ("Memory used GiB", "memory_used_bytes"),
    ("Queues", "queues"),
    ("Power W", "power_draw_watts"),
    ("Driver", "driver_version"),
    ("Agent", "agent_version"),
    ("Rack", "rack"),
    ("Address", "address"),
    ("Features", "features"),
    ("Booted", "up_seconds"),
    ("Seen", "seen_seconds"),
    ("Cluster", "cluster"),
    ("Backend name", "backend_name"),
    ("Comment", "comment"),
)
_ALWAYS: Final = 7
_GPU_COLUMNS: Final = (
    "index",
    "model",
    "state",
    "utilization_percent",
    "memory_used_bytes",
    "temperature_celsius",
    "power_draw_watts",
    "job",
    "tenant",
    "idle_seconds",
    "xid_last",
)


def node_blocks(node: Node, key: str, context: Context) -> tuple[Block, ...]:
    """Return a node with its accelerators, jobs, tenants, problems and what sources contradict."""
    accelerators = context.joins.accelerators_of(key)
    jobs = context.joins.jobs_on(key)
    tenants = context.joins.tenants_on(key)
    more: list[tuple[str, Cell]] = [("Site", Cell(node.site, Tone.NORMAL, node.site))]
    more.append(("Tenants", Cell(", ".join(tenants) if tenants else "none", Tone.NORMAL, tenants)))
    more.append(sources_fact(Kind.NODE, key, context))
    more.extend(joined_note(Kind.NODE, key, context))
    wanted = [(Kind.NODE, key), *((Kind.ACCELERATOR, one.key) for one in accelerators)]
    wanted += [(Kind.JOB, job.key) for job in jobs]
    return (
        facts(view_named("nodes"), node, context, _LABELS, always=_ALWAYS, more=more),
        *problems_of(context, wanted),
        neighbours(
            "gpus",
            "GPUs",
            view_named("gpus"),
            _GPU_COLUMNS,
            accelerators,
            context,
            empty=_no_devices(node),
        ),
        neighbours(
            "jobs",
            "Jobs",
            view_named("jobs"),
            shown_columns(view_named("jobs")),
            jobs,
            context,
            empty="No job is known to run here",
        ),
        *disagreements(Kind.NODE, key, context),
        *(
            block
            for one in accelerators
            for block in disagreements(Kind.ACCELERATOR, one.key, context)
        ),
    )


def _no_devices(node: Node) -> str:
    if node.gpus_total:
        return f"{node.gpus_total} GPUs, but no source reports them one by one"
    return "No GPUs" if node.gpus_total == 0 else "No source reports its GPUs"
