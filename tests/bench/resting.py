"""A console that is only looked at: what it writes to the terminal and what it costs."""

from __future__ import annotations

from tests.bench.empty_app import HIGHLIGHT
from tests.bench.keys import Pressed, open_jobs
from tests.bench.processes import children, cpu_seconds, memory_mib
from tests.bench.results import Result
from tests.bench.setting import Setting
from tests.bench.terminal import Terminal, rest, wait_for

_VIEWS = {"overview": b"1", "nodes": b"2", "gpus": b"3", "jobs": b"4", "sources": b"7"}
_QUIET_BYTES = 2_000
_UI_PERCENT = 10
_SETTLE_S = 5.0


def measure(setting: Setting) -> list[Result]:
    """Watch a factory where next to nothing happens, one that works, and a large one."""
    found = _views(setting, "quiet", ("--speed", "0.1", "--jobs", "200"), goal=_QUIET_BYTES)
    found += _views(setting, "working", (), goal=None)
    return found + _large(setting)


def _views(
    setting: Setting, what: str, options: tuple[str, ...], goal: float | None
) -> list[Result]:
    """Watch the default factory, view by view."""
    terminal = Terminal(setting.andon("demo", *options), setting.environ)
    found: list[Result] = []
    try:
        wait_for([terminal], lambda: "DEMO" in terminal.screen.line(0), "the first screen")
        rest([terminal], _SETTLE_S)
        for view, key in _VIEWS.items():
            terminal.send(key)
            rest([terminal], _SETTLE_S)
            found += _watched(setting, terminal, f"{what}, {view}", goal)
    finally:
        terminal.close()
    return found


def _large(setting: Setting) -> list[Result]:
    """Watch the jobs of the large factory."""
    terminal = Terminal(setting.andon("demo", *setting.big), setting.environ)
    try:
        ours = Pressed(terminal, HIGHLIGHT)
        open_jobs(ours, [terminal], setting.jobs)
        rest([terminal], setting.rest_seconds)
        return _watched(setting, terminal, f"{setting.jobs:,} jobs", None)
    finally:
        terminal.close()


def _watched(setting: Setting, terminal: Terminal, what: str, goal: float | None) -> list[Result]:
    seconds = setting.rest_seconds
    collector = children(terminal.pid)[0]
    written, ui, child = terminal.bytes_read, cpu_seconds(terminal.pid), cpu_seconds(collector)
    rest([terminal], seconds)
    note = f"{memory_mib(terminal.pid):.0f} MiB; collector {memory_mib(collector):.0f} MiB"
    return [
        Result(
            bench="resting",
            name=f"{what}: to the terminal",
            value=(terminal.bytes_read - written) / seconds,
            unit="B/s",
            goal=goal,
        ),
        Result(
            bench="resting",
            name=f"{what}: CPU of the screen",
            value=(cpu_seconds(terminal.pid) - ui) / seconds * 100,
            unit="%",
            goal=_UI_PERCENT,
            note=note,
        ),
        Result(
            bench="resting",
            name=f"{what}: CPU of the collector",
            value=(cpu_seconds(collector) - child) / seconds * 100,
            unit="%",
        ),
    ]
