"""What a site is made of and does not change: hosts, queues, and the lanes that work runs in.

A *lane* is a group of accelerators (a slice, a few cards of one host, or many whole hosts) with an
endless deterministic sequence of jobs, one after another. `assemble` divides the hosts of a site
into lanes; `lanes` says what a lane does at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from andon.sdk import WorkClass
from andon_demo.hardware import Make
from andon_demo.places import Owner, Place

HOUR = 3600.0
DAY = 86_400.0


class Rhythm(NamedTuple):
    """How long the jobs of a lane are. All lanes of one rhythm have the same period."""

    name: str
    number: int
    period: float
    """Simulated seconds from one start to the next, on average."""
    gap: float
    """The largest part of a period for which the lane stands empty between two jobs."""
    patience: float
    """How much of the site's waiting jobs gathers here, relative to other rhythms."""
    qos: str


BURST = Rhythm("burst", 0, 300.0, 0.14, 1.2, "normal")
SHORT = Rhythm("short", 1, 1_500.0, 0.12, 1.2, "normal")
MEDIUM = Rhythm("medium", 2, 3 * HOUR, 0.06, 1.0, "normal")
LONG = Rhythm("long", 3, 20 * HOUR, 0.03, 0.6, "long")
HUGE = Rhythm("huge", 4, 4 * DAY, 0.01, 0.3, "flagship")
SERVICE = Rhythm("service", 5, 21 * DAY, 0.0004, 0.0, "serving")
RHYTHMS = (BURST, SHORT, MEDIUM, LONG, HUGE, SERVICE)

WEAK = "weak"
"""A host whose hardware fails now and then."""
BROKEN = "broken"
"""A host that waits for a part for days."""
PLANNED = "planned"
"""A host with a recurring maintenance reservation."""
BOOKED = "booked"
"""A host that is reserved for one job after the other."""
SPARE = "spare"
OFF = "off"
"""Switched off to save power."""
PLAIN = ""


@dataclass(slots=True, eq=False)
class Team:
    """Lanes that work through the same job arrays together."""

    lanes: tuple[int, ...]
    salt: int
    rounds: int
    """How many tasks of one array each lane runs."""

    @property
    def tasks(self) -> int:
        """Tasks of one array."""
        return self.rounds * len(self.lanes)


@dataclass(slots=True, eq=False)
class Lane:
    """A group of accelerators with an endless sequence of jobs."""

    index: int
    salt: int
    rhythm: Rhythm
    seat: int
    """Number among the lanes of its rhythm."""
    phase: float
    work: WorkClass
    queue: str
    owner: int
    """Index of the tenant in `Layout.owners`."""
    make: Make
    places: tuple[tuple[int, tuple[int, ...]], ...]
    """(host index, unit indexes) of everything the lane holds."""
    nodes: tuple[str, ...]
    gpus: int
    cpus: int
    memory_bytes: int
    watts: int
    """What its job draws above idle, on average."""
    fragile: bool = False
    """Whether the factory itself disturbs it: weak hosts, maintenance, a queue that gets stuck."""
    booked: bool = False
    wait: float = 0.0
    """How long its jobs wait, in periods, on average."""
    team: Team | None = None
    team_seat: int = 0


@dataclass(slots=True, eq=False)
class Host:
    """One node."""

    index: int
    name: str
    make: Make
    rack: str
    address: str
    salt: int
    role: str = PLAIN
    lanes: list[int] = field(default_factory=list)
    holders: list[int] = field(default_factory=list)
    """Lane of each unit, -1 for none."""
    queues: tuple[str, ...] = ()

    @property
    def idle_watts(self) -> float:
        """What the host draws with nothing to do."""
        if self.role == OFF:
            return 20.0
        return self.make.host_watts * 0.7 + self.make.cards * self.make.watts_idle


@dataclass(slots=True, eq=False)
class Deployment:
    """One inference service: a model served by one or more lanes."""

    name: str
    model: str
    owner: int
    lanes: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Layout:
    """Everything of one site that does not change."""

    place: Place
    seed: int
    hostile: bool
    owners: tuple[Owner, ...]
    users: tuple[tuple[str, ...], ...]
    """User names by tenant."""
    hosts: list[Host]
    lanes: list[Lane]
    teams: list[Team]
    deployments: list[Deployment]
    queues: dict[str, tuple[int, ...]]
    """Host indexes by queue."""
    gpu_limits: tuple[int, ...]
    """Quota by tenant."""
    host_by_name: dict[str, int]
    seats: tuple[tuple[int, ...], ...]
    """Lane indexes by rhythm and seat."""
    stuck_queue: str
    """The queue that gets stuck now and then; empty for none."""
