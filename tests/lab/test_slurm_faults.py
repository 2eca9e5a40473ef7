"""Slurm, its tools, the collector and the runner fail one by one under a real terminal.

Whatever fails, the cursor follows each key at once and the screen says what is wrong.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from andon.tui.screens.dialog import DEAF_SECONDS
from tests.lab.andon import COMMAND, Andon
from tests.lab.shims import TOOLS, Shims
from tests.lab.slurm import SlurmLab, wait_until
from tests.lab.slurm.config import NODES
from tests.terminal.session import Session, Size, children

EVERY_S = 0.1
ROWS = len(NODES)
SOURCE = """\
[[sources]]
plugin = "slurm"
bin = "{folder}"
timeout = 8
interval = 1
polls_per_minute = 600
output_limit_mib = 256
"""


def ninth_tenth(latencies: list[float]) -> float:
    """Return what nine of ten latencies stay below, in seconds."""
    return sorted(latencies)[len(latencies) * 9 // 10]


class Console:
    """A console on a lab whose tools can be made to fail."""

    def __init__(self, lab: SlurmLab, home: Path) -> None:
        self.home = home
        self.latencies: list[float] = []
        self.down = True
        self.bin = home / "bin"
        self.heal()
        self.operator = Andon(lab, home)
        self.operator.environ |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }
        self.operator.configure(SOURCE.format(folder=self.bin))
        argv = (str(COMMAND), "--write")
        self.session = Session(argv, self.operator.environ, Size(150, 40))
        self.session.shows("Problems", "live")
        self.nodes()
        self.keys_work(3.0)
        self.calm = ninth_tenth(self.latencies)
        """Nine of ten keys are seen within these seconds while nothing is wrong."""

    def heal(self) -> None:
        """Put the real tools back."""
        Shims(self.bin)

    def breaks(self, body: str) -> None:
        """Replace every tool by a shell script."""
        for tool in TOOLS:
            path = self.bin / tool
            path.unlink(missing_ok=True)
            path.write_text(f"#!/bin/sh\n{body}\n")
            path.chmod(0o755)

    def nodes(self) -> None:
        """Go to the first of the nodes, wherever we are."""
        self.session.quiet(DEAF_SECONDS)
        self.session.send("\x1b\x1b")
        self.session.quiet(0.2)
        self.session.send("2")
        self.session.until(lambda: self.row() is not None, "the nodes")
        self.session.send("g")
        self.session.until(lambda: self.row() == 1, "the first row")

    def row(self) -> int | None:
        """Return the row that the title says the cursor is on."""
        match = re.search(rf"(?<![\d/])(\d+)/{ROWS}\b", self.session.lines[2])
        return int(match[1]) if match else None

    def place(self) -> tuple[int | None, str]:
        """Return the row and the name that the cursor is on: rows may move under it."""
        row = self.row()
        return row, "" if row is None else self.session.lines[3 + row][:16]

    def keys_work(self, seconds: float = 4.0) -> None:
        """Press a cursor key every 100 ms and see what each does."""
        ends = time.monotonic() + seconds
        while (pressed := time.monotonic()) < ends:
            at = self.place()
            self.down = (self.down and at[0] != ROWS) or at[0] == 1
            self.session.send("j" if self.down else "k")
            self.moved(at)
            self.latencies.append(time.monotonic() - pressed)
            self.rest(EVERY_S - self.latencies[-1])

    def moved(self, at: tuple[int | None, str]) -> None:
        """Wait until the cursor is elsewhere."""
        self.session.until(lambda: self.place() != at, "the cursor to move", seconds=3.0)

    def was_prompt(self) -> None:
        """Keys were seen as soon as when nothing is wrong, or nearly so.

        Both cores are shared with Slurm's daemons and whatever else runs on the machine: a screen
        that stands still while something is decoded or waited for stands still for longer.
        """
        assert ninth_tenth(self.latencies) < max(5 * EVERY_S, 5 * self.calm), sorted(self.latencies)

    def rest(self, seconds: float) -> None:
        """Take what is drawn until it is time for the next key."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.session.read(left)

    def says(self, *words: str, seconds: float = 60.0) -> None:
        """Press keys until the header says so, then find the words among the sources."""
        deadline = time.monotonic() + seconds
        while "down" not in self.session.lines[1]:
            assert time.monotonic() < deadline, self.session.text
            self.keys_work(1.0)
        self.keys_work(2.0)
        assert re.search(r"slurm@local down \d+s", self.session.lines[1]), self.session.text
        assert "old" in self.session.text, "what is shown is marked as old"
        self.session.press("7", " Sources ", *words)
        self.nodes()

    def recovers(self) -> None:
        """Wait until the source is live again; keys work meanwhile."""
        self.session.send("\x12")
        deadline = time.monotonic() + 60.0
        while not re.search(r"slurm@local live \ds", self.session.lines[1]):
            assert time.monotonic() < deadline, self.session.text
            self.keys_work(0.5)
            if "live" not in self.session.lines[1]:
                self.session.send("\x12")


