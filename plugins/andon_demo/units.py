"""The accelerators of a site: what does not change about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from andon_demo.chance import draw, mix
from andon_demo.hardware import PCI_ADDRESSES
from andon_demo.layout import Host

_PREFIXES = {"NVIDIA": "GPU-", "AMD": "GPU-", "Intel": "OAM-"}


class Unit(NamedTuple):
    """One accelerator: a whole card or a slice of one."""

    host: int
    number: int
    """Index on its host."""
    salt: int
    uuid: str
    parent: str | None
    """UUID of the card of which this is a slice."""
    pci: str


def units_of(hosts: Iterable[Host]) -> list[Unit]:
    """Return every accelerator, host by host."""
    units: list[Unit] = []
    for host in hosts:
        if host.make.sliced:
            units.extend(_sliced(host))
            continue
        prefix = _PREFIXES.get(host.make.vendor, "")
        for number in range(host.make.cards):
            salt = draw(host.salt, 1_000 + number)
            uuid = prefix + _uuid(salt)
            units.append(Unit(host.index, number, salt, uuid, None, PCI_ADDRESSES[number]))
    return units


def _sliced(host: Host) -> list[Unit]:
    whole = host.make.cards - host.make.sliced
    units: list[Unit] = []
    for number in range(host.make.units):
        salt = draw(host.salt, 1_000 + number)
        card = number if number < whole else whole + (number - whole) // 2
        uuid = _PREFIXES["NVIDIA"] + _uuid(draw(host.salt, 2_000 + card))
        parent = None
        if number >= whole:
            parent, uuid = uuid, "MIG-" + _uuid(salt)
        units.append(Unit(host.index, number, salt, uuid, parent, PCI_ADDRESSES[card]))
    return units


def _uuid(bits: int) -> str:
    digits = f"{bits:016x}{mix(bits):016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
