"""What keeps work away from hosts and lanes: outages, maintenance, drains, a stuck queue."""

from __future__ import annotations

from typing import NamedTuple

from andon.sdk import JobState
from andon_demo import faults, lanes
from andon_demo.course import Block, Course, Kill
from andon_demo.deeds import Deeds
from andon_demo.faults import Outage
from andon_demo.layout import Host, Lane, Layout

_MAINTENANCE_WAIT = "ReqNodeNotAvail, Reserved for maintenance"


class Condition(NamedTuple):
    """What keeps work away from a host at one time; times are simulated."""

    down: Outage | None = None
    reason: str | None = None
    """Why the host is drained."""
    by: str | None = None
    since: float | None = None
    by_operator: bool = False
    in_maintenance: bool = False
    lost_units: tuple[int, ...] = ()
    """Accelerators that a fault keeps from working, whatever the host's state is."""
    outage: Outage | None = None
    """The factory's own outage that is going on."""

    @property
    def is_drained(self) -> bool:
        """Whether the host takes no new work because somebody said so."""
        return self.reason is not None

    @property
    def takes_work(self) -> bool:
        """Whether new work may start on the host."""
        return self.down is None and not self.is_drained and not self.in_maintenance


FINE = Condition()


def condition(layout: Layout, host: Host, deeds: Deeds, now: float) -> Condition:
    """Return what keeps work away from a host at `now`."""
    found = FINE
    for outage in faults.outages(layout, host, now, now):
        if not outage.starts_late <= now < outage.end:
            continue
        if outage.is_down:
            found = found._replace(down=outage, outage=outage)
        elif outage.is_drain:
            lifted = _drained_until(outage, deeds, host.index) <= now
            lost = (outage.unit,) if outage.kind == faults.GPU_LOST else ()
            found = found._replace(lost_units=lost, outage=outage)
            if not lifted:
                found = found._replace(reason=outage.reason, by=outage.by, since=outage.start)
        else:
            found = found._replace(in_maintenance=True)
    for drain in deeds.drains.get(host.index, ()):
        if drain.start <= now < drain.end:
            earlier = found.since is not None and found.since <= drain.start
            if not earlier:
                found = found._replace(
                    reason=drain.reason, by=drain.by, since=drain.start, by_operator=True
                )
    return found


def _drained_until(outage: Outage, deeds: Deeds, host: int) -> float:
    lifted = [at for at in deeds.undrains.get(host, ()) if outage.start <= at < outage.end]
    return min([outage.end, *lifted])


def course_of(layout: Layout, lane: Lane, deeds: Deeds, now: float) -> Course:
    """Return the course of a lane around `now` under everything that disturbs it."""
    span = (6.0 + 2.5 * lane.wait) * lane.rhythm.period
    begin, end = now - span, now + span
    acted = deeds.jobs.get(lane.index)
    if acted:
        # What happened to a job that somebody held long ago must not be forgotten.
        begin = min(begin, lanes.bound(lane, min(acted)) - span)
    blocks: list[Block] = []
    kills: list[Kill] = []
    for index, units in lane.places:
        host = layout.hosts[index]
        reason = f"ReqNodeNotAvail, UnavailableNodes:{host.name}"
        drains = deeds.drains.get(index, ())
        blocks.extend(Block(drain.start, drain.end, reason) for drain in drains)
        for outage in faults.outages(layout, host, begin, end):
            _disturb(outage, deeds, index, units, reason, blocks, kills)
    if lane.queue == layout.stuck_queue:
        stuck = faults.stuck_windows(layout, begin, end)
        blocks.extend(Block(*window, "PartitionInactive", False) for window in stuck)
    return Course(lane, blocks, kills, acted or {})


def _disturb(
    outage: Outage,
    deeds: Deeds,
    host: int,
    units: tuple[int, ...],
    reason: str,
    blocks: list[Block],
    kills: list[Kill],
) -> None:
    until = outage.end
    hit = outage.unit in units and outage.kind in (faults.GPU_LOST, faults.GPU_MEMORY)
    if outage.is_drain:
        until = _drained_until(outage, deeds, host)
        if hit and outage.kind == faults.GPU_LOST:
            # Returning the node to service does not bring the accelerator back.
            blocks.append(Block(outage.start, outage.end, "Resources"))
    if outage.kind == faults.MAINTENANCE:
        reason = _MAINTENANCE_WAIT
    blocks.append(Block(outage.start, until, reason))
    if outage.is_down:
        kills.append(Kill(outage.start, JobState.NODE_FAILED))
    elif hit:
        kills.append(Kill(outage.start, JobState.FAILED))
