"""Names made to break a console, through every screen: nothing raises, no action fires."""

from __future__ import annotations

import pytest

from andon.model import Accelerator, Incident, Job, JobState, Node, NodeState, Queue, Tenant
from andon.sdk.clean import clean
from andon.tui.backend import Report
from tests.tui.world import SITE, MemoryBackend, batch, console, status

NAMES = (
    "[@click=app.quit]x[/]",
    "[/evil]",
    "[bold red]x",
    "\x1b]0;owned\x07",
    "\x9b2J\x1b[2J",
    "a\u202eb\u2028c",
    "name\nwith\tbreaks\0",
    "\ud800\udfff",
    "名" * 5_000,
    "w" * 10_000,
    "$(reboot) `x` ; rm -rf /",
    "--all",
    "\u0301" * 50,
)
SIZES = ((80, 24), (200, 50), (40, 10))


def said() -> list[Report]:
    records = []
    for number, name in enumerate(map(clean, NAMES)):
        records += [
            Node(site=SITE, name=f"{name}{number}", state=NodeState.DOWN, reason=name,
                 reason_by=name, gpu_model=name, gpus_total=1, comment=name, queues=(name,)),
            Accelerator(site=SITE, node=f"{name}{number}", index=0, uuid=f"{name}{number}",
                        model=name, job=f"{name}{number}", tenant=name),
            Job(site=SITE, id=f"{name}{number}", name=name, user=name, tenant=name, queue=name,
                state=JobState.PENDING, reason=name, comment=name),
            Queue(site=SITE, name=f"{name}{number}", backend_state=name),
            Tenant(site=SITE, name=f"{name}{number}", description=name, sector=name),
            Incident(site=SITE, id=f"{name}{number}", topic=name, text=name, next_step=name),
        ]  # fmt: skip
    return [
        status(clean(NAMES[0]), identity=clean(NAMES[1])),
        batch(records, source=clean(NAMES[0])),
    ]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_view_and_its_detail(size: tuple[int, int]) -> None:
    async with console(*said(), size=size, view="overview") as it:
        for digit in "1234567":
            await it.press(digit)
            rows = it.app.main.table.row_count if it.app.main.shows_table else 3
            for _ in range(min(rows, 4)):
                await it.press("enter")
                shown = it.text()
                assert "\x1b" not in shown
                assert "\x9b" not in shown
                assert "\u202e" not in shown
                await it.press("escape", "down")
        assert it.app.is_running
        assert it.app.crash is None
        assert it.backend.launched == []


async def test_clicks_on_markup_fire_no_action() -> None:
    async with console(*said(), size=(120, 40)) as it:
        for digit in "24":
            await it.press(digit)
            for line in range(1, 14):
                await it.pilot.click("#table", offset=(6, line))
        assert it.app.is_running
        assert it.app.return_code is None


async def test_dialogs_menus_toasts_and_progress() -> None:
    async with console(*said(), size=(100, 40), view="nodes") as it:
        for _ in range(4):
            await it.press("U")
            await it.press("y")
            await it.press("D")
            await it.type("[/evil][@click=app.quit]x")
            await it.press("enter", "y")
            await it.press("x", "escape", "down")
        assert len(it.backend.launched) == 8
        assert it.backend.launched[1].reason == "[/evil][@click=app.quit]x"
        assert it.app.is_running


async def test_filters_commands_and_completion() -> None:
    async with console(*said(), view="jobs") as it:
        await it.press("slash")
        await it.type("[/evil]")
        await it.press("enter")
        assert "[/evil]" in it.bar("title")
        await it.press("escape", "colon")
        await it.type("tenant ")
        await it.press("tab", "tab", "enter")
        await it.press("colon")
        await it.type("[/evil]")
        await it.press("enter", "escape")
        await it.press("question_mark", "q", "ctrl+p", "escape")
        assert it.app.crash is None


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
async def test_a_raw_record_of_rubbish(name: str) -> None:
    backend = MemoryBackend(said())
    backend.raw_text = lambda: f"{name}\n{name}"
    async with console(backend=backend, view="jobs") as it:
        await it.press("y", "w", "right", "right", "G", "g")
        assert "\x1b" not in it.text()
        assert "\x9b" not in it.text()
        await it.press("q")
        assert it.app.crash is None


async def test_a_plugin_that_raises_rubbish_is_shown_and_survived() -> None:
    backend = MemoryBackend(said())

    def fail() -> str:
        raise ValueError("[/evil] \x1b]0;x\x07")

    backend.raw_text = fail
    async with console(backend=backend, view="jobs") as it:
        await it.press("y")
        assert "[/evil] ␛]0;x" in it.text()
        assert it.app.crash is None
