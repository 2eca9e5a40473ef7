"""Keys that look: views, filter, sort, detail, history, raw records, help, pause."""

from __future__ import annotations

import msgspec
import pytest

from andon.model import Kind, NodeState
from andon.sdk.errors import SourceTimeout
from andon.tui.app import AndonApp, Tempo
from andon.tui.keys import KEYS
from andon.tui.screens.help import HelpScreen
from andon.tui.screens.pager import PagerScreen
from andon.tui.theme import load_themes
from andon.views.state import ViewState
from tests.tui.world import NOW, MemoryBackend, batch, console, jobs, nodes, reports, status


async def test_the_first_screen_is_drawn_before_any_data() -> None:
    backend = MemoryBackend()
    async with console(backend=backend, view="overview") as it:
        assert "Andon" in it.text()
        assert "no source yet" in it.bar("header")


async def test_digits_go_to_the_views_and_say_what_is_of_interest() -> None:
    async with console() as it:
        titles = ["Nodes", "GPUs", "Jobs", "Queues", "Tenants", "Sources"]
        for digit, title in enumerate(titles, 2):
            await it.press(str(digit))
            assert title in it.bar("title"), digit
        await it.press("1")
        assert it.app.main.overview.display
        assert Kind.JOB in it.backend.interests[-1]


async def test_a_command_goes_to_a_view_with_a_filter() -> None:
    async with console() as it:
        await it.press("colon")
        await it.type("jobs state=pending")
        await it.press("enter")
        assert it.app.main.place.state.view == "jobs"
        assert it.app.main.table.row_count == 14
        assert "/state=pending" in it.bar("title")


async def test_tab_completes_a_command_and_an_unknown_one_is_shown_at_its_column() -> None:
    async with console() as it:
        await it.press("colon")
        await it.type("que")
        await it.press("tab")
        assert it.app.main.prompt.text == "queues "
        await it.press("escape", "colon")
        await it.type("nosuch")
        await it.press("enter")
        assert it.app.main.prompt.is_open
        assert "^ no view or command" in it.text()


async def test_an_error_that_was_there_before_the_prompt_had_a_width_is_shown_whole() -> None:
    async with console() as it:
        prompt = it.app.main.prompt
        prompt.open("/", "gpus=", lambda text: ())
        prompt.say_error("a value is missing after “=”", 5)
        await it.settle()
        assert "^ a value is missing after “=”" in it.text()


async def test_a_filter_applies_while_it_is_typed_and_esc_restores_the_one_before() -> None:
    async with console() as it:
        await it.press("slash")
        await it.type("state=drained")
        await it.tell()
        assert it.app.main.table.row_count == 2
        await it.press("escape")
        assert it.app.main.table.row_count == 12
        assert not it.app.main.prompt.is_open


async def test_esc_leaves_nothing_that_is_applied_later() -> None:
    async with console(filter_seconds=0.2) as it:
        await it.press("slash")
        await it.pilot.press("d", "o", "w", "n", "escape")
        await it.pilot.pause(0.4)
        assert it.app.main.place.state.filter == ""
        assert it.app.main.table.row_count == 12


async def test_a_filter_that_cannot_be_read_is_shown_at_its_column_and_changes_nothing() -> None:
    async with console() as it:
        await it.press("slash")
        await it.type("gpu nope=1")
        await it.tell()
        typed = it.line("/gpu nope=1") or it.line("gpu nope=1")
        caret = it.line("^")
        assert caret.index("^") == typed.index("nope")
        await it.press("enter")
        assert it.app.main.prompt.is_open
        await it.press("escape", "slash")
        await it.type("(gpu")
        assert "^" in it.text()
        assert it.app.main.table.row_count == 12


async def test_esc_in_the_table_clears_the_filter() -> None:
    async with console() as it:
        await it.press("slash")
        await it.type("drained")
        await it.press("enter")
        assert it.app.main.table.row_count == 2
        await it.press("escape")
        assert it.app.main.table.row_count == 12


async def test_letters_typed_into_the_filter_are_not_keys() -> None:
    async with console() as it:
        await it.press("slash", "D", "q", "2")
        assert it.app.main.prompt.text == "Dq2"
        assert not it.backend.planned
        assert it.app.is_running


