from __future__ import annotations

from typing import Any

import pytest

from andon.analysis.blockers import hosts_in
from andon.analysis.joins import joins
from andon.analysis.pending import COMPUTED, Why, why_pending
from andon.analysis.reasons import WORDS
from andon.model import Job, JobState, NodeState, QueueState, Record, Reservation
from tests.unit.analysis.factory import HOUR, NOW, factory, job, node, queue, tenant


def why(reason: str | None, *others: Record, **more: Any) -> Why:
    fields: dict[str, Any] = {"queue": "h100", "reason": reason, **more}
    state = fields.pop("state", JobState.PENDING)
    one: Job = job("100", state, **fields)
    return why_pending(one, joins(factory(one, *others)), NOW)


def text(found: Why) -> str:
    return " ".join((found.summary, *found.lines))


def test_a_running_job_does_not_wait() -> None:
    found = why(None, state=JobState.RUNNING)
    assert found.summary == "It does not wait: it is running."
    assert not found.computed


def test_priority_counts_who_is_ahead_in_the_same_queue() -> None:
    found = why(
        "Priority",
        job("1", JobState.PENDING, queue="h100", priority=900, gpus=8, tenant="a"),
        job("2", JobState.PENDING, queue="h100", priority=950, gpus=16, user="bob"),
        job("3", JobState.PENDING, queue="h100", priority=100, gpus=64),
        job("4", JobState.PENDING, queue="other", priority=999, gpus=64),
        job("5", JobState.HELD, queue="h100", priority=999, gpus=64),
        priority=500,
    )
    assert "2 jobs of queue h100 come first by priority and ask for 24 GPUs" in text(found)
    assert "the next is 2 of bob" in text(found)
    assert found.computed


def test_of_equal_priority_the_older_comes_first() -> None:
    others = [
        job("1", JobState.PENDING, queue="h100", priority=5, submitted_at=NOW - 100),
        job("2", JobState.PENDING, queue="h100", priority=5, submitted_at=NOW - 1),
    ]
    found = why("Priority", *others, priority=5, submitted_at=NOW - 50)
    assert "1 job of queue h100 comes first" in text(found)
    assert "the next is 1" in text(found)


def test_what_is_worked_out_here_says_so_and_what_was_said_does_not() -> None:
    found = why("Priority", priority=5, eligible_at=NOW - HOUR, estimated_start_at=NOW + HOUR)
    ahead = [line for line in found.lines if line.endswith(COMPUTED)]
    assert ahead == [f"It is the first of 1 job in queue h100.{COMPUTED}"]
    expected = next(line for line in found.lines if "The scheduler expects" in line)
    assert not expected.endswith(COMPUTED)
    assert any(line.startswith("It has been eligible for 1h00m, since ") for line in found.lines)
    assert not any("could have started" in line for line in found.lines)


def test_resources_compare_what_is_free_with_what_is_asked() -> None:
    found = why(
        "Resources",
        node("n1", NodeState.MIXED, queues=("h100",), gpus_allocated=6),
        node("n2", NodeState.MIXED, queues=("h100",), gpus_allocated=7),
        node("n3", NodeState.DRAINED, queues=("h100",)),
        node("n4", NodeState.IDLE, queues=("cpu",)),
        job("1", nodes=("n1",), gpus=4, ends_at=NOW + HOUR),
        job("2", nodes=("n2",), gpus=7, ends_at=NOW + 2 * HOUR),
        gpus=8,
        nodes_count=1,
    )
    assert "It asks for 8 GPUs on one node; in queue h100 3 are free" in text(found)
    assert "at most 2 on one node" in text(found)
    assert "8 GPUs on 1 node there take no work now" in text(found)
    assert "in 2h00m, if running jobs use their whole time" in text(found)


def test_enough_gpus_that_are_not_together_are_not_enough() -> None:
    found = why(
        "Resources",
        node("n1", NodeState.MIXED, queues=("h100",), gpus_allocated=4),
        node("n2", NodeState.MIXED, queues=("h100",), gpus_allocated=4),
        gpus=8,
        nodes_count=1,
    )
    assert "Enough are free in all, but not together" in text(found)


def test_an_accounts_limit_says_used_allowed_and_asked_up_the_tree() -> None:
    found = why(
        "AssocGrpGRES",
        tenant("team", parent="lab", gpus_limit=None),
        tenant("lab", parent="root", gpus_limit=64, gpus_used=60),
        tenant("root", parent="root"),
        tenant="team",
        gpus=8,
    )
    assert "its account's total of GPUs is used up" in found.summary
    assert "Account lab may use 64 GPUs, uses 60, this job asks for 8, 4 too many" in text(found)


def test_a_limit_whose_use_is_not_reported_is_counted() -> None:
    found = why(
        "AssocGrpGRES", tenant("a", gpus_limit=8), job("1", tenant="a", gpus=8), tenant="a", gpus=4
    )
    assert "Account a may use 8 GPUs, uses 8, this job asks for 4, 4 too many" in text(found)


