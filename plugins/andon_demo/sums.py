"""The things with few records: the site, its queues, tenants, services and reservations."""

from __future__ import annotations

from math import cos, pi

from andon.sdk import (
    Queue,
    QueueState,
    Record,
    Reservation,
    Service,
    Site,
    Tenant,
)
from andon_demo import faults, lanes
from andon_demo.chance import draw, salted
from andon_demo.hardware import B200, GAUDI3, H100, H200, MI300X
from andon_demo.jobs import JobRecords, booking_name
from andon_demo.layout import DAY, HOUR, PLANNED, Deployment, Lane, Layout
from andon_demo.tempo import EPOCH
from andon_demo.world import World

_METER_SECONDS = 30
_SERVICE_SECONDS = 15
_HOURS_PER_WEEK = 168
_QUEUE_LIMITS = {"dev": 4 * HOUR, "interactive": 12 * HOUR, "inference": 90 * DAY}
_TOKENS_PER_GPU = {
    H100.name: 1_500,
    H200.name: 1_900,
    B200.name: 3_200,
    MI300X.name: 1_700,
    GAUDI3.name: 1_100,
}
_BOOKED_AHEAD = 12 * HOUR


def full_watts(layout: Layout) -> float:
    """Return what the site's hosts draw at most, watts."""
    return float(
        sum(host.make.host_watts + host.make.cards * host.make.watts_limit for host in layout.hosts)
    )


def site_record(world: World, site: str, now: float) -> Site:
    """Return the site with its meter's reading, which changes every half minute."""
    place, layout = world.layout.place, world.layout
    tick = int(now) // _METER_SECONDS
    idle = sum(host.idle_watts for host in layout.hosts if world.condition(host.index).down is None)
    noise = 1 + (draw(salted(layout.seed, "meter", place.name), tick) % 9 - 4) * 0.002
    # The meter sits before the cooling and the losses that the PUE speaks of.
    draws = (idle + world.watts) * noise * place.pue
    return Site(
        site=site,
        region=place.region,
        jurisdiction=place.jurisdiction,
        power_price_per_kwh=place.price_per_kwh,
        currency=place.currency,
        power_draw_watts=float(round(draws / 1000) * 1000),
        power_limit_watts=float(round(full_watts(layout) * place.pue * 0.92 / 10_000) * 10_000),
        carbon_grams_per_kwh=_carbon(world, now),
        pue=place.pue,
    )


def _local_hour(world: World, now: float) -> float:
    moment = world.tempo.simulated(now)
    return ((moment - EPOCH) / HOUR + world.layout.place.hours_from_utc) % 24


def _carbon(world: World, now: float) -> float:
    """Return the grid's carbon intensity: less at noon, in steps of a quarter of an hour."""
    hour = int(_local_hour(world, now) * 4) / 4
    mean = world.layout.place.carbon_grams_per_kwh
    return float(round(mean * (1 + 0.14 * cos((hour - 1) / 12 * pi))))


def queue_records(world: World, site: str) -> list[Queue]:
    """Return the queues; their sums are those of their jobs."""
    layout = world.layout
    stuck = bool(faults.stuck_windows(layout, world.now, world.now))
    default = layout.hosts[0].make.name if layout.hosts else ""
    found: list[Queue] = []
    for name, members in layout.queues.items():
        tally = world.by_queue[name]
        hosts = [layout.hosts[index] for index in members]
        stopped = stuck and name == layout.stuck_queue
        units = sum(
            sum(1 for lane in host.holders if lane >= 0 and layout.lanes[lane].queue == name)
            if name in _QUEUE_LIMITS
            else host.make.units
            for host in hosts
        )
        found.append(
            Queue(
                site=site,
                name=name,
                cluster=layout.place.cluster,
                state=QueueState.STOPPED if stopped else QueueState.OPEN,
                backend_state="INACTIVE" if stopped else "UP",
                is_default=name == default,
                priority={"inference": 100, "interactive": 50, "dev": 40}.get(name, 10),
                time_limit_seconds=world.tempo.lasting(_QUEUE_LIMITS.get(name, 14 * DAY)),
                nodes=tuple(host.name for host in hosts),
                nodes_total=len(hosts),
                cpus_total=sum(host.make.cpus for host in hosts),
                gpus_total=units,
                gpus_allocated=tally.gpus,
                jobs_running=tally.running,
                jobs_pending=tally.pending,
            )
        )
    return found


