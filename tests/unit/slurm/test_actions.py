"""Drafts: the exact calls, what is refused and why, what is said before somebody confirms."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from andon.sdk import ActionRequest, Draft, Job, JobState, Node, Record, Step, Target
from andon_slurm.actions import SlurmAction
from andon_slurm.job_actions import Cancel, Hold, Release, Requeue
from andon_slurm.node_actions import Drain, Undrain
from tests.unit.slurm.rows import ARRAY_REST, RUNNING, WAITING, job, node

DRAINED = node(
    NodeList="cpu02", StateComplete="idle+drain", CPUsState="0/0/64/64", Reason="NHC: ib link down",
    User="root",
)  # fmt: skip


def draft(action: SlurmAction, *records: Record, reason: str = "fan is loud") -> Draft:
    targets = tuple(
        Target(kind=record.kind, key=record.key, name="n", site="par1", source="slurm@par1")
        for record in records
    )
    return action.draft(
        ActionRequest(
            verb=action.verb,
            targets=targets,
            records={record.key: record for record in records},
            reason=reason,
            actor="alice@login1",
        )
    )


def call(action: SlurmAction, record: Record, reason: str = "fan is loud") -> tuple[str, ...]:
    made = draft(action, record, reason=reason)
    assert made.refusals == ()
    (step,) = made.steps
    assert step.promise
    return step.call


def why_refused(action: SlurmAction, record: Record, reason: str = "fan is loud") -> str:
    made = draft(action, record, reason=reason)
    assert made.steps == ()
    return made.refusals[0].why


def waiting(**fields: str) -> Job:
    return job(WAITING, **fields)


HELD = waiting(Reason="JobHeldUser", PriorityLong="0")
REST = job(ARRAY_REST)


def test_drain_names_the_node_the_state_and_the_reason() -> None:
    expected = ("scontrol", "update", "NodeName=gpu02", "State=DRAIN", "Reason=fan is loud")
    assert call(Drain(), node()) == expected


def test_drain_uses_the_name_that_slurm_knows() -> None:
    assert "NodeName=GPU02.Example" in call(Drain(), node(NodeList="GPU02.Example"))


def test_undrain_clears_the_drain_and_nothing_else() -> None:
    assert call(Undrain(), DRAINED) == ("scontrol", "update", "NodeName=cpu02", "State=UNDRAIN")


def test_a_drained_node_is_not_drained_again_and_its_owner_is_named() -> None:
    assert why_refused(Drain(), DRAINED) == "already drained by root: NHC: ib link down"


def test_lifting_a_drain_says_whose_it_is() -> None:
    warnings = draft(Undrain(), DRAINED).warnings
    assert warnings == ("cpu02 was drained by root: NHC: ib link down",)


def test_lifting_the_drain_of_a_node_that_is_down_says_that_it_stays_down() -> None:
    down = node(StateComplete="down+drain", Reason="PSU", User="root")
    assert draft(Undrain(), down).warnings[0].endswith("lifting that leaves it DOWN")


def test_replacing_the_reason_of_a_node_that_is_down_says_so() -> None:
    down = node(StateComplete="down", Reason="PSU failed", User="root")
    (warning,) = draft(Drain(), down).warnings
    assert warning == "gpu02 has a reason set by root: PSU failed; it is replaced"


@pytest.mark.parametrize(
    "state", ["idle", "mixed", "down", "idle+reboot_requested", "mixed+fail", "idle+maintenance"]
)
def test_there_is_no_drain_to_lift_where_slurm_says_none(state: str) -> None:
    why = why_refused(Undrain(), node(StateComplete=state))
    assert why == f"not drained: its state is {state.upper()}"


@pytest.mark.parametrize(
    "reason", ["\x1b[31mred", "two\nlines", "x" * 201, "\u202ertl", '"quoted"', "'it"]
)
def test_a_reason_that_would_not_arrive_as_shown_is_refused(reason: str) -> None:
    assert "reason" in why_refused(Drain(), node(), reason=reason)


@pytest.mark.parametrize("reason", ["it's loud", "State=DOWN Reason=x", "-x", "日本 [x@y]", "a,b"])
def test_any_other_reason_is_one_argument(reason: str) -> None:
    assert call(Drain(), node(), reason=reason)[-1] == f"Reason={reason}"


@pytest.mark.parametrize("name", ["ALL", "all", "-x", "a b", "gpu[01-02]", "a,b", "x=y", ""])
def test_a_name_that_means_more_than_one_node_is_never_sent(name: str) -> None:
    odd = replace(node(), backend_name=name, name="gpu02" if name else "")
    assert why_refused(Drain(), odd) == "Slurm cannot address it by name"


def test_the_promise_of_a_drain_is_slurms_own_word_for_it() -> None:
    step = draft(Drain(), node()).steps[0]
    for state, holds in [("idle+drain", True), ("idle", False), ("mixed+drain", True)]:
        assert Drain().holds(step, node(StateComplete=state)) is holds
        assert Undrain().holds(step, node(StateComplete=state)) is not holds
    # For seconds after an undrain Slurm does not hear from the node; the drain is gone.
    assert Undrain().holds(step, node(StateComplete="idle+not_responding"))
    assert not Drain().holds(step, None)
    assert not Undrain().holds(step, None)


JOB_CALLS: list[tuple[SlurmAction, Job, tuple[str, ...]]] = [
    (Cancel(), job(), ("scancel", "--", "3")),
    (Cancel(), waiting(), ("scancel", "--", "20")),
    (Cancel(), job(JobID="8", ArrayJobID="2", ArrayTaskID="0"), ("scancel", "--", "2_0")),
    (Cancel(), REST, ("scancel", "--", "2_[2-5]")),
    (Hold(), waiting(), ("scontrol", "hold", "20")),
    (Hold(), REST, ("scontrol", "hold", "2_[2-5]")),
    (Release(), HELD, ("scontrol", "release", "20")),
    (Requeue(), job(), ("scontrol", "requeue", "3")),
    (Requeue(), job(JobID="8", ArrayJobID="2", ArrayTaskID="0"), ("scontrol", "requeue", "2_0")),
]


@pytest.mark.parametrize(("action", "record", "expected"), JOB_CALLS)
def test_a_job_is_addressed_exactly(
    action: SlurmAction, record: Job, expected: tuple[str, ...]
) -> None:
    assert call(action, record) == expected


def test_a_job_called_like_an_option_is_harmless() -> None:
    for name in ("-all", "--me", "$(reboot)", "; reboot"):
        for action, record in ((Cancel(), job(Name=name)), (Hold(), waiting(Name=name))):
            assert name not in call(action, record)


@pytest.mark.parametrize("bad", ["-all", "", "3 4", "3,4", "3_[0-9]", "3\n", "12345678901", "3_"])
def test_an_id_that_is_none_is_never_sent(bad: str) -> None:
    for action, record in ((Cancel(), job()), (Hold(), waiting()), (Requeue(), job())):
        why = why_refused(action, replace(record, id=bad))
        assert why == "Slurm cannot address it by name"


@pytest.mark.parametrize("tasks", ["", "...", "1-3,...", "x", "1]", "-1", "1-3;%4", "1 2", "1,2,…"])
def test_task_expressions_that_are_none_are_never_sent(tasks: str) -> None:
    assert why_refused(Cancel(), replace(REST, array_tasks=tasks))


def test_a_long_task_expression_is_sent_whole() -> None:
    tasks = ",".join(str(task) for task in range(0, 4000, 2))
    assert call(Cancel(), replace(REST, array_tasks=tasks)) == ("scancel", "--", f"2_[{tasks}]")


def part(state: str, offset: str) -> Job:
    het = {"HetJobID": "26", "HetJobOffset": offset, "JobID": "26", "ArrayJobID": "26"}
    return job((WAITING if state == "PENDING" else RUNNING) | het)


def test_cancelling_the_leader_of_a_heterogeneous_job_says_that_all_parts_end() -> None:
    made = draft(Cancel(), part("RUNNING", "0"))
    assert made.steps[0].call == ("scancel", "--", "26+0")
    assert "all its parts end with it" in made.warnings[0]


def test_one_running_part_is_cancelled_alone() -> None:
    made = draft(Cancel(), part("RUNNING", "1"))
    assert made.steps[0].call == ("scancel", "--", "26+1")
    assert made.warnings == ()


def test_one_waiting_part_goes_only_with_its_leader() -> None:
    why = why_refused(Cancel(), part("PENDING", "1"))
    assert why == "Slurm cancels a waiting heterogeneous job only as a whole: 26+0"
    made = draft(Cancel(), part("PENDING", "0"), part("PENDING", "1"))
    assert [step.call for step in made.steps] == [("scancel", "--", "26+0")] * 2


def test_parts_are_held_one_by_one_and_requeued_as_a_whole() -> None:
    assert call(Hold(), part("PENDING", "1")) == ("scontrol", "hold", "26+1")
    assert "only as a whole: 26+0" in why_refused(Requeue(), part("RUNNING", "1"))
    made = draft(Requeue(), part("RUNNING", "0"))
    assert made.steps[0].call == ("scontrol", "requeue", "26+0")
    assert "all its parts are restarted" in made.warnings[0]


def test_verbs_that_make_no_sense_are_refused_with_the_state() -> None:
    ended = job(State="COMPLETED")
    assert why_refused(Cancel(), ended) == "already ended: completed"
    assert why_refused(Hold(), job()) == "not waiting: its state is running"
    assert why_refused(Hold(), HELD) == "already held: JobHeldUser"
    assert why_refused(Release(), waiting()) == "not held: its state is pending"
    assert why_refused(Requeue(), waiting()) == "it is waiting already"


def as_asked(action: SlurmAction, record: Record, reason: str = "fan is loud") -> bool:
    (refusal,) = draft(action, record, reason=reason).refusals
    return refusal.already


def test_what_is_as_asked_already_is_told_from_what_cannot_be_done() -> None:
    assert as_asked(Cancel(), job(State="COMPLETED"))
    assert as_asked(Hold(), HELD)
    assert not as_asked(Hold(), job())
    assert as_asked(Release(), waiting())
    assert as_asked(Release(), job())
    assert not as_asked(Release(), job(State="COMPLETED"))
    assert not as_asked(Requeue(), waiting())
    assert as_asked(Undrain(), node())
    assert not as_asked(Undrain(), node(StateComplete="down"))


def test_a_drain_is_as_asked_only_with_the_reason_that_was_given() -> None:
    assert as_asked(Drain(), DRAINED, reason="NHC: ib link down")
    assert not as_asked(Drain(), DRAINED, reason="mine")


def test_an_array_that_is_held_in_part_can_be_held_and_released_whole() -> None:
    half = job(ARRAY_REST, Reason="JobArrayTaskLimit,JobHeldAdmin")
    assert call(Hold(), half) == ("scontrol", "hold", "2_[2-5]")
    assert call(Release(), half) == ("scontrol", "release", "2_[2-5]")
    assert draft(Release(), half).warnings == ("job 2 was held by an operator",)
    step = draft(Release(), half).steps[0]
    assert not Release().holds(step, half)
    assert not Hold().holds(step, half)


def step_of(action: SlurmAction, record: Job) -> Step:
    return draft(action, record).steps[0]


def test_the_promises_on_jobs() -> None:
    cancel = step_of(Cancel(), job())
    assert Cancel().holds(cancel, None)
    assert Cancel().holds(cancel, job(State="CANCELLED"))
    assert not Cancel().holds(cancel, job(State="COMPLETING"))
    hold = step_of(Hold(), waiting())
    assert Hold().holds(hold, HELD)
    assert not Hold().holds(hold, waiting())
    assert not Hold().holds(hold, None)
    release = step_of(Release(), HELD)
    assert Release().holds(release, waiting())
    assert Release().holds(release, job())
    assert Release().holds(release, None)
    assert not Release().holds(release, HELD)


def test_a_requeue_holds_when_the_job_waits_or_was_started_anew() -> None:
    running = job()
    step = step_of(Requeue(), running)
    assert not Requeue().holds(step, running)
    assert not Requeue().holds(step, None)
    assert Requeue().holds(step, waiting())
    assert Requeue().holds(step, job(StartTime="1795436999"))
    assert not Requeue().holds(step, replace(running, state=JobState.COMPLETING))
    assert not Requeue().holds(step, job(State="CANCELLED"))


def test_a_thing_that_is_gone_is_refused() -> None:
    target = Target(kind=Cancel.kind, key="par1/lab/9", name="9", site="par1", source="s")
    request = ActionRequest(verb="job.cancel", targets=(target,), records={}, reason="", actor="a")
    assert [one.why for one in Cancel().draft(request).refusals] == ["it is gone"]


def test_each_target_fails_or_passes_alone() -> None:
    records: Sequence[Node] = (node(), DRAINED, node(NodeList="gpu03"))
    made = draft(Drain(), *records)
    assert [step.target.key for step in made.steps] == ["par1/gpu02", "par1/gpu03"]
    assert [one.target.key for one in made.refusals] == ["par1/cpu02"]
