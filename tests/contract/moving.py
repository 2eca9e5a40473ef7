"""One source of a real plugin, plans on it, and the runner that carries them out right here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from andon.model import Kind, Outcome
from andon.runtime.journal import journal_of
from andon.runtime.offers import Offers, offers_of
from andon.runtime.paths import Paths
from andon.runtime.plan_file import PlanFile, fingerprint, plan_file
from andon.runtime.planning import Request, propose
from andon.runtime.policy import Arming, Policy
from andon.runtime.reach import Reach
from andon.runtime.runner import run_plan
from andon.runtime.sources import SourceSpec
from andon.sdk import Plugin, Source
from andon.store import Snapshot, apply
from tests.unit.runtime_acting.fakes import ORIGIN, Clock

KINDS = frozenset({Kind.NODE, Kind.JOB})
DEADLINE_S = 10.0


@dataclass
class Backend:
    """What plans are made on and carried out against; time passes only when somebody waits."""

    plugin: Plugin
    open: Callable[[], Source]
    root: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def paths(self) -> Paths:
        """Where journal and claims are kept."""
        return Paths.from_environ({"HOME": str(self.root), "ANDON_STATE_DIR": str(self.root / "s")})

    @property
    def spec(self) -> SourceSpec:
        """The source as configured."""
        source = self.open()
        return SourceSpec(
            name=source.name, plugin=self.plugin.name, site=source.site, options={}, demo=False,
            why="",
        )  # fmt: skip

    @property
    def offers(self) -> Offers:
        """What can be done."""
        return offers_of([self.spec], {self.plugin.name: self.plugin})

    async def look(self) -> Snapshot:
        """Return nodes and jobs as they are."""
        batch = await self.open().poll(KINDS, DEADLINE_S)
        return apply(Snapshot(), batch)

    def plan(self, snapshot: Snapshot, verb: str, key: str, reason: str = "check") -> PlanFile:
        """Return an armed plan made on what `snapshot` says."""
        request = Request(verb=verb, keys=(key,), reason=reason, actor=ORIGIN.actor)
        (plan,) = propose(
            request, snapshot, self.offers, policy=Policy(), arming=Arming.CALL,
            now=self.clock.now(),
        )  # fmt: skip
        return plan_file(plan, [self.spec], arming=Arming.CALL, origin=ORIGIN, wait_seconds=0.0)

    async def run(self, file: PlanFile) -> tuple[int, Outcome]:
        """Carry a plan out; return its exit code and the last outcome."""
        code = await run_plan(
            file, paths=self.paths, environ={}, clock=self.clock, open_reach=self._reach
        )
        entries = journal_of(self.paths).read(plan=file.plan.id).entries
        return code, [entry.outcome for entry in entries if entry.outcome][-1]

    def _reach(self, file: PlanFile, paths: Paths, environ: Mapping[str, str]) -> Reach:
        return Reach(
            offers=self.offers,
            fingerprints={self.spec.name: fingerprint(self.spec)},
            open=lambda _: self.open(),
            policy=Policy,
        )
