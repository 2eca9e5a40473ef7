"""One record that is many jobs, and one job that is in several queues."""

from __future__ import annotations

from typing import Any

import pytest

from andon.analysis.impact import impact
from andon.analysis.joins import joins
from andon.analysis.pending import why_pending
from andon.analysis.summary import Tally, summarise
from andon.analysis.tally import job_ledger
from andon.model import Effect, Job, JobState, Kind, Target
from andon.store import Snapshot
from tests.unit.analysis.factory import NOW, job, queue, said, status, tenant

PENDING = JobState.PENDING


def rest(tasks: str, count: int, **more: Any) -> Job:
    fields = {"tenant": "acme", "queue": "h100", "gpus": 2, "reason": "JobArrayTaskLimit", **more}
    return job(
        "22", PENDING, array_id="22", array_tasks=tasks, tasks_count=count, user="ada", **fields
    )


def told(*records: Any) -> Snapshot:
    known = Snapshot().with_status(status("slurm"))
    return said(known, *records, whole=[Kind.JOB, Kind.QUEUE, Kind.TENANT])


def total(snapshot: Snapshot) -> Tally:
    return summarise(snapshot, NOW).total


def test_each_waiting_task_of_an_array_is_a_job_in_every_count() -> None:
    factory = told(
        rest("1-99%1", 99), job("7", PENDING, gpus=4, tenant="acme", queue="h100"),
        queue("h100"), tenant("acme"),
    )  # fmt: skip
    all_of_it = total(factory)
    assert all_of_it.jobs_pending == 100
    assert all_of_it.gpus_wanted.value == 99 * 2 + 4
    (first, *_) = all_of_it.reasons
    assert (first.reason, first.jobs, first.gpus) == ("JobArrayTaskLimit", 99, 198)
    who = joins(factory)
    assert who.jobs_of_queue("par1/c1/h100").pending == 100
    assert who.jobs_of_tenant("par1/c1/acme").pending == 100


def test_tasks_that_leave_the_rest_leave_the_counts() -> None:
    factory = told(rest("1-99%1", 99), queue("h100"))
    assert total(factory).jobs_pending == 99  # kept, and brought up to date from here on
    assert joins(factory).jobs_of_queue("par1/c1/h100").pending == 99
    for count in (98, 97, 2):
        factory = said(
            factory,
            rest(f"{100 - count}-99%1", count),
            job("22_1", array_id="22", queue="h100", gpus=2, tenant="acme"),
        )
        fresh = told(*factory.of(Kind.JOB)["slurm"].records.values())
        assert total(factory).jobs_pending == total(fresh).jobs_pending == count
        assert dict(job_ledger(factory)) == dict(job_ledger(fresh))
        assert joins(factory).jobs_of_queue("par1/c1/h100").pending == count
    factory = said(factory, removed=[(Kind.JOB, "par1/c1/22")])
    assert total(factory).jobs_pending == 0
    assert total(factory).gpus_wanted.value == 0


def effect_on(factory: Snapshot, effect: Effect, *keys: str) -> str:
    targets = [
        Target(kind=Kind.JOB, key=key, name=key, site="par1", source="slurm") for key in keys
    ]
    return impact(effect, targets, joins(factory), NOW).text


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Effect.KILL_JOBS, "99 waiting jobs are removed from the queue"),
        (Effect.HOLD_JOBS, "99 waiting jobs will not start before being released"),
        (Effect.RELEASE_JOBS, "99 jobs may start from now on, asking for 198 GPUs"),
    ],
)
def test_what_an_act_does_to_the_rest_is_told_for_all_its_tasks(effect: Effect, words: str) -> None:
    assert effect_on(told(rest("1-99%1", 99)), effect, "par1/c1/22") == words


def test_an_act_on_a_whole_array_names_what_runs_and_what_waits() -> None:
    factory = told(rest("1-99%1", 99), job("22_0", array_id="22", gpus=2, started_at=NOW - 3600))
    keys = ["par1/c1/22", "par1/c1/22_0"]
    targets = [
        Target(kind=Kind.JOB, key=key, name=key, site="par1", source="slurm") for key in keys
    ]
    found = impact(Effect.KILL_JOBS, targets, joins(factory), NOW)
    assert found.jobs == ("22_[1-99]", "22_0")
    assert found.text.startswith("1 job ends now")
    assert "99 waiting jobs are removed" in found.text


BOTH = job("5", PENDING, queue="h100,a100", gpus=8, tenant="acme", priority=10, reason="Priority")


def test_a_job_waits_in_each_of_its_queues_and_is_one_job_in_all() -> None:
    factory = told(BOTH, queue("h100"), queue("a100"), queue("cpu"), tenant("acme"))
    who = joins(factory)
    pending = [who.jobs_of_queue(f"par1/c1/{name}").pending for name in ("h100", "a100", "cpu")]
    assert pending == [1, 1, 0]
    assert who.jobs_of_tenant("par1/c1/acme").pending == 1
    assert total(factory).jobs_pending == 1
    assert total(factory).gpus_wanted.value == 8
    for name in ("h100", "a100"):
        assert [one.key for one in who.waiting_in("par1", "c1", name)] == [BOTH.key]


def test_a_job_that_starts_leaves_the_queues_it_does_not_run_in() -> None:
    factory = told(BOTH, queue("h100"), queue("a100"))
    assert joins(factory).jobs_of_queue("par1/c1/h100").pending == 1
    factory = said(factory, job("5", queue="a100", gpus=8, tenant="acme"))
    h100, a100 = (joins(factory).jobs_of_queue(f"par1/c1/{name}") for name in ("h100", "a100"))
    assert (h100.pending, h100.running) == (0, 0)
    assert (a100.pending, a100.running, a100.gpus) == (0, 1, 8)
    assert list(joins(factory).waiting_in("par1", "c1", "h100")) == []


def test_who_is_ahead_in_two_queues_is_ahead_once() -> None:
    last = job("6", PENDING, queue="h100,a100", gpus=1, priority=1, reason="Priority")
    factory = told(
        BOTH, last, rest("1-9", 9, priority=5, reason="Priority"), queue("h100"), queue("a100")
    )
    said_why = " ".join(why_pending(last, joins(factory), NOW).lines)
    assert "10 jobs of queue h100,a100 come first by priority and ask for 26 GPUs" in said_why
