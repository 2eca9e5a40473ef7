"""The command palette: everything there is, found by its words, and drawn as the rest is."""

from __future__ import annotations

import re

import pytest
from textual.widgets import OptionList

from tests.tui.world import Console, console


def entries(it: Console) -> list[str]:
    """Return what the palette lists, top to bottom."""
    options = it.app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(at).prompt) for at in range(options.option_count)]


async def opened(it: Console, typed: str = "") -> list[str]:
    await it.press("ctrl+p")
    await it.type(typed)
    await it.pilot.pause(0.4)
    await it.settle()
    return entries(it)


async def test_its_entries_say_the_name_the_key_and_what_it_does() -> None:
    async with console() as it:
        found = await opened(it, "drain")
        assert found[0].split()[:2] == ["drain", "D"]
        assert found[0].endswith("Stop new work on the nodes")


async def test_what_is_typed_is_looked_for_as_words_and_not_as_letters_strewn_about() -> None:
    async with console(view="overview") as it:
        # "Freeze what is shown; data goes on arriving" holds d, r and a, in that order.
        found = await opened(it, "dra")
        assert all("dra" in entry.casefold() for entry in found), found


async def test_words_may_be_typed_in_any_order() -> None:
    async with console() as it:
        assert (await opened(it, "nodes new"))[0].startswith("drain")


async def test_moving_by_a_row_is_not_among_the_commands() -> None:
    async with console() as it:
        assert not [entry for entry in await opened(it) if "One row up" in entry]


async def test_it_holds_what_can_be_typed_after_a_colon() -> None:
    async with console() as it:
        assert "Only my own jobs" in (await opened(it, "mine"))[0]
        await it.press("enter")
        assert it.app.main.place.state.scope.user is not None


async def test_a_command_that_needs_a_name_is_left_to_be_finished() -> None:
    async with console() as it:
        assert "Other colours" in (await opened(it, "theme"))[0]
        await it.press("enter")
        assert it.app.main.prompt.is_open
        assert it.app.main.prompt.text == "theme "
        await it.type("andon-light")
        await it.press("enter")
        assert it.app.theme == "andon-light"


async def test_acts_of_other_kinds_are_not_offered() -> None:
    async with console(view="nodes") as it:
        assert not [entry for entry in await opened(it) if entry.startswith("requeue")]
    async with console(view="jobs") as it:
        assert [entry for entry in await opened(it) if entry.startswith("requeue")]


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_no_sign_on_it_is_wider_than_a_cell(size: tuple[int, int]) -> None:
    async with console(size=size) as it:
        await opened(it)
        assert all(ord(character) < 0x2700 for character in it.text())
        shown = [line for line in it.text().split("\n") if re.search(r" [1-7] ", line)]
        assert len(shown) >= min(5, size[1] - 5)


async def test_views_say_what_they_show() -> None:
    async with console() as it:
        assert "free" in (await opened(it, "overview"))[0]
