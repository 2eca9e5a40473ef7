from __future__ import annotations

import pytest

from andon.analysis.impact import Impact, impact
from andon.analysis.joins import joins
from andon.analysis.words import clock_text
from andon.model import Effect, JobState, Kind, NodeState, Record, SourceState, SourceStatus, Target
from tests.unit.analysis.factory import HOUR, NOW, factory, job, node, said


def target(kind: Kind, key: str) -> Target:
    return Target(kind=kind, key=key, name=key.rpartition("/")[2], site="par1", source="slurm")


def on_nodes(effect: Effect, *records: Record, names: tuple[str, ...] = ("n1",)) -> Impact:
    targets = [target(Kind.NODE, f"par1/{name}") for name in names]
    return impact(effect, targets, joins(factory(*records)), NOW)


def on_jobs(effect: Effect, *records: Record, ids: tuple[str, ...] = ("1",)) -> Impact:
    targets = [target(Kind.JOB, f"par1/c1/{one}") for one in ids]
    return impact(effect, targets, joins(factory(*records)), NOW)


def test_stopping_new_work_says_what_keeps_running_and_until_when() -> None:
    hit = on_nodes(
        Effect.STOP_NEW_WORK,
        node("n1", NodeState.MIXED),
        job("1", nodes=("n1",), tenant="a", ends_at=NOW + HOUR),
        job("2", nodes=("n1", "n2"), tenant="b", ends_at=NOW + 2 * HOUR),
    )
    last = clock_text(NOW + 2 * HOUR, NOW)
    assert hit.text == f"no new work; 2 jobs keep running, the last ends {last} at the latest"
    assert hit.jobs == ("1", "2")
    assert hit.tenants == ("a", "b")
    assert hit.gpu_hours_at_risk == 0
    assert hit.expected_seconds == 2 * HOUR


def test_stopping_new_work_where_nothing_runs_is_done_at_once() -> None:
    hit = on_nodes(Effect.STOP_NEW_WORK, node("n1"))
    assert hit.text == "no new work; nothing runs there"
    assert hit.expected_seconds == 0


def test_a_time_limit_that_is_not_known_is_said() -> None:
    one = on_nodes(Effect.STOP_NEW_WORK, node("n1"), job("1", nodes=("n1",)))
    assert one.text == "no new work; 1 job keeps running, time limit unknown"
    assert one.expected_seconds is None
    some = on_nodes(
        Effect.STOP_NEW_WORK,
        node("n1"),
        job("1", nodes=("n1",)),
        job("2", nodes=("n1",), started_at=NOW - HOUR, time_limit_seconds=7200),
    )
    assert "time limit of 1 unknown" in some.text


def test_a_limit_that_follows_from_the_start_counts() -> None:
    hit = on_nodes(
        Effect.STOP_NEW_WORK,
        node("n1"),
        job("2", nodes=("n1",), started_at=NOW - HOUR, time_limit_seconds=7200),
    )
    assert hit.expected_seconds == HOUR


def test_a_job_on_two_of_the_nodes_is_counted_once() -> None:
    hit = on_nodes(
        Effect.STOP_NEW_WORK,
        node("n1"),
        node("n2"),
        job("1", nodes=("n1", "n2"), ends_at=NOW + 1),
        names=("n1", "n2"),
    )
    assert hit.jobs == ("1",)


def test_killing_says_how_much_work_is_at_risk_and_by_what_rule() -> None:
    jobs = [
        job("1", gpus=8, started_at=NOW - 5 * HOUR, tenant="a"),
        job("2", gpus=1, started_at=NOW - HOUR, tenant="b"),
        job("3", JobState.PENDING, gpus=8),
    ]
    hit = on_jobs(Effect.KILL_JOBS, *jobs, ids=("1", "2", "3"))
    assert hit.text == (
        "2 jobs end now, 41 GPU-hours since start at risk, checkpoints are not reported, "
        "1 waiting job is removed from the queue"
    )
    assert hit.gpu_hours_at_risk == pytest.approx(41)
    assert hit.tenants == ("a", "b")


def test_killing_what_does_not_say_what_it_holds_is_an_unknown_risk() -> None:
    hit = on_jobs(Effect.KILL_JOBS, job("1"))
    assert hit.gpu_hours_at_risk is None
    assert "1 job ends now, the work at risk is unknown" in hit.text


def test_killing_a_node_kills_what_runs_there() -> None:
    hit = on_nodes(
        Effect.KILL_JOBS, node("n1"), job("1", nodes=("n1",), gpus=2, started_at=NOW - HOUR)
    )
    assert hit.jobs == ("1",)
    assert hit.gpu_hours_at_risk == pytest.approx(2)


def test_acting_on_what_is_over_has_no_effect_and_says_so() -> None:
    hit = on_jobs(Effect.KILL_JOBS, job("1", JobState.COMPLETED, gpus=8))
    assert hit.text == "nothing is running or waiting any more: no effect"
    assert hit.gpu_hours_at_risk == 0


def test_holding_does_not_stop_what_runs() -> None:
    hit = on_jobs(Effect.HOLD_JOBS, job("1", JobState.PENDING), job("2"), ids=("1", "2"))
    assert hit.text == (
        "1 waiting job will not start before being released; 1 running job is not stopped"
    )


