"""The makes of node in the factory: what a card is, what it draws, how it is cut."""

from __future__ import annotations

from dataclasses import dataclass

GIB = 1 << 30
MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """One make of node. Memory in bytes, power in watts, clocks in MHz, limits in °C."""

    name: str
    """Also the name of its queue and of its feature."""
    vendor: str = ""
    model: str = ""
    short: str = ""
    """The GPU type as a scheduler spells it."""
    cards: int = 0
    sliced: int = 0
    """How many of the cards are cut in two slices."""
    slice_profile: str = ""
    memory_bytes: int = 0
    watts_limit: int = 0
    watts_idle: int = 0
    clock_mhz: int = 0
    slowdown_celsius: int = 90
    driver: str = ""
    host_watts: int = 1100
    cpus: int = 192
    host_memory_bytes: int = 2048 * GIB
    features: tuple[str, ...] = ()

    @property
    def units(self) -> int:
        """How many accelerators the scheduler hands out on one node."""
        return self.cards + self.sliced

    def unit_memory_bytes(self, index: int) -> int:
        """Memory of the unit `index`; the whole cards come first."""
        return self.memory_bytes // (1 if self.is_whole(index) else 2)

    def is_whole(self, index: int) -> bool:
        """Whether the unit `index` is a whole card and no slice."""
        return index < self.cards - self.sliced


H100 = Make(
    name="h100",
    vendor="NVIDIA",
    model="NVIDIA H100 80GB HBM3",
    short="h100",
    cards=8,
    memory_bytes=81_559 * MIB,
    watts_limit=700,
    watts_idle=72,
    clock_mhz=1980,
    slowdown_celsius=87,
    driver="570.124.06",
    features=("h100", "sxm", "ib-ndr"),
)
H200 = Make(
    name="h200",
    vendor="NVIDIA",
    model="NVIDIA H200",
    short="h200",
    cards=8,
    memory_bytes=143_771 * MIB,
    watts_limit=700,
    watts_idle=76,
    clock_mhz=1980,
    slowdown_celsius=87,
    driver="570.124.06",
    features=("h200", "sxm", "ib-ndr"),
)
B200 = Make(
    name="b200",
    vendor="NVIDIA",
    model="NVIDIA B200",
    short="b200",
    cards=8,
    memory_bytes=183_359 * MIB,
    watts_limit=1000,
    watts_idle=140,
    clock_mhz=1965,
    slowdown_celsius=90,
    driver="575.57.08",
    features=("b200", "sxm", "ib-xdr"),
)
MI300X = Make(
    name="mi300x",
    vendor="AMD",
    model="AMD Instinct MI300X",
    short="mi300x",
    cards=8,
    memory_bytes=192 * GIB,
    watts_limit=750,
    watts_idle=138,
    clock_mhz=2100,
    slowdown_celsius=100,
    driver="6.12.12",
    features=("mi300x", "oam", "roce"),
)
GAUDI3 = Make(
    name="gaudi3",
    vendor="Intel",
    model="Intel Gaudi 3 HL-325L",
    short="gaudi3",
    cards=8,
    memory_bytes=128 * GIB,
    watts_limit=900,
    watts_idle=210,
    clock_mhz=1600,
    slowdown_celsius=105,
    driver="1.21.1",
    features=("gaudi3", "oam", "roce"),
)
A100_SLICED = Make(
    name="mig",
    vendor="NVIDIA",
    model="NVIDIA A100-SXM4-80GB",
    short="a100",
    cards=8,
    sliced=4,
    slice_profile="3g.40gb",
    memory_bytes=81_920 * MIB,
    watts_limit=400,
    watts_idle=54,
    clock_mhz=1410,
    slowdown_celsius=92,
    driver="550.163.01",
    host_watts=900,
    cpus=128,
    host_memory_bytes=1024 * GIB,
    features=("a100", "mig", "ib-hdr"),
)
CPU = Make(
    name="cpu", host_watts=650, cpus=192, host_memory_bytes=768 * GIB, features=("genoa", "ib-hdr")
)

PCI_ADDRESSES = tuple(
    f"00000000:{bus:02X}:00.0" for bus in (0x1B, 0x29, 0x45, 0x4E, 0x9A, 0xAB, 0xBA, 0xDB)
)
"""Where the eight cards of a node sit, in the driver's spelling."""
