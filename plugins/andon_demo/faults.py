"""What goes wrong in the factory, and when: closed forms of the seed and simulated time."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import NamedTuple

from andon_demo import layout as parts
from andon_demo.chance import draw, pick, salted, share
from andon_demo.layout import DAY, HOUR, SHORT, Host, Layout
from andon_demo.tempo import EPOCH

_WEAK_PERIOD = 4_200.0
_BROKEN_PERIOD = 9 * DAY
_PLANNED_PERIOD = 12 * HOUR
_PLANNED_LENGTH = 1.5 * HOUR
_PLANNED_LEAD = 2 * SHORT.period
"""Before a maintenance no job starts whose time limit reaches into it."""
_GLITCH_PERIOD = 1_200.0
_STUCK_PERIOD = 3_000.0
_SILENT_PERIOD = 900.0
_SILENT_LENGTH = 120.0

GPU_LOST = "gpu-lost"
GPU_MEMORY = "gpu-memory"
LINK = "link"
SILENT = "silent"
WAITS_FOR_PART = "waits-for-part"
MAINTENANCE = "maintenance"

XIDS = {GPU_LOST: 79, GPU_MEMORY: 48, WAITS_FOR_PART: 64}
"""The driver's code for an outage (NVIDIA's Xid catalogue)."""


class Outage(NamedTuple):
    """A time in which one host takes no new work."""

    start: float
    end: float
    kind: str
    reason: str
    by: str
    unit: int = -1
    """The accelerator that failed."""

    @property
    def is_down(self) -> bool:
        """Whether the host does not answer, so that all its jobs are lost."""
        return self.kind == SILENT

    @property
    def is_drain(self) -> bool:
        """Whether somebody drained the host, so that an undrain ends it."""
        return self.kind in (GPU_LOST, GPU_MEMORY, LINK, WAITS_FOR_PART)

    @property
    def starts_late(self) -> float:
        """When the thing itself starts; before a maintenance its host only takes no new work."""
        return self.start + (_PLANNED_LEAD if self.kind == MAINTENANCE else 0.0)


class Glitch(NamedTuple):
    """A time in which something is wrong with accelerators that go on working."""

    start: float
    end: float
    kind: str
    """`thermal`, `power`, `ecc` or `nvlink`."""
    hosts: tuple[int, ...]
    unit: int = -1
    """The one accelerator hit; -1 for all of the hosts'."""


class Window(NamedTuple):
    """A span of simulated time."""

    start: float
    end: float


def _cycles(phase: float, period: float, begin: float, end: float) -> Iterator[tuple[int, float]]:
    """Yield (number, start) of every cycle that may overlap [begin, end]."""
    first = floor((begin - EPOCH - phase) / period)
    last = floor((end - EPOCH - phase) / period)
    for number in range(first, last + 1):
        yield number, EPOCH + phase + number * period


def outages(layout: Layout, host: Host, begin: float, end: float) -> list[Outage]:
    """Return the factory's own outages of a host that overlap [begin, end], in order."""
    if host.role == parts.WEAK:
        found = _weak(host, begin, end)
    elif host.role == parts.BROKEN:
        found = _broken(host, begin, end)
    elif host.role == parts.PLANNED:
        found = _planned(layout, begin, end)
    else:
        return []
    return [outage for outage in found if outage.start <= end and outage.end > begin]


def _weak(host: Host, begin: float, end: float) -> Iterator[Outage]:
    phase = share(host.salt) * _WEAK_PERIOD
    for number, cycle in _cycles(phase, _WEAK_PERIOD, begin, end):
        bits = draw(host.salt, number + 50_000)
        start = cycle + share(bits) * 0.25 * _WEAK_PERIOD
        length = 1_300 + (bits & 0x3FF)
        unit = (bits >> 12) % max(1, host.make.cards)
        turn = (number + host.index) % 4
        if turn == 0:
            reason = f"NHC: GPU {unit} has fallen off the bus (Xid 79)"
            yield Outage(start, start + length, GPU_LOST, reason, "nhc", unit)
        elif turn == 1:
            yield Outage(start, start + 0.5 * length, SILENT, "Not responding", "slurm")
        elif turn == 2:
            reason = f"NHC: check_hw_ib: mlx5_{unit} port 1 is down"
            yield Outage(start, start + length, LINK, reason, "nhc")
        else:
            reason = f"NHC: GPU {unit} uncorrectable ECC error (Xid 48)"
            yield Outage(start, start + length, GPU_MEMORY, reason, "nhc", unit)


