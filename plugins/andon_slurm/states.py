"""Slurm's words for states, and what each means here.

Sources: sinfo(1) NODE STATE CODES, squeue(1) JOB STATE CODES, scontrol(1), all of 22.05 and 26.05.
"""

from __future__ import annotations

from andon.sdk import JobState, NodeState, QueueState

_JOB = {
    "PENDING": JobState.PENDING,
    "CONFIGURING": JobState.STARTING,
    "RUNNING": JobState.RUNNING,
    "STAGE_OUT": JobState.COMPLETING,
    "SIGNALING": JobState.RUNNING,
    "RESIZING": JobState.RUNNING,
    "SUSPENDED": JobState.SUSPENDED,
    "STOPPED": JobState.SUSPENDED,
    "COMPLETING": JobState.COMPLETING,
    "COMPLETED": JobState.COMPLETED,
    "CANCELLED": JobState.CANCELLED,
    "FAILED": JobState.FAILED,
    "BOOT_FAIL": JobState.NODE_FAILED,
    "NODE_FAIL": JobState.NODE_FAILED,
    "OUT_OF_MEMORY": JobState.FAILED,
    "DEADLINE": JobState.TIMEOUT,
    "TIMEOUT": JobState.TIMEOUT,
    "PREEMPTED": JobState.PREEMPTED,
    "REVOKED": JobState.CANCELLED,
    "SPECIAL_EXIT": JobState.HELD,
    "REQUEUED": JobState.PENDING,
    "REQUEUE_FED": JobState.PENDING,
    "REQUEUE_HOLD": JobState.HELD,
    "RESV_DEL_HOLD": JobState.HELD,
}
_HELD = frozenset({"JobHeldUser", "JobHeldAdmin", "JobHoldMaxRequeue"})

_QUEUE = {
    "up": QueueState.OPEN,
    "drain": QueueState.DRAINING,
    "down": QueueState.STOPPED,
    "inact": QueueState.CLOSED,
}
"""PartitionState: UP takes and starts; DRAIN only starts; DOWN only takes; INACTIVE neither."""

# Flags that decide on their own: what follows `+` in a complete state.
_DOWN = frozenset({"down", "fail", "error", "invalid_reg", "inval"})
_SILENT = frozenset({"not_responding", "no_respond"})
_STARTING = frozenset(
    {"powering_up", "power_up", "reboot_issued", "rebooting", "configuring", "booting"}
)
_OFF = frozenset({"powered_down", "power_down", "powering_down", "power_drain"})


def job_state(word: str, reason: str) -> JobState:
    """Return the meaning of a job state such as `PENDING`; `reason` tells held from pending."""
    state = _JOB.get(word, JobState.UNKNOWN)
    if state is JobState.PENDING and reason in _HELD:
        return JobState.HELD
    return state


def queue_state(word: str) -> QueueState:
    """Return the meaning of a partition's availability as sinfo prints it."""
    return _QUEUE.get(word, QueueState.UNKNOWN)


def node_state(complete: str, *, busy: bool) -> NodeState:
    """Return the meaning of a complete state such as `mixed+drain`.

    Args:
        complete: base state and flags joined by `+`, as `StateComplete` prints them.
        busy: whether any of its processors is allocated.
    """
    words = set(complete.lower().split("+"))
    base = complete.lower().partition("+")[0]
    if words & _DOWN:
        return NodeState.DOWN
    if "drain" in words or base in ("draining", "drained"):
        return NodeState.DRAINING if busy or "completing" in words else NodeState.DRAINED
    if words & _SILENT:
        # Idle or mixed, says the controller, but it has not heard from the node: nobody knows.
        return NodeState.UNKNOWN
    if words & _STARTING:
        return NodeState.STARTING
    if words & _OFF:
        return NodeState.POWERED_OFF
    if "maintenance" in words or "maint" in words:
        return NodeState.MAINTENANCE
    if base == "allocated":
        return NodeState.ALLOCATED
    if base == "mixed":
        return NodeState.MIXED
    if "reserved" in words and not busy:
        return NodeState.RESERVED
    if base == "idle":
        return NodeState.MIXED if busy else NodeState.IDLE
    return NodeState.UNKNOWN
