"""What is typed in a dialog, where it goes, and what the dialog says the keys do."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from andon.model import Tier
from andon.tui.screens.confirm import ConfirmScreen
from andon.tui.widgets.bars import Bar
from tests.tui.world import Console, MemoryBackend, console, reports

THREE_JOBS = ("space", "space", "space", "ctrl+d")


def value(it: Console, name: str) -> str:
    return it.app.screen.query_one(f"#{name}", Input).value


def said(it: Console) -> str:
    bar = it.app.screen.query_one("#say", Bar)
    return "".join(part.text for line in bar.lines for part in line)


def button(it: Console) -> str:
    return str(it.app.screen.query_one("#confirm").render())


def focus(it: Console) -> str | None:
    return it.app.focused.id if it.app.focused is not None else None


async def test_words_typed_at_once_into_a_dialog_that_wants_a_number_are_the_reason() -> None:
    async with console(view="jobs") as it:
        await it.press(*THREE_JOBS)
        assert focus(it) == "leave"
        await it.type("because")
        assert value(it, "reason") == "because"
        assert value(it, "word") == ""


async def test_a_number_typed_at_once_into_such_a_dialog_is_the_number() -> None:
    async with console(view="jobs") as it:
        await it.press(*THREE_JOBS)
        await it.type("30")
        assert value(it, "word") == "30"
        assert value(it, "reason") == ""


async def test_no_letter_is_lost_on_the_way_from_field_to_button_and_back() -> None:
    async with console(view="jobs") as it:
        await it.press(*THREE_JOBS)
        await it.press("tab")
        await it.type("res")
        assert value(it, "reason") == "res"
        await it.press("tab")
        await it.type("12")
        assert value(it, "word") == "12"
        await it.press("tab", "3")
        assert value(it, "word") == "123"


async def test_a_destructive_dialog_takes_the_reason_first_and_then_the_name() -> None:
    backend = MemoryBackend(reports())
    backend.tier = Tier.DESTRUCTIVE
    async with console(backend=backend, view="jobs") as it:
        await it.press("ctrl+d")
        await it.type("yes 3 runaway")
        assert value(it, "reason") == "yes 3 runaway"
        assert value(it, "word") == ""


@pytest.mark.parametrize("reason", ["network", "quench", "kernel", "join", "node 3 is hot"])
async def test_no_letter_but_y_means_anything_else_than_itself(reason: str) -> None:
    async with console() as it:
        await it.press("U")
        await it.type(reason)
        assert isinstance(it.app.screen, ConfirmScreen)
        assert value(it, "reason") == reason
        assert it.backend.launched == []


async def test_letters_after_the_reason_was_given_do_nothing_on_a_button() -> None:
    async with console() as it:
        await it.press("D")
        await it.type("fan")
        await it.press("enter")
        await it.type("nqjkx")
        assert value(it, "reason") == "fan"
        assert isinstance(it.app.screen, ConfirmScreen)


async def test_while_a_field_has_the_focus_no_letter_is_offered() -> None:
    async with console() as it:
        await it.press("D")
        await it.type("fan")
        assert said(it) == "typing the reason; enter: the button"
        assert " y" not in button(it)
        await it.type(" y")
        assert value(it, "reason") == "fan y"
        assert it.backend.launched == []
        await it.press("enter")
        assert focus(it) == "confirm"
        assert said(it) == "y confirms"
        assert button(it).endswith("  y")
        await it.press("y")
        assert it.backend.launched[0].reason == "fan y"


async def test_enter_in_a_reason_that_is_still_empty_says_that_it_is_needed() -> None:
    async with console() as it:
        await it.press("D", "tab")
        assert said(it) == "typing the reason: it is needed"
        await it.press("enter")
        assert focus(it) == "reason"
        assert "needed" in said(it)


async def test_a_dialog_with_a_number_says_at_each_place_what_the_keys_do() -> None:
    async with console(view="jobs") as it:
        await it.press(*THREE_JOBS)
        assert said(it) == "type 3 to confirm; letters: the reason"
        await it.type("x")
        assert said(it) == "typing the reason; enter: the next field"
        await it.press("enter")
        assert said(it) == "typing the number; 3 and enter confirm"
        await it.press("3")
        assert said(it) == "typing the number; enter confirms"
        await it.press("tab")
        assert focus(it) == "leave"
        assert said(it) == "enter leaves; tab: the other button"
        await it.press("tab")
        assert said(it) == "enter confirms"


async def test_a_pasted_reason_goes_where_a_typed_one_would() -> None:
    from textual.events import Paste

    async with console() as it:
        await it.press("D")
        it.app.post_message(Paste("ticket 4711"))
        await it.settle()
        assert value(it, "reason") == "ticket 4711"