def test_releasing_and_restarting_say_what_follows() -> None:
    released = on_jobs(Effect.RELEASE_JOBS, job("1", JobState.HELD, gpus=8))
    assert released.text == "1 job may start from now on, asking for 8 GPUs"
    restarted = on_jobs(Effect.RESTART_JOBS, job("1", gpus=1, started_at=NOW - HOUR))
    assert restarted.text.startswith("1 job starts again from the beginning or its last checkpoint")
    assert restarted.gpu_hours_at_risk == pytest.approx(1)


def test_allowing_new_work_counts_gpus_and_nodes_that_take_work_already() -> None:
    hit = on_nodes(
        Effect.ALLOW_NEW_WORK,
        node("n1", NodeState.DRAINED),
        node("n2", NodeState.IDLE),
        names=("n1", "n2"),
    )
    assert hit.text == "new work may start on 2 nodes with 16 GPUs; 1 takes work already"


def test_a_large_share_of_a_queue_is_warned_of() -> None:
    nodes = [node(f"n{n}", queues=("h100", "all")) for n in range(5)]
    others = [node(f"m{n}", queues=("all",)) for n in range(20)]
    hit = on_nodes(Effect.STOP_NEW_WORK, *nodes, *others, names=("n0", "n1"))
    assert hit.warnings == ("this is 40 % of the nodes of queue h100 that take work",)
    every = on_nodes(Effect.STOP_NEW_WORK, *nodes, names=tuple(f"n{n}" for n in range(5)))
    assert "these are all nodes of queues all, h100 that take work" in every.warnings
    site = on_nodes(
        Effect.STOP_NEW_WORK, node("n1", queues=("a", "b", "c", "d", "e")), names=("n1",)
    )
    assert site.warnings == ("these are all nodes of queues a, b, c and 2 more that take work",)


def test_tenants_that_share_a_node_are_named() -> None:
    hit = on_nodes(
        Effect.STOP_NEW_WORK,
        node("n1"),
        job("1", nodes=("n1",), tenant="a", ends_at=NOW + 1),
        job("2", nodes=("n1",), tenant="b", ends_at=NOW + 1),
    )
    assert "two tenants share n1: a, b" in hit.warnings


def test_several_shared_nodes_are_counted_in_one_line() -> None:
    jobs = [
        job(f"{name}-{tenant}", nodes=(name,), tenant=tenant, ends_at=NOW + 1)
        for name in ("n1", "n2")
        for tenant in ("a", "b")
    ]
    hit = on_nodes(Effect.STOP_NEW_WORK, node("n1"), node("n2"), *jobs, names=("n1", "n2"))
    assert [text for text in hit.warnings if "shared" in text] == [
        "2 nodes among these are shared by tenants"
    ]


def test_giving_a_shared_node_back_is_nothing_to_warn_of() -> None:
    shared = [job(tenant, nodes=("n1",), tenant=tenant, ends_at=NOW + 1) for tenant in ("a", "b")]
    hit = on_nodes(Effect.ALLOW_NEW_WORK, node("n1", NodeState.DRAINING), *shared)
    assert hit.warnings == ()


def test_queues_of_one_name_at_two_sites_are_told_apart() -> None:
    nodes = [node("n1", queues=("cpu",)), node("m1", queues=("cpu",), site="nrt1")]
    snapshot = factory(*nodes)
    targets = [target(Kind.NODE, "par1/n1"), target(Kind.NODE, "nrt1/m1")]
    hit = impact(Effect.STOP_NEW_WORK, targets, joins(snapshot), NOW)
    assert "these are all nodes of queue cpu at nrt1 that take work" in hit.warnings
    assert "these are all nodes of queue cpu at par1 that take work" in hit.warnings


def test_a_little_work_at_risk_is_not_said_to_be_none() -> None:
    hit = on_jobs(Effect.KILL_JOBS, job("1", gpus=1, started_at=NOW - 7))
    assert "less than 0.1 GPU-hours since start at risk" in hit.text


def test_old_data_about_what_runs_is_warned_of() -> None:
    snapshot = said(factory(node("n1")), job("1", nodes=("n1",)), at=NOW - 40)
    hit = impact(Effect.KILL_JOBS, [target(Kind.NODE, "par1/n1")], joins(snapshot), NOW)
    assert "slurm told what runs there 40s ago" in hit.warnings


@pytest.mark.parametrize("effect", [Effect.STOP_NEW_WORK, Effect.KILL_JOBS])
def test_that_nothing_runs_there_is_not_said_where_the_jobs_were_not_told(effect: Effect) -> None:
    both = (Kind.NODE, Kind.JOB)
    status = SourceStatus(
        name="slurm", plugin="slurm", site="par1", state=SourceState.PARTIAL, kinds=both
    )
    snapshot = factory(node("n1")).with_status(status)
    hit = impact(effect, [target(Kind.NODE, "par1/n1")], joins(snapshot), NOW)
    assert "what runs there is not known" in hit.text
    assert "nothing" not in hit.text
    assert (hit.gpu_hours_at_risk, hit.expected_seconds) == (None, None)
    assert "slurm did not report its jobs: what runs there is not known" in hit.warnings


def test_what_is_not_reported_any_more_is_said() -> None:
    hit = on_nodes(Effect.STOP_NEW_WORK, node("n2"))
    assert "n1 is not reported now: the effect there is unknown" in hit.warnings


@pytest.mark.parametrize("effect", list(Effect))
def test_every_effect_has_words_even_for_nothing(effect: Effect) -> None:
    assert on_nodes(effect, names=()).text
    assert on_jobs(effect, ids=("gone",)).text
