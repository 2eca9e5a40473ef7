"""The real backend of the screen: the collector's feed at one side, the action engine at the other.

Plugins are imported here for what they can do and for raw records; polling is the collector's.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from andon.model import Intent, Kind, Outcome, Plan, Refusal, Target
from andon.runtime.clock import SystemClock
from andon.runtime.discovery import Discovery
from andon.runtime.journal import journal_of
from andon.runtime.launch import follow, launch
from andon.runtime.link import FeedLink
from andon.runtime.offers import offers_of
from andon.runtime.origin import Origin
from andon.runtime.paths import Paths
from andon.runtime.plan_file import plan_file
from andon.runtime.planning import make_plans
from andon.runtime.policy import Arming, Policy, may_act
from andon.runtime.rawtext import knows_best, raw_text
from andon.runtime.registry import Registry
from andon.runtime.settle import settle_unknown
from andon.runtime.sources import DemoRequest, SourceSpec
from andon.runtime.targets import freeze_targets
from andon.sdk.action import Action
from andon.store import Snapshot
from andon.tui.backend import Chosen, Report, Verb

_RAW_SECONDS = 20.0
HOW_TO_ARM = "read-only: start with andon --write to act"
HOW_TO_ARM_DEMO = "read-only: start with andon --demo --write to act"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a session was started with."""

    specs: Sequence[SourceSpec]
    discovery: Discovery
    paths: Paths
    environ: Mapping[str, str]
    registry: Registry
    policy: Callable[[], Policy]
    """Reads the policy again: a file may come to say `read_only` during a session."""
    origin: Origin
    armed: bool
    how_to_arm: str = HOW_TO_ARM
    """What to say to who would act in a session that is not armed."""
    demo: DemoRequest | None = None
    config_file: Path | None = None


class LiveBackend:
    """Serves the screen from the collector and sends confirmed plans to runners."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._arming = Arming.SESSION if world.armed else Arming.NONE
        self._offers = offers_of(world.specs, world.discovery.plugins)
        self._link = FeedLink(
            world.specs, registry=world.registry, environ=world.environ, interest=frozenset()
        )
        self._policy = world.policy()

    @property
    def identity(self) -> str:
        """Who acts."""
        return self._world.origin.actor

    @property
    def read_only_why(self) -> str | None:
        """Why nothing may be changed, or `None`."""
        why = may_act(self._policy, self._arming)
        if why is None:
            return None
        policy = self._policy
        return f"{why}; {policy.hint}" if policy.read_only else self._world.how_to_arm

    @property
    def collector_trouble(self) -> str:
        """What is wrong with the collector now."""
        return self._link.condition.trouble

    async def start(self) -> None:
        """Start the collector."""
        await self._link.start()

    def messages(self) -> AsyncIterator[Report]:
        """Yield what the sources say."""
        return self._link.messages()

    def interest(self, kinds: frozenset[Kind]) -> None:
        """Say which kinds are looked at."""
        self._link.interest(kinds)

    def refresh(self) -> None:
        """Ask every source now."""
        self._link.refresh()

    def reread(self, targets: Sequence[Target]) -> None:
        """Ask for these things again, now."""
        self._link.reread(targets)

    async def unsettled(self) -> tuple[Outcome, ...]:
        """Return what runners that died left behind, with the state as it is now.

        Raises:
            AndonError: it cannot be written down.
        """
        world = self._world
        journal = journal_of(world.paths)
        return await settle_unknown(journal, world.paths, world.environ, SystemClock())

    # -- raw records -----------------------------------------------------------------------------

    async def raw(self, snapshot: Snapshot, kind: Kind, key: str) -> str:
        """Return the own words of the source that knows a thing best.

        Raises:
            AndonError: it cannot be asked.
        """
        world = self._world
        return await raw_text(
            knows_best(world.specs, self._offers, snapshot, kind, key),
            snapshot,
            kind,
            key,
            discovery=world.discovery,
            paths=world.paths,
            environ=world.environ,
            clock=time.time,
            timeout_s=_RAW_SECONDS,
        )

    # -- acting ----------------------------------------------------------------------------------

    def verbs(self, snapshot: Snapshot, kind: Kind, keys: Sequence[str]) -> Sequence[Verb]:
        """Return what can be done to some things, and in whose words."""
        knowing = [
            name
            for name in snapshot.of(kind)
            if any(key in snapshot.said_by(name, kind) for key in keys)
        ]
        return tuple(
            _verb(names[0], actions, names[1:])
            for names, actions in self._offers.different(kind, knowing)
        )

    def choose(self, snapshot: Snapshot, verb: str, keys: Sequence[str]) -> Chosen:
        """Freeze targets as they are seen now."""
        frozen = freeze_targets(snapshot, verb, keys, self._offers)
        return Chosen(_verb(verb, self._offers.actions(verb)), frozen.targets, frozen.refusals)

    def plan(
        self, intent: Intent, refusals: Sequence[Refusal], snapshot: Snapshot, now: float
    ) -> tuple[Plan, ...]:
        """Return the plans for frozen targets. Sends nothing."""
        return make_plans(
            intent,
            snapshot,
            self._offers,
            policy=self._policy,
            arming=self._arming,
            now=now,
            refusals=refusals,
        )

    async def launch(self, plan: Plan) -> AsyncIterator[Outcome]:
        """Hand a confirmed plan to a runner of its own and follow it."""
        world = self._world
        self._policy = world.policy()
        file = plan_file(
            plan,
            world.specs,
            arming=self._arming,
            origin=world.origin,
            demo=world.demo,
            config=world.config_file,
        )
        clock = SystemClock()
        run = launch(
            file,
            paths=world.paths,
            policy=self._policy,
            environ=world.environ,
            now=clock.now(),
        )
        async for outcome in follow(run):
            yield outcome

    async def close(self) -> None:
        """End the collector; runners go on."""
        await self._link.close()


def _verb(name: str, actions: Sequence[Action], aliases: Sequence[str] = ()) -> Verb:
    return Verb(
        name=name,
        label=" or ".join(dict.fromkeys(action.label for action in actions)),
        needs_reason=any(action.needs_reason for action in actions),
        aliases=tuple(aliases),
    )
