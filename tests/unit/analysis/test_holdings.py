"""What the jobs of some tenants, or of one user, hold: numbers and problems of a scope."""

from __future__ import annotations

from andon.analysis.holdings import holdings
from andon.analysis.problems import problems, problems_in
from andon.analysis.summary import Tally, summarise
from andon.model import (
    AcceleratorState,
    JobState,
    Kind,
    NodeState,
    QueueState,
    Record,
    SourceState,
)
from andon.store import Snapshot
from andon.views.state import Scope
from tests.unit.analysis.factory import (
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
HEALTH = Scope(tenants=("health",))
ALICE = Scope(user="alice")
RECORDS: tuple[Record, ...] = (
    node("n1", NodeState.MIXED),
    node("n2", NodeState.ALLOCATED),
    node("n3", NodeState.DOWN, reason="fire"),
    *[card("n1", index, A.BUSY, job="1", power_draw_watts=500) for index in range(2)],
    *[card("n1", index, A.BUSY, job="2", power_draw_watts=700) for index in range(2, 8)],
    *[card("n2", index, A.IDLE_HELD, job="2", power_draw_watts=100) for index in range(8)],
    *[card("n3", index, A.UNAVAILABLE) for index in range(8)],
    job("1", tenant="health", user="alice", nodes=("n1",), gpus=2),
    job("2", tenant="bank", user="bob", nodes=("n1", "n2"), gpus=14),
    job("3", JobState.PENDING, tenant="health", user="carol", gpus=4, queue="q"),
)


def tally(scope: Scope, *records: Record) -> Tally:
    return summarise(factory(*(records or RECORDS)), NOW, scope).total


def test_a_tenant_has_the_nodes_and_gpus_that_its_jobs_hold() -> None:
    total = tally(HEALTH)
    assert total.nodes == {NodeState.MIXED: 1}
    assert total.accelerators == {A.BUSY: 2}
    assert total.gpus_allocated.value == 2
    assert total.power_watts.value == 1000
    assert (total.jobs_running, total.jobs_pending) == (1, 1)
    assert total.gpus_wanted.value == 4


def test_what_is_free_belongs_to_nobody() -> None:
    assert tally(HEALTH).gpus_free.value is None
    assert tally(HEALTH).models == {}


def test_a_user_has_what_the_own_jobs_hold() -> None:
    assert tally(ALICE).gpus_allocated.value == 2
    assert tally(Scope(user="bob")).gpus_allocated.value == 14
    assert tally(Scope(user="nobody")).gpus_allocated.value == 0
    assert tally(Scope(tenants=("bank",), user="alice")).gpus_allocated.value == 0


def test_where_no_single_gpu_is_reported_the_jobs_say_how_many_they_hold() -> None:
    total = tally(
        HEALTH, node("n1", NodeState.MIXED), job("1", tenant="health", nodes=("n1",), gpus=6)
    )
    assert total.gpus_allocated.value == 6
    assert total.accelerators == {A.ALLOCATED: 6}
    assert total.power_watts.value is None


def test_a_process_without_a_job_counts_for_its_tenant() -> None:
    total = tally(HEALTH, card("n9", 0, A.BUSY, tenant="health"))
    assert total.gpus_allocated.value == 1


def test_sites_of_a_scope_are_those_with_something_of_it() -> None:
    snapshot = said(factory(*RECORDS), node("x", site="fra1"), source="b")
    snapshot = snapshot.with_status(status("b", site="fra1"))
    assert list(summarise(snapshot, NOW, HEALTH).sites) == ["par1"]
    lost = snapshot.with_status(status("b", site="fra1", state=SourceState.DOWN))
    assert list(summarise(lost, NOW, HEALTH).sites) == ["fra1", "par1"], "it may have some"


def test_what_a_lost_source_said_is_not_held_any_more() -> None:
    total = summarise(factory(*RECORDS, state=SourceState.DOWN), NOW, HEALTH).total
    assert total.gpus_allocated.value is None
    assert total.nodes == {NodeState.UNKNOWN: 1}


def test_holdings_follow_what_changes() -> None:
    snapshot = factory(*RECORDS)
    assert holdings(snapshot, HEALTH).nodes == {"par1/n1"}
    snapshot = said(snapshot, job("4", tenant="health", nodes=("n2",), gpus=1))
    assert holdings(snapshot, HEALTH).nodes == {"par1/n1", "par1/n2"}
    snapshot = said(snapshot, removed=[(Kind.JOB, "par1/c1/1")])
    assert holdings(snapshot, HEALTH).nodes == {"par1/n2"}
    assert holdings(snapshot, Scope(tenants=("bank",))).nodes == {"par1/n1", "par1/n2"}
    assert holdings(Snapshot(), HEALTH).nodes == frozenset()


def titles(snapshot: Snapshot, scope: Scope) -> set[str]:
    return {problem.title for problem in problems_in(snapshot, NOW, scope)}


def test_without_a_scope_every_problem_counts() -> None:
    snapshot = factory(*RECORDS)
    assert problems_in(snapshot, NOW, Scope()) == problems(snapshot, NOW)


def test_problems_of_a_tenant_are_those_of_its_jobs_and_of_what_they_hold() -> None:
    snapshot = factory(
        *RECORDS,
        card("n1", 0, A.FAULTY, job="1", xid_last=79, xid_last_at=NOW),
        card("n1", 7, A.FAULTY, job="2", xid_last=79, xid_last_at=NOW),
        node("n2", NodeState.DRAINING, reason="firmware"),
    )
    both = {"2 GPUs of n1 are faulty: Xid 79"}
    assert titles(snapshot, HEALTH) == both
    assert titles(snapshot, ALICE) == both
    assert titles(snapshot, Scope(tenants=("bank",))) == both | {"Node n2 is draining"}
    assert titles(snapshot, Scope(tenants=("other",))) == set()


def test_an_incident_on_a_node_that_a_tenant_uses_is_its_problem() -> None:
    snapshot = factory(*RECORDS, incident("i", nodes=("n1",)), incident("k", nodes=("n3",)))
    assert titles(snapshot, HEALTH) == {"Incident i"}


def test_a_queue_in_which_its_jobs_wait_is_a_tenant_problem() -> None:
    stopped = queue("q", state=QueueState.STOPPED)
    assert "Queue q is stopped with 1 job waiting" in titles(
        factory(*RECORDS, stopped), Scope(user="carol")
    )
    assert titles(factory(*RECORDS, stopped), ALICE) == set()


def test_a_source_that_is_not_heard_is_everybodys_problem() -> None:
    snapshot = factory(*RECORDS, state=SourceState.DOWN)
    assert "Source slurm does not answer" in titles(snapshot, HEALTH)
    assert titles(snapshot, Scope(tenants=("health",), sites=("fra1",))) == set()


def test_problems_of_a_source_are_those_of_what_it_reports() -> None:
    snapshot = said(factory(*RECORDS), node("m1", NodeState.DOWN), source="b")
    snapshot = snapshot.with_status(status("b"))
    assert titles(snapshot, Scope(sources=("b",))) == {"Node m1 is down"}
    assert titles(snapshot, Scope(sources=("slurm",))) == {"Node n3 is down"}
