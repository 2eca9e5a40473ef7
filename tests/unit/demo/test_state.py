"""The factory is a function of seed, time and acts, whoever asks and how often."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from andon.sdk import JobState, Kind
from tests.unit.demo.factory import START, Clock, act, open_source, see

_DIGEST = """
import asyncio, hashlib, json
import msgspec
from andon.sdk import SourceSettings
from andon_demo import plugin

async def main():
    found = {}
    for each in plugin.expand({"nodes": 40, "jobs": 300}):
        settings = SourceSettings(
            name=each.name, site=each.site, options=each.options, clock=lambda: NOW
        )
        source = plugin.open(settings)
        batch = await source.poll(frozenset(source.intervals_seconds), 5)
        body = b"".join(msgspec.msgpack.encode(record) for record in batch.records)
        found[each.name] = hashlib.sha256(body).hexdigest()
    print(json.dumps(found))

asyncio.run(main())
"""


def test_every_process_sees_the_same_factory() -> None:
    found = []
    for hash_seed in ("1", "2"):
        finished = subprocess.run(
            [sys.executable, "-c", _DIGEST.replace("NOW", str(START))],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
        )
        found.append(json.loads(finished.stdout))
    assert found[0] == found[1]
    assert len(found[0]) == 4


async def test_another_seed_is_another_factory() -> None:
    jobs = [(await see(open_source(seed=seed), [Kind.JOB])).jobs for seed in (1, 2)]
    assert not jobs[0].keys() & jobs[1].keys() or jobs[0] != jobs[1]


@pytest.mark.parametrize("speed", [1.0, 20.0])
async def test_what_is_kept_up_to_date_equals_what_is_built_anew(
    tmp_path: Path, speed: float
) -> None:
    clock = Clock()
    kept = open_source(clock=clock, folder=tmp_path, speed=speed)
    for seconds in (0, 2, 2, 7, 31, 120, 600, 3, 5_000, 40_000):
        clock.now += seconds
        fresh = open_source(clock=clock, folder=tmp_path, speed=speed)
        seen, new = await see(kept), await see(fresh)
        assert seen.all == new.all, f"after {clock.now - START:g} s"
        if seconds == 31:
            for node in ("gpu-par1-010", "gpu-par1-028"):
                await act("node.drain", seen.nodes[f"par1/{node}"], kept)
            waiting = [job for job in seen.jobs.values() if job.state is JobState.PENDING]
            await act("job.hold", waiting[3], kept)
            await act("job.cancel", waiting[7], kept)


async def test_a_lane_whose_array_was_cancelled_goes_on_with_the_next_one(tmp_path: Path) -> None:
    clock = Clock()
    kept = open_source("iad1", clock, tmp_path, speed=60.0)
    arrays = [job for job in (await see(kept)).jobs.values() if job.array_tasks is not None]
    for array in arrays:
        await act("job.cancel", array, kept)
    for _ in range(40):
        clock.now += 37
        fresh = open_source("iad1", clock, tmp_path, speed=60.0)
        assert (await see(kept)).all == (await see(fresh)).all


async def test_a_clock_that_is_set_back_shows_the_earlier_factory() -> None:
    clock = Clock()
    source = open_source(clock=clock)
    before = await see(source)
    clock.now += 7_200
    assert (await see(source)).all != before.all
    clock.now = START
    assert (await see(source)).all == before.all


async def test_unchanged_things_are_the_same_objects() -> None:
    clock = Clock()
    source = open_source(clock=clock)
    before = (await see(source)).all
    clock.now += 2
    after = (await see(source)).all
    fresh = [key for key, record in after.items() if record is not before.get(key)]
    assert len(fresh) < 0.2 * len(after)
    assert all(after[key] != before.get(key) for key in fresh)


async def test_only_what_is_asked_for_is_told() -> None:
    source = open_source()
    batch = await source.poll(frozenset({Kind.QUEUE}), 5)
    assert {record.kind for record in batch.records} == {Kind.QUEUE}
    assert batch.whole == {Kind.QUEUE}


async def test_the_factory_is_alive_within_a_minute() -> None:
    clock = Clock()
    source = open_source(clock=clock)
    before = (await see(source, [Kind.JOB])).jobs
    clock.now += 60
    after = (await see(source, [Kind.JOB])).jobs
    started = [
        key
        for key, job in after.items()
        if job.state is JobState.RUNNING and before.get(key) != job
    ]
    assert started
    assert len(started) < 0.2 * len(after)


@pytest.mark.parametrize("speed", [1.0, 20.0])
async def test_the_times_of_a_job_stay_as_time_goes_by(speed: float) -> None:
    clock = Clock()
    source = open_source(clock=clock, speed=speed)
    before = (await see(source, [Kind.JOB])).jobs
    clock.now += 10
    after = (await see(source, [Kind.JOB])).jobs
    both = before.keys() & after.keys()
    assert len(both) > 100
    for key in both:
        old, new = before[key], after[key]
        assert new.submitted_at == old.submitted_at
        assert new.uid == old.uid
        if old.started_at is not None:
            assert new.started_at == old.started_at


@pytest.mark.parametrize("speed", [1.0, 20.0])
async def test_no_time_contradicts_another(speed: float) -> None:
    clock = Clock()
    for site in ("par1", "nrt1", "iad1"):
        for job in (await see(open_source(site, clock, speed=speed), [Kind.JOB])).jobs.values():
            assert job.submitted_at is not None and job.submitted_at <= clock.now
            if job.state.waiting:
                assert job.started_at is None and not job.nodes
                assert job.estimated_start_at is None or job.estimated_start_at >= clock.now - 1
            if job.state is JobState.RUNNING:
                assert job.started_at is not None and job.ends_at is not None
                assert job.submitted_at <= job.started_at <= clock.now <= job.ends_at + 1
            if job.state.ended:
                assert job.ended_at is not None and clock.now - 200 < job.ended_at <= clock.now


async def test_jobs_end_before_their_limit_and_start_when_they_were_expected() -> None:
    clock = Clock()
    source = open_source(clock=clock)
    expected = {
        key: job.estimated_start_at
        for key, job in (await see(source, [Kind.JOB])).jobs.items()
        if job.estimated_start_at is not None
    }
    started: dict[str, float] = {}
    for _ in range(30):
        clock.now += 60
        for key, job in (await see(source, [Kind.JOB])).jobs.items():
            if job.started_at is not None:
                started[key] = job.started_at
                if job.ended_at is not None and job.time_limit_seconds is not None:
                    assert job.ended_at - job.started_at <= job.time_limit_seconds + 1
    met = expected.keys() & started.keys()
    assert len(met) >= 3
    assert all(started[key] == expected[key] for key in met)
