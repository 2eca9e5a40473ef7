"""An act on what was just acted on: it is read again first, and planned on what is there now."""

from __future__ import annotations

import msgspec

from andon.model import Fault, FaultKind, Job, JobState, Kind
from andon.tui.screens.confirm import ConfirmScreen
from andon.tui.screens.rereading import RereadingScreen
from tests.tui.world import NOW, SOURCE, Console, MemoryBackend, batch, console, jobs, reports


def waiting(it: Console) -> str:
    """Return the key of a job that waits, with the cursor on it."""
    job = next(job for job in jobs() if job.state is JobState.PENDING)
    it.app.main.table.move_to_key(job.key)
    return job.key


def held(key: str, at: float) -> object:
    changed = [
        msgspec.structs.replace(job, state=JobState.HELD, reason="JobHeldUser")
        if job.key == key
        else job
        for job in jobs()
    ]
    return batch(changed, at=at)


def acted(at: float) -> MemoryBackend:
    backend = MemoryBackend(reports())
    backend.answered_at = at
    return backend


def state_planned_on(it: Console, key: str) -> JobState:
    record = it.backend.planned_on[-1].said_by(SOURCE, Kind.JOB)[key]
    assert isinstance(record, Job)
    return record.state


async def test_hold_then_cancel_at_once_plans_the_cancel_on_the_held_job() -> None:
    async with console(backend=acted(NOW + 1), view="jobs") as it:
        key = waiting(it)
        await it.press("H", "y")
        assert [plan.verb for plan in it.backend.launched] == ["job.hold"]
        await it.press("ctrl+d")
        assert isinstance(it.app.screen, RereadingScreen)
        assert it.backend.reread_keys == [[key]]
        assert it.backend.planned[-1].verb == "job.hold"
        await it.tell(held(key, NOW + 2))  # type: ignore[arg-type]
        assert isinstance(it.app.screen, ConfirmScreen)
        assert state_planned_on(it, key) is JobState.HELD
        await it.press("y")
        assert [plan.verb for plan in it.backend.launched] == ["job.hold", "job.cancel"]


async def test_what_came_in_since_the_act_is_not_asked_for_again() -> None:
    async with console(backend=acted(NOW + 1), view="jobs") as it:
        key = waiting(it)
        await it.press("H", "y")
        await it.tell(held(key, NOW + 2))  # type: ignore[arg-type]
        await it.press("ctrl+d")
        assert isinstance(it.app.screen, ConfirmScreen)
        assert it.backend.reread_keys == []


async def test_a_thing_that_nobody_acted_on_is_planned_at_once() -> None:
    async with console(backend=acted(NOW + 1), view="jobs") as it:
        waiting(it)
        await it.press("H", "y", "down", "ctrl+d")
        assert isinstance(it.app.screen, ConfirmScreen)
        assert it.backend.reread_keys == []


async def test_an_act_under_way_is_waited_for_before_its_target_is_read() -> None:
    backend = acted(NOW + 1)
    backend.hold_outcomes.clear()
    async with console(backend=backend, view="jobs") as it:
        key = waiting(it)
        await it.press("H", "y", "ctrl+d")
        assert isinstance(it.app.screen, RereadingScreen)
        await it.tell(held(key, NOW + 0.5))  # type: ignore[arg-type]
        assert it.backend.reread_keys == []
        backend.hold_outcomes.set()
        await it.settle()
        assert it.backend.reread_keys == [[key]]
        await it.tell(held(key, NOW + 2))  # type: ignore[arg-type]
        assert isinstance(it.app.screen, ConfirmScreen)


async def test_esc_leaves_the_wait_and_nothing_is_planned() -> None:
    async with console(backend=acted(NOW + 1), view="jobs") as it:
        key = waiting(it)
        await it.press("H", "y", "ctrl+d", "escape")
        assert it.app.screen is it.app.main
        await it.tell(held(key, NOW + 2))  # type: ignore[arg-type]
        assert it.app.screen is it.app.main
        assert len(it.backend.launched) == 1


async def test_keys_typed_while_it_is_read_again_confirm_nothing() -> None:
    async with console(backend=acted(NOW + 1), view="jobs") as it:
        key = waiting(it)
        await it.press("H", "y", "ctrl+d", "y", "1", "enter")
        assert isinstance(it.app.screen, RereadingScreen)
        await it.tell(held(key, NOW + 2))  # type: ignore[arg-type]
        assert isinstance(it.app.screen, ConfirmScreen)
        assert len(it.backend.launched) == 1


async def test_a_source_that_fails_now_is_planned_on_as_it_was_and_that_is_said() -> None:
    async with console(backend=acted(NOW + 1), view="jobs") as it:
        waiting(it)
        await it.press("H", "y", "ctrl+d")
        fault = Fault(source=SOURCE, kind=FaultKind.TIMEOUT, message="no answer", at=NOW + 2)
        await it.tell(fault)
        assert isinstance(it.app.screen, ConfirmScreen)
        assert "could not be read again: this is from before the last act" in it.text()


async def test_everything_acted_on_since_is_read_in_one_go() -> None:
    async with console(backend=acted(NOW + 1), view="jobs") as it:
        first = waiting(it)
        await it.press("H", "y", "down", "H", "y", "up", "ctrl+d")
        second = it.backend.launched[1].steps[0].target.key
        assert it.backend.reread_keys == [[first, second]]
