"""Draining, cancelling, holding, releasing and requeueing through the command, on a real Slurm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.andon import Andon, Ran
from tests.lab.slurm import SlurmLab, seed, wait_until

PAUSED = ("--hold",)
ON_CPU01 = ("-wcpu01",)


@pytest.fixture
def andon(slurm_lab: SlurmLab, tmp_path: Path) -> Andon:
    return Andon(slurm_lab, tmp_path)


@pytest.fixture(scope="module")
def idle_node(slurm_lab: SlurmLab) -> Iterator[str]:
    """A node without work, given back answering: that takes seconds after each drain."""
    yield "cpu03"
    slurm_lab.undrain("cpu03")


@pytest.fixture
def cpu03(slurm_lab: SlurmLab, idle_node: str) -> Iterator[str]:
    """The node without work, not drained; it may not answer yet."""
    yield idle_node
    if is_drained(slurm_lab, idle_node):
        slurm_lab.run("scontrol", "update", f"nodename={idle_node}", "state=undrain")


@pytest.fixture
def submitted(slurm_lab: SlurmLab) -> Iterator[list[int]]:
    """Jobs to be ended after the test."""
    jobs: list[int] = []
    yield jobs
    if jobs:
        slurm_lab.run("scancel", *map(str, jobs))


def is_drained(lab: SlurmLab, node: str) -> bool:
    """By Slurm's own word; after an undrain the node may not respond for seconds."""
    return "DRAIN" in lab.node_state(node).split("+")


def reason_of(lab: SlurmLab, node: str) -> str:
    shown = lab.run("scontrol", "-o", "show", "node", node).stdout
    match = re.search(r"Reason=(.*) \[[^\[\]@]+@[^\[\]]+\]", shown)
    return match[1] if match else ""


def phases(andon: Andon, verb: str) -> list[str]:
    return [entry["phase"] for entry in andon.journal() if entry["verb"] == verb]


ACTED = ["plan", "intent", "outcome", "verify", "end"]


def test_a_drain_waits_until_the_node_is_empty(
    slurm_lab: SlurmLab, andon: Andon, cpu03: str, submitted: list[int]
) -> None:
    job = slurm_lab.submit("short", options=["-wcpu03"], command="sleep 3", state="RUNNING")
    submitted.append(job)
    ran = andon("nodes", "drain", cpu03, "--yes", "--reason", "fan", "--wait", "-o", "json")
    assert ran.code == 0
    assert slurm_lab.job_state(job) == "COMPLETED"
    assert is_drained(slurm_lab, cpu03)


def test_a_node_is_drained_and_undrained(slurm_lab: SlurmLab, andon: Andon, cpu03: str) -> None:
    why = "fan [x] is loud; it's 90°C"
    drained = andon("nodes", "drain", cpu03, "--yes", "--reason", why, "-o", "json")
    assert (drained.code, drained.results) == (0, {cpu03: "confirmed"})
    assert is_drained(slurm_lab, cpu03)
    assert reason_of(slurm_lab, cpu03) == why
    shown = andon("nodes", "ls", "--filter", "name=cpu03", "-o", "json").json["items"][0]
    assert (shown["state"], shown["reason"], shown["reason_by"]) == ("drained", why, "root")

    lifted = andon("nodes", "undrain", cpu03, "--yes", "-o", "json")
    assert (lifted.code, lifted.results) == (0, {cpu03: "confirmed"})
    assert not is_drained(slurm_lab, cpu03)
    assert phases(andon, "node.drain") == phases(andon, "node.undrain") == ACTED
    sent = [entry["call"] for entry in andon.journal() if entry["phase"] == "intent"]
    assert sent == [
        ["scontrol", "update", "NodeName=cpu03", "State=DRAIN", f"Reason={why}"],
        ["scontrol", "update", "NodeName=cpu03", "State=UNDRAIN"],
    ]
    andon.journal_file()


def test_a_dry_run_shows_the_calls_and_sends_nothing(slurm_lab: SlurmLab, andon: Andon) -> None:
    ran = andon("nodes", "drain", "cpu03", "--reason", "fan", "--dry-run")
    assert ran.code == 0
    assert "scontrol update NodeName=cpu03 State=DRAIN Reason=fan" in ran.out
    assert not is_drained(slurm_lab, "cpu03")


def test_without_yes_and_a_terminal_nothing_is_sent(slurm_lab: SlurmLab, andon: Andon) -> None:
    ran = andon("nodes", "drain", "cpu03", "--reason", "fan")
    assert ran.code == 2
    assert "nothing was sent" in ran.err
    assert not is_drained(slurm_lab, "cpu03")


