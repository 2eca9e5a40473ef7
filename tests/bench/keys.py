"""Key → paint: from the press of a cursor key until the row under the cursor is painted.

The yardstick is pressed in turn with Andon, in a terminal of the same size: an application of one
widget that repaints two lines. What Andon needs during refreshes is set against what the yardstick
needs at rest.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.empty_app import HIGHLIGHT
from tests.bench.processes import children, memory_mib
from tests.bench.results import Result, percentile
from tests.bench.screen import Colour
from tests.bench.setting import Setting
from tests.bench.terminal import Terminal, rest, wait_for

_DOWN, _UP, _REFRESH = b"\x1b[B", b"\x1b[A", b"\x12"
_NAME = 14
"""Cells of a row that say what it is and change with nothing else."""
_SWEEP = 20
"""Rows the cursor goes down before it turns round: it stays on the screen."""
_PAUSE_S = (0.02, 0.08)
_GOALS = {"idle": 2.0, "refresh": 5.0}
_ANSWERED_S = 0.15
_ENOUGH_S = 90.0


@dataclass
class Pressed:
    """A program whose cursor is moved."""

    terminal: Terminal
    highlight: Colour
    presses: int = 0

    @property
    def row(self) -> int | None:
        """The line on the screen under the cursor."""
        return self.terminal.screen.row_with(self.highlight)

    @property
    def place(self) -> tuple[int, str] | None:
        """Where the cursor is and on what: at the edge of the screen the rows move."""
        row = self.row
        return None if row is None else (row, self.terminal.screen.line(row)[:_NAME])

    def press(self, all_: Sequence[Terminal]) -> float:
        """Press a cursor key; return the seconds until the cursor is painted on another row."""
        before = self.place
        down = self.presses // _SWEEP % 2 == 0
        self.presses += 1
        start = time.perf_counter()
        self.terminal.send(_DOWN if down else _UP)
        wait_for(all_, lambda: self.place not in (None, before), "the cursor", 30)
        return self.terminal.read_at - start


def measure(setting: Setting) -> list[Result]:
    """Press keys at rest, during refreshes, and while everything comes in anew."""
    empty = Terminal([setting.python, "-m", "tests.bench.empty_app"], setting.environ)
    andon = Terminal(setting.andon("demo", *setting.big), setting.environ)
    all_ = [empty, andon]
    try:
        ours, yardstick = Pressed(andon, HIGHLIGHT), Pressed(empty, HIGHLIGHT)
        wait_for(all_, lambda: yardstick.row is not None, "the yardstick")
        open_jobs(ours, all_, setting.jobs)
        found = Phases(ours, yardstick, all_, setting).run()
    finally:
        andon.close()
        empty.close()
    return found


def open_jobs(ours: Pressed, all_: Sequence[Terminal], jobs: int) -> None:
    """Wait until all the jobs are on the screen and the collector has settled."""
    screen = ours.terminal.screen
    wait_for(all_, lambda: "DEMO" in screen.line(0), "the first screen")
    ours.terminal.send(b"4")
    wait_for(
        all_,
        lambda: _count(screen.line(2)) >= jobs * 0.9,
        f"a table of {jobs} jobs",
        180,
    )
    rest(all_, 5)
    ours.terminal.send(b"g")
    wait_for(all_, lambda: ours.row is not None, "the cursor in the first row")


def _count(title: str) -> int:
    words = [word.replace(",", "") for word in title.split()]
    return max((int(word) for word in words if word.isdecimal()), default=0)


@dataclass
class Phases:
    """The three ways in which keys are pressed."""

    ours: Pressed
    yardstick: Pressed
    all_: Sequence[Terminal]
    setting: Setting

    def run(self) -> list[Result]:
        """Return the results of all of them."""
        rng = random.Random(7)
        base: list[float] = []
        idle: list[float] = []
        for _ in range(self.setting.keys):
            base.append(self.yardstick.press(self.all_))
            rest(self.all_, rng.uniform(*_PAUSE_S))
            idle.append(self.ours.press(self.all_))
            rest(self.all_, rng.uniform(*_PAUSE_S))
        refresh = self._during(self._asks_again(), rng)
        afresh = self._afresh(rng)
        return [
            *_results("idle", idle, base),
            *_results("refresh", refresh, base),
            *_results("afresh", afresh, base, "everything taken in anew"),
        ]

    def _asks_again(self) -> Callable[[], None]:
        """Return what asks every source again, each second."""
        last = 0.0

        def ask() -> None:
            nonlocal last
            if time.monotonic() - last >= 1.0:
                last = time.monotonic()
                self.ours.terminal.send(_REFRESH)
                # That key has an answer of its own, which is not what is measured.
                rest(self.all_, _ANSWERED_S)

        return ask

    def _during(self, disturb: Callable[[], None], rng: random.Random) -> list[float]:
        taken = []
        for _ in range(self.setting.keys):
            disturb()
            taken.append(self.ours.press(self.all_))
            rest(self.all_, rng.uniform(*_PAUSE_S))
        return taken

    def _afresh(self, rng: random.Random) -> list[float]:
        """Press keys while a new collector sends every record: the old one is ended."""
        before = set(children(self.ours.terminal.pid))
        for pid in before:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        taken: list[float] = []
        grown = self.setting.jobs / 1_000
        deadline = time.monotonic() + _ENOUGH_S
        quiet_since: float | None = None
        while time.monotonic() < deadline:
            taken.append(self.ours.press(self.all_))
            rest(self.all_, rng.uniform(*_PAUSE_S))
            fresh = set(children(self.ours.terminal.pid)) - before
            # The collector has told everything once it has built its factory and is calm again.
            if any(_settled(pid, grown) for pid in fresh):
                quiet_since = quiet_since or time.monotonic()
                if time.monotonic() - quiet_since > 12:
                    break
        return taken


def _settled(pid: int, least_mib: float) -> bool:
    with contextlib.suppress(OSError):
        return memory_mib(pid) > least_mib
    return False


def _results(
    phase: str, ours: Sequence[float], base: Sequence[float], note: str = ""
) -> list[Result]:
    """Return percentiles, each against the same one of the yardstick."""
    return [
        Result(
            bench="keys",
            name=f"key → paint, {phase}, p{percent}",
            value=percentile(ours, percent) * 1e3,
            unit="ms",
            against=percentile(base, percent) * 1e3,
            goal=_GOALS.get(phase, 5.0),
            note=note or f"{len(ours)} keys",
        )
        for percent in (50, 90, 99)
    ]