async def test_sorting_goes_by_the_current_column_and_turns_round() -> None:
    async with console() as it:
        table = it.app.main.table
        await it.press("o")
        assert table.table is not None
        assert table.table.sort == "name"
        first = table.table.rows.key(0)
        await it.press("I")
        assert table.table.descending
        assert table.table.rows.key(table.row_count - 1) == first
        assert "NAME ▼" in it.text()


async def test_a_click_on_a_header_sorts() -> None:
    async with console() as it:
        table = it.app.main.table
        span = next(
            span
            for span in table.layout_now.spans
            if table.table.columns[span.index].name == "name"  # type: ignore[union-attr]
        )
        await it.pilot.click("#table", offset=(span.x, 0))
        await it.settle()
        assert table.table is not None
        assert table.table.sort == "name"


async def test_enter_opens_the_detail_pane_and_a_neighbour_is_followed_and_left() -> None:
    async with console() as it:
        main = it.app.main
        await it.press("G", "enter")
        assert main.place.detail is not None
        node = main.place.detail.key
        assert node.rpartition("/")[2] in it.bar("detail-title")
        await it.press("tab", "down", "enter")
        assert main.place.state.view == "gpus"
        assert main.place.followed
        await it.press("q")
        assert main.place.state.view == "nodes"
        assert main.place.detail is not None
        assert main.place.detail.key == node
        await it.press("q")
        assert main.place.detail is None


async def test_the_detail_pane_stands_right_on_wide_screens_and_covers_on_low_ones() -> None:
    async with console(size=(200, 50)) as it:
        await it.press("enter")
        main = it.app.main
        assert main.detail.region.x > main.table.region.x
        await it.pilot.resize_terminal(80, 30)
        await it.settle()
        assert main.detail.region.y > main.table.region.y
        await it.pilot.resize_terminal(80, 16)
        await it.settle()
        assert not main.table.is_on_screen or main.table.region.height == 0


async def test_history_is_walked_like_a_browsers() -> None:
    async with console() as it:
        main = it.app.main
        await it.press("4", "5", "left_square_bracket")
        assert main.place.state.view == "jobs"
        await it.press("left_square_bracket")
        assert main.place.state.view == "nodes"
        await it.press("right_square_bracket")
        assert main.place.state.view == "jobs"
        await it.press("minus")
        assert main.place.state.view == "nodes"


async def test_q_goes_back_and_quits_only_at_the_root() -> None:
    async with console() as it:
        await it.press("4", "q")
        assert it.app.main.place.state.view == "nodes"
        assert it.app.is_running
        await it.press("q")
        assert it.app.return_code == 0


async def test_ctrl_c_quits_but_in_a_prompt_it_only_leaves_the_prompt() -> None:
    async with console() as it:
        await it.press("slash", "ctrl+c")
        assert it.app.is_running
        assert not it.app.main.prompt.is_open
        await it.press("ctrl+c")
        assert it.app.return_code == 0


async def test_a_raw_record_is_fetched_with_a_spinner_and_cleaned() -> None:
    backend = MemoryBackend(reports())
    backend.raw_gate.clear()
    backend.raw_text = lambda: "NodeName=gpu-001\nComment=\x1b]0;owned\x07"
    async with console(backend=backend) as it:
        await it.press("y")
        assert isinstance(it.app.screen, PagerScreen)
        assert "asking the source" in it.text()
        backend.raw_gate.set()
        await it.settle()
        assert "NodeName=gpu-001" in it.text()
        assert "␛]0;owned" in it.text()
        assert "\x1b" not in it.text()
        await it.press("q")
        assert "gpu-001" in it.text()


async def test_a_raw_record_that_cannot_be_had_says_why() -> None:
    backend = MemoryBackend(reports())

    def fail() -> str:
        raise SourceTimeout("slurmctld did not answer", hint="try again")

    backend.raw_text = fail
    async with console(backend=backend) as it:
        await it.press("y")
        assert "slurmctld did not answer" in it.text()
        assert "try again" in it.text()


