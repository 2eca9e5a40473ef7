from __future__ import annotations

import pytest

from andon.model import FaultKind, Kind
from andon.runtime.schedule import BREAKER_FAILURES, NO_USE_S, PROBE_S, Schedule

JOB = frozenset({Kind.JOB})
NODE = frozenset({Kind.NODE})


def schedule(limit: int | None = None, **intervals: float) -> Schedule:
    return Schedule({Kind(name): s for name, s in intervals.items()}, lambda: 0.0, limit)


def poll(timetable: Schedule, kinds: frozenset[Kind], at: float, latency_s: float = 0.0) -> None:
    timetable.started(at)
    timetable.succeeded(kinds, at + latency_s)


def test_everything_is_due_at_first() -> None:
    assert schedule(job=10, node=30).due(0.0) == {Kind.JOB, Kind.NODE}


def test_each_kind_keeps_its_own_interval() -> None:
    timetable = schedule(job=10, node=30)
    poll(timetable, JOB | NODE, 0.0)
    assert timetable.due(9.9) == frozenset()
    assert timetable.due(10.0) == JOB
    assert timetable.next_at(0.0) == 10.0


def test_kinds_that_are_nearly_due_are_asked_for_together() -> None:
    timetable = schedule(job=10, node=10.5)
    poll(timetable, JOB | NODE, 0.0)
    assert timetable.due(10.0) == JOB | NODE


def test_a_kind_that_nobody_looks_at_is_not_asked_for() -> None:
    timetable = schedule(job=10, node=30)
    timetable.look_at(NODE)
    assert timetable.due(0.0) == NODE
    timetable.look_at(frozenset())
    assert timetable.due(0.0) == frozenset()
    assert timetable.next_at(0.0) is None
    assert timetable.interval_s is None


def test_a_kind_that_comes_into_view_is_asked_for_at_once() -> None:
    timetable = schedule(job=10, node=30)
    timetable.look_at(NODE)
    poll(timetable, NODE, 0.0)
    timetable.look_at(None)
    assert timetable.due(0.1) == JOB


@pytest.mark.parametrize(("interval", "latency"), [(8.0, 2.1), (100.0, 2.5)])
def test_a_slow_poll_doubles_the_interval(interval: float, latency: float) -> None:
    timetable = schedule(job=interval)
    poll(timetable, JOB, 0.0, latency)
    assert timetable.interval_s == 2 * interval


def test_the_interval_shrinks_back_slowly_and_not_below_what_was_asked() -> None:
    timetable = schedule(job=8)
    poll(timetable, JOB, 0.0, 3.0)
    seen = []
    for at in range(1, 6):
        poll(timetable, JOB, at * 100.0)
        seen.append(timetable.interval_s)
    assert seen[0] == pytest.approx(12.8)
    assert seen[-1] == 8


def test_the_interval_does_not_widen_without_end() -> None:
    timetable = schedule(job=10)
    for at in range(10):
        poll(timetable, JOB, at * 1000.0, 500.0)
    assert timetable.interval_s == 80


def test_a_poll_longer_than_its_interval_is_followed_by_a_rest() -> None:
    timetable = schedule(job=1)
    poll(timetable, JOB, 0.0, 60.0)
    at = timetable.next_at(60.0)
    assert at is not None
    assert at > 60.0


def test_failures_back_off_and_then_only_probe() -> None:
    timetable = schedule(job=10)
    waits = [timetable.failed(FaultKind.UNREACHABLE, 0.0) / 0.75 for _ in range(7)]
    assert waits[:4] == [5, 10, 20, 40]
    assert set(waits[BREAKER_FAILURES - 1 :]) == {PROBE_S}
    assert timetable.due(0.0) == frozenset()
    assert timetable.next_at(0.0) == pytest.approx(45.0)


def test_the_wait_is_jittered() -> None:
    high = Schedule({Kind.JOB: 10.0}, lambda: 0.999)
    assert high.failed(FaultKind.TIMEOUT, 0.0) > 6.2
    assert schedule(job=10).failed(FaultKind.TIMEOUT, 0.0) == 3.75


@pytest.mark.parametrize(
    ("kind", "wait"), [(FaultKind.DENIED, PROBE_S), (FaultKind.UNSUPPORTED, NO_USE_S)]
)
def test_what_asking_again_does_not_mend_is_asked_again_slowly(kind: FaultKind, wait: int) -> None:
    assert schedule(job=10).failed(kind, 0.0) == 0.75 * wait


def test_one_success_ends_the_back_off() -> None:
    timetable = schedule(job=10)
    for _ in range(9):
        timetable.failed(FaultKind.TIMEOUT, 0.0)
    poll(timetable, JOB, 100.0)
    assert timetable.failures == 0
    assert timetable.due(110.0) == JOB


def test_a_refresh_makes_everything_due_also_while_backing_off() -> None:
    timetable = schedule(job=10)
    poll(timetable, JOB, 0.0)
    timetable.failed(FaultKind.DENIED, 1.0)
    timetable.refresh()
    assert timetable.due(1.0) == JOB


def test_the_budget_holds_also_against_refreshes() -> None:
    timetable = schedule(limit=3, job=10)
    for at in range(3):
        timetable.refresh()
        poll(timetable, JOB, float(at))
    timetable.refresh()
    assert timetable.polls_per_minute(2.0) == 3
    assert timetable.due(2.0) == frozenset()
    assert timetable.next_at(2.0) == 60.0
    assert timetable.due(60.0) == JOB


def test_the_budget_by_default_allows_twice_what_the_intervals_need() -> None:
    assert schedule(job=2, node=30).limit == 60
    assert schedule(node=300).limit == 6
