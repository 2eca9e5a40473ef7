"""One trouble is one problem, also when a source has an incident of it and the analysis sees it."""

from __future__ import annotations

import pytest

from andon.analysis.problems import Problem, problems, problems_about
from andon.analysis.trouble.causes import says
from andon.model import (
    AcceleratorState,
    JobState,
    Kind,
    NodeState,
    QueueState,
    Record,
    Severity,
)
from tests.unit.analysis.factory import HOUR, NOW, card, factory, incident, job, node, queue

A = AcceleratorState
LOST = "NHC: GPU 3 has fallen off the bus (Xid 79)"


def found(*records: Record) -> tuple[Problem, ...]:
    return problems(factory(*records), NOW)


def one(*records: Record) -> Problem:
    every = found(*records)
    assert len(every) == 1, [problem.title for problem in every]
    return every[0]


def told(text: str = f"n1: {LOST}", **more: object) -> Record:
    fields = {"severity": Severity.CRITICAL, "nodes": ("n1",), "opened_at": NOW - 60, **more}
    return incident("i", text=text, **fields)


def lost_card(**more: object) -> Record:
    fields = {"xid_last": 79, "xid_last_at": NOW - 60, "recovery_action": "reboot", **more}
    return card("n1", 3, A.FAULTY, **fields)


def test_an_incident_tells_of_the_broken_gpu_and_keeps_what_was_seen_of_it() -> None:
    problem = one(node("n1", NodeState.MIXED), lost_card(), told())
    assert problem.kind is Kind.INCIDENT
    assert "reboot advised" in problem.detail
    assert "Xid 79" not in problem.detail, "its title says so already"


def test_what_the_incident_says_in_other_words_is_not_said_again() -> None:
    broken = card("n1", 4, A.FAULTY, xid_last=48, ecc_uncorrected_count=2, recovery_action="reset")
    problem = one(
        node("n1", NodeState.MIXED), broken, told("n1: GPU 4 uncorrectable ECC error (Xid 48)")
    )
    assert problem.detail == "reset advised"


def test_the_gpu_is_found_to_be_what_the_incident_is_about() -> None:
    snapshot = factory(node("n1", NodeState.MIXED), lost_card(), told())
    (problem,) = problems_about(snapshot, Kind.ACCELERATOR, lost_card().key, NOW)
    assert problem.kind is Kind.INCIDENT
    assert problems_about(snapshot, Kind.NODE, "par1/n1", NOW) == (problem,)


def test_an_incident_tells_of_the_node_that_was_drained_for_it() -> None:
    drained = node(
        "n1", NodeState.DRAINED, reason=LOST, reason_by="root", reason_at=NOW - 8 * 86_400
    )
    problem = one(drained, lost_card(), told())
    assert "drained by root" in problem.detail
    assert problem.gpus == 8, "the whole node is out of use"


def test_another_reason_to_drain_the_node_stays_a_problem() -> None:
    titles = {p.title for p in found(node("n1", NodeState.DRAINED, reason="firmware"), told())}
    assert titles == {"Node n1 is drained", f"n1: {LOST}"}


def test_another_cause_on_the_same_gpu_stays_a_problem() -> None:
    slow = incident("h", text="n1: GPU 3 slows down because it is hot", nodes=("n1",))
    titles = {problem.title for problem in found(node("n1", NodeState.MIXED), lost_card(), slow)}
    assert titles == {
        "n1: GPU 3 slows down because it is hot",
        "GPU 3 of n1 is faulty: Xid 79, reboot advised",
    }


def test_another_gpu_of_the_same_node_stays_a_problem() -> None:
    other = card("n1", 5, A.FAULTY, xid_last=79, xid_last_at=NOW - 60)
    every = found(node("n1", NodeState.MIXED), lost_card(), other, told())
    assert {problem.title for problem in every} == {
        f"n1: {LOST}",
        "GPU 5 of n1 is faulty: Xid 79",
    }