def tenant_records(world: World, site: str) -> list[Tenant]:
    """Return the tenants; what they use is what their running jobs hold."""
    layout = world.layout
    weights = sum(owner.weight for owner in layout.owners)
    gpus = sum(tally.gpus for tally in world.by_owner)
    found: list[Tenant] = []
    for number, owner in enumerate(layout.owners):
        tally, limit = world.by_owner[number], layout.gpu_limits[number]
        part = tally.gpus / gpus if gpus else 0.0
        found.append(
            Tenant(
                site=site,
                name=owner.name,
                cluster=layout.place.cluster,
                parent="root",
                description=owner.description,
                sector=owner.sector,
                residency=owner.residency,
                entitlement_gpu_hours_per_week=float(round(limit * _HOURS_PER_WEEK * 0.7)),
                gpus_limit=limit,
                gpus_used=tally.gpus,
                cpus_used=tally.cpus,
                jobs_running=tally.running,
                jobs_pending=tally.pending,
                shares=round(owner.weight * 100),
                # Slurm's fair-share factor: 2 ** -(use / share).
                fair_share=round(2 ** -(part * weights / owner.weight), 3),
                users=layout.users[number],
            )
        )
    return found


def service_records(world: World, site: str, jobs: JobRecords, now: float) -> list[Service]:
    """Return the inference services; their load follows the day of the site."""
    return [_service(world, site, jobs, deployment, now) for deployment in world.layout.deployments]


def _service(
    world: World, site: str, jobs: JobRecords, deployment: Deployment, now: float
) -> Service:
    layout = world.layout
    ready = [index for index in deployment.lanes if world.looks[index].running is not None]
    salt = salted(layout.seed, "service", layout.place.name, deployment.name)
    tick = (int(now) + salt % _SERVICE_SECONDS) // _SERVICE_SECONDS
    noise = (draw(salt, tick) & 0xFF) / 255 - 0.5
    day = 0.5 - 0.5 * cos((_local_hour(world, now) - 3.5) / 12 * pi)
    wanted = (0.25 + 0.62 * day) * (0.85 + 0.3 * (salt & 0xFF) / 255) + 0.06 * noise
    part = len(ready) / len(deployment.lanes)
    load = min(1.25, wanted / part) if part else 0.0
    lane = layout.lanes[deployment.lanes[0]]
    running = world.looks[ready[0]].running if ready else None
    speed = len(ready) * lane.gpus * _TOKENS_PER_GPU.get(lane.make.name, 1_000)
    over = max(0.0, load - 0.85)
    return Service(
        site=site,
        name=deployment.name,
        cluster=layout.place.cluster,
        model=deployment.model,
        tenant=layout.owners[deployment.owner].name,
        job=jobs.job_id(layout.lanes[ready[0]], running.turn) if running is not None else None,
        replicas_ready=len(ready),
        replicas_wanted=len(deployment.lanes),
        requests_running=round(min(1.0, load) * 96 * len(ready)),
        requests_waiting=round(over * 140 * len(ready)),
        tokens_per_second=float(round(min(1.0, load) * speed / 10) * 10),
        first_token_p50_seconds=round(0.14 + 0.22 * load * load + 1.5 * over, 2) if ready else None,
        first_token_p95_seconds=round(0.31 + 0.9 * load * load + 7.0 * over, 2) if ready else None,
        kv_cache_percent=float(round(min(98.0, 12 + 70 * load + 6 * noise))) if ready else None,
    )


def reservation_records(world: World, site: str) -> list[Reservation]:
    """Return maintenance and bookings, going on or coming up."""
    layout, real = world.layout, world.tempo.real
    planned = tuple(host.name for host in layout.hosts if host.role == PLANNED)
    windows = faults.maintenance_windows(layout, world.now, world.now + _BOOKED_AHEAD)
    found = [
        Reservation(
            site=site,
            name=f"maint-{int(real(window.start)) // 3600 % 10_000}",
            cluster=layout.place.cluster,
            starts_at=real(window.start),
            ends_at=real(window.end),
            nodes=planned,
            users=("root",),
            flags=("MAINT", "SPEC_NODES"),
            is_maintenance=True,
        )
        for window in windows
        if planned
    ]
    for lane in layout.lanes:
        if lane.booked:
            turn = lanes.turn_at(lane, world.now)
            found.extend(_booking(world, site, lane, number) for number in (turn, turn + 1))
    return found


def _booking(world: World, site: str, lane: Lane, turn: int) -> Reservation:
    begin, real = lanes.bound(lane, turn), world.tempo.real
    return Reservation(
        site=site,
        name=booking_name(world, lane, turn),
        cluster=world.layout.place.cluster,
        starts_at=real(lanes.start_of(lane, turn, begin, lanes.bits_of(lane, turn))),
        ends_at=real(lanes.bound(lane, turn + 1)),
        nodes=lane.nodes,
        tenants=(world.layout.owners[lane.owner].name,),
        flags=("SPEC_NODES",),
        is_maintenance=False,
    )


def kept(before: dict[str, Record], records: list[Record]) -> tuple[Record, ...]:
    """Return the records, each the same object as before where it is equal."""
    return tuple(
        old if (old := before.get(record.key)) == record and old is not None else record
        for record in records
    )
