"""Divide a site's hosts into lanes, so that the numbers of nodes and jobs come out as asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from andon.sdk import WorkClass
from andon_demo.chance import draw, pick_weighted, salted, share
from andon_demo.cutting import DEV_QUEUE, Cut, cut_all
from andon_demo.hardware import Make
from andon_demo.layout import (
    RHYTHMS,
    SERVICE,
    SHORT,
    Deployment,
    Host,
    Lane,
    Layout,
    Team,
)
from andon_demo.names import MODELS, users_of
from andon_demo.places import PLACES, Place, owners_at

_MOST_RUNNING = 0.6
"""Of all jobs; the rest waits, however much hardware stands free."""
_FRAGILE_WAIT = 3.0

_LOAD = {
    WorkClass.TRAINING: 0.88,
    WorkClass.HPC: 0.78,
    WorkClass.ANALYTICS: 0.45,
    WorkClass.INFERENCE: 0.52,
    WorkClass.INTERACTIVE: 0.15,
}


def portions(total: int, shares: Sequence[float]) -> list[int]:
    """Divide `total` by `shares` into whole numbers that add up to it (largest remainders)."""
    whole = sum(shares)
    exact = [total * part / whole for part in shares]
    counts = [int(number) for number in exact]
    by_rest = sorted(range(len(exact)), key=lambda index: counts[index] - exact[index])
    for index in by_rest[: total - sum(counts)]:
        counts[index] += 1
    return counts


def assemble(place: Place, *, seed: int, nodes: int, jobs: int, hostile: bool = False) -> Layout:
    """Return the layout of one site of a factory that has `nodes` nodes and about `jobs` jobs."""
    shares = [each.share for each in PLACES]
    at = PLACES.index(place)
    salt = salted(seed, "layout", place.name)
    hosts = _hosts(place, portions(nodes, shares)[at], salt)
    jobs_here = portions(jobs, shares)[at]
    cuts = _limited(cut_all(hosts, salt), int(jobs_here * _MOST_RUNNING), salt)
    owners = owners_at(place.name)
    lanes = _lanes(cuts, hosts, [owner.weight for owner in owners], salt)
    teams = _teams(cuts, lanes, salt)
    _share_out_waiting(lanes, teams, jobs_here - len(lanes))
    queues = _queues(hosts, lanes)
    return Layout(
        place=place,
        seed=seed,
        hostile=hostile,
        owners=owners,
        users=tuple(users_of(owner, seed, hostile) for owner in owners),
        hosts=hosts,
        lanes=lanes,
        teams=teams,
        deployments=_deployments(lanes, salt),
        queues=queues,
        gpu_limits=_gpu_limits(lanes, [owner.tight for owner in owners]),
        host_by_name={host.name: host.index for host in hosts},
        seats=tuple(
            tuple(lane.index for lane in lanes if lane.rhythm is rhythm) for rhythm in RHYTHMS
        ),
        stuck_queue=DEV_QUEUE if DEV_QUEUE in queues else "",
    )


def _hosts(place: Place, count: int, salt: int) -> list[Host]:
    hosts: list[Host] = []
    digits = max(3, len(str(count)))
    hosts_salt = salted(salt, "hosts")
    numbers = {"gpu": 0, "cpu": 0}
    counts = portions(count, [part for _, part in place.makes])
    for (make, _), of_make in zip(place.makes, counts, strict=True):
        family = "gpu" if make.cards else "cpu"
        for _ in range(of_make):
            numbers[family] += 1
            index = len(hosts)
            hosts.append(
                Host(
                    index=index,
                    name=f"{family}-{place.name}-{numbers[family]:0{digits}d}",
                    make=make,
                    rack=f"r{index // 8 + 1:02d}",
                    address=f"10.{place.subnet}.{index // 200}.{index % 200 + 10}",
                    salt=draw(hosts_salt, index),
                    holders=[-1] * make.units,
                )
            )
    return hosts


def _limited(groups: list[list[Cut]], most: int, salt: int) -> list[list[Cut]]:
    """Leave out groups once `most` lanes are reached; the first group always stays."""
    kept: list[list[Cut]] = []
    count = 0
    for group in groups:
        if kept and count + len(group) > most:
            continue
        kept.append(group if kept or len(group) <= most else group[: max(1, most)])
        count += len(kept[-1])
    return kept


def _lanes(
    groups: Iterable[list[Cut]], hosts: list[Host], weights: list[float], salt: int
) -> list[Lane]:
    lanes: list[Lane] = []
    lanes_salt = salted(salt, "lanes")
    seats = dict.fromkeys(range(len(RHYTHMS)), 0)
    for group in groups:
        group_owner = pick_weighted(draw(salt, 7_000_003 + len(lanes)), weights)
        for cut in group:
            index = len(lanes)
            lane_salt = draw(lanes_salt, index)
            own = pick_weighted(draw(lane_salt, -1), weights)
            lanes.append(_lane(cut, index, lane_salt, seats[cut.rhythm.number], hosts))
            lanes[-1].owner = group_owner if cut.sweep else own
            seats[cut.rhythm.number] += 1
            for host_index, units in cut.places:
                hosts[host_index].lanes.append(index)
                for unit in units:
                    hosts[host_index].holders[unit] = index
    return lanes


def _lane(cut: Cut, index: int, salt: int, seat: int, hosts: list[Host]) -> Lane:
    first = hosts[cut.places[0][0]]
    make: Make = first.make
    gpus = sum(len(units) for _, units in cut.places)
    cpus = max(1, int(make.cpus * cut.share_of_host)) * len(cut.places)
    load = _LOAD[cut.work]
    slices = sum(0.5 if not make.is_whole(unit) else 1 for _, units in cut.places for unit in units)
    watts = slices * (make.watts_limit - make.watts_idle) * load + (0 if gpus else cpus * 2.1)
    return Lane(
        index=index,
        salt=salt,
        rhythm=cut.rhythm,
        seat=seat,
        phase=share(draw(salt, -2)) * cut.rhythm.period,
        work=cut.work,
        queue=cut.queue,
        owner=0,
        make=make,
        places=cut.places,
        nodes=tuple(hosts[host].name for host, _ in cut.places),
        gpus=gpus,
        cpus=cpus,
        memory_bytes=int(make.host_memory_bytes * cut.share_of_host * 0.92) * len(cut.places),
        watts=round(watts),
        fragile=cut.fragile,
        booked=cut.booked,
    )


def _teams(groups: list[list[Cut]], lanes: list[Lane], salt: int) -> list[Team]:
    teams: list[Team] = []
    at = 0
    for group in groups:
        members = lanes[at : at + len(group)]
        at += len(group)
        if not group[0].sweep:
            continue
        rounds = 8 + draw(salt, 9_000_001 + at) % 17
        team = Team(tuple(lane.index for lane in members), members[0].salt, rounds)
        for seat, lane in enumerate(members):
            lane.team, lane.team_seat = team, seat
            # Spread over one period, the first seat first: an array starts with task 0.
            lane.phase = members[0].phase + seat / len(members) * lane.rhythm.period
        teams.append(team)
    return teams


def _share_out_waiting(lanes: list[Lane], teams: list[Team], waiting: int) -> None:
    """Set how long the jobs of each lane wait, so that about `waiting` records wait in all."""
    # An array waits as one record: what is left of the present one, and part of the next.
    left = waiting - 1.5 * len(teams)
    for lane in lanes:
        if lane.team is not None:
            lane.wait = 0.5 * lane.team.rounds
    free = [lane for lane in lanes if lane.team is None and lane.rhythm is not SERVICE]
    fragile = [lane for lane in free if lane.fragile]
    total = sum(lane.rhythm.patience for lane in free)
    each = max(0.05, left / total) if total else 0.0
    if fragile and each * SHORT.patience > _FRAGILE_WAIT:
        others = total - sum(lane.rhythm.patience for lane in fragile)
        each = (left - _FRAGILE_WAIT * len(fragile)) / others if others else each
    for lane in free:
        lane.wait = each * lane.rhythm.patience
        if lane.fragile:
            lane.wait = min(lane.wait, _FRAGILE_WAIT)


def _queues(hosts: list[Host], lanes: list[Lane]) -> dict[str, tuple[int, ...]]:
    members: dict[str, set[int]] = {}
    for host in hosts:
        members.setdefault(host.make.name, set()).add(host.index)
    for lane in lanes:
        members.setdefault(lane.queue, set()).update(host for host, _ in lane.places)
    for name, indexes in members.items():
        for index in indexes:
            hosts[index].queues = (*hosts[index].queues, name)
    return {name: tuple(sorted(indexes)) for name, indexes in members.items()}


def _deployments(lanes: list[Lane], salt: int) -> list[Deployment]:
    """Group the inference lanes into services of one to four replicas of one size."""
    serving = sorted(
        (lane for lane in lanes if lane.rhythm is SERVICE),
        key=lambda lane: (lane.make.name, lane.gpus, lane.index),
    )
    found: list[Deployment] = []
    at = 0
    while at < len(serving):
        bits = draw(salt, 5_000_011 + len(found))
        size = 1 + (bits & 3)
        first = serving[at]
        members = [
            lane
            for lane in serving[at : at + size]
            if lane.gpus == first.gpus and lane.make is first.make
        ]
        for lane in members:
            lane.owner = first.owner
        model = MODELS[(bits >> 8) % len(MODELS)]
        number = sum(1 for other in found if other.model == model) + 1
        found.append(
            Deployment(
                name=model.replace(".", "-") + (f"-{number}" if number > 1 else ""),
                model=model,
                owner=first.owner,
                lanes=tuple(lane.index for lane in members),
            )
        )
        at += len(members)
    return found


def _gpu_limits(lanes: list[Lane], tight: list[bool]) -> tuple[int, ...]:
    held = [0] * len(tight)
    for lane in lanes:
        held[lane.owner] += lane.gpus
    return tuple(
        total if is_tight else max(8, ceil(1.4 * total / 8) * 8)
        for total, is_tight in zip(held, tight, strict=True)
    )
