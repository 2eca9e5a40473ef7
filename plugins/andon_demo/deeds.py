"""Read the acts: what they mean for the nodes and jobs of one site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from andon.sdk import Tasks, clean, tasks_in
from andon_demo.course import CANCEL, CANCEL_WAITING, HOLD, RELEASE, REQUEUE, Deed
from andon_demo.ids import JobNumbers
from andon_demo.lanes import FOREVER
from andon_demo.layout import Layout
from andon_demo.ledger import Act
from andon_demo.tempo import Tempo

DRAIN = "node.drain"
UNDRAIN = "node.undrain"
JOB_VERBS = {
    "job.cancel": CANCEL,
    "job.hold": HOLD,
    "job.release": RELEASE,
    "job.requeue": REQUEUE,
}


@dataclass(slots=True)
class Drain:
    """A time in which the operator keeps work off a node; times are simulated."""

    start: float
    end: float
    reason: str
    by: str


@dataclass(slots=True)
class Deeds:
    """What was done at one site."""

    drains: dict[int, list[Drain]] = field(default_factory=dict)
    """By host."""
    undrains: dict[int, list[float]] = field(default_factory=dict)
    """Moments by host; they end the factory's own drains too."""
    jobs: dict[int, dict[int, list[Deed]]] = field(default_factory=dict)
    """By lane and turn."""
    acts: tuple[Act, ...] = ()
    """All of them, for the events."""

    @property
    def hosts(self) -> set[int]:
        """The hosts on which something was done."""
        return set(self.drains) | set(self.undrains)


def array_and_tasks(text: str) -> tuple[int, Tasks | None] | None:
    """Split `123_4` and `123_[4-6]` into 123 and the tasks, `123` into (123, `None`).

    `None` for anything else.
    """
    first, mark, second = text.partition("_")
    if not (first.isascii() and first.isdigit()) or len(first) > 18:
        return None
    if not mark:
        return int(first), None
    if second.startswith("[") and second.endswith("]"):
        tasks = tasks_in(second[1:-1])
    else:
        tasks = tasks_in(second) if second.isdigit() else None
    return None if tasks is None else (int(first), tasks)


def turns_of(layout: Layout, numbers: JobNumbers, text: str, now: float) -> list[tuple[int, int]]:
    """Return the (lane, turn)s that a job id means near `now`: all tasks for an array's id."""
    parsed = array_and_tasks(text)
    found = numbers.find(parsed[0], now) if parsed is not None else None
    if parsed is None or found is None:
        return []
    lane, turn = found
    team = layout.lanes[lane].team
    if team is None:
        return [found] if parsed[1] is None else []
    if team.lanes[0] != lane or turn % team.rounds:
        return []
    return [
        (member, turn + rest)
        for rest in range(team.rounds)
        for seat, member in enumerate(team.lanes)
        if parsed[1] is None or rest * len(team.lanes) + seat in parsed[1]
    ]


def _is_rest(target: str) -> bool:
    """Whether an act was meant for the waiting part of an array, not for one task of it."""
    return "_" not in target or "[" in target


def read_deeds(acts: Iterable[Act], layout: Layout, numbers: JobNumbers, tempo: Tempo) -> Deeds:
    """Return what the acts mean at one site; acts on things it does not have mean nothing."""
    here = tuple(
        Act(
            at=act.at,
            site=act.site,
            verb=act.verb,
            target=clean(act.target),
            reason=clean(act.reason),
            by=clean(act.by),
        )
        for act in acts
        if act.site == layout.place.name
    )
    deeds = Deeds(acts=here)
    for act in here:
        at = tempo.simulated(act.at)
        if act.verb in JOB_VERBS:
            for lane, turn in turns_of(layout, numbers, act.target, at):
                of_turn = deeds.jobs.setdefault(lane, {}).setdefault(turn, [])
                word = JOB_VERBS[act.verb]
                if word == CANCEL and layout.lanes[lane].team and _is_rest(act.target):
                    word = CANCEL_WAITING
                of_turn.append(Deed(at, word))
            continue
        host = layout.host_by_name.get(act.target)
        if host is None:
            continue
        drains = deeds.drains.setdefault(host, [])
        is_open = bool(drains) and drains[-1].end == FOREVER
        if act.verb == DRAIN and not is_open:
            drains.append(Drain(at, FOREVER, act.reason, act.by))
        elif act.verb == UNDRAIN:
            deeds.undrains.setdefault(host, []).append(at)
            if is_open:
                drains[-1].end = at
    return deeds
