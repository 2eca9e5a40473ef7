"""Processes as /proc tells of them: alive or not, whose child, and which belong to a lab."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.lab.slurm.tools import LabError, clean_environment

MARKER = "ANDON_LAB_DIR"
_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One process, told apart from a later one with the same id by its start."""

    pid: int
    started: int  # clock ticks after boot
    parent: int = 0
    command: str = ""


def marked_environment(root: Path) -> dict[str, str]:
    """An environment by which a process and its children are known as the lab's."""
    return clean_environment() | {MARKER: str(root)}


def wait_until(condition: Callable[[], bool], deadline_s: float, what: str = "") -> None:
    """Poll a condition until it holds; LabError naming `what` when it does not in time."""
    pause = threading.Event()
    until, step = time.monotonic() + deadline_s, 0.01
    while not condition():
        if time.monotonic() > until:
            raise LabError(f"waited {deadline_s:g} s in vain for {what or condition}")
        pause.wait(step)
        step = min(step * 1.5, 0.2)


def look(pid: int) -> Process | None:
    """The process with this id; None if there is none or it is a zombie."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    command = text[text.index("(") + 1 : text.rindex(")")]
    fields = text[text.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    return Process(pid, int(fields[19]), int(fields[1]), command)


def is_alive(process: Process) -> bool:
    """Whether this very process still runs (a zombie does not)."""
    found = look(process.pid)
    return found is not None and found.started == process.started


def send(process: Process, number: signal.Signals) -> None:
    """Signal this very process, or nobody if it has ended."""
    if is_alive(process):
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def of_lab(root: Path, recorded: Iterable[Process]) -> list[Process]:
    """Every live process of the lab in `root`, however it was detached.

    They are: the recorded ones; Slurm's own processes that work in the lab's log folder (a
    slurmstepd outlives and leaves its slurmd, and overwrites its environment); what was
    started with the lab's marker in its environment; and all descendants of these.
    """
    table = {found.pid: found for pid in _pids() if (found := look(pid)) is not None}
    known = {p.pid for p in recorded if p.pid in table and table[p.pid].started == p.started}
    known |= {pid for pid, process in table.items() if _is_marked(process, root)}
    ours = _with_descendants(table, known) - _self_and_ancestors(table)
    return [table[pid] for pid in sorted(ours)]


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir(_PROC) if entry.isdigit()]


def _is_marked(process: Process, root: Path) -> bool:
    folder = _PROC / str(process.pid)
    try:
        environment = (folder / "environ").read_bytes().split(b"\0")
        if f"{MARKER}={root}".encode() in environment:
            return True
        works_in = (folder / "cwd").readlink()
    except OSError:
        return False
    return process.command.startswith("slurm") and works_in.is_relative_to(root)


def _with_descendants(table: dict[int, Process], known: set[int]) -> set[int]:
    found = set(known)
    while True:
        more = {pid for pid, process in table.items() if process.parent in found} - found
        if not more:
            return found
        found |= more


def _self_and_ancestors(table: dict[int, Process]) -> set[int]:
    found: set[int] = set()
    pid = os.getpid()
    while pid in table and pid not in found:
        found.add(pid)
        pid = table[pid].parent
    return found
