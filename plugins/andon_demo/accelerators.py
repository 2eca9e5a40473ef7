"""Accelerator and process records, built anew only where something changed."""

from __future__ import annotations

from typing import NamedTuple

from andon.sdk import Accelerator, AcceleratorState, Kind, Process, WorkClass
from andon_demo import faults, telemetry
from andon_demo.chance import mix, salted
from andon_demo.conditions import Condition
from andon_demo.faults import Glitch
from andon_demo.hardware import PCI_ADDRESSES
from andon_demo.jobs import JobRecords
from andon_demo.layout import OFF, Host
from andon_demo.telemetry import Reading
from andon_demo.ticks import Ticks
from andon_demo.world import World

_PERIOD_SECONDS = 15
_LARGE_PERIOD_SECONDS = 60
_LARGE = 4_000
"""With more accelerators than this each is measured less often."""

_COMMANDS = {
    WorkClass.TRAINING: "python -m torch.distributed.run train.py",
    WorkClass.INFERENCE: "vllm serve",
    WorkClass.HPC: "gmx_mpi mdrun",
    WorkClass.ANALYTICS: "python etl.py",
    WorkClass.INTERACTIVE: "ipykernel_launcher",
}


class Unit(NamedTuple):
    """One accelerator: what does not change."""

    host: int
    number: int
    """Index on its host."""
    salt: int
    uuid: str
    parent: str | None
    pci: str


def units_of(world: World) -> list[Unit]:
    """Return every accelerator of a site, host by host."""
    units: list[Unit] = []
    for host in world.layout.hosts:
        if host.make.cards:
            units.extend(_units_of_host(host))
    return units


def _units_of_host(host: Host) -> list[Unit]:
    make = host.make
    whole = make.cards - make.sliced
    prefix = {"NVIDIA": "GPU-", "AMD": "GPU-", "Intel": "OAM-"}.get(make.vendor, "")
    cards = [prefix + _uuid(salted(host.salt, "card", card)) for card in range(make.cards)]
    units: list[Unit] = []
    for index in range(make.units):
        salt = salted(host.salt, index)
        if index < whole:
            units.append(Unit(host.index, index, salt, cards[index], None, PCI_ADDRESSES[index]))
        else:
            card = whole + (index - whole) // 2
            uuid = "MIG-" + _uuid(salt)
            units.append(Unit(host.index, index, salt, uuid, cards[card], PCI_ADDRESSES[card]))
    return units


