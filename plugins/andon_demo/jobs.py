"""Job records, built anew only where something changed."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from andon.sdk import Job, JobState, WorkClass
from andon_demo import lanes
from andon_demo.chance import mix
from andon_demo.lanes import Stay
from andon_demo.layout import BURST, DAY, HOUR, HUGE, LONG, MEDIUM, SERVICE, SHORT, Lane
from andon_demo.names import job_names
from andon_demo.world import World

_WORDS = {
    JobState.PENDING: "PENDING",
    JobState.HELD: "PENDING",
    JobState.RUNNING: "RUNNING",
    JobState.COMPLETED: "COMPLETED",
    JobState.FAILED: "FAILED",
    JobState.CANCELLED: "CANCELLED",
    JobState.TIMEOUT: "TIMEOUT",
    JobState.PREEMPTED: "PREEMPTED",
    JobState.NODE_FAILED: "NODE_FAIL",
}
_LIMITS = {
    BURST.number: (600.0, 600.0, 900.0, 1800.0),
    SHORT.number: (3600.0, 3600.0, 2 * HOUR, 4 * HOUR),
    MEDIUM.number: (6 * HOUR, 8 * HOUR, 12 * HOUR, DAY),
    LONG.number: (36 * HOUR, 2 * DAY, 2 * DAY, 3 * DAY),
    HUGE.number: (7 * DAY, 7 * DAY, 10 * DAY, 14 * DAY),
    SERVICE.number: (60 * DAY, 60 * DAY, 90 * DAY, 90 * DAY),
}
_LICENSES = ("ansys:4", "starccm:2", "abaqus:8", "matlab:1")
_QUOTA_REASONS = ("Priority", "Resources")
_OVER_QUOTA = "AssocGrpGRES"


class Traits(NamedTuple):
    """What tells one job from another, beside its times."""

    user: str
    name: str
    bits: int


def owner_bits(lane: Lane, turn: int, own: int) -> int:
    """Return the random bits that name a job's user; the tasks of an array share theirs."""
    if lane.team is not None:
        return mix(lane.team.salt ^ (turn // lane.team.rounds))
    if lanes.same_user(lane, own):
        turn -= 1
    return mix(lane.salt ^ turn)


class JobRecords:
    """The job records of one site, as of the world's last move."""

    def __init__(self, world: World, site: str) -> None:
        self._world = world
        self._site = site
        self._mark = -1
        self._by_lane: list[tuple[Job, ...]] = [()] * len(world.layout.lanes)
        self._shown: list[tuple[tuple[Stay, bool], ...]] = [()] * len(world.layout.lanes)
        self._rooms: dict[int, int] = {}
        self._all: tuple[Job, ...] = ()
        layout = world.layout
        self._names = {work: job_names(work, layout.seed, layout.hostile) for work in WorkClass}
        self._served = {
            lane: deployment.name for deployment in layout.deployments for lane in deployment.lanes
        }
        self._indexes: dict[int, tuple[str, ...]] = {}

    def all(self) -> tuple[Job, ...]:
        """Return every job; unchanged ones are the same objects as before."""
        changed, self._mark = self._world.changed_since(self._mark)
        due = set(range(len(self._by_lane))) if changed is None else set(changed)
        due |= self._quota_moved()
        for lane in due:
            self._build(lane)
        if due:
            self._all = tuple(chain.from_iterable(self._by_lane))
        return self._all

    def waiting_task(self, name: str) -> Job | None:
        """Return a task such as `123_4` that waits with the rest of its array, by itself."""
        found = self._world.waiting_task(name)
        return None if found is None else self._record(*found, over_quota=False)

    def _quota_moved(self) -> set[int]:
        """Return the lanes of the tenants for which what still fits their quota changed."""
        world, moved = self._world, set()
        for number, owner in enumerate(world.layout.owners):
            if owner.tight and self._rooms.get(number) != world.room(number):
                self._rooms[number] = world.room(number)
                moved.add(number)
        if not moved:
            return set()
        return {lane.index for lane in world.layout.lanes if lane.owner in moved}

    def _build(self, index: int) -> None:
        world = self._world
        lane, stays = world.layout.lanes[index], world.looks[index].stays
        tight = world.layout.owners[lane.owner].tight and lane.gpus > world.room(lane.owner)
        shown = tuple((stay, tight and stay.reason in _QUOTA_REASONS) for stay in stays)
        before: dict[tuple[Stay, bool], Job] = {}
        if self._shown[index]:
            before = dict(zip(self._shown[index], self._by_lane[index], strict=True))
        self._by_lane[index] = tuple(
            before.get(entry) or self._record(lane, entry[0], entry[1]) for entry in shown
        )
        self._shown[index] = shown

    def _traits(self, lane: Lane, turn: int, own: int) -> Traits:
        bits = owner_bits(lane, turn, own)
        users = self._world.layout.users[lane.owner]
        # Some people submit far more than others: the smaller of two throws.
        user = users[min(bits % len(users), (bits >> 24) % len(users))]
        served = self._served.get(lane.index)
        if served is not None:
            return Traits(user, f"serve-{served}", bits)
        names = self._names[lane.work]
        pool = mix(bits) % len(names) if lane.team is not None else (bits >> 40) % len(names)
        return Traits(user, names[pool], bits)

    def job_id(self, lane: Lane, turn: int, *, whole_array: bool = False) -> str:
        """Return the id people type."""
        team = lane.team
        if team is None:
            return str(self._world.numbers.number(lane, turn))
        origin = turn - turn % team.rounds
        leader = self._world.layout.lanes[team.lanes[0]]
        array = str(self._world.numbers.number(leader, origin))
        if whole_array:
            return array
        return f"{array}_{(turn - origin) * len(team.lanes) + lane.team_seat}"

    def _limit(self, lane: Lane, turn: int, own: int, bits: int) -> float:
        if lanes.fate_of(lane, own) is JobState.TIMEOUT:
            begin = lanes.begins(lane, turn, own)
            return lanes.bound(lane, turn + 1) - lanes.start_of(lane, turn, begin, own)
        return _LIMITS[lane.rhythm.number][bits >> 20 & 3]

    def gpu_indexes(self, lane: Lane) -> tuple[str, ...]:
        """Return `node:index` of everything a lane holds."""
        found = self._indexes.get(lane.index)
        if found is None:
            hosts = self._world.layout.hosts
            found = tuple(
                f"{hosts[host].name}:{unit}" for host, units in lane.places for unit in units
            )
            self._indexes[lane.index] = found
        return found

    def _record(self, lane: Lane, stay: Stay, over_quota: bool) -> Job:
        world = self._world
        real, tempo = world.tempo.real, world.tempo
        state, turn = stay.state, stay.turn
        own = lanes.bits_of(lane, turn)
        traits = self._traits(lane, turn, own)
        number = self.job_id(lane, turn, whole_array=stay.tasks is not None)
        limit = tempo.lasting(self._limit(lane, turn, own, traits.bits))
        submitted, started = real(stay.submitted), tempo.real_or_none(stay.started)
        running = state is JobState.RUNNING
        waits = state is JobState.PENDING or state is JobState.HELD
        reason, exit_code = _ending(state, _OVER_QUOTA if over_quota else stay.reason, own)
        return Job(
            site=self._site,
            id=number,
            cluster=world.layout.place.cluster,
            uid=f"{world.layout.place.cluster}-{number}-{int(submitted)}",
            name=traits.name,
            user=traits.user,
            tenant=world.layout.owners[lane.owner].name,
            queue=lane.queue,
            state=state,
            backend_state=_WORDS[state],
            reason=reason,
            work=lane.work,
            priority=0 if state is JobState.HELD else 1_000 + (own >> 8 & 0x3FFF),
            qos=lane.rhythm.qos,
            submitted_at=submitted,
            eligible_at=real(stay.eligible),
            started_at=started,
            ended_at=tempo.real_or_none(stay.ended),
            ends_at=started + limit if running and started is not None else None,
            estimated_start_at=None if over_quota else tempo.real_or_none(stay.expected),
            time_limit_seconds=limit,
            nodes=() if started is None or waits else lane.nodes,
            nodes_wanted=_nodes_wanted(reason),
            nodes_count=len(lane.nodes),
            cpus=lane.cpus,
            memory_bytes=lane.memory_bytes,
            gpus=lane.gpus,
            gpu_model=lane.make.short if lane.gpus else None,
            gpu_indexes=self.gpu_indexes(lane) if running and lane.gpus else (),
            array_id=self._array_id(lane, turn),
            array_tasks=stay.tasks,
            tasks_count=stay.tasks_count,
            dependency=self._dependency(lane, turn, own) if waits else None,
            reservation=booking_name(world, lane, turn) if lane.booked else None,
            licenses=_LICENSES[own & 3] if lanes.wants_license(lane, own) else None,
            exit_code=exit_code,
        )

    def _array_id(self, lane: Lane, turn: int) -> str | None:
        return None if lane.team is None else self.job_id(lane, turn, whole_array=True)

    def _dependency(self, lane: Lane, turn: int, own: int) -> str | None:
        if not lanes.follows(lane, own):
            return None
        return f"afterok:{self._world.numbers.number(lane, turn - 1)}"


def _nodes_wanted(reason: str | None) -> tuple[str, ...]:
    """Return the node that a job waits for, if its reason names one."""
    if reason is None or not reason.startswith("ReqNodeNotAvail, U"):
        return ()
    return (reason.partition(":")[2],)


def _ending(state: JobState, reason: str | None, bits: int) -> tuple[str | None, int | None]:
    """Return the reason and the exit code of a job; `reason` is why it waits, if it does."""
    if state is JobState.FAILED:
        return "NonZeroExitCode", (1, 1, 137, 139)[bits >> 20 & 3]
    if state is JobState.TIMEOUT:
        return "TimeLimit", None
    return reason, 0 if state is JobState.COMPLETED else None


def booking_name(world: World, lane: Lane, turn: int) -> str:
    """Return the name of the reservation in which a booked lane's turn runs."""
    return f"{world.layout.owners[lane.owner].name}-{world.numbers.number(lane, turn) % 10_000}"