@pytest.fixture(scope="module")
def module_console(
    slurm_lab: SlurmLab, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    console = Console(slurm_lab, tmp_path_factory.mktemp("faults"))
    try:
        yield console
    finally:
        console.session.close()
        shutil.rmtree(console.home, ignore_errors=True)


@pytest.fixture
def console(module_console: Console) -> Iterator[Console]:
    """A console on a sound lab, and sound again for the next test."""
    module_console.heal()
    module_console.nodes()
    module_console.recovers()
    module_console.latencies.clear()
    yield module_console
    module_console.was_prompt()


def test_keys_work_while_nothing_is_wrong(console: Console) -> None:
    console.keys_work()
    assert console.session.findings == []


REFUSED = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"
BROKEN = {
    "hanging": ("exec sleep 600", "timeout:"),
    "rubbish": ("echo Welcome to the cluster", "garbled:"),
    "1 GiB": ("exec head -c 1G /dev/zero", "too-large:"),
    "refusing": (f"echo '{REFUSED}' >&2; exit 1", "unreachable:"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_tools_that_fail_are_told_and_the_cursor_moves(console: Console, fault: str) -> None:
    body, kind = BROKEN[fault]
    console.breaks(body)
    console.says(kind)


def test_missing_tools_are_told_and_the_cursor_moves(console: Console) -> None:
    for tool in TOOLS:
        (console.bin / tool).unlink()
    console.says("unreachable:")


def test_slow_tools_are_waited_for_and_the_cursor_moves(console: Console) -> None:
    Shims(console.bin, before="sleep 1.5")
    console.keys_work(6.0)
    assert "down" not in console.session.lines[1]


def test_a_controller_that_is_frozen_is_told_and_the_cursor_moves(
    slurm_lab: SlurmLab, console: Console
) -> None:
    with slurm_lab.suspend_controller():
        console.says("timeout:")


def test_a_controller_that_is_stopped_is_told_and_the_cursor_moves(
    slurm_lab: SlurmLab, console: Console
) -> None:
    slurm_lab.stop_controller()
    try:
        # The tools go on trying for longer than the source waits.
        console.says("timeout:")
    finally:
        slurm_lab.start_controller()
    console.recovers()


def test_a_collector_that_is_killed_is_replaced_and_the_cursor_moves(console: Console) -> None:
    (collector,) = children(console.session.pid)
    os.kill(collector, signal.SIGKILL)
    console.keys_work(3.0)
    console.recovers()
    (another,) = children(console.session.pid)
    assert another != collector


@contextmanager
def stalled_drain(console: Console) -> Iterator[Path]:
    """Have the call that drains stall before it is made."""
    file = console.home / "stalled"
    stall = f'case "$*" in *State=DRAIN*) echo $$ > {file}; exec sleep 600;; esac'
    Shims(console.bin, before=stall)
    try:
        yield file
    finally:
        with suppress(ProcessLookupError, FileNotFoundError):
            os.kill(int(file.read_text()), signal.SIGKILL)


def test_a_runner_that_is_killed_is_told_and_the_cursor_moves(
    slurm_lab: SlurmLab, console: Console
) -> None:
    session = console.session
    session.send("/name=cpu03\r")
    session.shows("1 of 8")
    with stalled_drain(console) as stalled:
        session.press("D", "Stop new work on node cpu03")
        session.quiet(DEAF_SECONDS + 0.1)
        session.send("fan\r")
        session.shows("Reason=fan")
        session.send("y")
        session.hides("Exact calls")
        session.send("\x1b")
        session.until(lambda: console.row() is not None, "all nodes")
        wait_until(stalled.exists, 30, "the call to be under way")
        console.keys_work(2.0)
        runner = next(e["pid"] for e in console.operator.journal() if e["phase"] == "plan")
        os.kill(runner, signal.SIGKILL)
        console.keys_work(2.0)
        session.shows("Stop new work on node cpu03", "unknown")
    console.heal()
    assert "DRAIN" not in slurm_lab.node_state("cpu03")
    after = console.operator("nodes", "undrain", "cpu03", "--dry-run")
    assert "an earlier call ended without an answer" in after.err


def test_after_all_that_it_leaves_in_order(module_console: Console) -> None:
    module_console.session.send("\x11")
    assert module_console.session.ends(20) == 0
    assert module_console.session.findings == []