def test_a_drain_of_somebody_else_is_refused_with_their_words(
    slurm_lab: SlurmLab, andon: Andon
) -> None:
    node = seed.DRAINED_NODE
    ran = andon("nodes", "drain", node, "--yes", "--reason", "mine", "-o", "json")
    assert ran.code == 8
    assert ran.refused == {node: f"already drained by root: {seed.DRAIN_REASON}"}
    assert seed.DRAIN_REASON in ran.err
    assert reason_of(slurm_lab, node) == seed.DRAIN_REASON
    assert andon.journal() == []


def test_lifting_a_drain_of_somebody_else_says_whose_it_is(
    slurm_lab: SlurmLab, andon: Andon, cpu03: str
) -> None:
    drain = ("scontrol", "update", f"nodename={cpu03}", "state=drain", "reason=disk swap")
    slurm_lab.run(*drain, user=seed.ADMINISTRATOR)
    plan = andon("nodes", "undrain", cpu03, "--dry-run")
    assert "cpu03 was drained by backup: disk swap" in plan.out
    ran = andon("nodes", "undrain", cpu03, "--yes")
    assert ran.code == 0
    assert "cpu03 was drained by backup: disk swap" in ran.err
    assert not is_drained(slurm_lab, cpu03)
    before = [entry["before"] for entry in andon.journal() if entry["phase"] == "intent"]
    assert (before[0]["reason"], before[0]["reason_by"]) == ("disk swap", "backup")


def drained_by(plan: Ran) -> list[str]:
    return re.findall(r"NodeName=(\w+)", plan.out)


def test_names_come_from_hostlists_filters_and_stdin(slurm_lab: SlurmLab, andon: Andon) -> None:
    plan = andon("nodes", "drain", "gpu[01-03],cpu01", "--reason", "x", "--dry-run")
    assert sorted(drained_by(plan)) == ["cpu01", "gpu01", "gpu02", "gpu03"]
    plan = andon("nodes", "drain", "--filter", "gpu_model=a100", "--reason", "x", "--dry-run")
    assert drained_by(plan) == ["gpu04"]
    names = andon("nodes", "ls", "--filter", "name=cpu02,cpu03", "-o", "name").out
    assert sorted(names.split()) == ["cpu02", "cpu03"]
    ran = andon("nodes", "drain", "-", "--reason", "x", "--dry-run", stdin=names)
    assert drained_by(ran) == ["cpu03"]
    assert not is_drained(slurm_lab, "cpu03")


def test_jobs_are_held_released_requeued_and_cancelled(
    slurm_lab: SlurmLab, andon: Andon, submitted: list[int]
) -> None:
    job = slurm_lab.submit("mine", options=ON_CPU01, state="RUNNING")
    submitted.append(job)
    name = str(job)
    requeued = andon("jobs", "requeue", name, "--yes", "-o", "json")
    assert (requeued.code, requeued.results) == (0, {name: "confirmed"})
    assert "Restarts=1" in slurm_lab.run("scontrol", "show", "job", name).stdout

    held = andon("jobs", "hold", name, "--yes", "-o", "json")
    if held.refused:  # it runs again already: Slurm starts a requeued job within seconds
        assert "not waiting" in held.refused[name]
        slurm_lab.run("scontrol", "requeuehold", name)
        slurm_lab.wait_for_job(job, "PENDING")
    else:
        assert (held.code, held.results) == (0, {name: "confirmed"})
    assert slurm_lab.job_reason(job) in ("JobHeldAdmin", "job_requeued_in_held_state")
    listed = andon("jobs", "ls", "--filter", f"id={name}", "-o", "json").json["items"][0]
    assert listed["state"] == "held"

    released = andon("jobs", "release", name, "--yes", "-o", "json")
    assert (released.code, released.results) == (0, {name: "confirmed"})
    assert not slurm_lab.job_reason(job).startswith("JobHeld")

    cancelled = andon("jobs", "cancel", name, "--yes", "-o", "json")
    assert (cancelled.code, cancelled.results) == (0, {name: "confirmed"})
    assert slurm_lab.job_state(job) == "CANCELLED"
    again = andon("jobs", "cancel", name, "--yes", "-o", "json")
    assert (again.code, again.unchanged) == (0, {name: "already ended: cancelled"})
    for verb in ("requeue", "release", "cancel"):
        assert phases(andon, f"job.{verb}") == ACTED


