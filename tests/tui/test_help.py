"""Help: whole at any width, in columns where there is room, and left by the key that opened it."""

from __future__ import annotations

import pytest

from andon.tui.keys import KEYS
from andon.tui.screens.help import HelpScreen, help_lines
from andon.tui.text import length
from andon.tui.theme import load_themes
from andon.views.registry import view_named
from tests.tui.world import console

PALETTE = load_themes().named("andon-dark")


def drawn(width: int, view: str = "nodes") -> list[str]:
    lines = help_lines(KEYS, view_named(view), PALETTE, width)
    assert all(length(line) <= width for line in lines)
    return ["".join(segment.text for segment in line) for line in lines]


@pytest.mark.parametrize("width", [20, 40, 80, 130, 200, 300])
@pytest.mark.parametrize("view", ["overview", "jobs"])
def test_help_is_never_wider_than_the_screen(width: int, view: str) -> None:
    assert drawn(width, view)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_word_of_help_is_lost_in_a_narrow_terminal(width: int) -> None:
    text = " ".join(" ".join(drawn(width)).split())
    for word in ("neighbours", "undrain", "[NAME …]", "regular"):
        assert word in text


def test_keys_stand_close_to_what_they_do() -> None:
    line = next(line for line in drawn(80) if "Nodes:" in line)
    assert line.index("Nodes:") <= 8


def test_a_wide_screen_has_help_in_two_columns() -> None:
    assert len(drawn(200)) < 0.7 * len(drawn(100))
    assert any("Views" in line and "Filters" not in line for line in drawn(200))


@pytest.mark.parametrize("key", ["question_mark", "f1", "q", "escape"])
async def test_help_is_left_by_the_key_that_opened_it_too(key: str) -> None:
    async with console() as it:
        await it.press("question_mark")
        assert isinstance(it.app.screen, HelpScreen)
        await it.press(key)
        assert len(it.app.screen_stack) == 1
