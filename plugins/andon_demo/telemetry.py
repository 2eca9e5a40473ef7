"""What the sensors of one accelerator read: pure functions of its job, its faults and a draw."""

from __future__ import annotations

from typing import NamedTuple

from andon.sdk import WorkClass
from andon_demo.chance import mix
from andon_demo.faults import Glitch
from andon_demo.hardware import GIB, Make
from andon_demo.lanes import Stay
from andon_demo.layout import BURST, HUGE, SERVICE, Lane

_BASE = {
    WorkClass.TRAINING: (91, 8, 0.86),
    WorkClass.HPC: (78, 18, 0.45),
    WorkClass.ANALYTICS: (34, 30, 0.38),
    WorkClass.INFERENCE: (46, 24, 0.90),
    WorkClass.INTERACTIVE: (9, 22, 0.16),
}
"""Utilisation at least, what is added at most (percent), and the part of memory used."""

_NOTHING = (0, 1, 0.0)


class Reading(NamedTuple):
    """What was read; `None` where a sensor is missing or the card does not answer."""

    utilization: float | None = None
    sm_active: float | None = None
    memory_used: int | None = None
    temperature: float | None = None
    margin: float | None = None
    watts: float | None = None
    clock: int | None = None
    throttled_by: tuple[str, ...] = ()
    ecc_corrected: int | None = None
    ecc_uncorrected: int | None = None
    nvlink_errors: float | None = None
    idle_since: float | None = None
    """Simulated."""


UNREADABLE = Reading()


def idle_from(lane: Lane, stay: Stay) -> float | None:
    """Return since when (simulated) a job holds its accelerators and does nothing, if it will."""
    if stay.started is None or lane.rhythm in (BURST, HUGE, SERVICE) or not lane.gpus:
        return None
    bits = mix(lane.salt ^ (stay.turn + 77))
    chance = 60 if lane.work is WorkClass.INTERACTIVE else 9
    if bits & 0xFF >= chance:
        return None
    return stay.started + (0.05 + 0.3 * (bits >> 8 & 0xFF) / 256) * lane.rhythm.period


def read(make: Make, lane: Lane | None, idle: float | None, bits: int, whole: bool) -> Reading:
    """Return what a healthy accelerator shows, given the job's lane or `None` for no job."""
    least, more, memory = _BASE.get(lane.work, _NOTHING) if lane is not None else _NOTHING
    load = 0 if idle is not None else min(100, least + bits % max(1, more))
    used = int((memory + (bits >> 8 & 7) * 0.005) * make.memory_bytes)
    if lane is None:
        used = 0
    elif lane.work is WorkClass.INTERACTIVE or idle is not None:
        used = int(0.12 * make.memory_bytes)
    used = (used if whole else used // 2) // (GIB // 8) * (GIB // 8)
    nvidia = make.vendor == "NVIDIA"
    active = round(load * 0.62) if nvidia else None
    if not whole:
        # The driver reads utilisation, power and heat of whole cards only.
        return Reading(
            sm_active=active,
            memory_used=used,
            ecc_corrected=0,
            ecc_uncorrected=0,
            idle_since=idle,
        )
    watts = make.watts_idle + (make.watts_limit * 0.96 - make.watts_idle) * load / 100
    temperature = 31 + round(0.38 * load) + (bits >> 16 & 3)
    steady = lane.salt if lane is not None else 0
    return Reading(
        utilization=float(load),
        sm_active=active,
        memory_used=used,
        temperature=float(temperature),
        margin=float(make.slowdown_celsius - temperature),
        watts=float(round(watts / 5) * 5),
        clock=make.clock_mhz - (bits >> 20 & 3) * 15 if load else make.clock_mhz // 6,
        ecc_corrected=(steady >> 7 & 0x1F) if steady & 0x3F == 5 else 0,
        ecc_uncorrected=0,
        nvlink_errors=0.0 if nvidia else None,
        idle_since=idle,
    )


def disturbed(reading: Reading, glitch: Glitch, make: Make, unit: int) -> Reading:
    """Return what the accelerator `unit` of a node shows during a glitch."""
    if glitch.unit not in (-1, unit) or reading.utilization is None:
        return reading
    nvidia = make.vendor == "NVIDIA"
    if glitch.kind == "ecc":
        return reading._replace(ecc_corrected=(reading.ecc_corrected or 0) + 40_000 + unit * 917)
    if glitch.kind == "nvlink":
        return reading._replace(nvlink_errors=240.0 + 12 * unit) if nvidia else reading
    if not reading.utilization:
        return reading
    watts = float(round((reading.watts or 0) * 0.62 / 5) * 5)
    clock = int((reading.clock or 0) * 0.6)
    if glitch.kind == "power":
        word = "hw_power_brake_slowdown" if nvidia else "power"
        return reading._replace(watts=watts, clock=clock, throttled_by=(word,))
    word = "hw_thermal_slowdown" if nvidia else "thermal"
    return reading._replace(
        temperature=float(make.slowdown_celsius - 1),
        margin=1.0,
        watts=watts,
        clock=clock,
        throttled_by=(word,),
    )
