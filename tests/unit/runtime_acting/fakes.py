"""A backend in a folder: what it holds and every call it took, shared with runners of their own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from andon.model import (
    Batch,
    Effect,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Outcome,
    Plan,
    Record,
    Refusal,
    Result,
    Step,
    Target,
    Tier,
)
from andon.runtime.offers import Offers, offers_of
from andon.runtime.origin import Origin
from andon.runtime.paths import Paths
from andon.runtime.plan_file import PlanFile, fingerprint, plan_file
from andon.runtime.planning import Request, propose
from andon.runtime.policy import Arming, Policy
from andon.runtime.reach import Reach
from andon.runtime.sources import SourceSpec
from andon.sdk.action import Action, ActionRequest, Draft
from andon.sdk.errors import SourceDenied, SourceTimeout, SourceUnreachable
from andon.sdk.option import Option
from andon.sdk.plugin import Plugin
from andon.sdk.seen import RUNS, WAITS
from andon.sdk.source import Source, SourceSettings
from andon.store import Snapshot, apply

NOW = 1_800_000_000.0


@dataclass
class Clock:
    """Time that passes only when somebody waits."""

    at: float = NOW
    waited: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


class Backend:
    """Things with a state and, for tests, a way to misbehave: `{"n1": {"state": "idle"}}`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def _file(self) -> Path:
        return self.folder / "things.json"

    def things(self) -> dict[str, dict[str, Any]]:
        if not self._file.exists():
            return {}
        loaded: dict[str, dict[str, Any]] = json.loads(self._file.read_text())
        return loaded

    def put(self, **things: dict[str, Any] | None) -> None:
        """Change things; `None` takes one away."""
        merged = self.things()
        for name, fields in things.items():
            if fields is None:
                merged.pop(name, None)
            else:
                merged[name] = {**merged.get(name, {}), **fields}
        fresh = self.folder / f"things.{os.getpid()}"
        fresh.write_text(json.dumps(merged))
        fresh.replace(self._file)

    def took(self, call: Sequence[str]) -> None:
        with (self.folder / "calls").open("a") as stream:
            stream.write(json.dumps(list(call)) + "\n")

    @property
    def calls(self) -> list[list[str]]:
        """Every call that reached the backend, in order."""
        path = self.folder / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def fifo(self) -> Path:
        """Where a call blocks until somebody opens the other end."""
        return self.folder / "fifo"


class FakeSource(Source):
    """Reports the nodes and jobs of a `Backend`."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name, self.site = settings.name, settings.site
        self.intervals_seconds = {Kind.NODE: 5.0, Kind.JOB: 5.0}
        self.backend = Backend(Path(str(settings.options["folder"])))
        self._clock = settings.clock
        self.polls = 0

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        return self.report(kinds)

    def report(self, kinds: frozenset[Kind]) -> Batch:
        self.polls += 1
        if (self.backend.folder / "down").exists():
            raise SourceUnreachable("nobody answers")
        records = [self._record(name, item) for name, item in self.backend.things().items()]
        return Batch(
            source=self.name,
            observed_at=self._clock(),
            records=tuple(record for record in records if record.kind in kinds),
            whole=kinds,
        )

    def _record(self, name: str, item: Mapping[str, Any]) -> Record:
        if item.get("job"):
            return Job(
                site=self.site,
                cluster="c",
                id=name,
                uid=item.get("uid"),
                state=JobState(item["state"]),
                array_id=item.get("array"),
                name=item.get("name"),
            )
        return Node(
            site=self.site,
            name=name,
            state=NodeState(item["state"]),
            reason=item.get("reason"),
            reason_by=item.get("reason_by"),
        )


class FakeAction(Action):
    """Sets a state; a thing's `mode` says how its call goes wrong."""

    to: str = ""

    def draft(self, request: ActionRequest) -> Draft:
        steps, refusals = [], []
        for target in request.targets:
            record = request.records[target.key]
            if str(getattr(record, "state", "")) in self.already():
                why = f"already {self.to}"
                refusals.append(Refusal(target=target, why=why, already=True))
                continue
            steps.append(
                Step(
                    id=target.key,
                    verb=request.verb,
                    target=target,
                    call=("set", self.to, "--", target.name, request.reason),
                    promise=self.to,
                )
            )
        return Draft(steps=tuple(steps), refusals=tuple(refusals))

    def already(self) -> tuple[str, ...]:
        return (self.to,)

    async def run(self, source: Source, step: Step, deadline_s: float) -> Outcome:
        assert isinstance(source, FakeSource)
        backend = source.backend
        mode = backend.things().get(step.target.name, {}).get("mode", "")
        if mode == "unreachable":
            raise SourceUnreachable("connection refused")
        backend.took(step.call)
        result = Result.REQUESTED
        if mode == "hang":
            backend.fifo.open().close()
        elif mode == "denied":
            raise SourceDenied("access denied to alice")
        elif mode == "failed":
            result = Result.FAILED
        elif mode == "lost":
            raise SourceTimeout("no answer")
        elif mode == "crash":
            raise ZeroDivisionError("[/evil]\x1b]0;owned\x07")
        elif mode == "exit":
            raise SystemExit(3)
        if mode not in ("failed", "slow", "lost", "denied"):
            backend.put(**{step.target.name: {"state": self.to, "reason": step.call[-1]}})
        # Believing too much is a plugin's fault that the engine has to see through.
        said = Result.CONFIRMED if mode == "slow" else result
        return Outcome(step=step.id, target=step.target, result=said, at=0.0)

    def holds(self, step: Step, record: Record | None) -> bool:
        return record is not None and str(getattr(record, "state", "")) == self.to


