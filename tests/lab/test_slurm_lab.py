"""The lab's own promises: what it holds, that it stays on loopback, that nothing is left."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.lab.slurm import LabError, SlurmLab, ports, seed, wait_until
from tests.lab.slurm.processes import of_lab

REPOSITORY = Path(__file__).resolve().parents[2]


def test_every_seeded_job_runs_or_waits_for_the_reason_it_was_made_for(
    slurm_lab: SlurmLab,
) -> None:
    assert seed.unsettled(slurm_lab) == []
    assert set(slurm_lab.jobs) == {spec.name for spec in (*seed.RUNNING, *seed.PENDING)}


def test_running_jobs_hold_gpus_by_index(slurm_lab: SlurmLab) -> None:
    job = str(slurm_lab.jobs["llm-train"])
    shown = slurm_lab.run("scontrol", "-d", "-o", "show", "job", job).stdout
    assert "GRES=gpu:h100:8(IDX:0-7)" in shown


def test_nodes_are_idle_mixed_drained_by_someone_else_and_down(slurm_lab: SlurmLab) -> None:
    assert slurm_lab.node_state("gpu01") == "MIXED"
    assert slurm_lab.node_state("cpu03") == "IDLE"
    assert slurm_lab.node_state(seed.DRAINED_NODE) == "IDLE+DRAIN"
    assert slurm_lab.node_state(seed.DOWN_NODE).startswith("DOWN")
    reasons = slurm_lab.run("sinfo", "-hR", "-o", "%N|%E|%u").stdout.splitlines()
    assert f"{seed.DRAINED_NODE}|{seed.DRAIN_REASON}|root" in reasons


def test_tenants_have_their_gpu_limits(slurm_lab: SlurmLab) -> None:
    columns = "format=account,user,grptres"
    shown = slurm_lab.run("sacctmgr", "-nP", "show", "assoc", columns).stdout.splitlines()
    for tenant in seed.TENANTS:
        assert f"{tenant.account}||gres/gpu={tenant.gpus}" in shown


def test_a_reservation_and_a_licence_exist(slurm_lab: SlurmLab) -> None:
    assert "Nodes=gpu04" in slurm_lab.run("scontrol", "show", "res", seed.RESERVATION).stdout
    assert "Total=2 Used=2" in slurm_lab.run("scontrol", "show", "lic", "ansys").stdout


def test_only_an_administrator_may_drain(slurm_lab: SlurmLab) -> None:
    drain = ("scontrol", "update", "nodename=cpu03", "state=drain", "reason=lab")
    for user in (seed.OPERATOR, seed.DEFAULT_USER):
        assert slurm_lab.run(*drain, user=user, check=False).returncode == 1
    slurm_lab.run(*drain, user=seed.ADMINISTRATOR)
    assert slurm_lab.node_state("cpu03") == "IDLE+DRAIN"
    slurm_lab.undrain("cpu03")
    assert slurm_lab.node_state("cpu03") == "IDLE"


@pytest.mark.parametrize(
    "name",
    [
        b"\x1b]0;title\x07\x1b[31m",
        b"two\nlines\rand\ta|tab",
        b"[@click=app.bell]x[/]",
        b"\xff\xfe\x9b31m",
        "\u202eright to left".encode(),
        b"x" * 1023,
    ],
    ids=["escapes", "lines", "markup", "no UTF-8", "bidi", "longest"],
)
def test_a_hostile_name_reaches_the_queue_byte_for_byte(slurm_lab: SlurmLab, name: bytes) -> None:
    job = slurm_lab.submit(name, options=["--hold"], state="PENDING")
    try:
        shown = slurm_lab.run("squeue", "-h", "-j", str(job), "-o", "%j").stdout
        assert shown.encode("utf-8", "surrogateescape") == name + b"\n"
    finally:
        slurm_lab.run("scancel", str(job))


def test_a_cancelled_job_is_seen_to_be_cancelled(slurm_lab: SlurmLab) -> None:
    job = slurm_lab.submit("short-lived", partition="cpu", options=["-wcpu03"], state="RUNNING")
    slurm_lab.run("scancel", str(job))
    slurm_lab.wait_for_job(job, "CANCELLED")


def test_the_controller_freezes_stops_and_comes_back_with_its_jobs(slurm_lab: SlurmLab) -> None:
    with slurm_lab.suspend_controller(), pytest.raises(subprocess.TimeoutExpired):
        slurm_lab.run("squeue", deadline_s=1)
    slurm_lab.stop_controller()
    assert "is DOWN" in slurm_lab.run("scontrol", "ping", check=False).stdout
    slurm_lab.start_controller()
    wait_until(lambda: seed.unsettled(slurm_lab) == [], 60, "the jobs to be as before")


def test_nothing_listens_beyond_loopback(slurm_lab: SlurmLab) -> None:
    found = slurm_lab.listeners()
    assert {address for address, _ in found} == {"127.0.0.1"}
    assert slurm_lab.layout.controller_port in {port for _, port in found}


@pytest.mark.usefixtures("slurm_programs")
def test_down_leaves_no_process_even_where_the_host_has_no_loopback_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ports, "host_name", lambda: "localhost")
    lab = SlurmLab.up()
    root, processes = lab.layout.root, lab.processes()
    commands = {process.command for process in processes}
    assert {"munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd", "slurmstepd"} <= commands
    assert {address for address, _ in lab.listeners()} == {"127.0.0.1"}
    lab.down()
    assert of_lab(root, processes) == []
    assert not root.exists()


@pytest.mark.usefixtures("slurm_programs")
def test_a_failed_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[SlurmLab] = []

    def fail(lab: SlurmLab) -> None:
        seen.append(lab)
        assert "mariadbd" in {process.command for process in lab.processes()}
        raise LabError("on purpose")

    monkeypatch.setattr(seed, "tenants", fail)
    with pytest.raises(LabError, match="on purpose"):
        SlurmLab.up()
    assert seen[0].processes() == []
    assert not seen[0].layout.root.exists()


@pytest.mark.usefixtures("slurm_programs")
def test_an_interrupt_while_the_database_is_made_leaves_nothing() -> None:
    root = Path(tempfile.mkdtemp(prefix="andon-lab-", dir="/tmp"))
    argv = [sys.executable, "-m", "tests.lab.slurm", "up", "--dir", str(root)]
    with subprocess.Popen(argv, cwd=REPOSITORY, stdout=subprocess.DEVNULL) as owner:
        wait_until((root / "db" / "ibdata1").exists, 30, "the database's first file")
        owner.send_signal(signal.SIGINT)
    assert owner.returncode == 130
    assert of_lab(root, []) == []
    assert not root.exists()


@pytest.mark.usefixtures("slurm_programs")
def test_a_lab_dies_with_the_process_that_brought_it_up() -> None:
    script = (
        "from tests.lab.slurm import SlurmLab\n"
        "print(SlurmLab.up(jobs=False).layout.root, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    ) as owner:
        assert owner.stdout is not None
        root = Path(owner.stdout.readline().decode().strip())
        assert of_lab(root, [])
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: not root.exists(), 30, "the guard to remove the lab")
    assert of_lab(root, []) == []


@pytest.mark.usefixtures("slurm_programs")
def test_the_command_brings_a_lab_up_and_takes_it_down() -> None:
    up = _command("up", "--no-jobs")
    conf = Path(up.removeprefix("export SLURM_CONF=").strip())
    assert conf.exists()
    assert SlurmLab.attach(conf.parent).node_state("gpu01") == "IDLE"
    _command("down", "--dir", str(conf.parent))
    assert of_lab(conf.parent, []) == []
    assert not conf.parent.exists()


def _command(*arguments: str) -> str:
    argv = [sys.executable, "-m", "tests.lab.slurm", *arguments]
    return subprocess.run(
        argv, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=120
    ).stdout
