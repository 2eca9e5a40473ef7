"""Acts on arrays: on what waits of them, and on single tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.sdk import Job, JobState, Kind, Source, Target, tasks_in
from tests.unit.demo.factory import Clock, act, open_source, see
from tests.unit.demo.test_acts import one


async def test_cancelling_the_waiting_part_of_an_array_leaves_its_running_tasks(
    tmp_path: Path,
) -> None:
    clock = Clock()
    source = open_source("iad1", clock, tmp_path)
    seen = await see(source)
    rest = one(seen, JobState.PENDING, array=True, reason="JobArrayTaskLimit")
    assert rest.array_tasks is not None and rest.id == rest.array_id
    tasks = {
        job.key
        for job in seen.jobs.values()
        if job.array_id == rest.id and job.state is JobState.RUNNING
    }
    assert tasks
    await act("job.cancel", rest, source)
    after = await see(source)
    assert rest.key not in after.jobs
    assert all(after.jobs[key].state is JobState.RUNNING for key in tasks)


async def test_one_task_of_an_array_can_be_cancelled(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source("iad1", clock, tmp_path)
    task = one(await see(source), JobState.RUNNING, array=True)
    assert task.id.startswith(f"{task.array_id}_")
    await act("job.cancel", task, source)
    assert (await see(source)).jobs[task.key].state is JobState.CANCELLED


async def test_holding_an_array_holds_what_waits_of_it(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source("iad1", clock, tmp_path)
    rest = one(await see(source), JobState.PENDING, array=True)
    await act("job.hold", rest, source)
    clock.now += 400
    held = (await see(source)).jobs[rest.key]
    assert held.state is JobState.HELD
    await act("job.release", held, source)
    clock.now += 1
    assert (await see(source)).jobs[rest.key].state is JobState.PENDING


async def waiting_task(source: Source, rest: Job, number: int) -> Job | None:
    """Return one task of the rest as its source tells it when asked."""
    name = f"{rest.array_id}_{number}"
    key = f"{rest.key.rpartition('/')[0]}/{name}"
    target = Target(kind=Kind.JOB, key=key, name=name, site=rest.site, source=source.name)
    batch = await source.reread([target], 5)
    found = next(iter(batch.records), None)
    assert (found is None) == (batch.removed == ((Kind.JOB, key),))
    assert found is None or isinstance(found, Job)
    return found


async def test_the_rest_tells_how_many_tasks_it_is(tmp_path: Path) -> None:
    seen = await see(open_source("iad1", Clock(), tmp_path))
    rests = [job for job in seen.jobs.values() if job.array_tasks]
    assert rests
    for rest in rests:
        tasks = tasks_in(rest.array_tasks or "")
        assert tasks is not None
        assert rest.count == rest.tasks_count == len(tasks)


@pytest.mark.parametrize(
    ("verb", "state"), [("job.cancel", JobState.CANCELLED), ("job.hold", JobState.HELD)]
)
async def test_one_task_that_waits_with_others_is_acted_on_alone(
    tmp_path: Path, verb: str, state: JobState
) -> None:
    source = open_source("iad1", Clock(), tmp_path)
    rest = one(await see(source), JobState.PENDING, array=True)
    first, last = (f(tasks_in(rest.array_tasks or "") or ()) for f in (min, max))
    task, other = [await waiting_task(source, rest, number) for number in (last, first)]
    assert task is not None and other is not None
    assert (task.called, task.array_id, task.count) == (f"{rest.id}_{last}", rest.id, 1)
    assert task.uid != rest.uid and task.state is JobState.PENDING
    await act(verb, task, source)
    after = await waiting_task(source, rest, last)
    assert after is None or after.reason == ("JobHeldUser" if verb == "job.hold" else None)
    assert after is None or after.state is state
    same = await waiting_task(source, rest, first)
    assert same is not None and same.state is JobState.PENDING


async def test_a_task_that_is_none_is_not_there(tmp_path: Path) -> None:
    source = open_source("iad1", Clock(), tmp_path)
    rest = one(await see(source), JobState.PENDING, array=True)
    assert await waiting_task(source, rest, 100_000) is None
