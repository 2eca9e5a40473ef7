from __future__ import annotations

from andon.analysis.problems import Problem, problems, problems_about
from andon.model import (
    AcceleratorState,
    Coverage,
    Fault,
    FaultKind,
    JobState,
    Kind,
    NodeState,
    QueueState,
    Record,
    Severity,
    SourceState,
    WorkClass,
)
from tests.unit.analysis.factory import (
    HOUR,
    NOW,
    card,
    factory,
    incident,
    job,
    node,
    queue,
    said,
    status,
)

A = AcceleratorState


def found(*records: Record) -> tuple[Problem, ...]:
    return problems(factory(*records), NOW)


def one(*records: Record) -> Problem:
    every = found(*records)
    assert len(every) == 1, [problem.title for problem in every]
    return every[0]


def test_a_healthy_factory_has_no_problem() -> None:
    assert found(node("n1"), card("n1", 0, A.BUSY), job("1", nodes=("n1",)), queue("q")) == ()


def test_a_node_that_is_down_says_since_when_why_and_who_is_hurt() -> None:
    problem = one(
        node("n1", NodeState.DOWN, reason="Not responding", reason_by="slurm", reason_at=NOW - 60),
        job("812", nodes=("n1",), tenant="health"),
    )
    assert problem.severity is Severity.CRITICAL
    assert problem.title == "Node n1 is down"
    assert problem.since == NOW - 60
    for part in ("“Not responding” by slurm", "8 GPUs", "812", "health"):
        assert part in problem.detail, part
    assert (problem.gpus, problem.jobs, problem.tenants) == (8, ("812",), ("health",))
    assert problem.touches(Kind.NODE, "par1/n1")


def test_a_rack_that_goes_down_is_one_problem() -> None:
    nodes = [
        node(f"n{n:02d}", NodeState.DOWN, rack="r7", reason_at=NOW - 100 - n) for n in range(12)
    ]
    problem = one(*nodes)
    assert problem.title == "12 nodes of rack r7 are down"
    assert problem.gpus == 96
    assert len(problem.members) == 12
    assert problem.touches(Kind.NODE, "par1/n05")
    assert not problem.touches(Kind.NODE, "par1/n99")


def test_nodes_that_go_down_in_one_minute_make_a_source_or_the_network_suspect() -> None:
    nodes = [node(f"n{n}", NodeState.DOWN, rack=f"r{n}", reason_at=NOW - 500 + n) for n in range(5)]
    problem = one(*nodes)
    assert problem.title == "5 nodes at par1 are down"
    assert "suspect a source or the network" in problem.detail


def test_nodes_that_went_down_at_different_times_are_different_problems() -> None:
    nodes = [node(f"n{n}", NodeState.DOWN, reason_at=NOW - 5000 * (n + 1)) for n in range(4)]
    assert len(found(*nodes)) == 4


def test_nodes_drained_for_one_reason_are_one_problem_with_its_owner() -> None:
    nodes = [
        node(
            f"n{n}",
            NodeState.DRAINED,
            reason="firmware",
            reason_by="alice",
            reason_at=NOW - 9e3 * n,
        )
        for n in range(4)
    ]
    problem = one(*nodes)
    assert problem.title == "4 nodes at par1 are drained"
    assert "“firmware” by alice" in problem.detail
    assert problem.severity is Severity.INFO


def test_a_drain_without_a_reason_or_forgotten_is_worse() -> None:
    assert one(node("n1", NodeState.DRAINED)).severity is Severity.WARNING
    old = node("n1", NodeState.DRAINED, reason="firmware", reason_at=NOW - 8 * 86_400)
    assert one(old).severity is Severity.WARNING


def test_a_draining_node_names_the_work_that_still_runs() -> None:
    draining = node("n1", NodeState.DRAINING, reason="firmware", reason_by="alice")
    problem = one(draining, job("5", nodes=("n1",), tenant="a"))
    assert "1 job (5) of a still run there" in problem.detail


