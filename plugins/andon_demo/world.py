"""One site at one time: what every lane does, kept up to date at the cost of what changed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from andon.sdk import JobState, tasks_in
from andon_demo import lanes
from andon_demo.arrays import waiting_arrays
from andon_demo.conditions import FINE, Condition, condition, course_of
from andon_demo.course import Course
from andon_demo.deeds import Deeds, turns_of
from andon_demo.ids import JobNumbers
from andon_demo.lanes import Look
from andon_demo.layout import PLAIN, SPARE, Lane, Layout
from andon_demo.tempo import Tempo

_NOTHING = Look((), None, lanes.FOREVER, 0)


@dataclass(slots=True)
class Tally:
    """Sums over the jobs of one tenant or queue."""

    running: int = 0
    pending: int = 0
    gpus: int = 0
    cpus: int = 0
    revision: int = 0
    """Grows with every change."""

    def count(self, lane: Lane, look: Look, sign: int) -> None:
        """Add (`sign` 1) or take away (-1) what a lane does."""
        if look.running is not None:
            self.running += sign
            self.gpus += sign * lane.gpus
            self.cpus += sign * lane.cpus
        self.pending += sign * look.waiting
        self.revision += 1


class World:
    """What happens at one site now. `advance` moves it to another time or other acts."""

    def __init__(self, layout: Layout, tempo: Tempo) -> None:
        self.layout = layout
        self.tempo = tempo
        self.numbers = JobNumbers(layout)
        self.now = float("-inf")
        self.deeds = Deeds()
        self.looks: list[Look] = [_NOTHING] * len(layout.lanes)
        self.by_owner = [Tally() for _ in layout.owners]
        self.by_queue = {name: Tally() for name in layout.queues}
        self.watts = 0
        """What the running jobs draw above idle."""
        self.conditions: dict[int, Condition] = {}
        """Of the hosts with anything to say; all others are fine."""
        self._courses: dict[int, Course] = {}
        self._heap: list[tuple[float, int]] = []
        self._log: list[int] = []
        self._log_start = 0

    def condition(self, host: int) -> Condition:
        """Return what keeps work away from a host."""
        return self.conditions.get(host, FINE)

    def room(self, owner: int) -> int:
        """Return how many more GPUs a tenant's quota allows."""
        return self.layout.gpu_limits[owner] - self.by_owner[owner].gpus

    def advance(self, now: float, deeds: Deeds) -> None:
        """Move to the simulated time `now`, under `deeds`."""
        if now < self.now:
            self._forget()
        if self.now == float("-inf"):
            due: set[int] = set(range(len(self.layout.lanes)))
        else:
            due = self._due(now)
            if deeds is not self.deeds:
                due |= self._disturbed(self.deeds) | self._disturbed(deeds)
        self.now, self.deeds = now, deeds
        self._look(due)
        self._examine_hosts()

    def changed_since(self, mark: int) -> tuple[Iterable[int] | None, int]:
        """Return the lanes that changed since a mark (`None`: all may have) and the next mark."""
        end = self._log_start + len(self._log)
        if mark < self._log_start:
            return None, end
        return set(self._log[mark - self._log_start :]), end

    def _forget(self) -> None:
        self.looks = [_NOTHING] * len(self.layout.lanes)
        self.by_owner = [Tally() for _ in self.layout.owners]
        self.by_queue = {name: Tally() for name in self.layout.queues}
        self.watts = 0
        self.now = float("-inf")
        self._courses.clear()
        self._heap.clear()
        self._note_all()

    def _due(self, now: float) -> set[int]:
        due: set[int] = set()
        heap = self._heap
        while heap and heap[0][0] <= now:
            _, lane = heapq.heappop(heap)
            if self.looks[lane].until <= now:
                due.add(lane)
        return due

    def _disturbed(self, deeds: Deeds) -> set[int]:
        found = set(deeds.jobs)
        for host in deeds.hosts:
            found.update(self.layout.hosts[host].lanes)
        return found

    def _look(self, due: set[int]) -> None:
        layout = self.layout
        for index in list(due):
            team = layout.lanes[index].team
            if team is not None:
                due.add(team.lanes[0])
        disturbed = self._disturbed(self.deeds)
        found: dict[int, Look] = {}
        for index in due:
            lane = layout.lanes[index]
            if lane.fragile or index in disturbed:
                course = course_of(layout, lane, self.deeds, self.now)
                self._courses[index] = course
                found[index] = course.look(self.now)
            else:
                self._courses.pop(index, None)
                found[index] = lanes.look(lane, self.now)
        for index, look in found.items():
            team = layout.lanes[index].team
            if team is not None and team.lanes[0] == index:
                members = [
                    (layout.lanes[each], found.get(each, self.looks[each]), self._courses.get(each))
                    for each in team.lanes
                ]
                stays, until = waiting_arrays(team, members, self.now)
                look = Look(
                    look.stays + stays,
                    look.running,
                    min(look.until, until),
                    look.waiting + sum(stay.tasks_count or 1 for stay in stays),
                )
            self._replace(index, look)
        if len(due) > len(layout.lanes) // 2 + 64:
            self._note_all()
        else:
            self._note(due)

    def _replace(self, index: int, look: Look) -> None:
        lane, old = self.layout.lanes[index], self.looks[index]
        for tally in (self.by_owner[lane.owner], self.by_queue[lane.queue]):
            tally.count(lane, old, -1)
            tally.count(lane, look, 1)
        self.watts += lane.watts * ((look.running is not None) - (old.running is not None))
        self.looks[index] = look
        if look.until < lanes.FOREVER:
            heapq.heappush(self._heap, (look.until, index))

    def _note(self, due: Iterable[int]) -> None:
        self._log.extend(due)
        if len(self._log) > 4 * len(self.layout.lanes) + 1024:
            self._note_all()

    def _note_all(self) -> None:
        self._log_start += len(self._log) + 1
        self._log.clear()

    def _examine_hosts(self) -> None:
        layout, deeds = self.layout, self.deeds
        special = {host.index for host in layout.hosts if host.role not in (PLAIN, SPARE)}
        found: dict[int, Condition] = {}
        for index in special | set(deeds.drains):
            seen = condition(layout, layout.hosts[index], deeds, self.now)
            if seen != FINE:
                found[index] = seen
        self.conditions = found

    def running_on(self, host: int) -> list[Lane]:
        """Return the lanes that run a job on a host."""
        return [
            self.layout.lanes[index]
            for index in self.layout.hosts[host].lanes
            if self.looks[index].running is not None
        ]

    def waiting_task(self, name: str) -> tuple[Lane, lanes.Stay] | None:
        """Return a task such as `123_4` that waits with the rest of its array, by itself."""
        number = name.partition("_")[2]
        if not (number.isascii() and number.isdigit()):
            return None
        task = int(number)
        for index, turn in turns_of(self.layout, self.numbers, name, self.now):
            lane = self.layout.lanes[index]
            if lane.team is None:
                continue
            for stay in self.looks[lane.team.lanes[0]].stays:
                waiting = tasks_in(stay.tasks) if stay.tasks else None
                if waiting is None or task not in waiting or stay.turn > turn:
                    continue
                if turn - stay.turn >= lane.team.rounds:
                    continue
                course = self._courses.get(index)
                own = course.waits(turn, self.now) if course is not None else None
                return lane, own or stay._replace(turn=turn, tasks=None, tasks_count=None)
        return None

    def failed_lately(self) -> list[tuple[Lane, lanes.Stay]]:
        """Return the jobs that ended badly and are still remembered."""
        bad = (JobState.FAILED, JobState.NODE_FAILED, JobState.TIMEOUT)
        return [
            (self.layout.lanes[index], stay)
            for index, look in enumerate(self.looks)
            for stay in look.stays
            if stay.state in bad
        ]
