"""Records: what a site, node, job, batch, fault and plan are.

This package imports nothing else of Andon and does no I/O.
"""

from __future__ import annotations

from andon.model.acting import Intent, Outcome, Plan, Refusal, Step, Target
from andon.model.base import Kind, Record, canonical_host
from andon.model.happening import Event, Incident
from andon.model.job import Job
from andon.model.report import Batch, Coverage, Fault, SourceStatus
from andon.model.states import (
    AcceleratorState,
    Cause,
    Effect,
    FaultKind,
    JobState,
    NodeState,
    QueueState,
    Result,
    Severity,
    SourceState,
    Tier,
    WorkClass,
)
from andon.model.tasks import Tasks, tasks_in
from andon.model.things import (
    Accelerator,
    Node,
    Process,
    Queue,
    Reservation,
    Service,
    Site,
    Tenant,
)

RECORD_TYPES: dict[Kind, type[Record]] = {
    record.kind: record
    for record in (
        Site,
        Node,
        Accelerator,
        Process,
        Job,
        Queue,
        Tenant,
        Service,
        Reservation,
        Event,
        Incident,
    )
}
"""The record type of each kind."""

__all__ = [
    "RECORD_TYPES",
    "Accelerator",
    "AcceleratorState",
    "Batch",
    "Cause",
    "Coverage",
    "Effect",
    "Event",
    "Fault",
    "FaultKind",
    "Incident",
    "Intent",
    "Job",
    "JobState",
    "Kind",
    "Node",
    "NodeState",
    "Outcome",
    "Plan",
    "Process",
    "Queue",
    "QueueState",
    "Record",
    "Refusal",
    "Reservation",
    "Result",
    "Service",
    "Severity",
    "Site",
    "SourceState",
    "SourceStatus",
    "Step",
    "Target",
    "Tasks",
    "Tenant",
    "Tier",
    "WorkClass",
    "canonical_host",
    "tasks_in",
]
