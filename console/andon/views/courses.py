"""Numbers over time: which are kept, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from andon.analysis.summary import Summary, summarise
from andon.model import AcceleratorState, Kind
from andon.store import Snapshot
from andon.store.history import History
from andon.views.formats import count_text, percent_text, watts_text
from andon.views.page import MISSING, Cell, Series, Tone

GPUS_BUSY: Final = "gpus_busy_percent"
GPUS_HELD: Final = "gpus_held_percent"
JOBS_RUNNING: Final = "jobs_running"
JOBS_PENDING: Final = "jobs_pending"
POWER: Final = "power_draw_watts"
_ENOUGH: Final = 0.9
"""The part of all GPUs that a share of them must be known of."""


def sample(snapshot: Snapshot, now: float) -> Mapping[str, float | None]:
    """Return the numbers that are kept over time, by series name; for `History.add`."""
    return numbers(summarise(snapshot, now))


def numbers(summary: Summary) -> Mapping[str, float | None]:
    """Return the numbers of a summary that are kept over time.

    A count or a power to which only a part reports is left out: a course that falls because a
    source is down would tell of work that stopped. A share is one of the GPUs that it is known of,
    and is kept while these are nearly all: one silent node does not empty the course, a source
    that is down does.
    """
    total = summary.total
    held, states = total.gpus_allocated, total.accelerators
    cards = sum(states.values())
    # Whether a GPU that is merely given away is busy, nobody said.
    measured = cards - states.get(AcceleratorState.ALLOCATED, 0)
    measured -= states.get(AcceleratorState.UNKNOWN, 0)
    busy = states.get(AcceleratorState.BUSY, 0)
    idle = states.get(AcceleratorState.IDLE_HELD, 0)
    heard = bool(total.jobs) and Kind.JOB not in total.partial_kinds
    power = total.power_watts
    return {
        GPUS_BUSY: 100.0 * busy / measured
        if busy + idle and _nearly_all(measured, cards, total.heard(Kind.ACCELERATOR))
        else None,
        GPUS_HELD: 100.0 * held.value / held.reported
        if held.value is not None
        and held.reported
        and _nearly_all(held.reported, held.expected, total.heard(Kind.NODE))
        else None,
        JOBS_RUNNING: float(total.jobs_running) if heard else None,
        JOBS_PENDING: float(total.jobs_pending) if heard else None,
        POWER: None if power.partial else power.value,
    }


def _nearly_all(known: int, expected: int, heard: float) -> bool:
    """Return whether a share of what is known tells of the whole.

    Args:
        known: GPUs that it is known of.
        expected: All GPUs that were ever heard of.
        heard: The share that sources now report of what they should, GPUs never heard of too.
    """
    return known >= _ENOUGH * expected and heard >= _ENOUGH


def courses(history: History, now: float, summary: Summary) -> tuple[Series, ...]:
    """Return the last minutes as sparklines: GPUs, running, pending, power; only what was heard.

    Args:
        history: What was kept.
        now: Seconds since the epoch.
        summary: What is known now: what is not heard now has no latest value, whatever it was.
    """
    latest = numbers(summary)

    def series(
        name: str, title: str, number: str, text: Callable[[float], str], unit: str
    ) -> Series:
        high = 100.0 if unit == "%" else None
        values = history.values(number, now)
        return _series(name, title, values, latest[number], text, unit, high)

    def heard(number: str) -> bool:
        past = history.values(number, now)
        return latest[number] is not None or any(value is not None for value in past)

    use_busy = heard(GPUS_BUSY)
    gpus = ("GPUs busy", GPUS_BUSY) if use_busy else ("GPUs held", GPUS_HELD)
    made = [
        series("gpus_course", *gpus, percent_text, "%"),
        series("running_course", "Running", JOBS_RUNNING, count_text, "jobs"),
        series("pending_course", "Pending", JOBS_PENDING, count_text, "jobs"),
    ]
    if heard(POWER):
        made.append(series("power_course", "Power", POWER, watts_text, "W"))
    return tuple(made)


def _series(
    name: str,
    title: str,
    values: tuple[float | None, ...],
    latest: float | None,
    text: Callable[[float], str],
    unit: str,
    high: float | None,
) -> Series:
    """Return one sparkline; without a fixed `high` its scale leaves a fifth above and below.

    From zero a count of hundreds is a solid bar whatever it does; from its smallest to its largest
    value one job more looks like a cliff.
    """
    known = [value for value in values if value is not None]
    low = 0.0
    if high is None and known:
        low, high = 0.8 * min(known), 1.2 * max(known)
    return Series(
        name=name,
        title=title,
        values=values,
        unit=unit,
        latest=MISSING if latest is None else Cell(text(latest), Tone.STRONG, latest),
        low=low,
        high=high,
    )
