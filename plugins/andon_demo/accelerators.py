"""Accelerator records, built anew only where something changed."""

from __future__ import annotations

from andon.sdk import Accelerator, AcceleratorState
from andon_demo import faults, telemetry
from andon_demo.chance import mix
from andon_demo.conditions import Condition
from andon_demo.faults import Glitch
from andon_demo.jobs import JobRecords
from andon_demo.lanes import Stay
from andon_demo.layout import OFF, Host, Lane
from andon_demo.telemetry import Reading
from andon_demo.ticks import Ticks
from andon_demo.units import Unit, units_of
from andon_demo.world import World

_PERIOD_SECONDS = 15
_LARGE_PERIOD_SECONDS = 60
_LARGE = 4_000
"""With more accelerators than this each is measured less often."""
_RECOVERY = {0: "none", 79: "reboot", 48: "reset", 64: "drain and reset"}
"""The driver's verdict by Xid (NVML's recovery action)."""


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
        self.units = units_of(world.layout.hosts)
        self._first = {unit.host: at for at, unit in enumerate(self.units) if unit.number == 0}
        self._ticks = Ticks(
            [unit.salt for unit in self.units],
            _LARGE_PERIOD_SECONDS if len(self.units) > _LARGE else _PERIOD_SECONDS,
        )
        self._ids: dict[int, tuple[int, str]] = {}
        self._records: list[Accelerator | None] = [None] * len(self.units)
        self._all: tuple[Accelerator, ...] = ()

    def all(self, now: float) -> tuple[Accelerator, ...]:
        """Return every accelerator at the real time `now`; unchanged ones are the same objects."""
        due = self._due(now)
        fresh = False
        for at in due:
            record = self._record(self.units[at], now)
            if record != self._records[at]:
                self._records[at] = record
                fresh = True
        if fresh:
            self._all = tuple(record for record in self._records if record is not None)
        return self._all

    def silent_nodes(self) -> list[str]:
        """Return the nodes whose accelerators cannot be read."""
        hosts = self._world.layout.hosts
        return [
            hosts[index].name
            for index, held in sorted(self._world.conditions.items())
            if held.down is not None and hosts[index].make.cards
        ]

    def _due(self, now: float) -> set[int]:
        """Return what may have changed since it was asked for last."""
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
            due |= self._on_moved_hosts(glitches)
        self._conditions, self._glitches = world.conditions, glitches
        return due

    def _on_moved_hosts(self, glitches: dict[int, list[Glitch]]) -> set[int]:
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
            for host in moved & self._first.keys()
            for unit in range(world.layout.hosts[host].make.units)
        }

    def _reading(
        self, unit: Unit, host: Host, lane: Lane | None, running: Stay | None, now: float
    ) -> Reading:
        held = self._world.condition(unit.host)
        if held.down is not None or host.role == OFF or unit.number in held.lost_units:
            return telemetry.UNREADABLE
        number = self._ticks.number(unit.salt, now)
        idle = telemetry.idle_from(lane, running) if lane and running else None
        # Judged when it was measured, so that it does not matter when somebody looks.
        measured_at = self._world.tempo.simulated(self._ticks.moment(unit.salt, now))
        if idle is not None and idle > measured_at:
            idle = None
        worker = lane if running is not None else None
        bits = mix(unit.salt + number)
        reading = telemetry.read(host.make, worker, idle, bits, unit.parent is None)
        for glitch in self._glitches.get(unit.host, ()):
            reading = telemetry.disturbed(reading, glitch, host.make, unit.number)
        failed = held.outage is not None and held.outage.unit == unit.number
        if failed and held.outage is not None and held.outage.kind == faults.GPU_MEMORY:
            reading = reading._replace(ecc_uncorrected=2)
        return reading

    def _job_id(self, lane: Lane, running: Stay) -> str:
        known = self._ids.get(lane.index)
        if known is None or known[0] != running.turn:
            known = (running.turn, self._jobs.job_id(lane, running.turn))
            self._ids[lane.index] = known
        return known[1]

    def _record(self, unit: Unit, now: float) -> Accelerator:
        world = self._world
        host = world.layout.hosts[unit.host]
        make, held = host.make, world.condition(unit.host)
        holder = host.holders[unit.number]
        lane = world.layout.lanes[holder] if holder >= 0 else None
        running = world.looks[holder].running if lane is not None else None
        reading = self._reading(unit, host, lane, running, now)
        xid, xid_at = _xid(host, held, unit)
        whole = unit.parent is None
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
            state=_state(host, held, unit, reading, running is not None),
            job=self._job_id(lane, running) if lane and running else None,
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
            xid_last_at=world.tempo.real_or_none(xid_at),
            recovery_action=_RECOVERY.get(xid or 0) if make.vendor == "NVIDIA" else None,
            idle_since=world.tempo.real_or_none(reading.idle_since),
            driver_version=make.driver,
        )


def _xid(host: Host, held: Condition, unit: Unit) -> tuple[int | None, float | None]:
    """Return the last Xid of an accelerator and when it was reported."""
    outage = held.outage
    if outage is None or outage.unit != unit.number or host.make.vendor != "NVIDIA":
        return None, None
    xid = faults.XIDS.get(outage.kind)
    return (None, None) if xid is None else (xid, outage.start)


def _state(
    host: Host, held: Condition, unit: Unit, reading: Reading, is_held: bool
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