async def test_help_lists_every_key_the_columns_and_the_filter_language() -> None:
    async with console(size=(120, 160)) as it:
        await it.press("question_mark")
        assert isinstance(it.app.screen, HelpScreen)
        shown = it.text()
        for key in KEYS:
            assert key.summary in shown
        assert "Columns of Nodes" in shown
        assert "mem>70GiB" in shown


async def test_pause_freezes_what_is_shown_while_data_goes_on_arriving() -> None:
    async with console() as it:
        await it.press("p")
        assert "PAUSED" in it.bar("header")
        changed = [msgspec.structs.replace(node, state=NodeState.DOWN) for node in nodes()]
        await it.tell(batch(changed, at=NOW + 1))
        assert it.line("gpu-001").count("allocated") == 1
        await it.press("p")
        assert "PAUSED" not in it.bar("header")
        assert "down" in it.line("gpu-001")


async def test_the_wide_set_is_chosen_by_width_and_by_w() -> None:
    async with console(size=(80, 24)) as it:
        table = it.app.main.table
        assert table.table is not None
        narrow = len(table.table.columns)
        await it.pilot.resize_terminal(300, 24)
        await it.settle()
        assert len(table.table.columns) > narrow
        await it.press("w")
        assert len(table.table.columns) == narrow


async def test_a_scope_holds_in_every_view_until_it_is_cleared() -> None:
    async with console() as it:
        await it.press("colon")
        await it.type("tenant physics")
        await it.press("enter", "4")
        assert it.app.main.table.row_count == 20
        assert "physics" in it.bar("header")
        await it.press("0")
        assert it.app.main.table.row_count == len(jobs())


async def test_a_silent_source_is_in_the_header_and_its_rows_say_how_old_they_are() -> None:
    async with console() as it:
        await it.tell(status(observed_at=NOW - 200))
        assert "stale" in it.bar("header")
        assert "old" in it.line("gpu-001")


async def test_the_palette_lists_the_registry_and_runs_it() -> None:
    async with console() as it:
        await it.press("ctrl+p")
        await it.type("freeze")
        await it.pilot.pause(0.4)
        await it.press("enter")
        await it.settle()
        assert it.app.desk.paused


async def test_refresh_asks_every_source() -> None:
    async with console() as it:
        await it.press("ctrl+r")
        assert it.backend.refreshed == 1


async def test_an_overview_problem_leads_to_its_thing() -> None:
    async with console(view="overview") as it:
        await it.press("enter")
        place = it.app.main.place
        assert place.state.view == "nodes"
        assert place.detail is not None
        assert "gpu-007" in place.detail.key


async def test_screens_down_to_nothing_do_not_crash() -> None:
    async with console(view="overview") as it:
        for keys in (["1"], ["2", "enter"], ["slash"], ["escape", "question_mark"]):
            await it.press(*keys)
            for size in ((40, 10), (20, 5), (5, 2), (1, 1), (300, 80)):
                await it.pilot.resize_terminal(*size)
                await it.settle()
        assert it.app.crash is None


@pytest.mark.parametrize("height", [22, 30])
async def test_why_pending_opens_the_job_where_it_says_why(height: int) -> None:
    async with console(view="jobs", size=(100, height)) as it:
        await it.press("slash")
        await it.type("state=pending")
        await it.press("enter", "X")
        assert it.app.main.place.detail is not None
        assert "Why it waits" in it.text()


async def test_a_terminal_without_unicode_gets_ascii_only() -> None:
    app = AndonApp(
        backend=MemoryBackend(reports()),
        themes=load_themes(),
        clock=lambda: NOW,
        unicode=False,
        tempo=Tempo(tick_seconds=0.0, redraw_seconds=0.0),
    )
    async with app.run_test(size=(100, 30)) as pilot:
        for key in ("1", "2", "enter", "question_mark"):
            await pilot.press(key)
            await pilot.pause(0.05)
            strips = app.screen._compositor.render_strips()
            assert all(strip.text.isascii() for strip in strips)


async def test_a_view_opens_as_it_was_configured() -> None:
    async with console() as it:
        it.app.main.opens["jobs"] = ViewState(view="jobs", filter="state=pending", sort="user")
        await it.press("4")
        assert it.app.main.table.row_count == 14
        assert "USER ▲" in it.text()
