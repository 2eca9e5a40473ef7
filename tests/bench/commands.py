"""Lists as scripts get them."""

from __future__ import annotations

from tests.bench.processes import Finished, timed
from tests.bench.results import Result, median
from tests.bench.setting import Setting


def measure(setting: Setting) -> list[Result]:
    """Time lists of the default factory and of the large one."""
    few = [["nodes", "ls", "--demo"], ["jobs", "ls", "--demo", "-o", "json"], ["status", "--demo"]]
    found = [_timed(setting, words, setting.pairs) for words in few]
    big = ["jobs", "ls", "--demo", *setting.big, "-o", "json"]
    return [*found, _timed(setting, big, 1)]


def _timed(setting: Setting, words: list[str], times: int) -> Result:
    base: list[float] = []
    runs: list[Finished] = []
    for _ in range(times):
        base.append(timed([setting.python, "-c", "import click"], setting.environ).seconds)
        runs.append(timed(setting.andon(*words), setting.environ))
    peak = max(run.peak_mib for run in runs)
    return Result(
        bench="commands",
        name=f"andon {' '.join(words)}",
        value=median([run.seconds for run in runs]) * 1e3,
        unit="ms",
        against=median(base) * 1e3,
        note=f"{peak:.0f} MiB, {runs[-1].output_bytes:,} bytes, exit {runs[-1].exit_code}",
    )