def test_a_faulty_accelerator_names_xid_action_and_holder() -> None:
    problem = one(
        node("n1", NodeState.MIXED),
        card(
            "n1", 3, A.FAULTY, xid_last=79, xid_last_at=NOW - 60, recovery_action="reboot", job="1"
        ),
        job("1", tenant="health"),
    )
    assert problem.title == "GPU 3 of n1 is faulty: Xid 79, reboot advised"
    assert problem.severity is Severity.CRITICAL
    assert "the driver asks for: reboot" in problem.detail
    assert "held by job 1 of health" in problem.detail


def test_an_action_nobody_knows_counts_as_one() -> None:
    assert one(card("n1", 0, recovery_action="unknown(9)")).severity is Severity.CRITICAL
    assert found(card("n1", 0, recovery_action="none")) == ()


def test_accelerators_of_one_node_are_one_problem() -> None:
    problem = one(*[card("n1", index, A.FAULTY) for index in range(4)])
    assert problem.title.startswith("4 GPUs of n1 are faulty")


def test_an_xid_of_a_program_is_a_warning_and_an_old_one_is_history() -> None:
    recent = card("n1", 0, A.BUSY, xid_last=13, xid_last_at=NOW - 60)
    assert one(recent).severity is Severity.WARNING
    assert found(card("n1", 0, A.BUSY, xid_last=13, xid_last_at=NOW - 90_000)) == ()
    assert one(card("n1", 0, A.BUSY, ecc_uncorrected_count=1)).severity is Severity.CRITICAL
    assert found(card("n1", 0, A.BUSY, ecc_uncorrected_count=0)) == ()


def test_heat_in_one_rack_is_one_problem_and_a_power_cap_is_none() -> None:
    hot = [card(f"n{n}", 0, A.BUSY, throttle_reasons=("hw_thermal_slowdown",)) for n in range(5)]
    nodes = [node(f"n{n}", NodeState.ALLOCATED, rack="r1") for n in range(5)]
    problem = one(*nodes, *hot)
    assert problem.title == "5 GPUs on 5 nodes in rack r1 are slowed down"
    assert "cooling" in problem.detail
    assert found(card("n1", 0, A.BUSY, throttle_reasons=("sw_power_cap",))) == ()


def test_idle_held_gpus_are_told_by_tenant_after_half_an_hour() -> None:
    cards = [
        card("n1", n, A.IDLE_HELD, job="1", cluster="c1", idle_since=NOW - 2 * HOUR)
        for n in range(3)
    ]
    problem = one(*cards, job("1", tenant="health"))
    assert problem.title == "3 GPUs held idle by health (job 1)"
    assert "the longest for 2h00m" in problem.detail
    assert "6 GPU-hours" in problem.detail
    assert found(card("n1", 0, A.IDLE_HELD, idle_since=NOW - 1700)) == ()


def test_a_warm_replica_is_not_waste() -> None:
    idle = card("n1", 0, A.IDLE_HELD, job="1", idle_since=NOW - HOUR, memory_used_bytes=9)
    assert found(idle, job("1", work=WorkClass.INFERENCE)) == ()
    assert found(idle, job("1", work=WorkClass.TRAINING)) != ()


def test_a_stopped_queue_is_a_problem_only_with_work_waiting() -> None:
    stopped = queue("q", state=QueueState.STOPPED)
    assert found(stopped) == ()
    problem = one(stopped, job("1", JobState.PENDING, queue="q", gpus=8, tenant="a"))
    assert problem.title == "Queue q is stopped with 1 job waiting"
    assert "8 GPUs" in problem.detail
    assert one(queue("q", state=QueueState.CLOSED, jobs_pending=7)).title.endswith("7 jobs waiting")


