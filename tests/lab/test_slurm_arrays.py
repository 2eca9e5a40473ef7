"""Arrays and jobs of several partitions through the command, on a real Slurm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.andon import Andon
from tests.lab.slurm import SlurmLab, wait_until

ON_CPU01 = ("-wcpu01",)


@pytest.fixture
def andon(slurm_lab: SlurmLab, tmp_path: Path) -> Andon:
    return Andon(slurm_lab, tmp_path)


@pytest.fixture
def submitted(slurm_lab: SlurmLab) -> Iterator[list[int]]:
    """Jobs to be ended after the test."""
    jobs: list[int] = []
    yield jobs
    if jobs:
        slurm_lab.run("scancel", *map(str, jobs))


@pytest.fixture
def array(slurm_lab: SlurmLab, submitted: list[int]) -> str:
    """An array of which task 1 runs and 2 to 6 wait."""
    job = slurm_lab.submit("sweep", options=[*ON_CPU01, "--array=1-6%1"])
    submitted.append(job)
    wait_until(lambda: slurm_lab.job_state(f"{job}_1") == "RUNNING", 30, "the first task")
    return str(job)


def test_cancelling_the_waiting_rest_of_an_array_leaves_what_runs(
    slurm_lab: SlurmLab, andon: Andon, array: str
) -> None:
    rest, named = f"id={array}", {f"{array}_[2-6]": "confirmed"}
    held = andon("jobs", "hold", "--filter", rest, "--yes", "-o", "json")
    assert held.results == named
    assert slurm_lab.job_reason(f"{array}_4") == "JobHeldAdmin"
    slurm_lab.run("scontrol", "release", f"{array}_[5-6]")  # held in part
    released = andon("jobs", "release", "--filter", rest, "--yes", "-o", "json")
    assert released.results == named
    cancelled = andon("jobs", "cancel", "--filter", rest, "--yes", "-o", "json")
    assert (cancelled.code, cancelled.results) == (0, named)
    calls = [entry["call"] for entry in andon.journal() if entry["phase"] == "intent"]
    assert [call[-1] for call in calls] == [f"{array}_[2-6]"] * 3
    shown = slurm_lab.run("squeue", "-h", "-t", "all", "-j", array, "-o", "%i %T").stdout
    states = dict(line.split() for line in shown.splitlines())
    assert states.pop(f"{array}_1") == "RUNNING"
    assert set(states.values()) == {"CANCELLED"}


def test_a_task_of_an_array_is_requeued_alone(
    slurm_lab: SlurmLab, andon: Andon, array: str
) -> None:
    task = f"{array}_1"
    ran = andon("jobs", "requeue", task, "--yes", "-o", "json")
    assert (ran.code, ran.results) == (0, {task: "confirmed"})
    assert "Restarts=1" in slurm_lab.run("scontrol", "show", "job", task).stdout


def test_the_number_of_an_array_stands_for_all_of_it(
    slurm_lab: SlurmLab, andon: Andon, array: str
) -> None:
    ran = andon("jobs", "cancel", array, "--yes", "-o", "json")
    named = {f"{array}_[2-6]": "confirmed", f"{array}_1": "confirmed"}
    assert (ran.code, ran.results) == (0, named)
    assert slurm_lab.job_state(f"{array}_1") == "CANCELLED"


def states_of(lab: SlurmLab, array: str) -> dict[str, str]:
    """Return the state of each task, in Slurm's words."""
    shown = lab.run("squeue", "-h", "-r", "-t", "all", "-j", array, "-o", "%i %T").stdout
    return dict(line.split() for line in shown.splitlines())


def test_a_pipe_of_waiting_jobs_leaves_the_task_that_runs(
    slurm_lab: SlurmLab, andon: Andon, array: str
) -> None:
    names = andon("jobs", "ls", f"state=pending & array_id={array}", "-o", "name").out
    assert names.split() == [f"{array}_[2-6]"]
    ran = andon("jobs", "cancel", "-", "--yes", "--reason", "x", "-o", "json", stdin=names)
    assert (ran.code, ran.results) == (0, {f"{array}_[2-6]": "confirmed"})
    states = states_of(slurm_lab, array)
    assert states.pop(f"{array}_1") == "RUNNING"
    assert set(states.values()) == {"CANCELLED"}


def test_one_waiting_task_is_shown_held_released_and_cancelled_alone(
    slurm_lab: SlurmLab, andon: Andon, array: str
) -> None:
    task = f"{array}_4"
    shown = andon("jobs", "show", task, "-o", "json").json["items"][0]
    assert (shown["id"], shown["state"]) == (task, "pending")
    assert "ArrayTaskId=4" in andon("jobs", "show", task, "-o", "raw").out
    for verb, reason in (("hold", "JobHeldAdmin"), ("release", None)):
        ran = andon("jobs", verb, task, "--yes", "-o", "json")
        assert (ran.code, ran.results) == (0, {task: "confirmed"}), ran
        assert reason in (None, slurm_lab.job_reason(task))
    ran = andon("jobs", "cancel", f"{array}_[4-5]", "--yes", "--reason", "x", "-o", "json")
    assert (ran.code, ran.results) == (0, dict.fromkeys((task, f"{array}_5"), "confirmed"))
    states = states_of(slurm_lab, array)
    # Slurm forgets a task that was never more than one of those that waited.
    assert {states.get(f"{array}_{n}", "CANCELLED") for n in (4, 5)} == {"CANCELLED"}
    assert {states[f"{array}_{n}"] for n in (2, 3, 6)} == {"PENDING"}


def test_each_waiting_task_counts(andon: Andon, array: str) -> None:
    rows = andon("jobs", "ls", f"array_id={array}", "-o", "json").json["items"]
    assert sorted(row["id"] for row in rows) == [f"{array}_1", f"{array}_[2-6]"]
    plan = andon("jobs", "hold", f"{array}_[2-6]", "--dry-run").out
    assert f"Hold 5 jobs ({array}_[2-6])" in plan
    assert "5 waiting jobs will not start before being released" in plan


def test_a_job_of_several_partitions_waits_in_each_and_is_one(
    slurm_lab: SlurmLab, andon: Andon, submitted: list[int]
) -> None:
    def counts() -> dict[str, int]:
        items = andon("queues", "ls", "-o", "json").json["items"]
        return {queue["name"]: queue["jobs_pending"] for queue in items}

    def pending() -> int:
        (status,) = andon("status", "-o", "json").json["items"]
        return sum(int(site["jobs_pending"]) for site in status["sites"])

    before, all_before = counts(), pending()
    job = slurm_lab.submit(
        "two", options=["--partition=cpu,debug", "--begin=now+1day"], state="PENDING"
    )
    submitted.append(job)
    after = counts()
    assert {name: after[name] - before[name] for name in after} == {
        "h100": 0, "a100": 0, "cpu": 1, "debug": 1,
    }  # fmt: skip
    assert pending() == all_before + 1
    for queue in ("cpu", "debug"):
        assert str(job) in andon("jobs", "ls", f"queue={queue}", "-o", "name").out.split()
        assert str(job) in andon("queues", "show", queue).out
