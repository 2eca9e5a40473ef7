"""A source of the demo: one site of the simulated factory, or only its telemetry.

The only module of the plugin that reads files and the clock.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from andon.sdk import (
    Batch,
    Coverage,
    Kind,
    Record,
    Source,
    SourceDenied,
    SourceSettings,
    SourceTimeout,
    SourceUnreachable,
    Target,
)
from andon.sdk.lengths import seconds_text
from andon_demo import faults, sums
from andon_demo.accelerators import AcceleratorRecords
from andon_demo.assemble import assemble
from andon_demo.deeds import Deeds, read_deeds
from andon_demo.describe import describe
from andon_demo.happenings import Happenings
from andon_demo.jobs import JobRecords
from andon_demo.ledger import Act, Ledger, ledger_path
from andon_demo.nodes import NodeRecords
from andon_demo.places import SITES, place_named
from andon_demo.processes import process_records
from andon_demo.tempo import Tempo
from andon_demo.world import World

WHOLE = "whole"
SCHEDULER = "scheduler"
TELEMETRY = "telemetry"
PARTS = (WHOLE, SCHEDULER, TELEMETRY)
"""What one source reports of its site."""

_INTERVALS: dict[Kind, float] = {
    Kind.JOB: 2.0,
    Kind.NODE: 5.0,
    Kind.ACCELERATOR: 5.0,
    Kind.QUEUE: 10.0,
    Kind.TENANT: 15.0,
    Kind.SERVICE: 15.0,
    Kind.EVENT: 10.0,
    Kind.INCIDENT: 10.0,
    Kind.PROCESS: 30.0,
    Kind.SITE: 30.0,
    Kind.RESERVATION: 60.0,
}
_MEASURED = frozenset({Kind.ACCELERATOR, Kind.PROCESS})


class DemoSource(Source):
    """One site of the simulated factory as one source sees it."""

    def __init__(self, settings: SourceSettings) -> None:
        """Take the settings; nothing is built or read before the first poll."""
        options = settings.options
        self.name = settings.name
        self.site = settings.site
        self._clock = settings.clock
        self._seed = _whole(options, "seed", 7)
        self._nodes = _whole(options, "nodes", 96)
        self._jobs_wanted = _whole(options, "jobs", 900)
        self._tempo = Tempo(float(options.get("speed") or 1.0))
        self._hostile = bool(options.get("hostile"))
        chosen = options.get("place") or (settings.site if settings.site in SITES else SITES[0])
        self._place = place_named(str(chosen))
        self.part = str(options.get("part") or WHOLE)
        self.intervals_seconds: Mapping[Kind, float] = {
            kind: seconds
            for kind, seconds in _INTERVALS.items()
            if self.part == WHOLE or (kind in _MEASURED) == (self.part == TELEMETRY)
        }
        folder = settings.state_folder
        self._ledger = Ledger(
            None
            if folder is None
            else ledger_path(
                folder,
                seed=self._seed,
                nodes=self._nodes,
                jobs=self._jobs_wanted,
                speed=self._tempo.speed,
            )
        )
        self._acts: tuple[Act, ...] | None = None
        self._deeds = Deeds()
        self._scene: _Scene | None = None
        self._few: dict[Kind, dict[str, Record]] = {}

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        """Report the kinds asked for as they are at the clock's time; see `Source.poll`."""
        now = self._clock()
        asked = kinds & frozenset(self.intervals_seconds)
        records: list[Record] = []
        with _without_collection():
            scene = self._advance(now, deadline_s)
            for kind in _INTERVALS:
                if kind in asked:
                    records.extend(self._records(scene, kind, now))
        return Batch(
            source=self.name,
            observed_at=now,
            records=tuple(records),
            whole=asked,
            observed=asked,
            coverage=self._coverage(scene, kinds),
            identity="demo (Operator)" if self.part != TELEMETRY else "demo (read only)",
            version="demo 25.05" if self.part != TELEMETRY else "demo telemetry 4.6",
        )

    async def reread(self, targets: Sequence[Target], deadline_s: float) -> Batch:
        """Report just these things as a change, gone ones in `removed`."""
        now = self._clock()
        scene = self._advance(now, deadline_s)
        found: dict[tuple[Kind, str], Record] = {}
        wanted = {(target.kind, target.key) for target in targets}
        for kind in {kind for kind, _ in wanted} & set(self.intervals_seconds):
            for record in self._records(scene, kind, now):
                if (kind, record.key) in wanted:
                    found[kind, record.key] = record
        for target in targets:
            if target.kind is Kind.JOB and (target.kind, target.key) not in found:
                task = scene.jobs.waiting_task(target.name)
                if task is not None and task.key == target.key:
                    found[target.kind, target.key] = task
        return Batch(
            source=self.name,
            observed_at=now,
            records=tuple(found.values()),
            removed=tuple(sorted(wanted - found.keys())),
        )

    async def raw(self, target: Target, deadline_s: float) -> str:
        """Return the thing as the tools of a backend would print it, else its record."""
        if target.kind not in (Kind.JOB, Kind.NODE):
            return await super().raw(target, deadline_s)
        batch = await self.reread([target], deadline_s)
        return "\n".join(map(describe, batch.records))

    def act(self, verb: str, target: str, *, reason: str = "", by: str = "") -> None:
        """Do something to the factory, for every process of this user.

        Raises:
            SourceDenied: this source only measures.
            SourceUnreachable: the acts cannot be written down.
        """
        if self.part == TELEMETRY:
            raise SourceDenied(
                f"{self.name} only measures", hint="act through the site's scheduler"
            )
        act = Act(
            at=self._clock(),
            site=self._place.name,
            verb=verb,
            target=target,
            reason=reason,
            by=by,
        )
        try:
            self._ledger.append(act)
        except OSError as error:
            raise SourceUnreachable(
                f"the demo cannot write down the act: {error}",
                hint="see whether the state folder is writable and the disk has room",
            ) from error

    def _advance(self, now: float, deadline_s: float) -> _Scene:
        if self._scene is None:
            layout = assemble(
                self._place,
                seed=self._seed,
                nodes=self._nodes,
                jobs=self._jobs_wanted,
                hostile=self._hostile,
            )
            self._scene = _Scene(World(layout, self._tempo), self.site)
        scene, simulated = self._scene, self._tempo.simulated(now)
        if self.part == TELEMETRY and faults.silence(scene.world.layout, simulated):
            raise SourceTimeout(
                f"the exporter of {self.site} did not answer within {seconds_text(deadline_s)}",
                hint="the demo lets it fall silent for two minutes of every fifteen",
            )
        try:
            acts = self._ledger.acts()
        except OSError as error:
            raise SourceUnreachable(
                f"the demo cannot read its acts: {error}",
                hint="see who owns the files in the state folder",
            ) from error
        if acts is not self._acts:
            self._acts = acts
            self._deeds = read_deeds(acts, scene.world.layout, scene.world.numbers, self._tempo)
        scene.world.advance(simulated, self._deeds)
        return scene

    def _records(self, scene: _Scene, kind: Kind, now: float) -> Sequence[Record]:
        if kind is Kind.JOB:
            return scene.jobs.all()
        if kind is Kind.NODE:
            return scene.nodes.all(now)
        if kind is Kind.ACCELERATOR:
            return scene.accelerators.all(now)
        records = sums.kept(self._few.get(kind, {}), scene.few(kind, now))
        self._few[kind] = {record.key: record for record in records}
        return records

    def _coverage(self, scene: _Scene, kinds: frozenset[Kind]) -> tuple[Coverage, ...]:
        found: list[Coverage] = []
        hosts = len(scene.world.layout.hosts)
        if Kind.NODE in kinds and Kind.NODE in self.intervals_seconds:
            found.append(Coverage(kind=Kind.NODE, reported=hosts, expected=hosts))
        if Kind.ACCELERATOR in kinds and Kind.ACCELERATOR in self.intervals_seconds:
            silent = scene.accelerators.silent_nodes()
            units = len(scene.accelerators.units)
            layout = scene.world.layout
            lost = sum(layout.hosts[layout.host_by_name[name]].make.units for name in silent)
            nodes = f"{len(silent)} node{'s' if len(silent) > 1 else ''} silent: "
            found.append(
                Coverage(
                    kind=Kind.ACCELERATOR,
                    reported=units - lost,
                    expected=units,
                    note=nodes + ", ".join(silent[:3]) if silent else "",
                )
            )
        return tuple(found)


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the garbage collector from walking 100,000 new records, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Scene:
    """The world of one site and everything that tells of it."""

    def __init__(self, world: World, site: str) -> None:
        self.world = world
        self.site = site
        self.jobs = JobRecords(world, site)
        self.nodes = NodeRecords(world, site)
        self._accelerators: AcceleratorRecords | None = None
        self._happenings = Happenings(world, site, self.jobs)

    @property
    def accelerators(self) -> AcceleratorRecords:
        """The accelerators, which are many: built when first asked for."""
        if self._accelerators is None:
            self._accelerators = AcceleratorRecords(self.world, self.site, self.jobs)
        return self._accelerators

    def few(self, kind: Kind, now: float) -> list[Record]:
        """Return the records of a kind that is told anew each time."""
        world, site = self.world, self.site
        if kind is Kind.SITE:
            return [sums.site_record(world, site, now)]
        if kind is Kind.QUEUE:
            return [*sums.queue_records(world, site)]
        if kind is Kind.TENANT:
            return [*sums.tenant_records(world, site)]
        if kind is Kind.SERVICE:
            return [*sums.service_records(world, site, self.jobs, now)]
        if kind is Kind.RESERVATION:
            return [*sums.reservation_records(world, site)]
        if kind is Kind.EVENT:
            return [*self._happenings.events()]
        if kind is Kind.INCIDENT:
            return [*self._happenings.incidents()]
        held = self.accelerators.all(now)
        return [*process_records(held, self.jobs.all(), world.layout.seed)]


def _whole(options: Mapping[str, Any], name: str, default: int) -> int:
    value = options.get(name)
    return default if value is None else int(value)
