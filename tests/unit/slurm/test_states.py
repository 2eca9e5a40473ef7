"""Slurm's words for states and what each means."""

from __future__ import annotations

import pytest

from andon.sdk import JobState, NodeState, QueueState
from andon_slurm.states import job_state, node_state, queue_state


@pytest.mark.parametrize(
    ("complete", "busy", "state"),
    [
        ("idle", False, NodeState.IDLE),
        ("idle+cloud", False, NodeState.IDLE),
        ("idle+planned", False, NodeState.IDLE),
        ("idle+reboot_requested", False, NodeState.IDLE),
        ("mixed", True, NodeState.MIXED),
        ("mixed+planned", True, NodeState.MIXED),
        ("allocated", True, NodeState.ALLOCATED),
        ("allocated+completing", True, NodeState.ALLOCATED),
        ("idle+completing", False, NodeState.MIXED),
        ("idle+reserved", False, NodeState.RESERVED),
        ("mixed+reserved", True, NodeState.MIXED),
        ("idle+maintenance", False, NodeState.MAINTENANCE),
        ("mixed+maintenance", True, NodeState.MAINTENANCE),
        ("maint", False, NodeState.MAINTENANCE),
        ("idle+drain", False, NodeState.DRAINED),
        ("idle+drain+completing", False, NodeState.DRAINING),
        ("mixed+drain", True, NodeState.DRAINING),
        ("allocated+drain", True, NodeState.DRAINING),
        ("idle+maintenance+drain", False, NodeState.DRAINED),
        ("idle+drain+reserved", False, NodeState.DRAINED),
        ("drained", False, NodeState.DRAINED),
        ("draining", True, NodeState.DRAINING),
        ("idle+drain+not_responding", False, NodeState.DRAINED),
        ("idle+drain+reboot_requested", False, NodeState.DRAINED),
        ("down", False, NodeState.DOWN),
        ("down+drain", False, NodeState.DOWN),
        ("down+not_responding", False, NodeState.DOWN),
        ("down+maintenance", False, NodeState.DOWN),
        ("idle+invalid_reg", False, NodeState.DOWN),
        ("error", False, NodeState.DOWN),
        ("idle+fail", False, NodeState.DOWN),
        ("mixed+fail", True, NodeState.DRAINING),
        ("idle+not_responding", False, NodeState.UNKNOWN),
        ("mixed+not_responding", True, NodeState.UNKNOWN),
        ("idle+powered_down", False, NodeState.POWERED_OFF),
        ("idle+cloud+powered_down", False, NodeState.POWERED_OFF),
        ("idle+powering_down", False, NodeState.POWERED_OFF),
        ("mixed+power_down", True, NodeState.DRAINING),
        ("idle+powering_up", False, NodeState.STARTING),
        ("allocated+powering_up", True, NodeState.STARTING),
        ("idle+reboot_issued", False, NodeState.STARTING),
        ("unknown", False, NodeState.UNKNOWN),
        ("unknown+not_responding", False, NodeState.UNKNOWN),
        ("future", False, NodeState.UNKNOWN),
        ("brand_new_word", False, NodeState.UNKNOWN),
        ("", False, NodeState.UNKNOWN),
    ],
)
def test_a_complete_node_state_has_one_meaning(complete: str, busy: bool, state: NodeState) -> None:
    assert node_state(complete, busy=busy) is state
    assert node_state(complete.upper(), busy=busy) is state


def test_an_idle_node_with_work_on_it_is_mixed() -> None:
    assert node_state("idle", busy=True) is NodeState.MIXED


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
