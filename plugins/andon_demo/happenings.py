"""Events and incidents: what happened lately, and what is wrong now."""

from __future__ import annotations

from andon.sdk import Event, Incident, JobState, Kind, Severity
from andon_demo import faults, telemetry
from andon_demo.deeds import DRAIN, UNDRAIN
from andon_demo.faults import Glitch, Outage
from andon_demo.jobs import JobRecords
from andon_demo.lanes import Stay
from andon_demo.layout import PLAIN, Host, Lane
from andon_demo.ledger import Act
from andon_demo.world import World

_EVENTS_SECONDS = 2 * 3600.0
_MOST_EVENTS = 400
_IDLE_SECONDS = 900.0
_GLITCH_WORDS = {
    "thermal": "slow down because they are hot",
    "power": "slow down because of the power brake",
    "ecc": "reports many corrected memory errors",
    "nvlink": "reports NVLink errors",
}
_ACT_WORDS = {
    DRAIN: "drained",
    UNDRAIN: "returned to service",
    "job.cancel": "cancelled",
    "job.hold": "held",
    "job.release": "released",
    "job.requeue": "requeued",
}


class Happenings:
    """Tells the events and incidents of one site."""

    def __init__(self, world: World, site: str, jobs: JobRecords) -> None:
        self._world = world
        self._site = site
        self._jobs = jobs

    def events(self) -> list[Event]:
        """Return the events of the last two simulated hours, the newest 400, oldest first."""
        world = self._world
        begin, now = world.now - _EVENTS_SECONDS, world.now
        found: list[Event] = []
        for host in self._special_hosts():
            for outage in faults.outages(world.layout, host, begin, now):
                found.extend(self._of_outage(host, outage))
        found.extend(map(self._of_glitch, faults.glitches(world.layout, begin, now)))
        stuck = faults.stuck_windows(world.layout, begin, now)
        found.extend(self._of_stuck(window.start) for window in stuck)
        found.extend(self._of_act(act) for act in world.deeds.acts)
        found.extend(self._of_job(lane, stay) for lane, stay in world.failed_lately())
        # Drains and failures outlive the times asked for; only what has happened is told.
        earliest, latest = world.tempo.real(begin), world.tempo.real(now)
        found = [event for event in found if earliest <= event.at <= latest]
        found.sort(key=lambda event: (event.at, event.id))
        return found[-_MOST_EVENTS:]

    def incidents(self) -> list[Incident]:
        """Return the problems that are open now."""
        world = self._world
        found: list[Incident] = []
        for host in self._special_hosts():
            outage = world.condition(host.index).outage
            if outage is not None:
                found.append(self._host_incident(host, outage))
        present = faults.glitches(world.layout, world.now, world.now)
        found.extend(map(self._glitch_incident, present))
        stuck = faults.stuck_windows(world.layout, world.now, world.now)
        found.extend(self._stuck_incident(window.start) for window in stuck)
        idle = self._idle_incident()
        return [*found, idle] if idle is not None else found

    def _special_hosts(self) -> list[Host]:
        return [host for host in self._world.layout.hosts if host.role != PLAIN]

    def _event(
        self,
        at: float,
        topic: str,
        text: str,
        severity: Severity,
        kind: Kind | None = None,
        key: str | None = None,
    ) -> Event:
        moment = self._world.tempo.real(at)
        return Event(
            site=self._site,
            id=f"{topic}-{key or ''}-{moment:.0f}",
            at=moment,
            severity=severity,
            topic=topic,
            text=text,
            object_kind=kind,
            object_key=f"{self._site}/{key}" if key is not None else None,
        )

    def _of_outage(self, host: Host, outage: Outage) -> list[Event]:
        begin = outage.starts_late
        xid = faults.XIDS.get(outage.kind)
        severity = Severity.WARNING if outage.kind == faults.MAINTENANCE else Severity.CRITICAL
        found: list[Event] = []
        if xid is not None:
            text = f"{host.name}: GPU {outage.unit} reported Xid {xid}"
            found.append(self._event(begin, "xid", text, severity, Kind.NODE, host.name))
        word = "stopped answering" if outage.is_down else "taken out of service"
        text = f"{host.name} {word}: {outage.reason}"
        found.append(self._event(begin, "node-state", text, severity, Kind.NODE, host.name))
        text = f"{host.name} is back"
        found.append(
            self._event(outage.end, "node-state", text, Severity.INFO, Kind.NODE, host.name)
        )
        return found

    def _glitch_words(self, glitch: Glitch) -> str:
        hosts = self._world.layout.hosts
        first = hosts[glitch.hosts[0]]
        words = _GLITCH_WORDS[glitch.kind]
        if glitch.unit >= 0:
            return f"{first.name}: GPU {glitch.unit} {words}"
        return f"rack {first.rack}: accelerators {words}"

    def _of_glitch(self, glitch: Glitch) -> Event:
        topic = "throttle" if glitch.unit < 0 else glitch.kind
        host = self._world.layout.hosts[glitch.hosts[0]]
        return self._event(
            glitch.start,
            topic,
            self._glitch_words(glitch),
            Severity.WARNING,
            Kind.NODE,
            host.name,
        )

    def _of_stuck(self, start: float) -> Event:
        queue = self._world.layout.stuck_queue
        return self._event(
            start,
            "queue-state",
            f"queue {queue} starts no jobs",
            Severity.WARNING,
            Kind.QUEUE,
            f"{self._world.layout.place.cluster}/{queue}",
        )

    def _of_act(self, act: Act) -> Event:
        is_node = act.verb in (DRAIN, UNDRAIN)
        kind = Kind.NODE if is_node else Kind.JOB
        key = act.target if is_node else f"{self._world.layout.place.cluster}/{act.target}"
        word = _ACT_WORDS.get(act.verb, "acted on")
        thing = "node" if is_node else "job"
        text = f"{thing} {act.target} {word} by {act.by or 'an operator'}"
        at = self._world.tempo.simulated(act.at)
        return self._event(at, act.verb, text, Severity.INFO, kind, key)

    def _of_job(self, lane: Lane, stay: Stay) -> Event:
        job_id = self._jobs.job_id(lane, stay.turn)
        words = {
            JobState.NODE_FAILED: "was lost with its node",
            JobState.TIMEOUT: "reached its time limit",
        }
        severity = Severity.WARNING if lane.gpus >= 8 else Severity.INFO
        text = f"job {job_id} {words.get(stay.state, 'failed')}"
        key = f"{self._world.layout.place.cluster}/{job_id}"
        return self._event(stay.ended or 0.0, "job-failed", text, severity, Kind.JOB, key)

    def _host_incident(self, host: Host, outage: Outage) -> Incident:
        world = self._world
        running = world.running_on(host.index)
        steps = {
            faults.GPU_LOST: "wait until the node is empty, restart it, run a diagnosis, return it",
            faults.GPU_MEMORY: "wait until the node is empty, reset the GPU, return it",
            faults.LINK: "check the cable and the switch port",
            faults.SILENT: "look at the console of the node",
            faults.WAITS_FOR_PART: "wait for the part",
        }
        evidence: tuple[str, ...] = ()
        if outage.kind in faults.XIDS:
            evidence = (f"kernel log: NVRM: Xid {faults.XIDS[outage.kind]}, GPU {outage.unit}",)
        waits = outage.kind == faults.WAITS_FOR_PART
        return Incident(
            site=self._site,
            id=f"{outage.kind}-{host.name}",
            topic=outage.kind,
            severity=Severity.WARNING if waits else Severity.CRITICAL,
            text=f"{host.name}: {outage.reason}",
            opened_at=world.tempo.real(outage.start),
            evidence=evidence,
            object_kind=Kind.NODE,
            object_key=f"{self._site}/{host.name}",
            nodes=(host.name,),
            jobs=self._ids(running),
            tenants=self._tenants(running),
            gpus_hit=host.make.units,
            next_step=steps.get(outage.kind),
        )

    def _glitch_incident(self, glitch: Glitch) -> Incident:
        world = self._world
        hosts = [world.layout.hosts[index] for index in glitch.hosts]
        running = {lane.index: lane for host in hosts for lane in world.running_on(host.index)}
        place = hosts[0].name if glitch.unit >= 0 else hosts[0].rack
        per_rack = "look at the cooling and the power of the rack; do not drain node by node"
        return Incident(
            site=self._site,
            id=f"{glitch.kind}-{place}",
            topic=glitch.kind,
            severity=Severity.WARNING,
            text=self._glitch_words(glitch),
            opened_at=world.tempo.real(glitch.start),
            object_kind=Kind.NODE,
            object_key=f"{self._site}/{hosts[0].name}",
            nodes=tuple(host.name for host in hosts),
            jobs=self._ids(list(running.values())),
            tenants=self._tenants(list(running.values())),
            gpus_hit=1 if glitch.unit >= 0 else sum(host.make.units for host in hosts),
            next_step="watch it; drain the node if it goes on" if glitch.unit >= 0 else per_rack,
        )

    def _stuck_incident(self, since: float) -> Incident:
        world = self._world
        queue = world.layout.stuck_queue
        return Incident(
            site=self._site,
            id=f"stuck-queue-{queue}",
            topic="stuck-queue",
            severity=Severity.CRITICAL,
            text=f"queue {queue} starts no jobs; {world.by_queue[queue].pending} wait",
            opened_at=world.tempo.real(since),
            object_kind=Kind.QUEUE,
            object_key=f"{self._site}/{world.layout.place.cluster}/{queue}",
            next_step="ask the scheduler why the queue is inactive",
        )

    def _idle_incident(self) -> Incident | None:
        """Fold the jobs that hold GPUs and have left them idle for long into one problem."""
        world = self._world
        idle: list[tuple[float, Lane]] = []
        for index, look in enumerate(world.looks):
            lane = world.layout.lanes[index]
            since = telemetry.idle_from(lane, look.running) if look.running else None
            if since is not None and since + _IDLE_SECONDS <= world.now:
                idle.append((since, lane))
        if not idle:
            return None
        idle.sort(key=lambda found: (-found[1].gpus, found[0]))
        some = [lane for _, lane in idle[:10]]
        gpus = sum(lane.gpus for _, lane in idle)
        jobs = "1 job holds" if len(idle) == 1 else f"{len(idle)} jobs hold"
        return Incident(
            site=self._site,
            id="idle-held",
            topic="idle-held",
            severity=Severity.WARNING,
            text=f"{jobs} {gpus} GPU{'s' if gpus > 1 else ''} idle for 15 minutes or longer",
            opened_at=world.tempo.real(min(since for since, _ in idle) + _IDLE_SECONDS),
            jobs=self._ids(some),
            tenants=self._tenants(some),
            gpus_hit=gpus,
            next_step="ask the owners; cancel what nobody needs",
        )

    def _ids(self, running: list[Lane]) -> tuple[str, ...]:
        found: list[str] = []
        for lane in running[:20]:
            stay = self._world.looks[lane.index].running
            if stay is not None:
                found.append(self._jobs.job_id(lane, stay.turn))
        return tuple(found)

    def _tenants(self, running: list[Lane]) -> tuple[str, ...]:
        owners = self._world.layout.owners
        return tuple(sorted({owners[lane.owner].name for lane in running}))
