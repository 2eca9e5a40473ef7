"""Acts really act, for every process of the user, and only where they make sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.sdk import (
    Effect,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Result,
    SourceDenied,
    SourceUnreachable,
    Target,
    Tier,
)
from andon_demo import plugin
from tests.unit.demo.factory import Clock, Seen, act, draft_of, open_source, see, target_of


def busy_node(seen: Seen) -> Node:
    """Return a node that takes work and whose jobs end soon."""
    short = {
        name
        for job in seen.jobs.values()
        if job.state is JobState.RUNNING and (job.time_limit_seconds or 0) <= 8 * 3_600
        for name in job.nodes
    }
    long = {
        name
        for job in seen.jobs.values()
        if job.state is JobState.RUNNING
        and ((job.time_limit_seconds or 0) > 8 * 3_600 or job.array_id is not None)
        for name in job.nodes
    }
    return next(
        node
        for node in seen.nodes.values()
        if node.state in (NodeState.MIXED, NodeState.ALLOCATED)
        and node.name in short - long
        and node.gpus_total
    )


def ledger_of(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def one(seen: Seen, state: JobState, *, array: bool = False, reason: str | None = None) -> Job:
    return next(
        job
        for job in seen.jobs.values()
        if job.state is state
        and (job.array_id is not None) == array
        and (reason is None or job.reason == reason)
    )


async def test_a_drained_node_takes_no_new_work_and_empties_as_jobs_end(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source(clock=clock, folder=tmp_path)
    seen = await see(source)
    node = busy_node(seen)
    on_it = {job.id for job in seen.jobs.values() if node.name in job.nodes}
    outcome = await act("node.drain", node, source, "bad fan")
    assert outcome.result is Result.REQUESTED
    clock.now += 1
    seen = await see(source)
    now = seen.nodes[node.key]
    assert now.state is NodeState.DRAINING
    assert (now.reason, now.reason_by) == ("bad fan", "alice@login1")
    assert now.reason_at == int(clock.now - 1)
    assert now.gpus_allocated == node.gpus_allocated
    for _ in range(30):
        clock.now += 1_800
        seen = await see(source)
        on_now = {
            job.id
            for job in seen.jobs.values()
            if node.name in job.nodes and job.state is JobState.RUNNING
        }
        assert on_now <= on_it
        if not on_now:
            break
    assert seen.nodes[node.key].state is NodeState.DRAINED
    assert seen.nodes[node.key].gpus_allocated == 0


async def test_an_undrained_node_fills_up_again(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source(clock=clock, folder=tmp_path)
    node = busy_node(await see(source))
    await act("node.drain", node, source)
    clock.now += 40 * 3_600
    drained = (await see(source)).nodes[node.key]
    assert drained.state is NodeState.DRAINED
    await act("node.undrain", drained, source)
    clock.now += 120
    after = (await see(source)).nodes[node.key]
    assert after.state in (NodeState.MIXED, NodeState.ALLOCATED)
    assert after.reason is None


async def test_an_act_is_seen_by_the_next_process(tmp_path: Path) -> None:
    clock = Clock()
    first = open_source(clock=clock, folder=tmp_path)
    job = one(await see(first), JobState.RUNNING)
    await act("job.cancel", job, first)
    clock.now += 5
    second = open_source(clock=clock, folder=tmp_path)
    after = (await see(second)).jobs[job.key]
    assert after.state is JobState.CANCELLED
    assert after.ended_at == int(clock.now - 5)
    assert (await see(first)).jobs[job.key] == after
    clock.now += 3_600
    assert job.key not in (await see(second)).jobs


async def test_acts_on_one_factory_mean_nothing_in_another(tmp_path: Path) -> None:
    clock = Clock()
    node = busy_node(await see(open_source(clock=clock, folder=tmp_path)))
    await act("node.drain", node, open_source(clock=clock, folder=tmp_path))
    other = open_source(clock=clock, folder=tmp_path, seed=8)
    assert all(found.reason != "test" for found in (await see(other, [Kind.NODE])).nodes.values())


async def test_the_next_job_moves_up_where_one_was_cancelled(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source(clock=clock, folder=tmp_path)
    seen = await see(source)
    following = {
        (job.dependency or "").partition(":")[2]: job
        for job in seen.jobs.values()
        if job.reason == "Dependency"
    }
    job = next(
        job for job in seen.jobs.values() if job.state is JobState.RUNNING and job.id in following
    )
    await act("job.cancel", job, source)
    clock.now += 20
    assert (await see(source)).jobs[following[job.id].key].state is JobState.RUNNING


async def test_a_held_job_lets_its_turn_pass_and_runs_after_its_release(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source(clock=clock, folder=tmp_path)
    job = next(
        job
        for job in (await see(source)).jobs.values()
        if job.state is JobState.PENDING
        and job.estimated_start_at is not None
        and job.estimated_start_at > clock.now + 5
        and (job.time_limit_seconds or 0) <= 4 * 3_600
        and job.array_id is None
    )
    await act("job.hold", job, source)
    held = (await see(source)).jobs[job.key]
    assert (held.state, held.reason, held.priority) == (JobState.HELD, "JobHeldUser", 0)
    clock.now += 3 * 3_600
    held = (await see(source)).jobs[job.key]
    assert held.state is JobState.HELD
    await act("job.release", held, source)
    states = []
    for _ in range(240):
        clock.now += 60
        found = (await see(source, [Kind.JOB])).jobs.get(job.key)
        states.append(found.state if found is not None else None)
    assert JobState.RUNNING in states
    assert states[-1] is None


async def test_releasing_a_job_that_its_user_held_lets_it_run(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source(clock=clock, folder=tmp_path)
    job = one(await see(source), JobState.HELD)
    await act("job.release", job, source)
    clock.now += 1
    assert (await see(source)).jobs[job.key].state is not JobState.HELD


async def test_a_requeued_job_waits_and_starts_anew(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source(clock=clock, folder=tmp_path)
    job = next(
        job
        for job in (await see(source)).jobs.values()
        if job.state is JobState.RUNNING and (job.time_limit_seconds or 0) > 20 * 3_600
    )
    await act("job.requeue", job, source)
    waits = (await see(source)).jobs[job.key]
    assert (waits.state, waits.reason, waits.nodes) == (JobState.PENDING, "BeginTime", ())
    clock.now += 180
    again = (await see(source)).jobs[job.key]
    assert again.state is JobState.RUNNING
    assert (again.started_at or 0) > (job.started_at or 0)
    assert (again.id, again.uid, again.submitted_at) == (job.id, job.uid, job.submitted_at)


async def test_what_makes_no_sense_is_refused_in_words(tmp_path: Path) -> None:
    source = open_source(folder=tmp_path)
    seen = await see(source)
    running, waiting = one(seen, JobState.RUNNING), one(seen, JobState.PENDING)
    held, over = one(seen, JobState.HELD), one(seen, JobState.COMPLETED)
    idle = next(node for node in seen.nodes.values() if node.state is NodeState.IDLE)
    cases = (
        ("job.hold", running, "only a waiting job can be held; this one is running", False),
        ("job.hold", held, "already held: JobHeld", True),
        ("job.release", waiting, "not held: it is pending", True),
        ("job.release", over, "not held: it is completed", False),
        ("job.requeue", waiting, "only a running job can be requeued", False),
        ("job.cancel", over, "already over: completed", True),
        ("node.undrain", idle, "not drained: its state is IDLE", True),
    )
    for verb, record, why, already in cases:
        draft = draft_of(verb, record, source)
        assert not draft.steps
        assert draft.refusals[0].why.startswith(why), draft.refusals
        assert draft.refusals[0].already is already, (verb, why)


async def test_a_foreign_drain_is_never_overwritten_nor_lifted_in_silence(tmp_path: Path) -> None:
    source = open_source(folder=tmp_path)
    foreign = next(
        node
        for node in (await see(source)).nodes.values()
        if node.state in (NodeState.DRAINED, NodeState.DRAINING) and node.reason_by == "nhc"
    )
    refused = draft_of("node.drain", foreign, source)
    assert refused.refusals[0].why == f"already drained by nhc: {foreign.reason}"
    assert not refused.refusals[0].already
    lifted = draft_of("node.undrain", foreign, source)
    assert lifted.warnings == (f"{foreign.name} was drained by nhc: {foreign.reason}",)
    await act("node.undrain", foreign, source)
    assert (await see(source)).nodes[foreign.key].reason is None


async def test_an_act_on_something_that_moved_on_fails_and_changes_nothing(
    tmp_path: Path,
) -> None:
    clock = Clock()
    source = open_source(clock=clock, folder=tmp_path)
    job = one(await see(source), JobState.RUNNING)
    (step,) = draft_of("job.cancel", job, source).steps
    clock.now += 90 * 86_400
    action = next(each for each in plugin.actions if each.verb == "job.cancel")
    outcome = await action.run(source, step, 5)
    assert outcome.result is Result.FAILED
    assert outcome.message == f"{job.id} is gone"
    assert not ledger_of(tmp_path)


async def test_a_target_that_is_gone_is_refused_when_planned(tmp_path: Path) -> None:
    source = open_source(folder=tmp_path)
    job = one(await see(source), JobState.RUNNING)
    from andon.sdk import ActionRequest

    action = next(each for each in plugin.actions if each.verb == "job.cancel")
    target = target_of(job, source)
    draft = action.draft(
        ActionRequest(verb="job.cancel", targets=(target,), records={}, reason="", actor="a")
    )
    assert [refusal.why for refusal in draft.refusals] == [f"{job.id} is gone"]


async def test_the_call_that_is_shown_says_what_is_done(tmp_path: Path) -> None:
    source = open_source(folder=tmp_path)
    seen = await see(source)
    (drain,) = draft_of("node.drain", busy_node(seen), source, "bad fan").steps
    assert drain.call == ("demo", "drain", busy_node(seen).name, "bad fan")
    job = one(seen, JobState.RUNNING)
    (cancel,) = draft_of("job.cancel", job, source, "not needed").steps
    assert cancel.call == ("demo", "cancel", job.id)


def test_the_verbs_name_their_effect_and_tier() -> None:
    found = {
        action.verb: (action.effect, action.tier, action.needs_reason) for action in plugin.actions
    }
    assert found == {
        "node.drain": (Effect.STOP_NEW_WORK, Tier.REVERSIBLE, True),
        "node.undrain": (Effect.ALLOW_NEW_WORK, Tier.REVERSIBLE, False),
        "job.cancel": (Effect.KILL_JOBS, Tier.DISRUPTIVE, False),
        "job.hold": (Effect.HOLD_JOBS, Tier.REVERSIBLE, False),
        "job.release": (Effect.RELEASE_JOBS, Tier.REVERSIBLE, False),
        "job.requeue": (Effect.RESTART_JOBS, Tier.DISRUPTIVE, False),
    }


async def test_telemetry_cannot_act(tmp_path: Path) -> None:
    job = one(await see(open_source("iad1", folder=tmp_path)), JobState.RUNNING)
    source = open_source("iad1", folder=tmp_path, part="telemetry")
    with pytest.raises(SourceDenied):
        source.act("job.cancel", job.id)  # type: ignore[attr-defined]


async def test_a_folder_that_cannot_be_written_fails_the_act_and_not_the_reading(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    source = open_source(folder=tmp_path / "missing")
    node = busy_node(await see(source))
    blocked = open_source(folder=file / "below")
    (step,) = draft_of("node.drain", node, source).steps
    action = next(each for each in plugin.actions if each.verb == "node.drain")
    with pytest.raises(SourceUnreachable):
        await action.run(blocked, step, 5)


async def test_gone_things_are_named_when_they_are_reread(tmp_path: Path) -> None:
    source = open_source(folder=tmp_path)
    target = Target(kind=Kind.JOB, key="par1/helios/1", name="1", site="par1", source=source.name)
    batch = await source.reread([target], 5)
    assert batch.removed == ((Kind.JOB, "par1/helios/1"),)
    assert not batch.records and not batch.whole
    assert await source.raw(target, 5) == ""


async def test_what_waits_for_a_drained_node_goes_on_waiting_or_gives_up(tmp_path: Path) -> None:
    clock = Clock()
    source = open_source(clock=clock, folder=tmp_path)
    node = busy_node(await see(source))
    await act("node.drain", node, source)
    clock.now += 60
    waited: dict[str, float] = {}
    for _ in range(40):
        clock.now += 300
        for job in (await see(source, [Kind.JOB])).jobs.values():
            if job.nodes_wanted == (node.name,):
                waited[job.key] = clock.now
    assert waited
    last = (await see(source, [Kind.JOB])).jobs
    assert all(last[key].state.waiting for key in waited if key in last)
    assert not all(key in last for key in waited)
