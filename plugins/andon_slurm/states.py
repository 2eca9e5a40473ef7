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
HELD_REASONS = frozenset({"JobHeldUser", "JobHeldAdmin", "JobHoldMaxRequeue"})

_QUEUE = {
    "up": QueueState.OPEN,
    "drain": QueueState.DRAINING,
    "down": QueueState.STOPPED,
    "inact": QueueState.CLOSED,
}
"""PartitionState: UP takes and starts; DRAIN only starts; DOWN only takes; INACTIVE neither."""

# Flags that decide on their own: what follows `+` in a complete state.
_DOWN = frozenset({"down", "error", "invalid_reg", "inval"})
_FAILING = frozenset({"fail", "failing"})
_DRAIN = frozenset({"drain", "draining", "drained"})
_WORKING = frozenset({"mixed", "allocated", "completing", "draining", "failing"})
_SILENT = frozenset({"not_responding", "no_respond"})
_STARTING = frozenset(
    {"powering_up", "power_up", "reboot_issued", "rebooting", "configuring", "booting"}
)
_OFF = frozenset({"powered_down", "power_down", "powering_down", "power_drain"})
_MAINTENANCE = frozenset({"maintenance", "maint"})


def job_state(word: str, reason: str, priority: int | None) -> JobState:
    """Return the meaning of a job state such as `PENDING`.

    Args:
        word: the state as squeue prints it.
        reason: why it waits. For the waiting rest of an array squeue joins the reasons of its
            parts by commas; it is held only when all of them are.
        priority: 0 is what a hold is made of, also where the reason is a free text such as
            `launch failed requeued held`; `None` where the number is not the whole record's.
    """
    state = _JOB.get(word, JobState.UNKNOWN)
    if state is JobState.PENDING and (priority == 0 or HELD_REASONS.issuperset(reason.split(","))):
        return JobState.HELD
    return state


def queue_state(word: str) -> QueueState:
    """Return the meaning of a partition's availability as sinfo prints it."""
    return _QUEUE.get(word, QueueState.UNKNOWN)


def node_words(complete: str) -> frozenset[str]:
    """Return the words of a complete state such as `mixed+drain`, in lower case."""
    return frozenset(complete.lower().split("+"))


def has_work(words: frozenset[str]) -> bool:
    """Whether jobs hold any of a node.

    The state says so, not the number of allocated processors: slurmctld leaves that as it was when
    the last job of a drained node ends (seen with 22.05).
    """
    return bool(words & _WORKING)


def node_state(complete: str) -> NodeState:
    """Return the meaning of a complete state: base state and flags joined by `+`."""
    words = node_words(complete)
    busy = has_work(words)
    if words & _DOWN:
        return NodeState.DOWN
    if words & _FAILING:
        # "Expected to fail soon", set by an operator: no new work, jobs run on.
        return NodeState.DRAINING if busy else NodeState.DOWN
    if words & _DRAIN:
        return NodeState.DRAINING if busy else NodeState.DRAINED
    if words & _SILENT:
        # Idle or mixed, says the controller, but it has not heard from the node: nobody knows.
        return NodeState.UNKNOWN
    if words & _STARTING:
        return NodeState.STARTING
    if words & _OFF:
        # Told to power down, a node takes no new work and waits for its jobs.
        return NodeState.DRAINING if busy else NodeState.POWERED_OFF
    if words & _MAINTENANCE:
        return NodeState.MAINTENANCE
    if "allocated" in words:
        return NodeState.ALLOCATED
    if busy:
        return NodeState.MIXED
    if "reserved" in words:
        return NodeState.RESERVED
    return NodeState.IDLE if "idle" in words else NodeState.UNKNOWN
