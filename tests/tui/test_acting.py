"""Keys that act: nothing is sent before a plan was read and confirmed."""

from __future__ import annotations

import msgspec
import pytest

from andon.model import NodeState, Tier
from andon.tui.keys import KEYS
from andon.tui.screens.confirm import ConfirmScreen
from andon.tui.screens.menu import MenuScreen
from tests.tui.world import NOW, Console, MemoryBackend, batch, console, nodes, reports

ACTING = [key for key in KEYS if key.verb]


def dialog(it: Console) -> ConfirmScreen:
    assert isinstance(it.app.screen, ConfirmScreen)
    return it.app.screen


@pytest.mark.parametrize("key", ACTING, ids=lambda key: key.id)
async def test_read_only_plans_nothing_and_says_how_to_arm(key: object) -> None:
    entry = next(each for each in ACTING if each is key)
    view = "nodes" if entry.verb.startswith("node") else "jobs"
    async with console(armed=False, view=view) as it:
        await it.press(entry.keys[0])
        assert it.app.screen is it.app.main
        assert it.backend.planned == []
        assert "andon --write" in it.toasts()[0]
        assert "READ-ONLY" in it.bar("header")


async def test_the_menu_too_is_closed_while_read_only() -> None:
    async with console(armed=False) as it:
        await it.press("x")
        assert it.app.screen is it.app.main
        assert "andon --write" in it.toasts()[0]


async def test_a_small_reversible_act_is_shown_and_confirmed_with_y() -> None:
    async with console() as it:
        assert "ARMED" in it.bar("header")
        await it.press("U")
        shown = it.text()
        assert "Allow new work" in shown
        assert "2 jobs keep running" in shown
        assert "scontrol update" in shown
        assert "allow new work" in shown
        await it.press("y")
        assert len(it.backend.launched) == 1
        assert it.app.screen is it.app.main


async def test_the_focus_starts_on_cancel_and_enter_alone_never_confirms() -> None:
    async with console() as it:
        await it.press("U")
        assert it.app.focused is not None
        assert it.app.focused.id == "leave"
        await it.press("enter")
        assert it.backend.launched == []
        assert it.app.screen is it.app.main
        await it.press("U", "tab", "tab", "enter", "enter")
        assert it.backend.launched == []


async def test_keys_typed_before_the_dialog_could_be_read_are_dropped() -> None:
    async with console(deaf_seconds=30.0) as it:
        await it.press("U", "y", "y", "escape")
        assert isinstance(it.app.screen, ConfirmScreen)
        assert it.backend.launched == []
        it.app.screen._deaf_until = 0.0
        await it.press("y")
        assert len(it.backend.launched) == 1


async def test_a_reason_that_is_wanted_can_be_typed_at_once() -> None:
    async with console() as it:
        await it.press("D")
        assert it.app.focused is not None
        assert it.app.focused.id == "leave"
        await it.press(*"maintenance")
        assert dialog(it).reason == "maintenance"
        assert it.backend.launched == []
        await it.press("enter", "y")
        assert it.backend.launched[0].reason == "maintenance"


async def test_an_act_that_needs_a_reason_is_not_sent_without_one() -> None:
    async with console() as it:
        await it.press("D", "tab", "enter")
        assert it.backend.launched == []
        assert it.app.focused is not None
        assert it.app.focused.id == "reason"
        await it.type("broken fan")
        assert "Reason=broken" in it.text()
        await it.press("enter", "enter")
        assert it.backend.launched == []
        await it.press("y")
        assert it.backend.launched[0].reason == "broken fan"


async def test_several_targets_want_their_number_typed() -> None:
    async with console() as it:
        await it.press("space", "space", "space", "U")
        assert "Type 3" in it.text()
        await it.press("y")
        assert it.backend.launched == []
        await it.type("4")
        await it.press("enter")
        assert it.backend.launched == []
        await it.press("backspace")
        await it.type("3")
        await it.press("enter")
        assert len(it.backend.launched[0].steps) == 3
        assert it.app.main.table.marks == set()


async def test_the_number_can_be_typed_at_once() -> None:
    async with console() as it:
        await it.press("space", "space", "space", "U", "3")
        assert it.app.focused is not None
        assert it.app.focused.id == "word"
        assert it.backend.launched == []
        await it.press("enter")
        assert len(it.backend.launched[0].steps) == 3


async def test_a_destructive_act_wants_the_name_and_a_reason() -> None:
    backend = MemoryBackend(reports())
    backend.tier = Tier.DESTRUCTIVE
    async with console(backend=backend, view="jobs") as it:
        await it.press("ctrl+d")
        name = dialog(it).plan.steps[0].target.name
        await it.type("runaway")
        await it.press("enter")
        await it.type(name)
        await it.press("enter")
        assert it.backend.launched[0].reason == "runaway"


