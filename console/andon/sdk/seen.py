"""What is noted of a thing when it is chosen, and which of its states mean the same to an act."""

from __future__ import annotations

from collections.abc import Mapping

from andon.model import JobState, Kind, NodeState, Record

IN_SERVICE: Mapping[str, str] = dict.fromkeys(
    (NodeState.IDLE, NodeState.MIXED, NodeState.ALLOCATED, NodeState.RESERVED), "in service"
)
"""States between which work and its reservations move a node by themselves."""
UNDRAINED: Mapping[str, str] = {
    **IN_SERVICE,
    **dict.fromkeys(
        (NodeState.MAINTENANCE, NodeState.STARTING, NodeState.POWERED_OFF, NodeState.UNKNOWN),
        "in service",
    ),
}
"""States in which nobody took a node out of service for good: a drain does the same in all of them.
A node that is down is no such one: its reason is there already, and somebody is at it."""
DRAINED: Mapping[str, str] = dict.fromkeys((NodeState.DRAINING, NodeState.DRAINED), "drained")
"""States between which a drained node moves when its last job ends."""
RUNS: Mapping[str, str] = dict.fromkeys(
    (JobState.STARTING, JobState.RUNNING, JobState.SUSPENDED), "running"
)
"""States of a job whose work would be lost."""
WAITS: Mapping[str, str] = dict.fromkeys((JobState.PENDING, JobState.HELD), "waiting")
"""States of a job that has done no work yet."""
GOES_ON: Mapping[Kind, Mapping[str, str]] = {Kind.NODE: {**IN_SERVICE, **DRAINED}, Kind.JOB: RUNS}
"""By kind, the states between which a thing moves while nobody acts on it."""
_NOTED = ("state", "backend_state", "reason", "reason_by", "user", "tenant")


def seen_of(record: Record) -> dict[str, str]:
    """Return the fields of a record that an act and its reader go by, as texts."""
    noted = (*_NOTED, "name") if record.kind is Kind.JOB else _NOTED
    fields = {name: getattr(record, name, None) for name in noted}
    return {name: str(value) for name, value in fields.items() if value is not None}
