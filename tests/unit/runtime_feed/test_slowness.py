"""When a source that answers is called slow."""

from __future__ import annotations

import pytest

from andon.model import Kind
from andon.runtime.slowness import Slowness, limit_s, slow_once

JOB, NODE, TENANT = Kind.JOB, Kind.NODE, Kind.TENANT
INTERVALS = {JOB: 5.0, NODE: 10.0, TENANT: 300.0}
ALL = frozenset(INTERVALS)


def told(*polls: tuple[Kind, float], wanted: frozenset[Kind] = ALL) -> list[float | None]:
    slowness = Slowness(INTERVALS, deadline_s=10.0)
    return [slowness.answered(frozenset({kind}), took, wanted) for kind, took in polls]


@pytest.mark.parametrize(("interval", "limit"), [(1.0, 1.0), (5.0, 2.5), (10.0, 5.0), (300.0, 5.0)])
def test_half_the_interval_or_half_the_deadline_is_too_long(interval: float, limit: float) -> None:
    assert limit_s(interval, 10.0) == limit


def test_one_long_poll_is_chance_two_in_a_row_are_not() -> None:
    assert told((JOB, 3.0), (JOB, 0.1), (JOB, 3.0), (JOB, 4.0)) == [None, None, None, 4.0]


def test_around_the_limit_it_stays_what_it_was() -> None:
    took = [3.0, 3.0, 2.4, 2.6, 1.3, 2.4, 1.2, 2.4, 1.2, 1.2]
    said = told(*[(JOB, one) for one in took])
    assert said == [None, 3.0, 2.4, 2.6, 1.3, 2.4, 2.4, 2.4, 2.4, None]


def test_a_quick_kind_does_not_hide_a_slow_one() -> None:
    said = told((JOB, 3.0), (NODE, 0.1), (JOB, 3.0), (NODE, 0.1), (NODE, 0.1), (NODE, 0.1))
    assert said == [None, None, 3.0, 3.0, 3.0, 3.0]


def test_the_slowest_kind_is_told() -> None:
    assert told((JOB, 3.0), (JOB, 3.0), (NODE, 6.0), (NODE, 6.0))[-1] == 6.0


def test_a_kind_that_is_asked_for_seldom_may_take_its_time() -> None:
    assert told((TENANT, 4.0), (TENANT, 4.0)) == [None, None]


def test_what_nobody_looks_at_any_more_makes_nothing_slow() -> None:
    slowness = Slowness(INTERVALS, deadline_s=10.0)
    for _ in range(2):
        slowness.answered(frozenset({JOB}), 3.0, ALL)
    assert slowness.answered(frozenset({NODE}), 0.1, frozenset({NODE})) is None
    assert slowness.answered(frozenset({NODE}), 0.1, ALL) == 3.0


def test_a_reread_of_single_things_says_nothing_of_the_pace() -> None:
    slowness = Slowness(INTERVALS, deadline_s=10.0)
    assert slowness.answered(frozenset(), 9.0, ALL) is None
    assert slowness.answered(frozenset(), 9.0, ALL) is None


def test_a_command_asks_once_and_for_everything_together() -> None:
    assert slow_once(4.9) is None
    assert slow_once(8.2) == 8.2