async def test_the_selection_is_frozen_when_the_dialog_opens() -> None:
    async with console() as it:
        chosen = it.app.main.table.cursor_key
        await it.press("U")
        changed = [msgspec.structs.replace(node, state=NodeState.DOWN) for node in nodes()[:3]]
        await it.tell(batch(changed, at=NOW + 1))
        await it.press("y")
        assert [step.target.key for step in it.backend.launched[0].steps] == [chosen]


async def test_marks_that_the_filter_hides_are_left_out_and_said() -> None:
    async with console() as it:
        await it.press("space", "space", "slash")
        await it.type("drained")
        await it.press("enter", "space", "U")
        assert len(it.backend.planned[-1].targets) == len(it.app.main.table.marked_keys())
        assert "the filter hides 1 marked row: left out" in it.text()
        assert not it.toasts()


async def test_esc_leaves_the_dialog_and_nothing_was_sent() -> None:
    async with console() as it:
        await it.press("U", "escape")
        assert it.app.screen is it.app.main
        assert it.backend.launched == []


async def test_the_table_changes_only_when_a_batch_says_so() -> None:
    async with console() as it:
        before = it.line("gpu-007")
        await it.press("U", "y")
        assert it.line("gpu-007") == before
        up = msgspec.structs.replace(nodes()[6], state=NodeState.IDLE, reason=None)
        others = [node for node in nodes() if node.name != "gpu-007"]
        await it.tell(batch([up, *others], at=NOW + 1))
        assert "idle" in it.line("gpu-007")


async def test_the_menu_lists_every_verb_of_the_row() -> None:
    async with console(view="jobs") as it:
        await it.press("x")
        assert isinstance(it.app.screen, MenuScreen)
        shown = it.text()
        for word in ("cancel", "hold", "release"):
            assert word in shown
        await it.press("down", "enter")
        assert dialog(it).plan.verb == "job.hold"


async def test_the_menu_says_each_different_thing_once_with_its_key() -> None:
    async with console() as it:
        await it.press("x")
        assert it.line("undrain, uncordon").split() == [
            "undrain,", "uncordon", "jobs", "may", "start", "here", "again", "U"
        ]  # fmt: skip
        assert it.line("drain  ").rstrip().endswith("D")
        assert "Node gpu-" in it.text()


async def test_what_cannot_be_done_to_the_row_says_why_in_the_menu_and_is_no_choice() -> None:
    backend = MemoryBackend(reports())
    backend.refused = {"job.cancel": "already over: completed"}
    async with console(backend=backend, view="jobs") as it:
        await it.press("x")
        assert "– already over: completed" in it.line("cancel ")
        await it.press("enter")
        assert dialog(it).plan.verb == "job.hold"


async def test_the_dialog_says_what_is_left_out_and_that_there_is_more_to_read() -> None:
    backend = MemoryBackend(reports())
    async with console(backend=backend, size=(80, 16)) as it:
        await it.press(*["space"] * 6, "U")
        assert "↑↓ reads on" in it.line("Allow new work")
        assert "allow new work" in it.text()
        assert "Type 6" in it.text()


async def test_what_is_so_already_is_told_apart_from_what_is_refused() -> None:
    backend = MemoryBackend(reports())
    async with console(backend=backend, size=(100, 40)) as it:
        first = it.app.main.table.cursor_key
        assert first is not None
        backend.already = {first: "already takes work"}
        await it.press("U")
        assert it.app.screen is it.app.main
        (notice,) = it.app._notifications
        assert notice.severity == "information"
        assert notice.message.endswith("already takes work")
        await it.press("space", "space", "U")
        assert "1 is so already: nothing is sent there" in it.text()
        assert "Already so" in it.text()
        assert "left out" not in it.text()


async def test_the_command_palette_does_not_open_over_a_dialog() -> None:
    async with console() as it:
        await it.press("U", "ctrl+p")
        assert isinstance(it.app.screen, ConfirmScreen)


async def test_an_act_on_the_wrong_kind_does_nothing() -> None:
    async with console(view="jobs") as it:
        await it.press("D", "U", "C")
        assert it.app.screen is it.app.main
        assert it.backend.planned == []


async def test_a_neighbour_in_the_detail_pane_can_be_acted_on() -> None:
    async with console(size=(200, 60), view="jobs") as it:
        await it.press("enter", "tab", "down")
        spot = it.app.main.detail.chosen
        assert spot is not None
        await it.press("U")
        assert dialog(it).plan.steps[0].target.key == spot.key