def test_an_incident_about_one_gpu_tells_of_no_other_one() -> None:
    about = told(
        "uncorrected ECC errors",
        object_kind=Kind.ACCELERATOR,
        object_key=card("n1", 1).key,
    )
    mine = card("n1", 1, A.FAULTY, ecc_uncorrected_count=1)
    other = card("n1", 2, A.FAULTY, ecc_uncorrected_count=1)
    every = found(node("n1", NodeState.MIXED), mine, other, about)
    assert {problem.title for problem in every} == {
        "GPU 2 of n1 is faulty: uncorrected memory errors",
        "uncorrected ECC errors",
    }


def test_the_same_name_at_another_site_is_another_thing() -> None:
    elsewhere = incident("i", site="fra1", text=LOST, nodes=("n1",))
    assert len(found(node("n1", NodeState.MIXED), lost_card(), elsewhere)) == 2


def test_the_worse_of_two_judgements_holds() -> None:
    mild = told(severity=Severity.WARNING)
    assert one(node("n1", NodeState.MIXED), lost_card(), mild).severity is Severity.CRITICAL


def test_a_broken_gpu_that_nobody_can_get_any_more_is_a_warning() -> None:
    drained = node("n1", NodeState.DRAINED, reason=LOST)
    assert one(drained, lost_card(), told(severity=Severity.WARNING)).severity is Severity.WARNING
    (first, _) = found(node("n1", NodeState.DRAINED, reason="firmware"), lost_card())
    assert (first.title.startswith("GPU 3"), first.severity) == (True, Severity.WARNING)
    draining = node("n1", NodeState.DRAINING, reason="firmware")
    assert found(draining, lost_card())[0].severity is Severity.CRITICAL


def test_an_incident_tells_of_a_hot_rack() -> None:
    nodes = [node(f"n{n}", NodeState.ALLOCATED, rack="r1") for n in range(5)]
    hot = [card(f"n{n}", 0, A.BUSY, throttle_reasons=("hw_thermal_slowdown",)) for n in range(5)]
    names = tuple(f"n{n}" for n in range(5))
    problem = one(*nodes, *hot, incident("h", topic="thermal", text="rack r1 is hot", nodes=names))
    assert "hw_thermal_slowdown" in problem.detail
    assert problem.gpus == 5


def test_an_incident_tells_of_gpus_held_idle_by_its_jobs() -> None:
    idle = [
        card("n1", n, A.IDLE_HELD, job="1", cluster="c1", idle_since=NOW - 2 * HOUR)
        for n in range(3)
    ]
    about = incident("w", topic="idle-held", text="1 job holds 3 GPUs idle", jobs=("1",))
    problem = one(*idle, job("1", tenant="health"), about)
    assert "the longest for 2h00m" in problem.detail
    assert "health" in problem.tenants
    other = incident("w", topic="idle-held", text="1 job holds 3 GPUs idle", jobs=("2",))
    assert len(found(*idle, job("1", tenant="health"), other)) == 2


def test_an_incident_tells_of_a_queue_that_stands_still() -> None:
    stopped = queue("q", state=QueueState.STOPPED)
    waiting = job("1", JobState.PENDING, queue="q", gpus=8, tenant="a")
    about = incident(
        "q", text="queue q starts no jobs", object_kind=Kind.QUEUE, object_key=stopped.key
    )
    problem = one(stopped, waiting, about)
    assert "1 job waiting" in problem.detail
    assert problem.tenants == ("a",)


def test_an_incident_about_nodes_that_are_silent_tells_of_them() -> None:
    down = [node(f"n{n}", NodeState.DOWN, reason="Not responding") for n in range(2)]
    problem = one(*down, incident("r", text="rack r1: no power", nodes=("n0", "n1")))
    assert problem.severity is Severity.CRITICAL
    assert "2 nodes are down" in problem.detail
    assert problem.gpus == 16


def test_what_of_a_rack_no_incident_names_is_still_told() -> None:
    down = [
        node(f"n{n}", NodeState.DOWN, rack="r1", reason="Not responding", reason_at=NOW - 5)
        for n in range(5)
    ]
    about = incident("r", text="n0 does not respond", nodes=("n0",))
    assert {problem.title for problem in found(*down, about)} == {
        "4 nodes of rack r1 are down",
        "n0 does not respond",
    }


