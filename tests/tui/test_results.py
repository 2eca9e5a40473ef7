"""What came of an act is told once, where it covers nothing, for as long as it is of use."""

from __future__ import annotations

import pytest
from textual.widgets._toast import Toast

from andon.model import Result
from andon.tui.activity import GOOD_SECONDS
from tests.tui.world import NOW, Console, MemoryBackend, console, reports


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def failing() -> MemoryBackend:
    backend = MemoryBackend(reports())
    backend.result = Result.FAILED
    return backend


async def later(it: Console, watch: Watch, seconds: float) -> None:
    watch.now += seconds
    it.app.main.redraw()
    await it.settle()


async def test_progress_is_a_line_of_targets_and_what_came_of_it_is_told_once() -> None:
    backend = MemoryBackend(reports())
    backend.hold_outcomes.clear()
    async with console(backend=backend) as it:
        await it.press("U", "y")
        assert "0/1" in it.bar("activity")
        backend.hold_outcomes.set()
        await it.settle()
        assert "1 confirmed" in it.bar("activity")
        assert it.toasts() == []
        await it.press("escape")
        assert it.bar("activity") == ""


async def test_a_good_result_leaves_by_itself() -> None:
    watch = Watch()
    async with console(clock=watch) as it:
        await it.press("U", "y")
        await later(it, watch, GOOD_SECONDS - 1)
        assert "1 confirmed" in it.bar("activity")
        await later(it, watch, 2)
        assert it.bar("activity") == ""
        assert not it.app.main.bars["activity"].display


async def test_a_bad_result_stays_until_esc() -> None:
    watch = Watch()
    async with console(backend=failing(), clock=watch) as it:
        await it.press("U", "y")
        await later(it, watch, 3600)
        assert "1 failed" in it.bar("activity")
        assert it.bar("activity").rstrip().endswith("esc hides this")
        assert it.toasts() == []
        await it.press("escape")
        assert it.bar("activity") == ""


async def test_an_act_that_ends_badly_after_esc_is_told_all_the_same() -> None:
    backend = failing()
    backend.hold_outcomes.clear()
    async with console(backend=backend) as it:
        await it.press("U", "y")
        assert "0/1" in it.bar("activity")
        await it.press("escape")
        backend.hold_outcomes.set()
        await it.settle()
        await it.settle()
        assert "1 failed" in it.bar("activity")
        await it.press("escape")
        assert "1 failed" not in it.bar("activity")


async def test_good_results_do_not_pile_up_over_the_table() -> None:
    async with console() as it:
        await it.press("U", "y", "down", "U", "y", "down", "U", "y")
        assert len(it.backend.launched) == 3
        assert it.bar("activity").count("confirmed") == 1


async def test_what_came_of_an_act_while_help_was_read_is_there_afterwards() -> None:
    watch = Watch()
    backend = MemoryBackend(reports())
    backend.hold_outcomes.clear()
    async with console(backend=backend, clock=watch) as it:
        await it.press("U", "y", "question_mark")
        backend.hold_outcomes.set()
        await it.settle()
        assert it.toasts() == []
        await later(it, watch, 600)
        await it.press("q")
        assert "1 confirmed" in it.bar("activity")


async def test_trouble_that_comes_while_the_line_is_out_of_sight_is_a_toast() -> None:
    backend = failing()
    backend.hold_outcomes.clear()
    async with console(backend=backend) as it:
        await it.press("U", "y", "question_mark")
        backend.hold_outcomes.set()
        await it.settle()
        (toast,) = it.toasts()
        assert "1 failed" in toast


async def test_what_came_of_an_act_does_not_hide_the_next_dialog() -> None:
    backend = failing()
    backend.hold_outcomes.clear()
    async with console(backend=backend) as it:
        await it.press("U", "y", "down", "U")
        backend.hold_outcomes.set()
        await it.settle()
        assert it.toasts() == []
        assert "1 failed" in it.bar("activity")


async def test_a_toast_never_covers_a_dialog() -> None:
    async with console() as it:
        await it.press("ctrl+r", "U")
        assert it.toasts()
        assert not any(toast.display for toast in it.app.screen.query(Toast))
        await it.press("escape")
        assert "every source is asked now" in it.text()


async def test_the_same_words_are_one_toast() -> None:
    async with console(armed=False) as it:
        await it.press("D", "U", "x", "D")
        assert len(it.toasts()) == 1


async def test_while_read_only_the_footer_offers_nothing_that_acts() -> None:
    async with console(armed=False) as it:
        for word in ("drain", "actions", "mark"):
            assert word not in it.bar("footer")
    async with console() as it:
        for word in ("D drain", "U undrain", "x actions", "space mark"):
            assert word in it.bar("footer")


async def test_the_footer_says_the_keys_of_the_dialog_before_it() -> None:
    async with console() as it:
        await it.press("U")
        assert it.bar("footer").split() == ["tab", "next", "field", "or", "button", "esc", "leave"]
        await it.press("escape")
        assert "D drain" in it.bar("footer")
        await it.press("x")
        assert it.bar("footer").split() == ["↑↓", "choose", "enter", "take", "esc", "leave"]


@pytest.mark.parametrize("view", ["overview", "nodes", "jobs"])
async def test_every_view_says_what_is_wrong_with_the_collector(view: str) -> None:
    async with console(view=view) as it:
        it.backend.collector_trouble = "collector ended, restarting"
        it.app.main.redraw()
        await it.settle()
        assert "▲ collector ended, restarting" in it.bar("header")
        it.backend.collector_trouble = ""
        it.app.main.redraw()
        await it.settle()
        assert "collector" not in it.bar("header")
