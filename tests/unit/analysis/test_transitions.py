from __future__ import annotations

from andon.analysis.transitions import transitions
from andon.model import (
    AcceleratorState,
    Event,
    JobState,
    Kind,
    NodeState,
    QueueState,
    Severity,
    SourceState,
)
from andon.store import Snapshot
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


def texts(before: Snapshot, after: Snapshot) -> list[str]:
    return [event.text for event in transitions(before, after, NOW)]


def test_nothing_changed() -> None:
    snapshot = factory(node("n1"), job("1"))
    assert texts(snapshot, snapshot) == []
    assert texts(snapshot, said(snapshot, node("n1"), whole=[Kind.NODE])) == []


def test_the_first_report_is_no_change() -> None:
    before = Snapshot().with_status(status("slurm"))
    assert texts(before, said(before, node("n1", NodeState.DOWN), incident("1"))) == []


def test_a_node_that_has_not_answered_yet_is_no_news_until_it_is_down() -> None:
    before = factory(node("n1", NodeState.MIXED))
    silent = said(before, node("n1", NodeState.UNKNOWN, backend_state="MIXED+NOT_RESPONDING"))
    assert texts(before, silent) == []
    assert texts(silent, said(silent, node("n1", NodeState.MIXED))) == []
    assert texts(silent, said(silent, node("n1", NodeState.DOWN))) == [
        "Node n1 went unknown → down"
    ]
    drained = factory(node("n1", NodeState.DRAINED))
    assert texts(drained, said(drained, node("n1", NodeState.UNKNOWN)))


def test_a_node_that_changes_what_it_does_is_told_with_its_reason() -> None:
    before = factory(node("n1"), node("n2"))
    after = said(before, node("n1", NodeState.DOWN, reason="lost"))
    (event,) = transitions(before, after, NOW)
    assert event.text == "Node n1 went idle → down (“lost”)"
    assert event.severity is Severity.CRITICAL
    assert (event.object_kind, event.object_key) == (Kind.NODE, "par1/n1")


def test_work_coming_and_going_on_a_node_is_no_event() -> None:
    before = factory(node("n1", NodeState.IDLE))
    assert texts(before, said(before, node("n1", NodeState.ALLOCATED))) == []


def test_many_nodes_that_change_alike_are_one_event() -> None:
    before = factory(*[node(f"n{n}") for n in range(9)])
    after = said(before, *[node(f"n{n}", NodeState.DOWN) for n in range(9)])
    assert texts(before, after) == ["9 nodes went idle → down: n0, n1, n2 and 6 more"]


def test_a_node_that_goes_or_comes_is_told() -> None:
    before = factory(node("n1"), node("n2"))
    after = said(before, node("n3"), removed=[(Kind.NODE, "par1/n1")])
    assert sorted(texts(before, after)) == ["Node n1 went idle → gone", "Node n3 went new → idle"]


def test_a_new_xid_is_told_once() -> None:
    before = factory(card("n1", 2), card("n1", 3))
    struck = card("n1", 2, AcceleratorState.FAULTY, xid_last=79, xid_last_at=NOW)
    after = said(before, struck)
    (event,) = transitions(before, after, NOW)
    assert event.text == "1 GPU Xid 79: n1:2"
    assert event.severity is Severity.CRITICAL
    hotter = said(
        after,
        card("n1", 2, AcceleratorState.FAULTY, xid_last=79, xid_last_at=NOW, power_draw_watts=9.0),
    )
    assert texts(after, hotter) == []


def test_a_source_that_falls_silent_and_returns_is_told() -> None:
    before = factory(node("n1"))
    lost = before.with_status(status("slurm", state=SourceState.DOWN))
    (event,) = transitions(before, lost, NOW)
    assert event.text == "Source slurm is down, was live"
    assert event.severity is Severity.CRITICAL
    assert texts(lost, before) == ["Source slurm is live, was down"]


def test_a_source_that_becomes_slow_is_told_once() -> None:
    before = factory(node("n1"))
    slow = before.with_status(status("slurm", slow_seconds=8.2))
    (event,) = transitions(before, slow, NOW)
    assert event.text == "Source slurm is slow, was live"
    assert transitions(slow, slow.with_status(status("slurm", slow_seconds=9.1)), NOW) == ()


def test_a_source_that_is_merely_late_or_starting_is_no_event() -> None:
    before = factory(node("n1"))
    late = before.with_status(status("slurm", state=SourceState.LATE))
    assert texts(before, late) == []
    starting = before.with_status(status("slurm", state=SourceState.CONNECTING))
    assert texts(starting, before) == []


def test_incidents_open_and_close() -> None:
    before = factory(incident("1"))
    after = said(before, incident("2"), removed=[(Kind.INCIDENT, "par1/1")])
    assert sorted(texts(before, after)) == ["Closed: Incident 1", "Opened: Incident 2"]


def test_a_queue_that_stops_is_told() -> None:
    before = factory(queue("q", state=QueueState.OPEN))
    after = said(before, queue("q", state=QueueState.STOPPED))
    assert texts(before, after) == ["Queue q went open → stopped"]


def test_only_big_moves_of_a_queue_are_told() -> None:
    pending = JobState.PENDING
    before = factory(*[job(str(n), pending, queue="q") for n in range(100)])
    few = said(before, *[job(str(n), pending, queue="q") for n in range(100, 120)])
    assert texts(before, few) == []
    many = said(few, *[job(str(n), pending, queue="q") for n in range(200, 280)])
    assert texts(few, many) == ["Queue q: 120 → 200 jobs waiting"]


def test_every_event_has_an_id_of_its_own_and_the_worst_comes_first() -> None:
    before = factory(node("n1"), node("n2"), queue("q", state=QueueState.OPEN))
    after = said(
        before,
        node("n1", NodeState.MAINTENANCE),
        node("n2", NodeState.DOWN),
        queue("q", state=QueueState.CLOSED),
    )
    events: tuple[Event, ...] = transitions(before, after, NOW)
    assert len({event.key for event in events}) == len(events) == 3
    assert [event.severity for event in events] == [
        Severity.CRITICAL,
        Severity.WARNING,
        Severity.INFO,
    ]
