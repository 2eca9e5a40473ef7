"""Real runner processes: launched, followed, signalled and killed."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from andon.model import Cause, Outcome, Result
from andon.runtime.clock import SystemClock
from andon.runtime.journal import JournalUnwritable, journal_of
from andon.runtime.journal_records import Phase
from andon.runtime.launch import (
    KEEP_SECONDS,
    Run,
    RunnerFailed,
    exit_code,
    follow,
    launch,
    prune,
)
from andon.runtime.plan_file import PlanFile, PlanStale, encode_plan, plans_folder
from andon.runtime.policy import Arming, Policy, PolicyRefused
from andon.runtime.settle import LeftBehind, left_behind, settle_unknown
from tests.unit.runtime_acting.fakes import World

SCRIPT = str(Path(__file__).with_name("fake_runner.py"))
PATIENCE_S = 60.0


@pytest.fixture
def world(world: World) -> World:
    world.clock.at = time.time()
    return world


def start(world: World, file: PlanFile, policy: Policy | None = None) -> Run:
    return launch(
        file,
        paths=world.paths,
        policy=policy or Policy(),
        environ=world.environ,
        now=time.time(),
        command=(sys.executable, SCRIPT, str(world.root)),
    )


async def followed(run: Run) -> list[Outcome]:
    async with asyncio.timeout(PATIENCE_S):
        return [outcome async for outcome in follow(run)]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.02)


async def hanging(world: World, *names: str) -> Run:
    """Start a run whose first call has reached the backend and does not come back."""
    os.mkfifo(world.backend().fifo)
    world.backend().put(**{names[0]: {"mode": "hang"}})
    run = start(world, world.file(*names))
    await until(lambda: world.backend().calls)
    return run


def let_go(world: World) -> None:
    with world.backend().fifo.open("wb"):
        pass


def process_of(run: Run) -> int:
    assert run.process is not None
    return run.process.pid


async def test_a_launched_plan_is_followed_to_its_end(world: World) -> None:
    run = start(world, world.file("n1", "n2"))
    outcomes = await followed(run)
    assert [(o.step, o.result.value) for o in outcomes] == [
        ("1", "requested"),
        ("2", "requested"),
        ("1", "confirmed"),
        ("2", "confirmed"),
    ]
    assert exit_code(outcomes) == 0
    assert [call[3] for call in world.backend().calls] == ["n1", "n2"]
    assert run.process is not None
    assert run.process.returncode == 0
    assert await settle_unknown(journal_of(world.paths), world.paths, {}, SystemClock()) == ()


async def test_a_runner_outlives_its_terminal(world: World) -> None:
    run = await hanging(world, "n1")
    assert os.getsid(process_of(run)) == process_of(run)
    for number in (signal.SIGHUP, signal.SIGINT):
        os.kill(process_of(run), number)
    let_go(world)
    assert exit_code(await followed(run)) == 0
    log = plans_folder(world.paths.state) / f"{run.plan.id}.log"
    assert log.read_text() == ""
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


async def test_a_runner_killed_in_the_middle_of_a_call_leaves_an_unknown(world: World) -> None:
    run = await hanging(world, "n1", "n2")
    world.backend().put(n1={"state": "draining", "reason": "xid 79"})
    assert left_behind(run.journal, world.paths, time.time()) == LeftBehind()
    os.kill(process_of(run), signal.SIGKILL)

    outcomes = await followed(run)
    assert [(o.target.name, o.result, o.cause) for o in outcomes] == [
        ("n1", Result.UNKNOWN, Cause.STOPPED),
        ("n2", Result.SKIPPED, Cause.STOPPED),
    ]
    (left,) = left_behind(run.journal, world.paths, time.time()).unfinished
    assert left.file.plan == run.plan

    (settled,) = await settle(world)
    assert (settled.target.name, settled.result) == ("n1", Result.UNKNOWN)
    assert settled.observed == "draining (xid 79)"
    written = run.journal.read(plan=run.plan.id).entries
    assert [entry.phase for entry in written] == [
        Phase.PLAN,
        Phase.INTENT,
        Phase.OUTCOME,
        Phase.OUTCOME,
        Phase.END,
    ]
    assert written[2].outcome is not None
    assert written[2].outcome.observed == "draining (xid 79)"
    assert written[-1].counts == {"unknown": 1, "skipped": 1}
    assert await settle(world) == ()
    assert [call[3] for call in world.backend().calls] == ["n1"]


async def settle(world: World) -> tuple[Outcome, ...]:
    return await settle_unknown(
        journal_of(world.paths), world.paths, world.environ, SystemClock(), world.reach
    )


async def test_an_unknown_is_reported_again_until_its_backend_can_be_read(world: World) -> None:
    run = await hanging(world, "n1")
    os.kill(process_of(run), signal.SIGKILL)
    await followed(run)
    down = world.backend().folder / "down"
    down.touch()
    for _ in range(2):
        (blind,) = await settle(world)
        assert blind.observed is None
        assert "it cannot be read now: s: nobody answers" in blind.message
    down.unlink()
    (seen,) = await settle(world)
    assert seen.observed == "idle"
    assert await settle(world) == ()


async def test_two_faces_that_start_at_once_settle_once(world: World) -> None:
    run = await hanging(world, "n1")
    os.kill(process_of(run), signal.SIGKILL)
    await followed(run)
    both = await asyncio.gather(settle(world), settle(world))
    assert sorted(len(outcomes) for outcomes in both) == [0, 1]


async def test_sigterm_lets_the_call_in_hand_finish_and_skips_the_rest(world: World) -> None:
    run = await hanging(world, "n1", "n2")
    os.kill(process_of(run), signal.SIGTERM)
    let_go(world)
    final = {o.target.name: o for o in await followed(run)}
    assert final["n1"].result is Result.CONFIRMED
    assert (final["n2"].result, final["n2"].cause) == (Result.SKIPPED, Cause.STOPPED)
    assert [call[3] for call in world.backend().calls] == ["n1"]


async def test_a_plan_that_was_launched_is_not_launched_again(world: World) -> None:
    file = world.file("n1")
    run = start(world, file)
    with pytest.raises(PlanStale, match="started before"):
        start(world, file)
    assert exit_code(await followed(run)) == 0
    with pytest.raises(PlanStale, match="started before"):
        start(world, file)
    assert len(world.backend().calls) == 1


async def test_read_only_and_unarmed_plans_are_not_launched(world: World) -> None:
    file = world.file("n1")
    locked = Policy(True, "read_only = true in /etc/andon/config.toml")
    with pytest.raises(PolicyRefused, match=r"config\.toml"):
        start(world, file, locked)
    with pytest.raises(PolicyRefused, match="dry run"):
        start(world, world.sealed(file.plan, arming=Arming.DRY_RUN))
    assert world.backend().calls == []
    assert not plans_folder(world.paths.state).exists()


async def test_a_file_that_says_read_only_stops_a_runner_that_was_launched(world: World) -> None:
    (world.root / "read_only").touch()
    outcomes = await followed(start(world, world.file("n1")))
    assert exit_code(outcomes) == 4
    assert "read-only by configuration" in outcomes[0].message
    assert world.backend().calls == []


async def test_a_plan_edited_behind_its_back_is_refused_by_the_runner(
    world: World, tmp_path: Path
) -> None:
    file = world.file("n1")
    run = launch(
        file,
        paths=world.paths,
        policy=Policy(),
        environ=world.environ,
        now=time.time(),
        command=(sys.executable, "-c", "raise SystemExit(0)"),
    )
    with pytest.raises(RunnerFailed, match="without a word"):
        await followed(run)
    path = tmp_path / "edited.json"
    path.write_bytes(encode_plan(file).replace(b"xid 79", b"xid 80"))
    path.chmod(0o600)
    code, said = await by_hand(world, path)
    assert code == 6
    assert "was changed after the plan was made" in said
    assert world.backend().calls == []


async def test_the_real_runner_opens_nothing_that_is_not_configured(world: World) -> None:
    run = launch(
        world.file("n1"),
        paths=world.paths,
        policy=Policy(),
        environ={**world.environ, "PATH": ""},
        now=time.time(),
    )
    (outcome,) = await followed(run)
    assert (outcome.result, outcome.cause) == (Result.SKIPPED, Cause.STALE)
    assert "configured otherwise" in outcome.message
    assert exit_code([outcome]) == 6
    assert world.backend().calls == []


async def by_hand(world: World, path: Path) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        SCRIPT,
        str(world.root),
        str(path),
        env=world.environ,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_a_journal_that_cannot_be_written_is_told_to_the_follower(world: World) -> None:
    file = world.file("n1")
    journal_of(world.paths).path.mkdir(parents=True)
    with pytest.raises(JournalUnwritable, match="cannot be written"):
        await followed(start(world, file))
    assert world.backend().calls == []


async def test_two_runners_at_once_keep_their_lines_and_their_outcomes_apart(world: World) -> None:
    runs = [start(world, world.file("n1", "n2")), start(world, world.file("n3"))]
    first, second = await asyncio.gather(*map(followed, runs))
    assert {o.target.name for o in first} == {"n1", "n2"}
    assert {o.target.name for o in second} == {"n3"}
    reading = journal_of(world.paths).read()
    assert not reading.problems
    assert [entry.seq for entry in reading.entries] == list(range(1, len(reading.entries) + 1))
    assert len(reading.entries) == 2 * 2 + 3 * 3


async def test_leaving_off_following_does_not_end_the_run(world: World) -> None:
    run = start(world, world.file("n1"))
    async for _ in follow(run):
        break
    assert exit_code(await followed(run)) == 0


def test_old_leavings_are_cleared_away_except_unsettled_ones(tmp_path: Path) -> None:
    for name in ("a.claim", "a.log", "b.claim", "b.json", "c.json"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / "d.log").touch()
    os.utime(tmp_path / "d.log", (KEEP_SECONDS * 1.5, KEEP_SECONDS * 1.5))
    prune(tmp_path, KEEP_SECONDS * 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.claim", "b.json", "d.log"]