def test_the_longest_waiting_job_of_a_queue_is_told_after_a_day() -> None:
    old = [
        job(str(n), JobState.PENDING, queue="q", eligible_at=NOW - (2 + n) * 86_400)
        for n in range(3)
    ]
    problem = one(*old)
    assert problem.title == "Job 2 waits longest in queue q: 4d00h"
    assert found(job("9", JobState.PENDING, queue="q", eligible_at=NOW - HOUR)) == ()
    held = job("9", JobState.HELD, queue="q", eligible_at=NOW - 1e6)
    later = job("8", JobState.PENDING, queue="q", eligible_at=NOW - 1e6, reason="BeginTime")
    assert found(held, later) == ()


def test_jobs_that_can_never_start_are_counted() -> None:
    hopeless = [
        job(str(n), JobState.PENDING, reason="DependencyNeverSatisfied", tenant="a")
        for n in range(3)
    ]
    problem = one(*hopeless)
    assert problem.title == "3 jobs at par1 can never start: DependencyNeverSatisfied"


def test_a_lost_source_comes_first_because_it_hides_the_rest() -> None:
    snapshot = factory(node("n1"), node("n2", NodeState.DOWN), job("1"))
    fault = Fault(
        source="b", kind=FaultKind.TIMEOUT, message="no answer", hint="look at it", at=NOW
    )
    snapshot = said(snapshot, node("m1", site="fra1"), source="b")
    snapshot = snapshot.with_status(
        status("b", site="fra1", state=SourceState.DOWN, observed_at=NOW - 90, fault=fault)
    )
    first = problems(snapshot, NOW)[0]
    assert first.title == "Source b does not answer"
    assert first.severity is Severity.CRITICAL
    for part in ("1m ago", "no answer", "unknown now: its 1 node", "look at it"):
        assert part in first.detail, part


def test_a_source_that_grew_old_or_answers_in_part_is_a_problem() -> None:
    snapshot = factory(node("n1"))
    assert problems(snapshot, NOW) == ()
    assert problems(snapshot, NOW + 60)[0].title == "Source slurm has gone silent"
    gap = (Coverage(kind=Kind.NODE, reported=125, expected=128, note="3 silent"),)
    partial = factory(node("n1"), state=SourceState.PARTIAL, coverage=gap)
    assert "125 of 128 nodes (3 silent)" in problems(partial, NOW)[0].detail


def test_an_incident_is_told_and_found_from_what_it_is_about() -> None:
    snapshot = factory(
        incident("7", severity=Severity.CRITICAL, nodes=("n1",), next_step="reboot", opened_at=NOW)
    )
    (problem,) = problems(snapshot, NOW)
    assert problem.title == "Incident 7"
    assert "next: reboot" in problem.detail
    assert problems_about(snapshot, Kind.NODE, "par1/n1", NOW) == (problem,)
    assert problems_about(snapshot, Kind.NODE, "par1/n2", NOW) == ()


def test_sources_that_contradict_each_other_are_shown() -> None:
    snapshot = said(
        factory(node("n1", NodeState.IDLE)), node("n1", NodeState.MAINTENANCE), source="b"
    )
    (problem,) = problems(snapshot, NOW)
    assert problem.title == "Sources disagree about the state of 1 node at par1"
    assert "b says maintenance" in problem.detail


def test_worst_comes_first_by_severity_then_gpus() -> None:
    every = found(
        node("n1", NodeState.DRAINED, reason="x"),
        node("n2", NodeState.DOWN, gpus_total=1),
        node("n3", NodeState.DOWN, gpus_total=8, reason_at=NOW - 5000),
        queue("q", state=QueueState.STOPPED, jobs_pending=1),
    )
    assert [problem.key for problem in every] == ["par1/n3", "par1/n2", "par1/c1/q", "par1/n1"]


def test_one_moment_is_worked_out_once() -> None:
    snapshot = factory(node("n1", NodeState.DOWN))
    assert problems(snapshot, NOW) is problems(snapshot, NOW)
    assert problems(snapshot, NOW + 1) is not problems(snapshot, NOW)
