"""Targets that changed between a plan and its run: what is left alone, and what needs nothing."""

from __future__ import annotations

import msgspec
import pytest

from andon.model import Cause, Result
from tests.unit.runtime_acting import fakes
from tests.unit.runtime_acting.carried import last, run
from tests.unit.runtime_acting.fakes import World


async def test_a_thing_that_changed_since_it_was_chosen_is_left_alone(world: World) -> None:
    file = world.file("n1", "n2", "n3")
    world.backend().put(
        n1={"state": "draining", "reason": "bob: psu", "reason_by": "bob"},
        n2=None,
        n3={"state": "idle"},
    )
    assert await run(world, file) == 8
    result = last(world)
    assert [call[3] for call in world.backend().calls] == ["n3"]
    assert (result["n1"].result, result["n1"].cause) == (Result.SKIPPED, Cause.STALE)
    assert result["n1"].message == "it was idle and is draining now"
    assert result["n2"].message == "it is gone"
    assert result["n3"].result is Result.CONFIRMED


async def test_a_thing_that_came_to_be_as_asked_meanwhile_has_nothing_sent(world: World) -> None:
    file = world.file("n1", "n2")
    world.backend().put(n1={"state": "drained"})
    assert await run(world, file) == 0
    assert [call[3] for call in world.backend().calls] == ["n2"]
    assert last(world)["n1"].result is Result.CONFIRMED
    assert last(world)["n1"].message == "already drained; nothing was sent"


async def test_what_was_as_asked_when_planned_and_is_not_any_more_is_told(world: World) -> None:
    world.backend().put(n1={"state": "drained"}, n2={"state": "drained"}, n3={"state": "drained"})
    world.backend().put(m1={"state": "idle"})
    file = world.file("n1", "n2", "n3", "m1")
    assert [item.target.name for item in file.plan.refusals] == ["n1", "n2", "n3"]
    world.backend().put(n1={"state": "idle"}, n2=None)
    assert await run(world, file) == 8
    assert [call[3] for call in world.backend().calls] == ["m1"], "nothing is sent unconfirmed"
    told = last(world)
    assert (told["n1"].result, told["n1"].cause) == (Result.SKIPPED, Cause.STALE)
    assert (
        told["n1"].message == "left alone as “already drained”; that is so no more: it is idle now"
    )
    assert told["n2"].message.endswith("it is gone now")
    assert "n3" not in told


async def test_somebody_elses_new_reason_makes_a_plan_stale(world: World) -> None:
    world.backend().put(n1={"reason": "mine", "reason_by": "alice"})
    file = world.file("n1")
    world.backend().put(n1={"reason_by": "bob"})
    assert await run(world, file) == 6
    assert last(world)["n1"].message == "its owner of the reason was “alice” and is “bob” now"
    assert world.backend().calls == []


async def test_an_id_that_was_used_again_is_another_job(world: World) -> None:
    world.backend().put(**{"7": {"job": 1, "state": "running", "uid": "c/7/100"}})
    file = world.file("7", verb="job.cancel")
    world.backend().put(**{"7": {"uid": "c/7/200"}})
    assert await run(world, file) == 6
    assert last(world)["7"].message == "its id now belongs to another job"
    assert world.backend().calls == []


async def test_a_pending_job_that_started_is_not_the_job_that_was_to_be_cancelled(
    world: World,
) -> None:
    world.backend().put(
        **{"7": {"job": 1, "state": "pending"}, "8": {"job": 1, "state": "starting"}}
    )
    world.backend().put(**{"9": {"job": 1, "state": "running"}})
    file = world.file("7", "8", verb="job.cancel")
    world.backend().put(**{"7": {"state": "running"}, "8": {"state": "running"}})
    assert await run(world, file) == 8
    assert last(world)["7"].cause is Cause.STALE
    assert last(world)["8"].result is Result.CONFIRMED


async def test_a_change_that_means_nothing_to_an_act_does_not_stop_it(world: World) -> None:
    world.backend().put(**{"7": {"job": 1, "state": "pending"}})
    file = world.file("7", verb="job.cancel")
    world.backend().put(**{"7": {"state": "held"}})
    assert await run(world, file) == 0
    assert [call[3] for call in world.backend().calls] == ["7"]


async def test_what_an_act_does_not_name_alike_is_another_state(world: World) -> None:
    world.backend().put(**{"7": {"job": 1, "state": "pending"}})
    file = world.file("7", verb="job.hold")
    world.backend().put(**{"7": {"state": "starting"}})
    assert await run(world, file) == 6
    assert last(world)["7"].message == "it was pending and is starting now"


async def test_a_plugin_that_cannot_compare_what_it_sees_has_nothing_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = world.file("n1")
    monkeypatch.setattr(fakes.Drain, "alike", 7)
    assert await run(world, file) == 6
    assert last(world)["n1"].message.startswith("its plugin could not compare it: AttributeError")
    assert world.backend().calls == []


async def test_a_call_that_would_now_be_another_is_not_made(world: World) -> None:
    (plan,) = world.propose("node.drain", "par1/n1")
    step = msgspec.structs.replace(plan.steps[0], call=("set", "drained", "--", "n3", "xid 79"))
    forged = world.sealed(msgspec.structs.replace(plan, steps=(step,)))
    assert await run(world, forged) == 6
    assert last(world)["n1"].message == "its call would be another one now"
    assert world.backend().calls == []
