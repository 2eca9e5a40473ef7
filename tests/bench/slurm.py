"""`andon jobs ls -o json` against `squeue --json` on a real Slurm with some thousand jobs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.bench.processes import timed
from tests.bench.results import Result, median
from tests.bench.setting import Setting
from tests.lab.slurm import SlurmLab
from tests.lab.slurm.seed import TENANTS
from tests.lab.slurm.tools import program

_TASKS = 700
"""Of each user's array, which Slurm keeps as one record until its tasks start."""
_SINGLE = 900
"""Jobs of their own for each user."""
_AT_ONCE = 4


def measure(setting: Setting) -> list[Result]:
    """Bring a lab up, fill its queue, and list it both ways in turn."""
    lab = SlurmLab.up()
    try:
        count = _fill(lab)
        environ = setting.environ | lab.env() | {"HOME": setting.environ["HOME"]}
        ours: list[float] = []
        theirs: list[float] = []
        peaks: list[str] = []
        for _ in range(setting.pairs):
            one = timed([program("squeue"), "--json"], environ)
            other = timed(setting.andon("jobs", "ls", "-o", "json"), environ)
            theirs.append(one.seconds)
            ours.append(other.seconds)
            peaks = [f"{run.peak_mib:.0f} MiB, {run.output_bytes:,} bytes" for run in (one, other)]
    finally:
        lab.down()
    return [
        Result(
            bench="slurm",
            name="andon jobs ls -o json",
            value=median(ours) * 1e3,
            unit="ms",
            against=median(theirs) * 1e3,
            goal=1.0,
            note=f"{count} records; squeue {peaks[0]}; andon {peaks[1]}",
        )
    ]


def _fill(lab: SlurmLab) -> int:
    """Submit an array and single jobs for each user; return how many records squeue has."""
    users = [user for tenant in TENANTS for user in tenant.users]

    def submit(user: str, number: int) -> None:
        lab.submit(f"one-{number}", user=user, partition="cpu", options=["--time=60"])

    for user in users:
        options = [f"--array=1-{_TASKS}", "--time=60"]
        lab.submit("sweep", user=user, partition="h100", gpus=8, options=options)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(submit, users * _SINGLE, range(len(users) * _SINGLE)))
    return len(lab.run("squeue", "-h").stdout.splitlines())
