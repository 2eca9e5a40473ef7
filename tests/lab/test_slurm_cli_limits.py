"""What the command must not do, and what it says when Slurm or its own runner fails."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.lab.andon import Andon, Ran
from tests.lab.shims import Shims
from tests.lab.slurm import SlurmLab, seed, wait_until

HOSTILE = [
    b"\x1b]0;title\x07\x1b[31m",
    b"two\nlines\rand\ta|tab",
    b"[@click=app.drain_all]x[/]",
    b"[/evil]",
    b"\xff\xfe\x9b31m",
    "\u202eright to left".encode(),
    b"-all",
    b"x" * 1023,
]


@pytest.fixture
def andon(slurm_lab: SlurmLab, tmp_path: Path) -> Andon:
    return Andon(slurm_lab, tmp_path)


@pytest.fixture
def shims(tmp_path: Path) -> Shims:
    return Shims(tmp_path / "bin")


@pytest.fixture
def watched(slurm_lab: SlurmLab, tmp_path: Path, shims: Shims) -> Andon:
    """An operator whose every call of a Slurm tool is written down."""
    return Andon(slurm_lab, tmp_path, environ=shims.env(slurm_lab.env()))


def verbs(lab: SlurmLab) -> list[tuple[str, ...]]:
    """Every verb on something that it makes sense on."""
    running, waiting = str(lab.jobs["etl"]), str(lab.jobs["tonight"])
    return [
        ("nodes", "drain", "cpu03"),
        ("nodes", "undrain", seed.DRAINED_NODE),
        ("jobs", "cancel", running),
        ("jobs", "hold", waiting),
        ("jobs", "release", str(lab.jobs["held"])),
        ("jobs", "requeue", running),
    ]


@pytest.mark.parametrize("how", ["configuration", "environment"])
def test_read_only_lets_no_verb_send_anything(
    slurm_lab: SlurmLab, watched: Andon, shims: Shims, how: str
) -> None:
    if how == "configuration":
        watched.configure("[policy]\nread_only = true\n")
    else:
        watched.environ["ANDON_READ_ONLY"] = "1"
    before = seed.unsettled(slurm_lab)
    for verb in verbs(slurm_lab):
        ran = watched(*verb, "--yes", "--reason", "fan")
        assert ran.code == 4, verb
        assert "read-only" in ran.err
        assert ran.out == ""
    assert shims.changing() == []
    assert watched.journal() == []
    assert seed.unsettled(slurm_lab) == before
    assert "DRAIN" not in slurm_lab.node_state("cpu03")
    assert "DRAIN" in slurm_lab.node_state(seed.DRAINED_NODE)


def test_no_later_file_or_option_lifts_read_only(watched: Andon, shims: Shims) -> None:
    watched.configure("[policy]\nread_only = true\n")
    lax = watched.home / "lax.toml"
    lax.write_text("[policy]\nread_only = false\n")
    for options in (("--config", str(lax)), ("--source", "slurm@local"), ("--site", "local")):
        ran = watched("nodes", "drain", "cpu03", "--yes", "--reason", "fan", *options)
        assert ran.code in (2, 4)
    assert shims.changing() == []


def test_looking_and_planning_only_read(slurm_lab: SlurmLab, watched: Andon, shims: Shims) -> None:
    for view in ("nodes", "gpus", "jobs", "queues", "tenants", "sources"):
        assert watched(view, "ls", "-o", "json").code == 0
    assert watched("status").code == 1
    assert watched("doctor").code in (0, 1)
    for verb in verbs(slurm_lab):
        ran = watched(*verb, "--reason", "fan", "--dry-run")
        assert ran.code == 0, ran
    assert shims.calls()
    assert shims.changing() == []
    assert not [word for call in shims.calls() for word in call if "--json" in word]


def test_what_was_shown_is_what_is_sent(slurm_lab: SlurmLab, watched: Andon, shims: Shims) -> None:
    job = str(slurm_lab.submit("shown", options=["--hold"], state="PENDING"))
    plan = watched("jobs", "cancel", job, "--dry-run")
    shown = re.findall(r"^\$ (.*)$", plan.out, re.MULTILINE)
    assert watched("jobs", "cancel", job, "--yes").code == 0
    assert shims.changing() == [tuple(shown[0].split())] == [("scancel", "--", job)]


def as_user(lab: SlurmLab, home: Path, user: str) -> tuple[Andon, Shims]:
    """An operator whose tools run as another user, who must be let into their folder."""
    folder = Path(f"/tmp/andon-shims-{os.getpid()}-{user}")
    shims = Shims(folder, user=user)
    shims.log.touch()
    shims.log.chmod(0o666)
    return Andon(lab, home, environ=shims.env(lab.env())), shims


@pytest.fixture
def operator(slurm_lab: SlurmLab, tmp_path: Path) -> Iterator[Andon]:
    """Somebody with AdminLevel=Operator: may cancel and hold, may not drain."""
    andon, shims = as_user(slurm_lab, tmp_path, seed.OPERATOR)
    yield andon
    _remove(shims)


@pytest.fixture
def ordinary(slurm_lab: SlurmLab, tmp_path: Path) -> Iterator[Andon]:
    """Somebody without any right over others' jobs."""
    andon, shims = as_user(slurm_lab, tmp_path, "games")
    yield andon
    _remove(shims)


