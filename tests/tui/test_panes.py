"""The detail pane and the footer: what the keys are pressed on is what one sees."""

from __future__ import annotations

import pytest

from andon.model import SourceState
from andon.tui.keys import KEYS, with_overrides
from tests.tui.world import NOW, console, status


async def test_a_pane_that_gets_the_keys_is_about_its_subject_until_a_row_is_chosen() -> None:
    async with console(size=(80, 24)) as it:
        await it.press("enter", "tab")
        main = it.app.main
        assert main.detail.has_focus
        assert main.thing() == main.place.detail
        assert main.detail.chosen is None


async def test_down_reads_on_and_chooses_a_row_when_it_comes_into_sight() -> None:
    async with console(size=(80, 24)) as it:
        await it.press("enter", "tab")
        detail = it.app.main.detail
        for _ in range(40):
            top = detail.scroll_y
            await it.press("down")
            spot = detail.chosen
            if spot is not None:
                break
            # Nothing is skipped: a line at a time.
            assert detail.scroll_y == top + 1
        assert spot is not None
        assert spot.key.endswith("-0")
        assert detail.scroll_y <= spot.line < detail.scroll_y + detail.view.height
        await it.press("up")
        assert detail.chosen is None


async def test_the_first_problem_of_the_board_is_chosen_from_the_start() -> None:
    async with console(view="overview") as it:
        assert it.app.main.overview.chosen is not None


async def test_the_footer_tells_of_the_way_into_the_pane_while_there_is_one() -> None:
    async with console() as it:
        assert "tab pane" not in it.bar("footer")
        await it.press("enter")
        assert "tab pane" in it.bar("footer")
        await it.press("escape")
        assert "tab pane" not in it.bar("footer")


async def test_while_one_types_the_footer_tells_the_keys_that_work_then() -> None:
    async with console() as it:
        await it.press("slash")
        assert "help" not in it.bar("footer")
        assert "enter keep" in it.bar("footer")
        await it.press("escape", "colon")
        assert "enter run" in it.bar("footer")
        assert "tab complete" in it.bar("footer")
        await it.press("escape")
        assert "? help" in it.bar("footer")


async def test_the_board_does_not_say_in_a_title_what_its_header_says() -> None:
    async with console(view="overview") as it:
        await it.tell(status(state=SourceState.DOWN, observed_at=NOW - 200))
        assert "down" in it.bar("header")
        assert not it.app.main.bars["title"].display


async def test_a_source_that_is_down_is_not_dimmed_among_the_sources() -> None:
    async with console(view="sources") as it:
        await it.tell(status(state=SourceState.DOWN, observed_at=NOW - 200))
        table = it.app.main.table.table
        assert table is not None
        assert table.rows.stale_seconds(0) is None
        assert " old" not in it.line("slurm@par1")


async def test_the_footer_tells_a_newcomer_how_to_reach_the_other_views() -> None:
    async with console(size=(80, 24)) as it:
        assert "1-7 views" in it.bar("footer")


async def test_other_keys_for_views_are_not_told_as_a_range() -> None:
    registry, _ = with_overrides(KEYS, {"view.nodes": ["N"]})
    async with console(registry=registry) as it:
        assert "1-7" not in it.bar("footer")


async def test_the_pane_says_once_what_it_is_about() -> None:
    async with console() as it:
        await it.press("enter")
        page = it.app.main.detail.page
        assert page is not None
        assert page.blocks[0].title == ""
        assert "node gpu-" in it.bar("detail-title")


async def test_what_the_title_of_the_view_says_of_a_source_is_not_said_over_the_pane_again() -> (
    None
):
    async with console(size=(120, 40)) as it:
        await it.tell(status(state=SourceState.DOWN, observed_at=NOW - 200))
        await it.press("enter")
        assert "down" in it.bar("title")
        assert "down 3m" not in it.bar("detail-title")
        # Where the pane covers the view it is the only title there is.
        await it.pilot.resize_terminal(80, 14)
        await it.settle()
        assert "down 3m" in it.bar("detail-title")


async def test_a_message_lies_over_no_error_at_the_prompt() -> None:
    async with console(armed=False, size=(100, 24)) as it:
        await it.press("D")
        await it.press("slash")
        await it.type("nope=1")
        assert it.toasts()
        prompt = it.app.main.prompt.region
        toasts = [toast.region for toast in it.app.screen.query("Toast")]
        assert toasts
        assert not any(toast.overlaps(prompt) for toast in toasts)


@pytest.mark.parametrize("width", [36, 40, 44, 60])
async def test_in_one_line_the_worst_source_keeps_its_distance(width: int) -> None:
    async with console(size=(width, 10)) as it:
        await it.tell(status(state=SourceState.PARTIAL))
        assert it.bar("header").split(" ARMED")[0].endswith(" ")
