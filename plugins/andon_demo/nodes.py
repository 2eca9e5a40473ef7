"""Node records, built anew only where something changed."""

from __future__ import annotations

from andon.sdk import Node, NodeState
from andon_demo.chance import draw
from andon_demo.conditions import Condition
from andon_demo.layout import BOOKED, OFF, Host
from andon_demo.names import hostile_texts
from andon_demo.ticks import Ticks
from andon_demo.world import World

_PERIOD_SECONDS = 60
_AGENT = "25.05.3"
_DAY = 86_400


class NodeRecords:
    """The node records of one site, as of the world's last move."""

    def __init__(self, world: World, site: str) -> None:
        self._world = world
        self._site = site
        self._mark = -1
        self._at = float("-inf")
        self._conditions: dict[int, Condition] = {}
        self._ticks = Ticks([host.salt for host in world.layout.hosts], _PERIOD_SECONDS)
        self._records: list[Node | None] = [None] * len(world.layout.hosts)
        self._all: tuple[Node, ...] = ()

    def all(self, now: float) -> tuple[Node, ...]:
        """Return every node at the real time `now`; unchanged ones are the same objects."""
        world = self._world
        changed, self._mark = world.changed_since(self._mark)
        measured = self._ticks.due(self._at, now)
        self._at = now
        if changed is None or measured is None:
            due = set(range(len(self._records)))
        else:
            due = set(measured)
            for lane in changed:
                due.update(host for host, _ in world.layout.lanes[lane].places)
            for host in self._conditions.keys() | world.conditions.keys():
                if self._conditions.get(host) != world.conditions.get(host):
                    due.add(host)
        self._conditions = world.conditions
        fresh = False
        for index in due:
            record = self._record(world.layout.hosts[index], now)
            if record != self._records[index]:
                self._records[index] = record
                fresh = True
        if fresh:
            self._all = tuple(record for record in self._records if record is not None)
        return self._all

    def watts(self, host: Host, now: float) -> float | None:
        """Return what a node draws, in steps of 10 W; `None` when it does not say."""
        world = self._world
        if world.condition(host.index).down is not None:
            return None
        if host.role == OFF:
            return host.idle_watts
        draws = host.idle_watts
        for lane in world.running_on(host.index):
            draws += lane.watts / len(lane.nodes)
        noise = draw(host.salt, self._ticks.number(host.salt, now)) % 9 - 4
        return float(round(draws * (1 + 0.006 * noise) / 10) * 10)

    def _record(self, host: Host, now: float) -> Node:
        world = self._world
        make, held = host.make, world.condition(host.index)
        busy = world.running_on(host.index)
        units = tuple(
            unit
            for unit, lane in enumerate(host.holders)
            if lane >= 0 and world.looks[lane].running is not None
        )
        cpus = sum(lane.cpus // len(lane.nodes) for lane in busy)
        memory = sum(lane.memory_bytes // len(lane.nodes) for lane in busy)
        state, word = _state(host, held, bool(busy), len(units) if make.units else cpus)
        reason, by, since = _reason(world, host, held)
        is_up = held.down is None and host.role != OFF
        noise = draw(host.salt, self._ticks.number(host.salt, now))
        load = cpus * 0.8 * (0.9 + 0.2 * ((noise & 15) / 15)) + (noise >> 4 & 3) * 0.25
        free = make.host_memory_bytes - int(memory * 0.7) - (noise >> 8 & 7 << 29)
        return Node(
            site=self._site,
            name=host.name,
            cluster=world.layout.place.cluster,
            state=state,
            backend_state=word,
            reason=reason,
            reason_by=by,
            reason_at=since,
            queues=host.queues,
            features=make.features,
            rack=host.rack,
            cpus_total=make.cpus,
            cpus_allocated=cpus,
            load_1m=round(load, 1) if is_up else None,
            memory_total_bytes=make.host_memory_bytes,
            memory_allocated_bytes=memory,
            memory_free_bytes=max(0, free) if is_up else None,
            gpus_total=make.units,
            gpus_allocated=len(units),
            gpu_indexes_allocated=units,
            gpu_model=make.model or None,
            power_draw_watts=self.watts(host, now),
            driver_version=make.driver or None,
            agent_version=_AGENT,
            address=host.address,
            booted_at=_booted(host, now) if is_up else None,
            last_seen_at=since if held.down is not None else None,
            comment=_comment(world, host),
        )


def _state(host: Host, held: Condition, busy: bool, used: int) -> tuple[NodeState, str]:
    full = used >= (host.make.units or host.make.cpus)
    plain = "ALLOCATED" if full and busy else "MIXED" if busy else "IDLE"
    if held.down is not None:
        return NodeState.DOWN, "DOWN*+DRAIN" if held.is_drained else "DOWN*"
    if held.is_drained:
        return (NodeState.DRAINING if busy else NodeState.DRAINED), f"{plain}+DRAIN"
    if held.in_maintenance:
        return NodeState.MAINTENANCE, f"{plain}+MAINTENANCE"
    if host.role == OFF:
        return NodeState.POWERED_OFF, "IDLE+POWERED_DOWN"
    if host.role == BOOKED and not busy:
        return NodeState.RESERVED, "IDLE+RESERVED"
    return NodeState(plain.lower()), plain


def _reason(
    world: World, host: Host, held: Condition
) -> tuple[str | None, str | None, float | None]:
    reason, by, since = held.reason, held.by, held.since
    if held.down is not None and not held.is_drained:
        reason, by, since = held.down.reason, held.down.by, held.down.start
    if reason is not None and world.layout.hostile and not held.by_operator:
        texts = hostile_texts()
        reason = f"{reason} {texts[host.salt % len(texts)]}"[:256]
    return reason, by, world.tempo.real_or_none(since)


def _booted(host: Host, now: float) -> float:
    period = (20 + host.salt % 60) * _DAY
    return float(int(now) // period * period - host.salt % period % _DAY)


def _comment(world: World, host: Host) -> str | None:
    if not world.layout.hostile or host.index % 5:
        return None
    texts = hostile_texts()
    return texts[host.index // 5 % len(texts)]
