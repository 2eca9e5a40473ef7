"""Drawing what came in while somebody works: keys do not wait for it."""

from __future__ import annotations

import threading

import pytest

from andon.tui import desk
from tests.tui.world import NOW, batch, console, jobs


async def test_a_key_is_answered_while_the_factory_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    compared = desk._compared

    def long_compared(*args: object) -> object:
        begun.set()
        go_on.wait(30)
        return compared(*args)  # type: ignore[arg-type]

    async with console() as it:
        await it.press("2")
        row = it.app.main.table.cursor_row
        monkeypatch.setattr(desk, "_compared", long_compared)
        it.backend.queue.put_nowait(batch(jobs(3), at=NOW + 1))
        try:
            while not begun.is_set():
                await it.pilot.pause()
            await it.press("j")
            assert it.app.main.table.cursor_row == row + 1
            assert it.app.drawing.is_due, "it still compares"
        finally:
            go_on.set()
        await it.tell()
        assert not it.app.drawing.is_due
