"""Slurm's words for states and what each means."""

from __future__ import annotations

import pytest

from andon.sdk import JobState, NodeState, QueueState
from andon_slurm.states import job_state, node_state, queue_state


@pytest.mark.parametrize(
    ("complete", "state"),
    [
        ("idle", NodeState.IDLE),
        ("idle+cloud", NodeState.IDLE),
        ("idle+planned", NodeState.IDLE),
        ("idle+reboot_requested", NodeState.IDLE),
        ("mixed", NodeState.MIXED),
        ("mixed+planned", NodeState.MIXED),
        ("allocated", NodeState.ALLOCATED),
        ("allocated+completing", NodeState.ALLOCATED),
        ("idle+completing", NodeState.MIXED),
        ("idle+reserved", NodeState.RESERVED),
        ("mixed+reserved", NodeState.MIXED),
        ("idle+maintenance", NodeState.MAINTENANCE),
        ("mixed+maintenance", NodeState.MAINTENANCE),
        ("maint", NodeState.MAINTENANCE),
        ("idle+drain", NodeState.DRAINED),
        ("idle+drain+completing", NodeState.DRAINING),
        ("mixed+drain", NodeState.DRAINING),
        ("allocated+drain", NodeState.DRAINING),
        ("idle+maintenance+drain", NodeState.DRAINED),
        ("idle+drain+reserved", NodeState.DRAINED),
        ("drained", NodeState.DRAINED),
        ("draining", NodeState.DRAINING),
        ("idle+drain+not_responding", NodeState.DRAINED),
        ("idle+drain+reboot_requested", NodeState.DRAINED),
        ("down", NodeState.DOWN),
        ("down+drain", NodeState.DOWN),
        ("down+not_responding", NodeState.DOWN),
        ("down+maintenance", NodeState.DOWN),
        ("idle+invalid_reg", NodeState.DOWN),
        ("error", NodeState.DOWN),
        ("idle+fail", NodeState.DOWN),
        ("mixed+fail", NodeState.DRAINING),
        ("idle+not_responding", NodeState.UNKNOWN),
        ("mixed+not_responding", NodeState.UNKNOWN),
        ("idle+powered_down", NodeState.POWERED_OFF),
        ("idle+cloud+powered_down", NodeState.POWERED_OFF),
        ("idle+powering_down", NodeState.POWERED_OFF),
        ("mixed+power_down", NodeState.DRAINING),
        ("idle+powering_up", NodeState.STARTING),
        ("allocated+powering_up", NodeState.STARTING),
        ("idle+reboot_issued", NodeState.STARTING),
        ("unknown", NodeState.UNKNOWN),
        ("unknown+not_responding", NodeState.UNKNOWN),
        ("future", NodeState.UNKNOWN),
        ("brand_new_word", NodeState.UNKNOWN),
        ("", NodeState.UNKNOWN),
    ],
)
def test_a_complete_node_state_has_one_meaning(complete: str, state: NodeState) -> None:
    assert node_state(complete) is state
    assert node_state(complete.upper()) is state


@pytest.mark.parametrize(
    ("word", "reason", "priority", "state"),
    [
        ("RUNNING", "None", 1, JobState.RUNNING),
        ("PENDING", "Priority", 1, JobState.PENDING),
        ("PENDING", "JobHeldUser", 0, JobState.HELD),
        ("PENDING", "JobHeldAdmin", 0, JobState.HELD),
        ("PENDING", "JobHoldMaxRequeue", 0, JobState.HELD),
        ("PENDING", "launch failed requeued held", 0, JobState.HELD),
        ("PENDING", "ReqNodeNotAvail, UnavailableNodes:cpu04", 1, JobState.PENDING),
        # The waiting rest of an array: the reasons of its parts, and one part's priority.
        ("PENDING", "JobHeldAdmin", None, JobState.HELD),
        ("PENDING", "JobHeldAdmin,JobHeldUser", None, JobState.HELD),
        ("PENDING", "JobArrayTaskLimit,JobHeldAdmin", None, JobState.PENDING),
        ("RUNNING", "None", 0, JobState.RUNNING),
        ("CONFIGURING", "None", 1, JobState.STARTING),
        ("COMPLETING", "None", 1, JobState.COMPLETING),
        ("SUSPENDED", "None", 1, JobState.SUSPENDED),
        ("COMPLETED", "None", 1, JobState.COMPLETED),
        ("CANCELLED", "None", 1, JobState.CANCELLED),
        ("FAILED", "NonZeroExitCode", 1, JobState.FAILED),
        ("OUT_OF_MEMORY", "OutOfMemory", 1, JobState.FAILED),
        ("TIMEOUT", "TimeLimit", 1, JobState.TIMEOUT),
        ("DEADLINE", "DeadLine", 1, JobState.TIMEOUT),
        ("NODE_FAIL", "NodeDown", 1, JobState.NODE_FAILED),
        ("BOOT_FAIL", "None", 1, JobState.NODE_FAILED),
        ("PREEMPTED", "None", 1, JobState.PREEMPTED),
        ("SPECIAL_EXIT", "JobHeldUser", 0, JobState.HELD),
        ("REQUEUE_HOLD", "None", 0, JobState.HELD),
        ("REVOKED", "None", 1, JobState.CANCELLED),
        ("BRAND_NEW", "None", 1, JobState.UNKNOWN),
    ],
)
def test_a_job_state_has_one_meaning(
    word: str, reason: str, priority: int | None, state: JobState
) -> None:
    assert job_state(word, reason, priority) is state


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("up", QueueState.OPEN),
        ("drain", QueueState.DRAINING),
        ("down", QueueState.STOPPED),
        ("inact", QueueState.CLOSED),
        ("sideways", QueueState.UNKNOWN),
    ],
)
def test_a_partition_takes_and_starts_work_or_not(word: str, state: QueueState) -> None:
    assert queue_state(word) is state