def _remove(shims: Shims) -> None:
    for path in shims.folder.iterdir():
        path.unlink()
    shims.folder.rmdir()


def test_who_may_not_drain_is_told_so_in_slurms_words(slurm_lab: SlurmLab, operator: Andon) -> None:
    ran = operator("nodes", "drain", "cpu03", "--yes", "--reason", "fan", "-o", "json")
    assert ran.code == 4
    assert ran.results == {"cpu03": "denied"}
    assert ran.json["items"][-1]["message"] == "scontrol: slurm_update error: Invalid user id"
    assert "DRAIN" not in slurm_lab.node_state("cpu03")
    (outcome,) = [entry for entry in operator.journal() if entry["phase"] == "outcome"]
    assert (outcome["result"], "Invalid user id" in outcome["message"]) == ("denied", True)


def test_an_operator_may_hold_and_cancel_what_others_submitted(
    slurm_lab: SlurmLab, operator: Andon
) -> None:
    job = str(slurm_lab.submit("theirs", options=["--begin=now+1day"], state="PENDING"))
    held = operator("jobs", "hold", job, "--yes", "-o", "json")
    assert held.results == {job: "confirmed"}
    assert operator("jobs", "cancel", job, "--yes", "-o", "json").results == {job: "confirmed"}


def test_nobody_cancels_the_jobs_of_others_without_the_right(
    slurm_lab: SlurmLab, ordinary: Andon
) -> None:
    job = str(slurm_lab.jobs["etl"])
    ran = ordinary("jobs", "cancel", job, "--yes", "-o", "json")
    assert (ran.code, ran.results) == (4, {job: "denied"})
    assert "Access/permission denied" in ran.json["items"][-1]["message"]
    assert slurm_lab.job_state(job) == "RUNNING"


def test_hostile_names_are_listed_and_cancelled_like_any_other(
    slurm_lab: SlurmLab, andon: Andon
) -> None:
    jobs = [str(slurm_lab.submit(n, options=["--hold"], state="PENDING")) for n in HOSTILE]
    for form in ("table", "wide", "json", "jsonl", "name"):
        # The harness refuses control characters in anything that is printed.
        ran = andon("jobs", "ls", "--filter", "state=held", "-o", form)
        assert ran.code == 0
        assert all(job in ran.out for job in jobs)
    assert andon("jobs", "show", jobs[0]).code == 0
    plan = andon("jobs", "cancel", *jobs, "--dry-run")
    assert (plan.code, plan.out.count("$ scancel -- ")) == (0, len(jobs))
    ran = andon("jobs", "cancel", *jobs, "--yes", "-o", "json")
    assert ran.results == dict.fromkeys(jobs, "confirmed")
    assert andon("journal", "ls").code == 0


