"""Start → first rows, and the cost of asking for help."""

from __future__ import annotations

from tests.bench.empty_app import HIGHLIGHT
from tests.bench.processes import timed
from tests.bench.results import Result, median
from tests.bench.setting import Setting
from tests.bench.terminal import Terminal, wait_for


def measure(setting: Setting) -> list[Result]:
    """Time starts beside their yardsticks, in turn."""
    setting_python = (setting.python, "-c")
    rows: list[float] = []
    textual: list[float] = []
    help_: list[float] = []
    click: list[float] = []
    for _ in range(setting.pairs):
        textual.append(timed([*setting_python, "import textual.app"], setting.environ).seconds)
        rows.append(first_rows(setting))
        click.append(timed([*setting_python, "import click"], setting.environ).seconds)
        help_.append(timed(setting.andon("--help"), setting.environ).seconds)
    return [
        Result(
            bench="starting",
            name="start → first rows of the demo",
            value=median(rows) * 1e3,
            unit="ms",
            against=median(textual) * 1e3,
            note="against importing textual.app",
        ),
        Result(
            bench="starting",
            name="andon --help",
            value=median(help_) * 1e3,
            unit="ms",
            against=median(click) * 1e3,
            goal=1.5,
            note="against importing click",
        ),
    ]


def first_rows(setting: Setting) -> float:
    """Return the seconds from the start until the cursor stands on a row of data."""
    terminal = Terminal(setting.andon("demo"), setting.environ)
    screen = terminal.screen
    try:
        wait_for([terminal], lambda: screen.row_with(HIGHLIGHT) is not None, "the first rows")
        return terminal.read_at - terminal.started_at
    finally:
        terminal.close()
