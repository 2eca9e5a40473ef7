"""Pictures of the screens, so that a change of looks is seen in review.

Two sizes at most per screen. They are renewed with `--snapshot-update`. Another version of Textual
draws other SVG, so they are compared under the one they were made with.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from andon.tui.app import AndonApp, Tempo
from andon.tui.theme import load_themes
from andon.views.state import ViewState
from tests.tui.world import NOW, MemoryBackend, reports

MADE_WITH = "8.2.8"
pytestmark = pytest.mark.skipif(
    version("textual") != MADE_WITH, reason=f"the pictures were made with Textual {MADE_WITH}"
)
SCREENS = {
    "overview": ("overview", (), ((80, 24), (200, 50))),
    "nodes": ("nodes", (), ((80, 24),)),
    "node": ("nodes", ("enter",), ((80, 24), (200, 50))),
    "jobs": ("jobs", ("space", "j"), ((120, 30),)),
    "filter": ("nodes", ("slash", "n", "o", "p", "e", "equals_sign", "1"), ((80, 24),)),
    "plan": ("nodes", ("D",), ((80, 24), (40, 10))),
    "menu": ("jobs", ("x",), ((80, 24),)),
    "help": ("nodes", ("question_mark",), ((100, 40),)),
}
CASES = [
    pytest.param(name, size, id=f"{name}-{size[0]}x{size[1]}")
    for name, (_, _, sizes) in SCREENS.items()
    for size in sizes
]


class Compare(Protocol):
    def __call__(
        self, app: App[None], *, run_before: object, terminal_size: tuple[int, int]
    ) -> bool: ...


def app_on(view: str, theme: str | None = None) -> AndonApp:
    return AndonApp(
        backend=MemoryBackend(reports()),
        themes=load_themes(),
        theme_name=theme,
        start=ViewState(view=view),
        clock=lambda: NOW,
        tempo=Tempo(deaf_seconds=0.0, filter_seconds=0.0, redraw_seconds=0.0, tick_seconds=0.0),
    )


@pytest.fixture(autouse=True)
def _same_clock_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("name", "size"), CASES)
def test_the_screen_looks_as_it_did(
    snap_compare: Compare, name: str, size: tuple[int, int]
) -> None:
    view, keys, _ = SCREENS[name]

    async def before(pilot: Pilot[None]) -> None:
        await pilot.pause(0.3)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await pilot.pause(0.2)
        entry = pilot.app.focused
        if entry is not None and hasattr(entry, "cursor_blink"):
            entry.cursor_blink = False

    assert snap_compare(app_on(view), run_before=before, terminal_size=size)


@pytest.mark.parametrize("theme", ["andon-light", "andon-ansi"])
def test_the_other_themes_look_as_they_did(snap_compare: Compare, theme: str) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await pilot.pause(0.3)

    assert snap_compare(app_on("overview", theme), run_before=before, terminal_size=(100, 30))
