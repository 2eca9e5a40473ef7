"""What is offered while a filter is typed: names, values of closed sets, values of the rows."""

from __future__ import annotations

import pytest

from andon.model import Job, JobState
from andon.tui.handlers.filtering import before_name
from tests.tui.test_hostile import said as hostile
from tests.tui.world import SITE, Console, batch, console, reports, status


def hint(it: Console) -> str:
    """Return the line below the prompt."""
    return it.text().split("\n")[-2].rstrip()


async def test_an_unfinished_state_is_helped_on_and_leaves_the_table_as_it_was() -> None:
    async with console(view="jobs") as it:
        await it.press("slash")
        await it.type("state=pe")
        await it.tell()
        assert hint(it).split() == ["pending"]
        assert it.app.main.table.row_count == 40
        assert it.app.main.place.state.filter == ""
        await it.press("enter")
        assert it.app.main.prompt.is_open
        assert "^ no state “pe”; did you mean pending? state is pending, held" in hint(it)
        assert it.app.main.table.row_count == 40
        await it.press("tab")
        assert it.app.main.prompt.text == "state=pending"
        await it.press("enter")
        assert not it.app.main.prompt.is_open
        assert it.app.main.table.row_count == 14


async def test_a_value_that_cannot_be_is_shown_at_its_place_at_once() -> None:
    async with console(view="jobs") as it:
        await it.press("slash")
        await it.type("ada state=foo")
        assert "no state “foo”" in hint(it)
        typed = it.line("/ada state=foo") or it.line("ada state=foo")
        assert hint(it).index("^") == typed.index("foo")
        await it.press("escape", "slash")
        await it.type("state!=drainedd")
        await it.tell()
        assert "no state “drainedd”" in hint(it)
        assert it.app.main.table.row_count == 40


async def test_what_is_typed_after_the_comparison_keeps_the_filter_that_was_there() -> None:
    async with console(view="jobs") as it:
        await it.press("slash")
        await it.type("user=ada")
        await it.press("enter", "slash")
        await it.type(" (state=")
        await it.tell()
        assert it.app.main.place.state.filter.strip() == "user=ada"
        assert hint(it).split()[:3] == ["pending", "held", "starting"]
        await it.press("tab", "tab")
        assert it.app.main.prompt.text == "user=ada (state=held"
        await it.press("escape", "slash")
        assert it.app.main.prompt.text == "user=ada"


@pytest.mark.parametrize(
    ("text", "applied", "before"),
    [
        ("state=", "state", ""),
        ("state=pe", "sta", ""),
        ("state!=", "state!", ""),
        ("state =", "state ", ""),
        ("user=ada state=", "user=ada state", "user=ada"),
        ("user=ada & !(state=", "user=ada", None),
        ("user=ada & !(state=", "user=ada & !(sta", "user=ada"),
        ("state=pendin", "state=pending", None),
        ("state=pending,", "state=pending", None),
        ("state=", "", None),
        ("state=", "other", None),
        ("state", "sta", None),
    ],
)
def test_a_name_that_was_taken_for_a_word_is_taken_back(
    text: str, applied: str, before: str | None
) -> None:
    assert before_name(text, applied) == before


async def test_tab_goes_through_the_values_that_the_rows_have() -> None:
    async with console(view="jobs") as it:
        await it.press("slash")
        await it.type("user=")
        assert hint(it).split() == ["ada", "edsger", "grace"]
        assert it.app.main.table.row_count == 40
        await it.press("tab", "tab")
        assert it.app.main.prompt.text == "user=edsger"
        assert hint(it).split() == ["edsger", "grace", "ada"], "what tab goes through from here"
        await it.type(",g")
        assert hint(it).split() == ["grace"]
        await it.press("tab", "enter")
        assert it.app.main.place.state.filter == "user=edsger,grace"
        await it.tell()
        assert it.app.main.table.row_count == 26
        assert it.app.main.values is None


async def test_shift_tab_goes_back_and_a_command_completes_its_filter_too() -> None:
    async with console() as it:
        await it.press("slash")
        await it.type("state!=d")
        await it.press("shift+tab")
        assert it.app.main.prompt.text == "state!=down"
        await it.press("escape", "colon")
        await it.type("jobs tenant=e")
        await it.press("tab")
        assert it.app.main.prompt.text == "jobs tenant=energy"
        await it.press("escape", "colon")
        await it.type("jobs state=pend")
        await it.press("enter")
        assert it.app.main.prompt.is_open
        assert "no state “pend”" in hint(it)


async def test_values_that_need_quotes_get_them() -> None:
    jobs = [
        Job(site=SITE, id=str(number), name=name, state=JobState.PENDING, user="ada")
        for number, name in enumerate(("two words", "a,b", "plain"))
    ]
    async with console(status(), batch(jobs), view="jobs") as it:
        await it.press("slash")
        await it.type("name=two")
        await it.press("tab", "enter")
        await it.tell()
        assert it.app.main.place.state.filter == 'name="two words"'
        assert it.app.main.table.row_count == 1


async def test_hostile_values_are_offered_put_in_and_found_as_text() -> None:
    async with console(*hostile(), view="jobs", size=(100, 30)) as it:
        await it.press("slash")
        await it.type("user=")
        for _ in range(14):
            await it.press("tab")
            await it.tell()
            for mark in ("\x1b", "\x9b", "\u202e"):
                assert mark not in it.text()
                assert mark not in it.app.main.prompt.text
            assert it.app.main.table.row_count >= 1
        assert it.app.crash is None
        assert it.app.is_running


async def test_a_hint_says_when_it_has_not_seen_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(10**9))
    monkeypatch.setattr("andon.tui.handlers.filtering.perf_counter", lambda: float(next(moments)))
    async with console(*reports(job_count=400), view="jobs") as it:
        await it.press("slash")
        await it.type("user=")
        assert hint(it).split("  ")[-1] == "in the first 64 rows"
        for _ in range(6):
            await it.press("tab")
        await it.press("escape", "slash")
        await it.type("tenant=")
        assert "physics" in hint(it)