def test_a_controller_that_is_gone_is_said_to_be_gone(slurm_lab: SlurmLab, andon: Andon) -> None:
    slurm_lab.stop_controller()
    try:
        calls = [
            andon.start("nodes", "ls"),
            andon.start("nodes", "drain", "cpu03", "--yes", "--reason", "fan"),
            andon.start("jobs", "ls", "-o", "json"),
            andon.start("status"),
        ]
        ended = [_ended(call) for call in calls]
    finally:
        slurm_lab.start_controller()
    for ran in ended[:3]:
        assert ran.code == 5, ran
        assert "Unable to contact slurm controller" in ran.err
        assert "scontrol ping" in ran.err
    assert ended[3].code in (1, 5)
    assert "Unable to contact slurm controller" in ended[3].out + ended[3].err
    assert ended[2].json["items"] == []
    assert andon.journal() == []
    wait_until(lambda: seed.unsettled(slurm_lab) == [], 60, "the jobs to be as before")


def test_a_controller_that_hangs_is_given_up_on_in_time(slurm_lab: SlurmLab, andon: Andon) -> None:
    with slurm_lab.suspend_controller():
        ran = andon("nodes", "ls", "--timeout", "1.5")
    assert ran.code == 5
    assert "did not answer within" in ran.err


def test_a_slurmdbd_that_is_gone_leaves_the_jobs(slurm_lab: SlurmLab, tmp_path: Path) -> None:
    shims = Shims(tmp_path / "bin")
    refused = "sacctmgr: error: Sending PersistInit msg: Connection refused"
    tool = shims.folder / "sacctmgr"
    tool.write_text(f"#!/bin/sh\necho '{refused}' >&2\nexit 1\n")
    andon = Andon(slurm_lab, tmp_path, environ=shims.env(slurm_lab.env()))
    assert andon("jobs", "ls", "-o", "name").code == 0
    ran = andon("tenants", "ls")
    assert ran.code in (3, 5)
    assert "Connection refused" in ran.err


def test_a_runner_that_was_killed_is_told_of_by_the_next_command(
    slurm_lab: SlurmLab, tmp_path: Path
) -> None:
    stalled = tmp_path / "stalled"
    stall = f'case "$*" in *State=DRAIN*) echo $$ > {stalled}; exec sleep 600;; esac'
    shims = Shims(tmp_path / "bin", before=stall)
    andon = Andon(slurm_lab, tmp_path, environ=shims.env(slurm_lab.env()))
    asking = andon.start("nodes", "drain", "cpu03", "--yes", "--reason", "fan")
    try:
        wait_until(stalled.exists, 30, "the call to be under way")
        runner = next(e["pid"] for e in andon.journal() if e["phase"] == "plan")
        os.kill(runner, signal.SIGKILL)
        told = _ended(asking)
    finally:
        with suppress(ProcessLookupError):
            os.kill(int(stalled.read_text()), signal.SIGKILL)
    assert told.code not in (0, 70), told
    assert "unknown" in told.out + told.err
    assert [entry["phase"] for entry in andon.journal()][:2] == ["plan", "intent"]

    sound = Andon(slurm_lab, tmp_path)
    after = sound("nodes", "drain", "cpu03", "--reason", "fan", "--dry-run")
    assert "cpu03: an earlier call ended without an answer" in after.err
    assert "IDLE" in after.err
    unknown = [entry for entry in sound.journal() if entry["result"] == "unknown"]
    assert unknown
    assert unknown[-1]["target"]["name"] == "cpu03"
    # Said once, not for ever.
    again = sound("nodes", "drain", "cpu03", "--reason", "fan", "--dry-run")
    assert "an earlier call" not in again.err


def _ended(process: subprocess.Popen[bytes]) -> Ran:
    out, err = process.communicate(timeout=60)
    return Ran(process.returncode, out.decode(), err.decode())