def _uuid(bits: int) -> str:
    digits = f"{bits:016x}{mix(bits):016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class AcceleratorRecords:
    """The accelerator records of one site, as of the world's last move."""

    def __init__(self, world: World, site: str, jobs: JobRecords) -> None:
        self._world = world
        self._site = site
        self._jobs = jobs
        self._mark = -1
        self._at = float("-inf")
        self._conditions: dict[int, Condition] = {}
        self._glitches: dict[int, list[Glitch]] = {}
        self.units = units_of(world)
        self._first = {unit.host: at for at, unit in enumerate(self.units) if unit.number == 0}
        large = len(self.units) > _LARGE
        self._ticks = Ticks(
            [unit.salt for unit in self.units],
            _LARGE_PERIOD_SECONDS if large else _PERIOD_SECONDS,
        )
        self._records: list[Accelerator | None] = [None] * len(self.units)
        self._all: tuple[Accelerator, ...] = ()

    def all(self, now: float) -> tuple[Accelerator, ...]:
        """Return every accelerator at the real time `now`; unchanged ones are the same objects."""
        world = self._world
        changed, self._mark = world.changed_since(self._mark)
        measured = self._ticks.due(self._at, now)
        self._at = now
        glitches: dict[int, list[Glitch]] = {}
        for glitch in faults.glitches(world.layout, world.now, world.now):
            for host in glitch.hosts:
                glitches.setdefault(host, []).append(glitch)
        if changed is None or measured is None:
            due = set(range(len(self.units)))
        else:
            due = set(measured)
            for lane in changed:
                for host, held in world.layout.lanes[lane].places:
                    due.update(self._first[host] + unit for unit in held)
            due.update(self._hosts_moved(glitches))
        self._conditions, self._glitches = world.conditions, glitches
        fresh = False
        for at in due:
            record = self._record(self.units[at], now)
            if record != self._records[at]:
                self._records[at] = record
                fresh = True
        if fresh:
            self._all = tuple(record for record in self._records if record is not None)
        return self._all

    def _hosts_moved(self, glitches: dict[int, list[Glitch]]) -> set[int]:
        world = self._world
        moved = {
            host
            for host in self._conditions.keys() | world.conditions.keys()
            if self._conditions.get(host) != world.conditions.get(host)
        }
        moved |= {
            host
            for host in self._glitches.keys() | glitches.keys()
            if self._glitches.get(host) != glitches.get(host)
        }
        return {
            self._first[host] + unit
            for host in moved
            if host in self._first
            for unit in range(world.layout.hosts[host].make.units)
        }

    def _record(self, unit: Unit, now: float) -> Accelerator:
        world = self._world
        host = world.layout.hosts[unit.host]
        make, held = host.make, world.condition(unit.host)
        holder = host.holders[unit.number]
        lane = world.layout.lanes[holder] if holder >= 0 else None
        running = world.looks[holder].running if lane is not None else None
        whole = unit.parent is None
        number = self._ticks.number(unit.salt, now)
        measured_at = world.tempo.simulated(self._ticks.moment(unit.salt, now))
        if held.down is not None or host.role == OFF or unit.number in held.lost_units:
            reading = telemetry.UNREADABLE
        else:
            idle = None
            if lane is not None and running is not None:
                idle = telemetry.idle_from(lane, running)
                idle = None if idle is None or idle > measured_at else idle
            reading = telemetry.read(
                make, lane if running is not None else None, idle, mix(unit.salt + number), whole
            )
            for glitch in self._glitches.get(unit.host, ()):
                reading = telemetry.disturbed(reading, glitch, make, unit.number)
        failed = held.outage is not None and held.outage.unit == unit.number
        xid = faults.XIDS.get(held.outage.kind) if failed and held.outage is not None else None
        if make.vendor != "NVIDIA":
            xid = None
        state = _state(world, host, held, unit, reading, running is not None)
        if failed and xid == 48:
            reading = reading._replace(ecc_uncorrected=2)
        return Accelerator(
            site=self._site,
            node=host.name,
            index=unit.number,
            uuid=unit.uuid,
            pci_address=unit.pci,
            parent_uuid=unit.parent,
            partition=None if whole else make.slice_profile,
            vendor=make.vendor,
            model=make.model,
            state=state,
            job=self._jobs.job_id(lane, running.turn) if lane and running else None,
            cluster=world.layout.place.cluster,
            tenant=world.layout.owners[lane.owner].name if lane and running else None,
            utilization_percent=reading.utilization,
            sm_active_percent=reading.sm_active,
            memory_total_bytes=make.unit_memory_bytes(unit.number),
            memory_used_bytes=reading.memory_used,
            temperature_celsius=reading.temperature,
            thermal_margin_celsius=reading.margin,
            power_draw_watts=reading.watts,
            power_limit_watts=float(make.watts_limit) if whole else None,
            clock_sm_mhz=reading.clock,
            throttle_reasons=reading.throttled_by,
            ecc_corrected_count=reading.ecc_corrected,
            ecc_uncorrected_count=reading.ecc_uncorrected,
            nvlink_errors_per_minute=reading.nvlink_errors,
            xid_last=xid,
            xid_last_at=world.tempo.real(held.outage.start) if xid and held.outage else None,
            recovery_action=_RECOVERY.get(xid or 0) if make.vendor == "NVIDIA" else None,
            idle_since=world.tempo.real_or_none(reading.idle_since),
            driver_version=make.driver,
        )

    def processes(self, now: float) -> tuple[Process, ...]:
        """Return one process for each accelerator that a job holds."""
        self.all(now)
        found: list[Process] = []
        jobs = {job.id: job for job in self._jobs.all()}
        for at, record in enumerate(self._records):
            job = jobs.get(record.job) if record is not None and record.job else None
            if record is None or job is None:
                continue
            bits = mix(self.units[at].salt ^ int(job.submitted_at or 0))
            found.append(
                Process(
                    site=self._site,
                    node=record.node,
                    pid=20_000 + bits % 3_900_000,
                    started_at=job.started_at,
                    user=job.user,
                    command=_COMMANDS.get(job.work),
                    accelerator=record.key,
                    job=job.id,
                    tenant=job.tenant,
                    memory_used_bytes=record.memory_used_bytes,
                    sm_percent=record.utilization_percent,
                )
            )
        return tuple(found)

    def silent_nodes(self) -> list[str]:
        """Return the nodes whose accelerators cannot be read."""
        hosts = self._world.layout.hosts
        return [
            hosts[index].name
            for index, held in sorted(self._world.conditions.items())
            if held.down is not None and hosts[index].make.cards
        ]


_RECOVERY = {0: "none", 79: "reboot", 48: "reset", 64: "drain and reset"}


def _state(
    world: World, host: Host, held: Condition, unit: Unit, reading: Reading, is_held: bool
) -> AcceleratorState:
    if held.down is not None:
        return AcceleratorState.UNKNOWN
    if held.outage is not None and held.outage.unit == unit.number:
        return AcceleratorState.FAULTY
    if is_held:
        idle = reading.idle_since is not None
        return AcceleratorState.IDLE_HELD if idle else AcceleratorState.BUSY
    if not held.takes_work or host.role == OFF:
        return AcceleratorState.UNAVAILABLE
    return AcceleratorState.FREE


KINDS = frozenset({Kind.ACCELERATOR, Kind.PROCESS})
"""What the telemetry of a site reports."""
