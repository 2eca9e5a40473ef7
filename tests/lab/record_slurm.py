"""Record what Slurm's tools print, for tests without one: `python -m tests.lab.record_slurm`.

Brings up a lab of its own, adds what the seed does not have (hostile names, a heterogeneous job, a
failed one, an array held in part) and writes `tests/recordings/slurm`.
"""

from __future__ import annotations

import re
from pathlib import Path

from andon_slurm.parse_jobs import JOB_FIELDS
from andon_slurm.parse_nodes import NODE_FIELDS, QUEUE_FIELDS
from andon_slurm.parse_tenants import TENANT_COLUMNS
from andon_slurm.table import Markers, format_argument
from tests.lab.slurm import SlurmLab, seed, wait_until

FOLDER = Path(__file__).parents[1] / "recordings" / "slurm"
MARKERS = Markers("@@ANDON-FIELD@@", "@@ANDON-ROW@@")
HOSTILE_NAMES = (
    b"\x1b]0;title\x07\x1b[31m",
    b"two\nlines\rand\ta|tab",
    b"[@click=app.drain_all]x[/]",
    b"[/evil]",
    b"\xff\xfe\x9b31m",
    "\u202eright to left".encode(),
    b"-all",
    b"x" * 1023,
)


def add_jobs(lab: SlurmLab) -> None:
    """Add what the seed does not have."""
    for name in HOSTILE_NAMES:
        lab.submit(name, options=["--hold"], state="PENDING")
    het = ("sbatch", "--parsable", "--partition=cpu", "--output=/dev/null", "--chdir=/tmp")
    shape = ("--job-name=coupled", "-wcpu01", ":", "--partition=cpu", "--ntasks=1")
    lab.run(*het, *shape, user=seed.DEFAULT_USER, stdin="#!/bin/sh\nexec sleep 3600\n")
    failed = lab.submit("fails", options=["-wcpu01"], command="exit 3")
    lab.wait_for_job(failed, "FAILED")
    sweep = lab.submit("sweep", options=["-wcpu01", "--array=1-9%1"])
    wait_until(lambda: lab.job_state(f"{sweep}_1") == "RUNNING", 30, "the array's first task")
    lab.run("scontrol", "hold", f"{sweep}_[7-9]")


def record(lab: SlurmLab, folder: Path) -> None:
    """Write one file for each call that the plugin makes."""
    calls: dict[str, tuple[str, ...]] = {
        "squeue": ("squeue", _format(JOB_FIELDS), "--all", "--states=all"),
        "squeue-tasks": ("squeue", _format(JOB_FIELDS), "--all", "--states=all", "--array"),
        "sinfo-nodes": ("sinfo", _format(NODE_FIELDS), "--all", "--Node"),
        "sinfo-partitions": ("sinfo", _format(QUEUE_FIELDS), "--all"),
        "scontrol-nodes": ("scontrol", "--all", "--details", "--oneliner", "show", "nodes"),
        "scontrol-config": ("scontrol", "show", "config"),
        "sacctmgr-user": ("sacctmgr", "-nP", "show", "user", "root", "format=adminlevel"),
        "sacctmgr-associations": (
            *("sacctmgr", "-nP", "show", "associations"),
            f"format={','.join(TENANT_COLUMNS)}",
        ),
    }
    for name, argv in calls.items():
        _write(lab, folder / f"{name}.txt", argv)
    running = lab.run("squeue", "--noheader", "--states=running", "--format=%A").stdout.split()
    for job in running:
        name = lab.run("squeue", "--noheader", f"--jobs={job}", "--format=%i").stdout.split()[0]
        if name.isdigit() or "_" in name:
            argv = ("scontrol", "--details", "show", "job", name)
            _write(lab, folder / f"scontrol-job-{name}.txt", argv)


def _format(fields: tuple[str, ...]) -> str:
    return f"--Format={format_argument(fields, MARKERS)}"


def _write(lab: SlurmLab, path: Path, argv: tuple[str, ...]) -> None:
    shown = lab.run("env", "SLURM_TIME_FORMAT=%s", "SLURM_BITSTR_LEN=0", *argv).stdout
    shown = shown.replace(str(lab.layout.root), "/lab")
    shown = re.sub(rf"\b{re.escape(lab.layout.host_name)}\b", "ctl01", shown)
    path.write_bytes(shown.encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    with_jobs = SlurmLab.up()
    try:
        add_jobs(with_jobs)
        record(with_jobs, FOLDER)
    finally:
        with_jobs.down()
