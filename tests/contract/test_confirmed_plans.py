"""A confirmed plan is carried out unless what changed since would give it another effect."""

from __future__ import annotations

from pathlib import Path

import pytest

import andon_demo
import andon_slurm
from andon.model import Cause, Job, JobState, Kind, Node, NodeState, Record, Result
from andon.store import Snapshot
from tests.contract.moving import Backend
from tests.contract.slurm_tools import FakeSlurm
from tests.unit.demo.factory import Clock, open_source

PENDING, HELD, RUNNING = (
    ("PENDING", "Priority", "10"),
    ("PENDING", "JobHeldAdmin", "0"),
    ("RUNNING", "None", "10"),
)
HELD_BY_USER = ("PENDING", "JobHeldUser", "0")
JOB = "par1/lab/13"


def slurm_of(folder: Path, job: tuple[str, str, str]) -> tuple[FakeSlurm, Backend]:
    slurm = FakeSlurm(folder)
    slurm.moves("13", *job)
    return slurm, Backend(andon_slurm.plugin, slurm.open, folder)


@pytest.mark.parametrize(
    ("verb", "before", "now", "why"),
    [
        ("job.cancel", PENDING, HELD, None),
        ("job.cancel", HELD, PENDING, None),
        ("job.cancel", PENDING, RUNNING, "it was pending and is running now"),
        ("job.cancel", HELD, RUNNING, "it was held and is running now"),
        ("job.cancel", RUNNING, PENDING, "it was running and is pending now"),
        ("job.hold", PENDING, RUNNING, "it was pending and is running now"),
        ("job.release", HELD, HELD, None),
        (
            "job.release",
            HELD_BY_USER,
            HELD,
            "its hold was “its user's” and is “an operator's” now",
        ),
        ("job.requeue", RUNNING, HELD, "it was running and is held now"),
    ],
)
async def test_a_slurm_job_is_left_alone_only_when_what_changed_matters(
    tmp_path: Path,
    verb: str,
    before: tuple[str, str, str],
    now: tuple[str, str, str],
    why: str | None,
) -> None:
    slurm, backend = slurm_of(tmp_path, before)
    file = backend.plan(await backend.look(), verb, JOB)
    slurm.moves("13", *now)
    code, outcome = await backend.run(file)
    if why is None:
        assert slurm.sent() == [file.plan.steps[0].call]
        assert outcome.cause is Cause.NONE
    else:
        assert slurm.sent() == []
        assert (code, outcome.message, outcome.cause) == (6, why, Cause.STALE)


@pytest.mark.parametrize(
    ("verb", "before", "now", "why"),
    [
        ("job.hold", PENDING, HELD, "already held: JobHeldAdmin"),
        ("job.release", HELD, PENDING, "not held: its state is pending"),
    ],
)
async def test_a_slurm_job_that_came_to_be_as_asked_meanwhile_is_no_failure(
    tmp_path: Path, verb: str, before: tuple[str, str, str], now: tuple[str, str, str], why: str
) -> None:
    slurm, backend = slurm_of(tmp_path, before)
    file = backend.plan(await backend.look(), verb, JOB)
    slurm.moves("13", *now)
    code, outcome = await backend.run(file)
    assert slurm.sent() == []
    assert (code, outcome.result) == (0, Result.CONFIRMED)
    assert outcome.message == f"{why}; nothing was sent"


def drained(snapshot: Snapshot, backend: Backend) -> set[str]:
    nodes = snapshot.said_by(backend.spec.name, Kind.NODE).values()
    return {
        node.key
        for node in nodes
        if isinstance(node, Node) and node.state in (NodeState.DRAINED, NodeState.DRAINING)
    }


@pytest.fixture
def demo(tmp_path: Path) -> Backend:
    clock = Clock()
    backend = Backend(
        andon_demo.plugin, lambda: open_source(clock=clock, folder=tmp_path / "demo"), tmp_path
    )
    backend.clock.at = clock.now
    return backend


def some_job(snapshot: Snapshot, backend: Backend, state: JobState) -> Job:
    jobs: list[Record] = list(snapshot.said_by(backend.spec.name, Kind.JOB).values())
    return next(
        job for job in jobs
        if isinstance(job, Job) and job.state is state and job.array_id is None
    )  # fmt: skip


async def test_a_demo_job_that_was_held_meanwhile_is_cancelled(demo: Backend) -> None:
    before = await demo.look()
    job = some_job(before, demo, JobState.PENDING)
    cancel = demo.plan(before, "job.cancel", job.key)
    assert (await demo.run(demo.plan(before, "job.hold", job.key)))[1].result is Result.CONFIRMED
    demo.clock.at += 1
    code, outcome = await demo.run(cancel)
    assert (code, outcome.result) == (0, Result.CONFIRMED)


async def test_a_demo_job_that_waits_again_is_not_cancelled_as_one_that_runs(demo: Backend) -> None:
    before = await demo.look()
    job = some_job(before, demo, JobState.RUNNING)
    cancel = demo.plan(before, "job.cancel", job.key)
    assert (await demo.run(demo.plan(before, "job.requeue", job.key)))[0] == 0
    demo.clock.at += 1
    code, outcome = await demo.run(cancel)
    assert (code, outcome.cause) == (6, Cause.STALE)
    assert outcome.message == "it was running and is pending now"


async def test_a_demo_node_that_somebody_drained_keeps_their_reason(demo: Backend) -> None:
    before = await demo.look()
    nodes = before.said_by(demo.spec.name, Kind.NODE)
    node = next(key for key in nodes if key not in drained(before, demo))
    mine = demo.plan(before, "node.drain", node, "mine")
    await demo.run(demo.plan(before, "node.drain", node, "theirs"))
    demo.clock.at += 1
    code, outcome = await demo.run(mine)
    assert (code, outcome.cause) == (6, Cause.STALE)
    after = (await demo.look()).said_by(demo.spec.name, Kind.NODE)[node]
    assert isinstance(after, Node)
    assert after.reason == "theirs"