def test_holding_a_waiting_job_is_seen_in_squeue(
    slurm_lab: SlurmLab, andon: Andon, submitted: list[int]
) -> None:
    job = slurm_lab.submit("later", options=["--begin=now+1day"], state="PENDING")
    submitted.append(job)
    ran = andon("jobs", "hold", str(job), "--yes", "-o", "json")
    assert (ran.code, ran.results) == (0, {str(job): "confirmed"})
    assert slurm_lab.job_reason(job) == "JobHeldAdmin"
    ran = andon("jobs", "release", str(job), "--yes", "-o", "json")
    assert (ran.code, ran.results) == (0, {str(job): "confirmed"})
    assert "held by an operator" in ran.err
    assert not slurm_lab.job_reason(job).startswith("JobHeld")


def test_a_job_that_was_held_just_now_can_be_cancelled_and_so_can_a_plan_from_before(
    slurm_lab: SlurmLab, andon: Andon, submitted: list[int], tmp_path: Path
) -> None:
    jobs = [
        slurm_lab.submit("later", options=["--begin=now+1day"], state="PENDING") for _ in range(2)
    ]
    submitted += jobs
    first, second = map(str, jobs)
    planned = andon("jobs", "cancel", second, "--dry-run", "-o", "json")
    plan = tmp_path / "plan.json"
    plan.write_text(planned.out)
    held = andon("jobs", "hold", first, second, "--yes", "-o", "json")
    assert held.results == {first: "confirmed", second: "confirmed"}
    cancelled = andon("jobs", "cancel", first, "--yes", "-o", "json")
    assert (cancelled.code, cancelled.results) == (0, {first: "confirmed"})
    applied = andon("plan", "apply", str(plan), "--yes", "-o", "json")
    assert (applied.code, applied.results) == (0, {second: "confirmed"})
    assert {slurm_lab.job_state(job) for job in jobs} == {"CANCELLED"}


def test_a_heterogeneous_job_is_cancelled_by_its_leader(
    slurm_lab: SlurmLab, andon: Andon, submitted: list[int]
) -> None:
    shape = ("--partition=cpu", "--output=/dev/null", "--chdir=/tmp", "--job-name=coupled")
    rest = (":", "--partition=cpu", "--ntasks=1")
    made = slurm_lab.run(
        "sbatch", "--parsable", *shape, *rest, user=seed.DEFAULT_USER, stdin="#!/bin/sh\nsleep 999"
    )
    job = int(made.stdout)
    submitted.append(job)
    wait_until(lambda: slurm_lab.job_state(f"{job}+1") == "RUNNING", 30, "both parts to run")
    ids = andon("jobs", "ls", "--filter", "name=coupled", "-o", "name").out.split()
    assert sorted(ids) == [f"{job}+0", f"{job}+1"]
    ran = andon("jobs", "cancel", f"{job}+0", "--yes", "-o", "json")
    assert (ran.code, ran.results) == (0, {f"{job}+0": "confirmed"})
    assert "all its parts end with it" in ran.err
    assert slurm_lab.job_state(f"{job}+1") == "CANCELLED"


def test_jobs_are_taken_from_a_filter_through_a_pipe(
    slurm_lab: SlurmLab, andon: Andon, submitted: list[int]
) -> None:
    mine = [slurm_lab.submit("batch-of-two", options=PAUSED, state="PENDING") for _ in range(2)]
    submitted += mine
    listed = andon("jobs", "ls", "--filter", "name=batch-of-two & state=held", "-o", "name").out
    assert sorted(listed.split()) == sorted(map(str, mine))
    ran = andon("jobs", "cancel", "-", "--yes", "-o", "json", stdin=listed)
    assert ran.results == {str(job): "confirmed" for job in mine}
    assert {slurm_lab.job_state(job) for job in mine} == {"CANCELLED"}


def test_what_succeeds_and_what_does_not_are_told_apart(
    slurm_lab: SlurmLab, andon: Andon, submitted: list[int]
) -> None:
    job, over = (slurm_lab.submit(name, options=PAUSED, state="PENDING") for name in ("one", "two"))
    submitted += [job, over]
    running = str(slurm_lab.jobs["llm-train"])
    assert andon("jobs", "cancel", str(over), "--yes").code == 0
    ran = andon("jobs", "release", str(job), str(over), running, "--yes", "-o", "json")
    assert ran.code == 8
    assert ran.results == {str(job): "confirmed"}
    assert ran.refused == {str(over): "not held: its state is cancelled"}
    assert ran.unchanged == {running: "not held: its state is running"}
    missing = andon("jobs", "cancel", "999999", "--yes")
    assert (missing.code, "no job called 999999" in missing.err) == (2, True)
