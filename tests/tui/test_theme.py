"""Themes as data, terminals of few colours, no colour, and bytes written."""

from __future__ import annotations

import io
import tomllib
from importlib import resources
from importlib.metadata import EntryPoint

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from andon.runtime.themes import GROUP
from andon.tui.terminal import TightUpdate
from andon.tui.theme import CHROME, ThemeError, load_themes, palette_from, without_colour
from andon.views.page import Tone
from tests.tui.world import console

NAMES = ("andon-dark", "andon-light", "andon-ansi")


def data(name: str = "andon-dark") -> dict[str, object]:
    return tomllib.loads(resources.files("andon_themes").joinpath(f"{name}.toml").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_theme_is_complete(name: str) -> None:
    palette = palette_from(name, data(name))
    assert set(palette.tones) == set(Tone)
    assert set(palette.chrome) == set(CHROME)


def test_the_installed_themes_are_found_through_their_entry_points() -> None:
    themes = load_themes()
    assert set(NAMES) <= set(themes.palettes)
    assert themes.problems == ()
    assert themes.named("nosuch").name == "andon-dark"


def test_the_ansi_theme_uses_the_terminals_own_colours_only() -> None:
    palette = palette_from("andon-ansi", data("andon-ansi"))
    for style in (*palette.tones.values(), *palette.chrome.values()):
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.is_system_defined or colour.is_default


def test_a_broken_theme_is_left_out_and_named() -> None:
    points = [
        EntryPoint("gone", "no_such_package", GROUP),
        EntryPoint("nosuch", "andon_themes", GROUP),
        EntryPoint("andon-dark", "andon_themes", GROUP),
    ]
    themes = load_themes(points)
    assert set(themes.palettes) == {"andon-dark"}
    assert len(themes.problems) == 2
    assert "gone" in themes.problems[0]


def test_without_any_theme_there_is_still_one() -> None:
    assert load_themes([]).named(None).ansi


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("tones", "bad", "no such colour!"), ("tones", "bad", 3), ("base", "primary", "nonsense")],
)
def test_what_is_wrong_with_a_theme_is_named(section: str, key: str, value: object) -> None:
    broken = data()
    broken[section][key] = value  # type: ignore[index]
    with pytest.raises(ThemeError, match=f"\\[{section}\\]"):
        palette_from("x", broken)


def test_without_colour_tones_are_told_apart_by_attributes() -> None:
    palette = without_colour(palette_from("x", data()))
    for style in (*palette.tones.values(), *palette.chrome.values()):
        assert style.color is None
        assert style.bgcolor is None
    assert palette.tones[Tone.BAD] != palette.tones[Tone.NORMAL]
    assert palette.chrome["cursor"].reverse


@pytest.mark.parametrize("name", NAMES)
async def test_every_theme_can_be_chosen_while_it_runs(name: str) -> None:
    async with console() as it:
        await it.press("colon")
        await it.type(f"theme {name}")
        await it.press("enter")
        assert it.app.theme == name
        assert it.app.main.palette.name == name


async def test_no_colour_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with console() as it:
        assert it.app.main.palette.tone(Tone.BAD).color is None
        assert "gpu-001" in it.text()


# -- bytes ---------------------------------------------------------------------------------------


def update(text: str, spans: list[tuple[int, int, int]]) -> TightUpdate:
    red, blue = Style(color="red"), Style(color="blue")
    strip = Strip([Segment(text[:10], red), Segment(text[10:], blue)])
    return TightUpdate([{0: strip}] * 3, spans, [[len(text)]] * 3)


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, color_system="truecolor")


def test_only_the_cells_of_the_region_are_written() -> None:
    written = update("abcdefghijklmnopqrst", [(1, 12, 14)]).render_segments(terminal())
    assert "\x1b[2;13H" in written
    assert "mn" in written
    assert "abc" not in written
    assert written.endswith("\x1b[0m")


def test_colours_are_written_only_where_they_change() -> None:
    spans = [(0, 0, 2), (0, 4, 6), (1, 0, 2)]
    written = update("abcdefghijklmnopqrst", spans).render_segments(terminal())
    assert written.count("\x1b[31m") == 1
    assert written.count("\x1b[0m") == 1


def test_a_change_of_style_never_keeps_the_one_before() -> None:
    bold = Strip([Segment("ab", Style(bold=True)), Segment("cd", Style(color="red")), Segment("e")])
    written = TightUpdate([{0: bold}], [(0, 0, 5)], [[5]]).render_segments(terminal())
    assert written == "\x1b[1;1H\x1b[1mab\x1b[0m\x1b[31mcd\x1b[0me"
