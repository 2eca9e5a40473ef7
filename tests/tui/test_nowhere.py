"""Keys where they have nothing to work on: that is said, and nothing else happens instead."""

from __future__ import annotations

import pytest

from andon.tui.commands import CommandError, Vocabulary, parse
from andon.tui.unheard import Unheard
from tests.tui.world import console


async def test_a_filter_typed_on_the_overview_is_one_of_the_jobs_and_runs_no_key() -> None:
    async with console(view="overview") as it:
        await it.press("slash")
        assert "nothing to filter here: enter goes to the jobs that match" in it.text()
        await it.type("state=pend")
        assert not it.app.desk.paused
        assert it.app.main.place.state.view == "overview"
        assert it.app.main.prompt.text == "jobs state=pend"
        await it.press("backspace", "backspace", "backspace", "backspace")
        await it.type("pending")
        await it.press("enter")
        state = it.app.main.place.state
        assert (state.view, state.filter) == ("jobs", "state=pending")


async def test_esc_takes_the_filter_that_was_begun_on_the_overview_away() -> None:
    async with console(view="overview") as it:
        await it.press("slash", "g", "escape")
        assert it.app.main.place.state.view == "overview"
        assert not it.app.main.prompt.is_open


async def test_a_filter_typed_on_the_detail_pane_is_the_one_of_the_rows_beside_it() -> None:
    async with console() as it:
        await it.press("enter", "tab", "slash")
        await it.type("drained")
        await it.press("enter")
        assert it.app.main.place.state.filter == "drained"


async def test_a_detail_that_covers_the_rows_gives_way_to_their_filter() -> None:
    async with console(size=(80, 16)) as it:
        await it.press("enter")
        assert not it.app.main.shows_both
        await it.press("slash")
        assert it.app.main.shows_both
        assert it.app.main.prompt.is_open


@pytest.mark.parametrize("opening", [("question_mark",), ("y",), ("x",)], ids=" ".join)
@pytest.mark.parametrize("typed", ["/state=qpend", ":jobs q"])
async def test_what_is_typed_after_a_sign_that_a_screen_does_not_take_runs_no_key(
    opening: tuple[str, ...], typed: str
) -> None:
    async with console() as it:
        await it.press(*opening)
        before = it.app.screen
        await it.type(typed)
        await it.press("enter")
        assert it.app.screen is before
        (toast,) = it.toasts()
        assert "here; esc goes back" in toast
        await it.press("q")
        assert it.app.screen is it.app.main


def test_after_a_pause_keys_are_keys_again() -> None:
    unheard = Unheard(1.0)
    assert unheard.begins("/", 10.0)
    assert unheard.drops("q", 10.5)
    assert unheard.drops("q", 11.4)
    assert not unheard.drops("q", 12.5)


def test_esc_ends_what_was_begun_and_is_heard() -> None:
    unheard = Unheard(1.0)
    assert unheard.begins(":", 10.0)
    assert not unheard.drops("escape", 10.1)
    assert not unheard.drops("q", 10.2)
    assert not unheard.begins("q", 10.3)


@pytest.mark.parametrize("key", ["U", "x"])
async def test_marks_that_the_filter_hides_are_named_as_what_is_in_the_way(key: str) -> None:
    async with console() as it:
        await it.press("space", "space", "slash")
        await it.type("gpu-01")
        await it.press("enter")
        assert not it.app.main.table.marked_keys()
        await it.press(key)
        assert it.toasts() == [
            "2 marked nodes are hidden by the filter, none in sight is marked: "
            "ctrl-\\ clears the marks"
        ]
        await it.press("ctrl+backslash", key)
        assert it.app.screen is not it.app.main


async def test_theme_alone_names_the_themes() -> None:
    async with console() as it:
        await it.press("colon")
        await it.type("theme")
        await it.press("enter")
        for name in it.app.themes.palettes:
            assert name in it.line("theme needs NAME")


def test_what_is_missing_is_named_as_far_as_there_is_room() -> None:
    many = Vocabulary({"columns": [f"c{number}" for number in range(20)]})
    with pytest.raises(CommandError, match=r"sort needs COLUMN .*: c0, c1, .*c7, …$"):
        parse("sort", many)
    with pytest.raises(CommandError, match=r"theme needs NAME$"):
        parse("theme")