class Drain(FakeAction):
    verb, aliases, kind = "node.drain", ("node.cordon",), Kind.NODE
    label, effect, tier = "stop new work", Effect.STOP_NEW_WORK, Tier.REVERSIBLE
    needs_reason = True
    to = "drained"
    options = (Option(name="grace", summary="Seconds.", type="integer", minimum=0),)


class Evict(FakeAction):
    verb, kind = "node.drain", Kind.NODE
    label, effect, tier = "evict the pods", Effect.KILL_JOBS, Tier.DISRUPTIVE
    needs_reason = True
    to = "drained"


class Cancel(FakeAction):
    verb, kind = "job.cancel", Kind.JOB
    label, effect, tier = "cancel", Effect.KILL_JOBS, Tier.DISRUPTIVE
    to = "cancelled"
    alike = {**WAITS, **RUNS}  # noqa: RUF012


class Hold(FakeAction):
    verb, kind = "job.hold", Kind.JOB
    label, effect, tier = "hold", Effect.HOLD_JOBS, Tier.REVERSIBLE
    to = "held"


PLUGINS = {
    "fake": Plugin(
        name="fake",
        summary="Things in a folder.",
        open=FakeSource,
        actions=(Drain(), Cancel(), Hold()),
        options=(Option(name="folder", summary="Where they are.", type="path"),),
    ),
    "kube": Plugin(name="kube", summary="", open=FakeSource, actions=(Evict(),)),
    "blind": Plugin(name="blind", summary="", open=FakeSource),
}
plugin = PLUGINS["fake"]
ORIGIN = Origin(user="alice", uid=os.getuid(), host="bastion", tty="pts/3", ssh_from="10.0.0.5")


@dataclass
class World:
    """Sources in folders below one root, and everything that is needed to act on them."""

    root: Path
    plugins: dict[str, str] = field(default_factory=lambda: {"s": "fake"})
    """Plugin by source name."""
    clock: Clock = field(default_factory=Clock)
    opened: list[FakeSource] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        home = self.root / "home"
        return {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CONFIG_DIRS": str(home / "etc"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_RUNTIME_DIR": str(home / "run"),
            "ANDON_STATE_DIR": str(self.root / "state"),
            "PATH": os.environ.get("PATH", ""),
            "FAKE_WORLD": json.dumps(self.plugins),
        }

    @property
    def paths(self) -> Paths:
        return Paths.from_environ(self.environ)

    @property
    def specs(self) -> tuple[SourceSpec, ...]:
        return tuple(
            SourceSpec(
                name=name,
                plugin=plugin,
                site="par1",
                options={"folder": str(self.root / name)},
                demo=False,
                why="",
            )
            for name, plugin in self.plugins.items()
        )

    @property
    def offers(self) -> Offers:
        return offers_of(self.specs, PLUGINS)

    def backend(self, source: str = "s") -> Backend:
        return Backend(self.root / source)

    def open(self, name: str) -> FakeSource:
        spec = next(spec for spec in self.specs if spec.name == name)
        source = FakeSource(
            SourceSettings(name=name, site="par1", options=spec.options, clock=self.clock.now)
        )
        self.opened.append(source)
        return source

    def policy(self) -> Policy:
        """Read-only as soon as there is a file that says so."""
        locked = self.root / "read_only"
        return Policy(True, f"read_only = true in {locked}") if locked.exists() else Policy()

    def reach(self, file: PlanFile, paths: Paths, environ: Mapping[str, str]) -> Reach:
        return Reach(
            offers=self.offers,
            fingerprints={spec.name: fingerprint(spec) for spec in self.specs},
            open=self.open,
            policy=self.policy,
        )

    def snapshot(self) -> Snapshot:
        snapshot = Snapshot()
        for name in self.plugins:
            batch = self.open(name).report(frozenset({Kind.NODE, Kind.JOB}))
            snapshot = apply(snapshot, batch)
        self.opened.clear()
        return snapshot

    def propose(self, verb: str, *keys: str, **more: Any) -> tuple[Plan, ...]:
        request = Request(
            verb=verb,
            keys=keys,
            reason=more.pop("reason", "xid 79"),
            actor=ORIGIN.actor,
            sources=more.pop("sources", ()),
            params=more.pop("params", {}),
        )
        return propose(
            request,
            more.pop("snapshot", None) or self.snapshot(),
            self.offers,
            policy=more.pop("policy", Policy()),
            arming=more.pop("arming", Arming.CALL),
            now=more.pop("now", self.clock.now()),
        )

    def file(self, *names: str, verb: str = "node.drain", **more: Any) -> PlanFile:
        """Plan a verb on nodes by name and return its armed plan file."""
        prefix = "par1/" if verb.startswith("node") else "par1/c/"
        (plan,) = self.propose(verb, *(prefix + name for name in names), **more)
        return self.sealed(plan)

    def sealed(self, plan: Plan, **more: Any) -> PlanFile:
        return plan_file(plan, self.specs, **{"arming": Arming.CALL, "origin": ORIGIN, **more})


def some_target(name: str = "n1", **more: Any) -> Target:
    return Target(kind=Kind.NODE, key=f"par1/{name}", name=name, site="par1", source="s", **more)
