"""When news is drawn, with a clock that tests step."""

from __future__ import annotations

import pytest

from andon.tui.pulse import CALM_SECONDS, PATIENCE_SECONDS, Pulse


def test_much_news_is_one_draw() -> None:
    pulse = Pulse(0.25)
    assert pulse.news(10.0) == 0.0
    assert pulse.news(10.1) is None
    pulse.drew(10.1)
    assert pulse.news(10.15) == pytest.approx(0.2)


def test_news_waits_for_a_moment_between_keys() -> None:
    pulse = Pulse(0.25)
    pulse.news(10.0)
    assert pulse.hold(10.0) == 0.0
    pulse.pressed(10.0)
    assert pulse.hold(10.0) == pytest.approx(CALM_SECONDS)
    assert pulse.hold(10.1 + CALM_SECONDS) == 0.0


def test_news_is_drawn_right_after_a_key_was_answered() -> None:
    pulse = Pulse(0.25)
    assert not pulse.fits(10.0), "nothing waits"
    pulse.news(10.0)
    pulse.pressed(10.1)
    assert pulse.fits(10.1)
    pulse.drew(10.1)
    pulse.news(10.15)
    assert not pulse.fits(10.2), "draws keep their distance"


def test_news_does_not_wait_for_ever() -> None:
    pulse = Pulse(0.25)
    pulse.news(10.0)
    late = 10.0 + PATIENCE_SECONDS
    pulse.pressed(late)
    assert pulse.hold(late) == 0.0


def test_nothing_is_held_up_where_draws_keep_no_distance() -> None:
    pulse = Pulse(0.0)
    pulse.news(10.0)
    pulse.pressed(10.0)
    assert pulse.hold(10.0) == 0.0
