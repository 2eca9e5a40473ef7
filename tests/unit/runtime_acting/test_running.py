"""Plans carried out in this process, with time that passes only when somebody waits."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from andon.model import Cause, Outcome, Result
from andon.runtime.claim import RunnerState, claim, runner_state
from andon.runtime.journal import Journal, JournalUnwritable, journal_of
from andon.runtime.journal_records import Entry, Phase
from andon.runtime.plan_file import PlanStale, plans_folder
from andon.runtime.policy import Arming
from tests.unit.runtime_acting import fakes
from tests.unit.runtime_acting.carried import entries, last, phases, run
from tests.unit.runtime_acting.fakes import World


async def test_a_plan_is_sent_confirmed_and_journalled_in_order(world: World) -> None:
    assert await run(world, world.file("n1")) == 0
    assert world.backend().calls == [["set", "drained", "--", "n1", "xid 79"]]
    plan, intent, outcome, verify, end = entries(world)
    assert phases(world) == ["plan", "intent", "outcome", "verify", "end"]
    assert (plan.actor, plan.tty, plan.ssh_from) == ("alice@bastion", "pts/3", "10.0.0.5")
    assert (plan.title, plan.targets, plan.pid) == ("Stop new work on node n1", 1, os.getpid())
    assert intent.call == ("set", "drained", "--", "n1", "xid 79")
    assert intent.before == {"state": "idle"}
    assert outcome.result is Result.REQUESTED
    assert (verify.result, verify.observed) == (Result.CONFIRMED, "drained (xid 79)")
    assert (end.counts, end.exit_code) == ({"confirmed": 1}, 0)
    assert {entry.reason for entry in entries(world)} == {"xid 79"}


async def test_the_intent_is_in_the_journal_before_the_call_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def took(self: fakes.Backend, call: Any) -> None:
        seen.append(phases(world))

    monkeypatch.setattr(fakes.Backend, "took", took)
    await run(world, world.file("n1", "n2"))
    assert seen == [["plan", "intent"], ["plan", "intent", "outcome", "intent"]]


async def test_when_the_journal_cannot_be_written_nothing_is_sent(world: World) -> None:
    file = world.file("n1")
    journal_of(world.paths).path.mkdir(parents=True)
    with pytest.raises(JournalUnwritable):
        await run(world, file)
    assert world.backend().calls == []


async def test_when_the_journal_fails_midway_nothing_further_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Journal.append

    def append(self: Journal, entry: Entry) -> Entry:
        if entry.phase is Phase.INTENT and entry.step == "2":
            raise JournalUnwritable("the journal cannot be written: disk full")
        return real(self, entry)

    monkeypatch.setattr(Journal, "append", append)
    with pytest.raises(JournalUnwritable):
        await run(world, world.file("n1", "n2", "n3"))
    assert [call[3] for call in world.backend().calls] == ["n1"]


async def test_each_target_fails_alone(world: World) -> None:
    world.backend().put(
        n1={"mode": "denied"},
        n2={"mode": "crash"},
        n3={"mode": "failed"},
        m0={"state": "idle", "mode": "exit"},
        m1={"state": "idle", "mode": "unreachable"},
        m2={"state": "idle"},
    )
    names = ("n1", "n2", "n3", "m0", "m1", "m2")
    assert await run(world, world.file(*names)) == 8
    result = last(world)
    assert {name: result[name].result.value for name in names} == {
        "n1": "denied",
        "n2": "unknown",
        "n3": "failed",
        "m0": "unknown",
        "m1": "failed",
        "m2": "confirmed",
    }
    assert result["m1"].cause is Cause.DOWN
    assert result["n2"].cause is Cause.PLUGIN
    assert "\x1b" not in result["n2"].message
    assert result["n1"].message == "access denied to alice"


async def test_what_is_not_read_back_is_requested_not_confirmed(world: World) -> None:
    world.backend().put(n1={"mode": "slow"})
    started = world.clock.at
    assert await run(world, world.file("n1")) == 7
    assert last(world)["n1"].result is Result.REQUESTED
    assert last(world)["n1"].message == "requested, not confirmed"
    assert last(world)["n1"].observed == "idle"
    assert world.clock.at - started == pytest.approx(15, abs=0.5)
    growing = world.clock.waited[:6]
    assert growing == sorted(growing)
    assert max(world.clock.waited) == 2.0
    assert growing[0] == pytest.approx(0.2)


async def test_a_wait_of_zero_looks_once(world: World) -> None:
    world.backend().put(n1={"mode": "slow"})
    (plan,) = world.propose("node.drain", "par1/n1")
    assert await run(world, world.sealed(plan, wait_seconds=0)) == 7
    assert world.clock.waited == []


async def test_a_call_whose_answer_was_lost_is_confirmed_only_by_reading_back(
    world: World,
) -> None:
    world.backend().put(n1={"mode": "lost"}, n2={"mode": "crash"})
    assert await run(world, world.file("n1")) == 7
    assert last(world)["n1"].result is Result.UNKNOWN
    assert "its answer was lost: no answer" in last(world)["n1"].message


@pytest.mark.parametrize(("said", "calls", "looks"), [(None, 30.0, 20.0), (3.0, 3.0, 3.0)])
async def test_a_call_and_each_look_have_the_time_that_the_operator_gave(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    said: float | None,
    calls: float,
    looks: float,
) -> None:
    called: list[float] = []
    looked: list[float] = []
    act, poll = fakes.FakeAction.run, fakes.FakeSource.poll

    async def run_step(self: fakes.FakeAction, source: Any, step: Any, deadline_s: float) -> Any:
        called.append(deadline_s)
        return await act(self, source, step, deadline_s)

    async def poll_kinds(self: fakes.FakeSource, kinds: Any, deadline_s: float) -> Any:
        looked.append(deadline_s)
        return await poll(self, kinds, deadline_s)

    monkeypatch.setattr(fakes.FakeAction, "run", run_step)
    monkeypatch.setattr(fakes.FakeSource, "poll", poll_kinds)
    file = world.sealed(world.file("n1").plan, timeout_seconds=said)
    assert await run(world, file) == 0
    assert called == [calls]
    assert looked[0] == looks
    assert max(looked) <= looks


async def test_a_source_that_now_means_another_backend_gets_nothing(world: World) -> None:
    file = world.file("n1")
    moved = msgspec.structs.replace(file, sources={"s": "sha256:0"})
    assert await run(world, moved) == 6
    assert "configured otherwise" in last(world)["n1"].message
    assert world.backend().calls == []


async def test_a_backend_that_is_down_gets_nothing_and_the_exit_code_says_so(world: World) -> None:
    file = world.file("n1", "n2")
    (world.backend().folder / "down").touch()
    assert await run(world, file) == 5
    assert last(world)["n1"].message == "s: nobody answers"
    assert world.backend().calls == []


async def test_read_only_is_asked_for_again_right_before_each_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fakes.Backend.took

    def took(self: fakes.Backend, call: Any) -> None:
        (world.root / "read_only").touch()
        real(self, call)

    monkeypatch.setattr(fakes.Backend, "took", took)
    assert await run(world, world.file("n1", "n2")) == 8
    assert [call[3] for call in world.backend().calls] == ["n1"]
    assert (last(world)["n2"].result, last(world)["n2"].cause) == (Result.DENIED, Cause.POLICY)
    assert "read_only" in last(world)["n2"].message


@pytest.mark.parametrize("arming", [Arming.NONE, Arming.DRY_RUN])
async def test_a_runner_sends_nothing_that_is_not_armed(world: World, arming: Arming) -> None:
    (plan,) = world.propose("node.drain", "par1/n1")
    assert await run(world, world.sealed(plan, arming=arming)) == 4
    assert world.backend().calls == []
    assert last(world)["n1"].result is Result.DENIED


async def test_a_plan_runs_once(world: World) -> None:
    file = world.file("n1")
    await run(world, file)
    with pytest.raises(PlanStale, match="started before"):
        await run(world, file)
    assert len(world.backend().calls) == 1
    assert phases(world).count("plan") == 1


async def test_an_expired_plan_and_another_users_plan_are_refused(world: World) -> None:
    file = world.file("n1")
    theirs = msgspec.structs.replace(file.origin, uid=os.getuid() + 1, user="mallory")
    with pytest.raises(PlanStale, match="confirmed by mallory@bastion"):
        await run(world, world.sealed(file.plan, origin=theirs))
    world.clock.at += 301
    with pytest.raises(PlanStale, match="expired"):
        await run(world, file)
    assert world.backend().calls == []
    assert entries(world) == ()


async def test_a_long_run_reads_its_targets_again_before_it_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fakes.Backend.took

    def took(self: fakes.Backend, call: Any) -> None:
        world.clock.at += 11
        self.put(n2={"state": "down"})
        real(self, call)

    monkeypatch.setattr(fakes.Backend, "took", took)
    await run(world, world.file("n1", "n2"))
    assert [call[3] for call in world.backend().calls] == ["n1"]
    assert last(world)["n2"].message == "it was mixed and is down now"


async def test_sigterm_ends_the_run_after_the_step_in_hand(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fakes.FakeAction.run

    async def run_and_signal(self: fakes.FakeAction, *args: Any) -> Outcome:
        os.kill(os.getpid(), signal.SIGTERM)
        return await real(self, *args)

    monkeypatch.setattr(fakes.FakeAction, "run", run_and_signal)
    assert await run(world, world.file("n1", "n2")) == 8
    assert [call[3] for call in world.backend().calls] == ["n1"]
    assert last(world)["n1"].result is Result.CONFIRMED
    assert (last(world)["n2"].result, last(world)["n2"].cause) == (Result.SKIPPED, Cause.STOPPED)
    assert phases(world)[-1] == "end"


def test_a_claim_lives_as_long_as_its_holder(tmp_path: Path) -> None:
    name = "20270115T080000-00000000"
    assert runner_state(tmp_path, name, fakes.NOW) is RunnerState.NONE
    held = claim(tmp_path, name, fakes.NOW)
    assert runner_state(tmp_path, name, fakes.NOW) is RunnerState.ALIVE
    held.release()
    assert runner_state(tmp_path, name, fakes.NOW) is RunnerState.DEAD
    with pytest.raises(PlanStale):
        claim(tmp_path, name, fakes.NOW)


async def test_a_finished_plan_leaves_its_claim_and_no_plan_file(world: World) -> None:
    from andon.runtime.plan_file import save_plan

    file = world.file("n1")
    save_plan(file, plans_folder(world.paths.state))
    await run(world, file)
    assert [path.suffix for path in plans_folder(world.paths.state).iterdir()] == [".claim"]
