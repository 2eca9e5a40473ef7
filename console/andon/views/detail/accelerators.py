"""The page of one GPU or other accelerator."""

from __future__ import annotations

from typing import Final

from andon.model import Accelerator, Kind, Process
from andon.views.columns import Context
from andon.views.columns.make import gib_text
from andon.views.detail.parts import (
    disagreements,
    facts,
    joined_note,
    neighbours,
    problems_of,
    shown_columns,
    sources_fact,
)
from andon.views.page import MISSING, Block, Cell, Column, StaticRows, Table, Tone
from andon.views.registry import view_named

_LABELS: Final = (
    ("State", "state"),
    ("Model", "model"),
    ("Node", "node"),
    ("Index", "index"),
    ("Job", "job"),
    ("Tenant", "tenant"),
    ("User", "user"),
    ("Utilisation %", "utilization_percent"),
    ("SM active %", "sm_active_percent"),
    ("Memory GiB", "memory_used_bytes"),
    ("Temperature °C", "temperature_celsius"),
    ("Margin to slowdown °C", "thermal_margin_celsius"),
    ("Power W", "power_draw_watts"),
    ("Clock MHz", "clock_sm_mhz"),
    ("Idle for", "idle_seconds"),
    ("Throttled by", "throttle_reasons"),
    ("Last XID", "xid_last"),
    ("XID age", "xid_age_seconds"),
    ("Recovery", "recovery_action"),
    ("ECC uncorrected", "ecc_uncorrected_count"),
    ("ECC corrected", "ecc_corrected_count"),
    ("Link errors/min", "nvlink_errors_per_minute"),
    ("Slice", "partition"),
    ("Parent", "parent_uuid"),
    ("Energy J", "energy_joules"),
    ("Driver", "driver_version"),
    ("PCI", "pci_address"),
    ("UUID", "uuid"),
    ("Vendor", "vendor"),
)
_ALWAYS: Final = 13


def accelerator_blocks(accelerator: Accelerator, key: str, context: Context) -> tuple[Block, ...]:
    """Return a device with its job, node, processes, problems and what sources contradict."""
    job = context.joins.job_of(accelerator)
    node = context.joins.node(accelerator.site, accelerator.node)
    wanted = [(Kind.ACCELERATOR, key)]
    if node is not None:
        wanted.append((Kind.NODE, node.key))
    jobs, nodes = view_named("jobs"), view_named("nodes")
    more = [sources_fact(Kind.ACCELERATOR, key, context)]
    more.extend(joined_note(Kind.ACCELERATOR, key, context))
    return (
        facts(view_named("gpus"), accelerator, context, _LABELS, always=_ALWAYS, more=more),
        *problems_of(context, wanted),
        neighbours(
            "jobs",
            "Job",
            jobs,
            shown_columns(jobs),
            (job,) if job else (),
            context,
            empty="No job is known to hold it",
        ),
        neighbours(
            "nodes",
            "Node",
            nodes,
            shown_columns(nodes),
            (node,) if node else (),
            context,
            empty="No source reports its node",
        ),
        *_processes(accelerator, key, context),
        *disagreements(Kind.ACCELERATOR, key, context),
    )


def _processes(accelerator: Accelerator, key: str, context: Context) -> tuple[Block, ...]:
    """Return the processes on a device, where any source reports processes."""
    if not context.snapshot.of(Kind.PROCESS):
        return ()
    keys = {key, accelerator.key}
    found = [
        process
        for process in context.merged(Kind.PROCESS).records.values()
        if isinstance(process, Process) and process.accelerator in keys
    ]
    columns = (
        Column(name="pid", title="PID", summary="Process number", width=8, align="right"),
        Column(name="user", title="USER", summary="Its owner", width=10),
        Column(
            name="memory_used_bytes",
            title="MEM GiB",
            summary="Device memory it holds",
            width=7,
            align="right",
        ),
        Column(name="command", title="COMMAND", summary="What runs", width=20, grow=True),
    )
    made = [
        (
            Cell(str(process.pid), Tone.STRONG, process.pid),
            Cell(process.user, Tone.NORMAL, process.user) if process.user else MISSING,
            MISSING
            if process.memory_used_bytes is None
            else Cell(gib_text(process.memory_used_bytes), Tone.NORMAL, process.memory_used_bytes),
            Cell(process.command, Tone.NORMAL, process.command) if process.command else MISSING,
        )
        for process in sorted(found, key=lambda one: one.pid)
    ]
    return (
        Table(
            name="processes",
            title="Processes",
            columns=columns,
            rows=StaticRows([process.key for process in found], made),
            total=len(found),
            sort="pid",
            empty="" if found else "No process on it is reported",
        ),
    )