@pytest.mark.parametrize(
    ("text", "xid"),
    [
        ("n1: Xid 48", 64),
        ("n1: row remap failure", 64),
        ("n1: many corrected ECC errors", 95),
        ("n1: NVLink errors", 74),
        ("n1: GSP does not answer", 119),
        ("n1: GPU 0 is broken", 79),
        ("n1: Xid 13", 13),
    ],
)
def test_causes_are_told_by_class_not_by_word(text: str, xid: int) -> None:
    broken = card("n1", 0, A.BUSY, xid_last=xid, xid_last_at=NOW - 60)
    assert len(found(node("n1", NodeState.MIXED), broken, told(text))) == 1


@pytest.mark.parametrize(
    ("text", "xid"),
    [("n1: Xid 48", 79), ("n1: NVLink errors", 64), ("n1: port mlx5_6 is down", 79)],
)
def test_causes_of_different_classes_are_two_problems(text: str, xid: int) -> None:
    broken = card("n1", 0, A.BUSY, xid_last=xid, xid_last_at=NOW - 60)
    assert len(found(node("n1", NodeState.MIXED), broken, told(text))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "n1: NVLink port 3 CRC errors",
        "n1: port 3 of the switch was painted",
        "n1: GPU 3 does not respond",
        "n1: GSP does not answer",
        "n1: Xid 31, training stopped",
    ],
)
def test_a_node_that_is_down_is_more_than_a_broken_device(text: str) -> None:
    for reason in (None, "Not responding", "Xid 31"):
        down = node("n1", NodeState.DOWN, reason=reason)
        assert "Node n1 is down" in {problem.title for problem in found(down, told(text))}


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("on hold for disk replacement", "n1: Xid 31, training stopped"),
        ("restart of slurmd pending", "n1: Xid 31, training stopped"),
        ("job 7 never started its epilog", "n1: queue q is closed"),
        ("kept idle for a demo", "n1: 8 GPUs idle"),
        ("ib", "n1: calibration lost"),
        ("ib", "n1: ib cable is bent"),
        ("firmware", "n1: firmware was never tested"),
        ("disk failure", "n1: raid-disk failure of the neighbour"),
    ],
)
def test_a_drained_node_and_an_incident_that_only_sound_alike_are_two(
    reason: str, text: str
) -> None:
    drained = node("n1", NodeState.DRAINED, reason=reason)
    every = found(drained, told(text))
    assert {problem.title for problem in every} == {"Node n1 is drained", text}
    assert any(f"“{reason}”" in problem.detail for problem in every)


def test_a_reason_that_an_incident_quotes_whole_is_told_by_it() -> None:
    drained = node("n1", NodeState.DRAINED, reason="Disk failure", reason_by="root")
    assert one(drained, told("n1: disk failure, see log")).detail == "drained by root"


def test_only_what_the_incident_says_in_whole_words_is_not_said_again() -> None:
    broken = card("n1", 3, A.FAULTY, xid_last=4, ecc_uncorrected_count=1)
    problem = one(node("n1"), broken, told("n10 and others: ECC errors (Xid 48)"))
    assert problem.detail == "Xid 4; on n1"


def test_an_incident_about_one_job_tells_of_the_gpus_that_it_holds_idle() -> None:
    idle = card("n1", 0, A.IDLE_HELD, job="1", cluster="c1", idle_since=NOW - 2 * HOUR)
    held = job("1", tenant="health")
    about = incident("w", text="its GPUs are idle", object_kind=Kind.JOB, object_key=held.key)
    assert one(idle, held, about).title == "its GPUs are idle"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("n1: Xid 79", "n1", True),
        ("n1: Xid 79", "XID 79", True),
        ("Xid 79", "Xid 7", False),
        ("n10, n1", "n1", True),
        ("n1-ib0 and an1", "n1", False),
        ("n1.dc.example is hot", "n1", True),
        ("mlx5_6", "mlx5", False),
        ("anything", "", False),
        ("", "n1", False),
    ],
)
def test_a_text_says_words_only_as_whole_words(text: str, words: str, expected: bool) -> None:
    assert says(text, words) is expected