def test_a_users_limit_counts_what_the_user_holds_in_that_qos() -> None:
    found = why(
        "QOSMaxGRESPerUser",
        job("1", user="bob", qos="normal", gpus=8),
        job("2", user="bob", qos="high", gpus=4),
        job("3", user="eve", qos="normal", gpus=2),
        job("4", JobState.PENDING, user="bob", qos="normal", gpus=2),
        user="bob",
        qos="normal",
        gpus=4,
    )
    assert "bob runs 1 job with 8 GPUs in QOS normal; this job asks for 4" in text(found)


def test_dependencies_are_named_with_their_state() -> None:
    found = why(
        "Dependency",
        job("7", ends_at=NOW + HOUR),
        job("8", JobState.FAILED),
        dependency="afterok:7(unfulfilled):8,afterany:9",
    )
    assert "It depends on job 7 (afterok): running, at the latest until" in text(found)
    assert "It depends on job 8 (afterok): failed" in text(found)
    assert "It depends on job 9 (afterany), which is not listed any more" in text(found)


def test_a_dependency_that_cannot_come_true_says_what_to_do() -> None:
    found = why("DependencyNeverSatisfied", job("8", JobState.FAILED), dependency="afterok:8")
    assert "stays here for ever" in text(found)
    assert "job 8 (afterok): failed" in text(found)


def test_the_named_nodes_are_told_with_their_state_and_reason() -> None:
    found = why(
        "ReqNodeNotAvail, UnavailableNodes:n[01-02],n9",
        node("n01", NodeState.DRAINED, reason="bad NIC"),
        node("n02", NodeState.DRAINED),
    )
    assert "2 nodes drained: n01, n02 (“bad NIC”)" in text(found)
    assert "1 node not reported: n9" in text(found)


def test_a_demanded_node_that_takes_work_is_not_blamed() -> None:
    found = why(
        "ReqNodeNotAvail",
        node("n1", NodeState.IDLE),
        node("n2", NodeState.DOWN),
        nodes_wanted=("n1", "n2"),
    )
    assert "1 node down: n2" in text(found)
    assert "n1" not in text(found)


def test_a_closed_queue_a_short_queue_and_a_small_queue_are_named() -> None:
    closed = why("PartitionDown", queue("h100", state=QueueState.CLOSED))
    assert "Queue h100 is closed" in text(closed)
    short = why(
        "PartitionTimeLimit", queue("h100", time_limit_seconds=3600), time_limit_seconds=7200
    )
    assert "It asks for 2h00m; queue h100 allows 1h00m" in text(short)
    small = why(
        "PartitionNodeLimit",
        queue("h100", nodes_total=2),
        node("n1", NodeState.DOWN, queues=("h100",)),
        nodes_count=4,
    )
    assert "It asks for 4 nodes; queue h100 has 2, 1 of them out of work" in text(small)


def test_a_start_time_and_a_reservation_are_told() -> None:
    begin = why("BeginTime", eligible_at=NOW + 2 * HOUR)
    assert "in 2h00m" in text(begin)
    late = Reservation(site="par1", cluster="c1", name="maint", starts_at=NOW + HOUR)
    assert "Reservation maint begins" in text(why("Reservation", late, reservation="maint"))
    assert "not listed" in text(why("ReservationDeleted", late, reservation="gone"))


def test_an_arrays_own_limit_counts_its_running_tasks() -> None:
    found = why(
        "JobArrayTaskLimit",
        job("50_1", array_id="50"),
        job("50_2", array_id="50"),
        job("60_1", array_id="60"),
        array_id="50",
        array_tasks="3-99%2",
    )
    assert "2 tasks of at most 2 of array 50 run now" in text(found)


def test_a_held_job_without_a_reason_is_still_held() -> None:
    found = why(None, state=JobState.HELD)
    assert found.summary == "It waits: somebody holds it."
    assert "release" in text(found)


@pytest.mark.parametrize("reason", [*sorted(WORDS), "AssocGrpGRES", "QOSMaxJobsPerUser", "x y"])
def test_no_reason_needs_anything_else_to_be_known(reason: str) -> None:
    bare = Job(site="par1", id="1", state=JobState.PENDING, reason=reason)
    found = why_pending(bare, joins(factory(bare)), NOW)
    assert found.summary.startswith("It waits: ")
    assert found.computed == any(line.endswith(COMPUTED) for line in found.lines)


@pytest.mark.parametrize("reason", [*sorted(WORDS), "AssocGrpGRES", "MaxGRESPerAccount"])
def test_hostile_fields_raise_nothing(reason: str) -> None:
    found = why(
        reason + ", UnavailableNodes:[9-1],a[1-999999999999],[[]],,b[x-y]",
        queue="[/evil],,",
        dependency="afterok:[x],:::,7_*(((",
        array_tasks="%%%9",
        reservation="[@click=app.quit]",
        licenses="a*b",
        tenant="//",
        gpus=-5,
        nodes_count=0,
    )
    assert found.summary


def test_host_lists_are_read_and_bounded() -> None:
    assert hosts_in("gpu[08-11],cpu1") == ("gpu08", "gpu09", "gpu10", "gpu11", "cpu1")
    assert hosts_in("a[1,3-4]b") == ("a1b", "a3b", "a4b")
    assert len(hosts_in("n[0-99999999]")) == 256
    assert hosts_in("") == ()