def _broken(host: Host, begin: float, end: float) -> Iterator[Outage]:
    phase = share(host.salt) * _BROKEN_PERIOD
    for number, start in _cycles(phase, _BROKEN_PERIOD, begin, end):
        bits = draw(host.salt, number + 50_000)
        unit = (bits >> 12) % max(1, host.make.cards)
        ticket = 41_000 + (bits & 0x1FFF)
        yield Outage(
            start,
            start + 0.9 * _BROKEN_PERIOD,
            WAITS_FOR_PART,
            f"RMA {ticket}: GPU {unit} row remap failure (Xid 64)",
            pick(bits, ("mdubois", "hsuzuki", "jcarter")),
            unit,
        )


def maintenance_windows(layout: Layout, begin: float, end: float) -> list[Window]:
    """Return the maintenance times of a site that overlap [begin, end]."""
    phase = share(salted(layout.seed, "maintenance", layout.place.name)) * _PLANNED_PERIOD
    found = [
        Window(start, start + _PLANNED_LENGTH)
        for _, start in _cycles(phase, _PLANNED_PERIOD, begin, end)
    ]
    return [window for window in found if window.end > begin]


def _planned(layout: Layout, begin: float, end: float) -> Iterator[Outage]:
    for start, stop in maintenance_windows(layout, begin, end + _PLANNED_LEAD):
        yield Outage(start - _PLANNED_LEAD, stop, MAINTENANCE, "Reserved for maintenance", "root")


def glitches(layout: Layout, begin: float, end: float) -> list[Glitch]:
    """Return what is or was wrong with working accelerators in [begin, end]."""
    carriers = [host for host in layout.hosts if host.make.cards]
    if not carriers:
        return []
    found: list[Glitch] = []
    for track in range(max(1, len(carriers) // 40)):
        salt = salted(layout.seed, "glitch", layout.place.name, track)
        phase = share(salt) * _GLITCH_PERIOD
        for number, cycle in _cycles(phase, _GLITCH_PERIOD, begin, end):
            bits = draw(salt, number)
            start = cycle + share(bits) * 300
            stop = start + 360 + (bits & 0xFF)
            if stop <= begin or start > end:
                continue
            host = pick(bits, carriers)
            kind = ("thermal", "ecc", "power", "nvlink")[(bits >> 10) & 3]
            if kind in ("thermal", "power"):
                hit = tuple(other.index for other in carriers if other.rack == host.rack)
                found.append(Glitch(start, stop, kind, hit))
            else:
                unit = (bits >> 14) % host.make.cards
                found.append(Glitch(start, stop, kind, (host.index,), unit))
    return found


def stuck_windows(layout: Layout, begin: float, end: float) -> list[Window]:
    """Return the times in [begin, end] in which the queue that gets stuck starts nothing."""
    if not layout.stuck_queue:
        return []
    salt = salted(layout.seed, "stuck", layout.place.name)
    found: list[Window] = []
    for number, cycle in _cycles(share(salt) * _STUCK_PERIOD, _STUCK_PERIOD, begin, end):
        bits = draw(salt, number)
        start = cycle + share(bits) * 900
        found.append(Window(start, start + 420 + (bits & 0xFF)))
    return [window for window in found if window.end > begin and window.start <= end]


def silence(layout: Layout, now: float) -> Window | None:
    """Return the time in which the telemetry of a site is silent, if that is now."""
    salt = salted(layout.seed, "silence", layout.place.name)
    for number, cycle in _cycles(share(salt) * _SILENT_PERIOD, _SILENT_PERIOD, now, now):
        start = cycle + share(draw(salt, number)) * (_SILENT_PERIOD - _SILENT_LENGTH)
        if start <= now < start + _SILENT_LENGTH:
            return Window(start, start + _SILENT_LENGTH)
    return None
