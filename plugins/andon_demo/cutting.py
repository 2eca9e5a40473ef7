"""Cut a site's hosts into lanes: who runs one job over many hosts, who eight small ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from andon.sdk import WorkClass
from andon_demo import layout as parts
from andon_demo.chance import draw, pick_weighted, salted, shuffled
from andon_demo.hardware import CPU
from andon_demo.layout import BURST, HUGE, LONG, MEDIUM, SERVICE, SHORT, Host, Rhythm

DEV_QUEUE = "dev"
"""A small queue for trying things out; the one that gets stuck now and then."""

_PATTERNS = ((8,), (4, 4), (4, 2, 2), (2, 2, 2, 2), (4, 2, 1, 1), (1,) * 8)
_PATTERN_WEIGHTS = (0.28, 0.20, 0.14, 0.12, 0.10, 0.16)
_SMALL_PATTERNS = ((4, 2, 1, 1), (2, 2, 2, 2), (4, 2, 2))
_SERVICE_PATTERNS = ((8,), (4, 4), (2, 2, 4), (4, 2, 1, 1))
_RHYTHM_BY_SIZE: dict[int, tuple[tuple[Rhythm, ...], tuple[float, ...]]] = {
    8: ((LONG, MEDIUM), (0.6, 0.4)),
    4: ((MEDIUM, LONG, SHORT), (0.6, 0.2, 0.2)),
    2: ((SHORT, MEDIUM, BURST), (0.5, 0.4, 0.1)),
    1: ((SHORT, MEDIUM, BURST), (0.5, 0.25, 0.25)),
}


class Cut(NamedTuple):
    """A lane to be: where it sits and what it does."""

    places: tuple[tuple[int, tuple[int, ...]], ...]
    rhythm: Rhythm
    work: WorkClass
    queue: str
    share_of_host: float
    fragile: bool = False
    booked: bool = False
    sweep: bool = False


def cut_all(hosts: list[Host], salt: int) -> list[list[Cut]]:
    """Return groups of lanes that only make sense together; what must exist comes first."""
    whole = [host for host in hosts if host.make.cards and not host.make.sliced]
    blocks, rest = _blocks(whole, salt)
    _assign_roles(rest, len(whole), salt)
    cpu = [host for host in hosts if host.make is CPU]
    if len(cpu) >= 3:
        cpu[-1].role = parts.OFF
    sliced = [host for host in hosts if host.make.sliced]
    trial = max(1, len(sliced) // 16)
    first = [_cut_sliced(host, DEV_QUEUE) for host in sliced[:trial]]
    first += [_cut_sliced(host, host.make.name) for host in sliced[trial:]]
    second: list[list[Cut]] = list(blocks)
    # Every site of some size works through job arrays somewhere.
    sweeper = next((host for host in rest if host.role == parts.PLAIN), None)
    for host in rest:
        if host is sweeper and len(rest) >= 4:
            first.append(_cut_sweep(host))
        elif host.role in (parts.WEAK, parts.BROKEN, parts.PLANNED):
            first.append(_cut_host(host, _SMALL_PATTERNS, fragile=True))
        elif host.role == parts.BOOKED:
            first.append([_whole_host(host, MEDIUM, WorkClass.HPC, booked=True)])
        elif host.role == "service":
            host.role = parts.PLAIN
            second.append(_cut_service(host))
        elif host.role == parts.PLAIN:
            second.append(_cut_host(host, _PATTERNS))
    second.extend(_cut_cpu(host) for host in cpu if host.role == parts.PLAIN)
    return first + shuffled(salted(salt, "order"), second)


def _blocks(whole: list[Host], salt: int) -> tuple[list[list[Cut]], list[Host]]:
    """Take neighbouring hosts of one make for jobs over many nodes; return the others too."""
    blocks: list[list[Cut]] = []
    rest: list[Host] = []
    for make in dict.fromkeys(host.make.name for host in whole):
        alike = [host for host in whole if host.make.name == make]
        budget = int(0.3 * len(alike))
        at = 0
        while budget >= 2:
            bits = draw(salt, 1_000_003 + alike[at].index)
            sizes = [size for size in (2, 4, 8, 16) if size <= budget]
            size = sizes[pick_weighted(bits, [1, 2, 2, 1][: len(sizes)])]
            members = alike[at : at + size]
            work = WorkClass.TRAINING if bits & 3 else WorkClass.HPC
            places = tuple((host.index, tuple(range(host.make.units))) for host in members)
            blocks.append([Cut(places, HUGE, work, make, 1.0)])
            at += size
            budget -= size
        rest.extend(alike[at:])
    return blocks, rest


def _assign_roles(rest: list[Host], whole_count: int, salt: int) -> None:
    order = shuffled(salted(salt, "roles"), rest)
    # Faults are told in the words of one vendor's driver (Xid), so weak hosts are of that vendor.
    order.sort(key=lambda host: host.make.vendor != "NVIDIA")
    big = whole_count >= 10
    counts = (
        (parts.WEAK, max(2, round(0.02 * whole_count)) if big else int(whole_count >= 4)),
        (parts.BROKEN, max(1, round(0.008 * whole_count)) if big else 0),
        (parts.PLANNED, max(2, round(0.01 * whole_count)) if big else 0),
        (parts.BOOKED, max(1, round(0.005 * whole_count)) if big else 0),
    )
    at = 0
    for role, count in counts:
        for host in order[at : at + count]:
            host.role = role
        at += count
    left = shuffled(salted(salt, "left"), order[at:])
    spare = max(1, round(0.04 * whole_count)) if big else 0
    for host in left[:spare]:
        host.role = parts.SPARE
    for host in left[spare : spare + ceil(0.13 * whole_count)]:
        host.role = "service"


def _work(bits: int, size: int, rhythm: Rhythm) -> WorkClass:
    if size >= 4:
        weights = (0.6, 0.25, 0.15, 0.0)
    elif rhythm is BURST:
        weights = (0.1, 0.2, 0.5, 0.2)
    else:
        weights = (0.3, 0.15, 0.3, 0.25)
    kinds = (WorkClass.TRAINING, WorkClass.HPC, WorkClass.ANALYTICS, WorkClass.INTERACTIVE)
    return kinds[pick_weighted(bits, weights)]


def _cut_host(host: Host, patterns: Sequence[tuple[int, ...]], fragile: bool = False) -> list[Cut]:
    bits = draw(host.salt, 1)
    weights = _PATTERN_WEIGHTS if patterns is _PATTERNS else (1.0,) * len(patterns)
    pattern = patterns[pick_weighted(bits, weights)]
    if len(pattern) == 8 and bits & 7 < 5:
        return _cut_sweep(host)
    cuts: list[Cut] = []
    at = 0
    for number, size in enumerate(pattern):
        bits = draw(host.salt, 10 + number)
        rhythms, rhythm_weights = _RHYTHM_BY_SIZE[size]
        rhythm = rhythms[pick_weighted(bits, rhythm_weights)]
        if fragile:
            rhythm = SHORT if bits & 3 else BURST
        work = _work(draw(host.salt, 30 + number), size, rhythm)
        queue = "interactive" if work is WorkClass.INTERACTIVE else host.make.name
        place = ((host.index, tuple(range(at, at + size))),)
        cuts.append(Cut(place, rhythm, work, queue, size / host.make.units, fragile))
        at += size
    return cuts


def _cut_sweep(host: Host) -> list[Cut]:
    """Give each card its own lane, all working through the same job arrays."""
    work = WorkClass.HPC if host.salt & 1 else WorkClass.TRAINING
    part = 1 / host.make.units
    return [
        Cut(((host.index, (card,)),), BURST, work, host.make.name, part, sweep=True)
        for card in range(host.make.units)
    ]


def _cut_sliced(host: Host, queue: str) -> list[Cut]:
    sizes = (2, 1, 1) + (1,) * (2 * host.make.sliced)
    cuts: list[Cut] = []
    at = 0
    for number, size in enumerate(sizes):
        bits = draw(host.salt, 10 + number)
        rhythm = SHORT if bits & 7 < 5 else BURST
        work = WorkClass.INTERACTIVE if bits & 0x30 else WorkClass.ANALYTICS
        place = ((host.index, tuple(range(at, at + size))),)
        part = size / host.make.units
        cuts.append(Cut(place, rhythm, work, queue, part, fragile=queue == DEV_QUEUE))
        at += size
    return cuts


def _cut_service(host: Host) -> list[Cut]:
    pattern = _SERVICE_PATTERNS[draw(host.salt, 1) % len(_SERVICE_PATTERNS)]
    cuts: list[Cut] = []
    at = 0
    for size in pattern:
        place = ((host.index, tuple(range(at, at + size))),)
        part = size / host.make.units
        cuts.append(Cut(place, SERVICE, WorkClass.INFERENCE, "inference", part))
        at += size
    return cuts


def _cut_cpu(host: Host) -> list[Cut]:
    bits = draw(host.salt, 1)
    count = (2, 3, 4, 6)[bits & 3]
    cuts: list[Cut] = []
    for number in range(count):
        bits = draw(host.salt, 10 + number)
        rhythm = (SHORT, MEDIUM)[bits & 1]
        work = WorkClass.HPC if bits & 2 else WorkClass.ANALYTICS
        cuts.append(Cut(((host.index, ()),), rhythm, work, host.make.name, 1 / count))
    return cuts


def _whole_host(host: Host, rhythm: Rhythm, work: WorkClass, booked: bool) -> Cut:
    place = ((host.index, tuple(range(host.make.units))),)
    return Cut(place, rhythm, work, host.make.name, 1.0, False, booked)
