"""Numbers over time: which are kept, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from andon.analysis.summary import Summary, summarise
from andon.model import AcceleratorState
from andon.store import Snapshot
from andon.store.history import History
from andon.views.formats import count_text, percent_text, watts_text
from andon.views.page import MISSING, Cell, Series, Tone

GPUS_BUSY: Final = "gpus_busy_percent"
GPUS_HELD: Final = "gpus_held_percent"
JOBS_RUNNING: Final = "jobs_running"
JOBS_PENDING: Final = "jobs_pending"
POWER: Final = "power_draw_watts"


def sample(snapshot: Snapshot, now: float) -> Mapping[str, float | None]:
    """Return the numbers that are kept over time, by series name; for `History.add`."""
    return numbers(summarise(snapshot, now))


def numbers(summary: Summary) -> Mapping[str, float | None]:
    """Return the numbers of a summary that are kept over time.

    A number to which only a part reports is left out: a course that falls because a source is
    down would tell of work that stopped.
    """
    total = summary.total
    gpus, held = total.gpus_total, total.gpus_allocated
    busy = total.accelerators.get(AcceleratorState.BUSY, 0)
    known = busy + total.accelerators.get(AcceleratorState.IDLE_HELD, 0)
    counted = sum(total.accelerators.values())
    heard = bool(total.jobs) and not any(kind.value == "job" for kind in total.partial_kinds)
    power = total.power_watts
    return {
        GPUS_BUSY: 100.0 * busy / counted if known and counted and not gpus.partial else None,
        GPUS_HELD: 100.0 * held.value / gpus.value
        if held.value is not None and gpus.value and not held.partial
        else None,
        JOBS_RUNNING: float(total.jobs_running) if heard else None,
        JOBS_PENDING: float(total.jobs_pending) if heard else None,
        POWER: None if power.partial else power.value,
    }


def courses(history: History, now: float) -> tuple[Series, ...]:
    """Return the last minutes as sparklines: GPUs, running, pending, power; only what was heard."""
    busy = history.values(GPUS_BUSY, now)
    use_busy = any(value is not None for value in busy)
    gpus = busy if use_busy else history.values(GPUS_HELD, now)
    made = [
        _series(
            "gpus_course", "GPUs busy" if use_busy else "GPUs held", gpus, percent_text, "%", 100.0
        ),
        _series("running_course", "Running", history.values(JOBS_RUNNING, now), count_text, "jobs"),
        _series("pending_course", "Pending", history.values(JOBS_PENDING, now), count_text, "jobs"),
    ]
    power = history.values(POWER, now)
    if any(value is not None for value in power):
        made.append(_series("power_course", "Power", power, watts_text, "W"))
    return tuple(made)


def _series(
    name: str,
    title: str,
    values: tuple[float | None, ...],
    text: Callable[[float], str],
    unit: str,
    high: float | None = None,
) -> Series:
    """Return one sparkline; without a fixed `high` its scale leaves a fifth above and below.

    From zero a count of hundreds is a solid bar whatever it does; from its smallest to its largest
    value one job more looks like a cliff.
    """
    known = [value for value in values if value is not None]
    low = 0.0
    if high is None and known:
        low, high = 0.8 * min(known), 1.2 * max(known)
    latest = next((value for value in reversed(values) if value is not None), None)
    return Series(
        name=name,
        title=title,
        values=values,
        unit=unit,
        latest=MISSING if latest is None else Cell(text(latest), Tone.STRONG, latest),
        low=low,
        high=high,
    )
