"""What processes cost: CPU time, memory, wall time. Linux's /proc."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a process has used, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mib(pid: int, field: str = "VmRSS") -> float:
    """Return the resident memory of a process; `VmHWM` is its peak."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, file.read_text().split())
    return found


@dataclass(frozen=True)
class Finished:
    """How a command went."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    output_bytes: int
    exit_code: int


def timed(argv: Sequence[str], environ: Mapping[str, str]) -> Finished:
    """Run a command to its end, its output read and dropped."""
    start = time.perf_counter()
    process = subprocess.Popen(
        argv, env=dict(environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout
    size = 0
    while chunk := process.stdout.read(1 << 20):
        size += len(chunk)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return Finished(
        seconds=time.perf_counter() - start,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / 1024,
        output_bytes=size,
        exit_code=process.returncode,
    )
