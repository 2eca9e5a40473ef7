from __future__ import annotations

import math

import pytest

from andon.model import Event
from andon.store import History
from andon.store.history import EVENTS_LIMIT, SERIES_LIMIT


def event(number: int) -> Event:
    return Event(
        site="par1", id=str(number), at=float(number), topic="node", text=f"Event {number}"
    )


def test_values_come_oldest_first_and_always_as_many() -> None:
    history = History(span_seconds=20, step_seconds=5)
    assert history.values("gpus", 100) == (None,) * 4
    for at, value in ((85, 1), (90, 2), (95, 3), (100, 4)):
        history.add("gpus", at, value)
    assert history.values("gpus", 100) == (1, 2, 3, 4)
    assert history.values("gpus", 104.9) == (1, 2, 3, 4)


def test_a_gap_is_none_and_never_a_zero() -> None:
    history = History(span_seconds=20, step_seconds=5)
    history.add("gpus", 85, 1)
    history.add("gpus", 95, None)
    history.add("gpus", 100, 4)
    assert history.values("gpus", 100) == (1, None, None, 4)


def test_of_several_values_in_one_step_the_last_stays() -> None:
    history = History(span_seconds=10, step_seconds=5)
    history.add("gpus", 100, 1)
    history.add("gpus", 104, 2)
    assert history.values("gpus", 104) == (None, 2)


def test_a_step_that_has_just_begun_is_not_a_gap() -> None:
    history = History(span_seconds=10, step_seconds=5)
    history.add("gpus", 95, 1)
    history.add("gpus", 100, 2)
    assert history.values("gpus", 105) == (1, 2)
    assert history.values("gpus", 110) == (2, None)


def test_what_is_older_than_the_span_is_forgotten() -> None:
    history = History(span_seconds=20, step_seconds=5)
    history.add("gpus", 100, 7)
    assert history.latest("gpus", 115) == 7
    assert history.latest("gpus", 200) is None
    history.add("gpus", 200, 8)
    history.add("gpus", 100, 9)
    assert history.values("gpus", 200)[-1] == 8, "a late old value overwrites nothing newer"


@pytest.mark.parametrize("at", [math.nan, math.inf, -math.inf, -5.0, 1e300])
def test_impossible_moments_are_dropped(at: float) -> None:
    history = History(span_seconds=20, step_seconds=5)
    history.add("gpus", at, 1)
    assert history.values("gpus", 100) == (None,) * 4


def test_a_value_of_the_far_future_does_not_stop_the_present() -> None:
    history = History(span_seconds=20, step_seconds=5)
    history.add("gpus", 1e9, 1)
    for at in (85, 90, 95, 100):
        history.add("gpus", at, at)
    assert sum(value is not None for value in history.values("gpus", 100)) >= 3


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_a_gap(value: float) -> None:
    history = History(span_seconds=10, step_seconds=5)
    history.add("gpus", 100, value)
    assert history.latest("gpus", 100) is None


def test_invented_names_cost_no_memory() -> None:
    history = History(span_seconds=10, step_seconds=5)
    history.add("kept", 100, 1)
    for number in range(SERIES_LIMIT + 10):
        history.add("kept", 100, 1)
        history.add(f"series {number}", 100, 1)
    assert len(history.series) == SERIES_LIMIT
    assert history.latest("kept", 100) == 1, "what is written often stays"
    assert history.latest("series 0", 100) is None


def test_the_newest_events_come_first_and_the_oldest_go() -> None:
    history = History()
    for number in range(EVENTS_LIMIT + 5):
        history.note(event(number))
    newest = history.events(3)
    assert [one.id for one in newest] == [str(EVENTS_LIMIT + 4 - back) for back in range(3)]
    assert len(history.events(10_000)) == EVENTS_LIMIT
    assert history.events(0) == ()


@pytest.mark.parametrize(("span", "step"), [(10, 0), (10, -1), (1, 5)])
def test_a_history_without_a_step_makes_no_sense(span: float, step: float) -> None:
    with pytest.raises(ValueError, match="step"):
        History(span, step)
