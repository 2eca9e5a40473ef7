"""What the screen needs of the world behind it. Tests give it one in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from andon.model import (
    Batch,
    Fault,
    Intent,
    Kind,
    Outcome,
    Plan,
    Refusal,
    SourceStatus,
    Target,
)
from andon.store import Snapshot

Report = Batch | Fault | SourceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One thing that can be done to things of a kind."""

    name: str
    """For example `node.drain`."""
    label: str
    """What it does, in a few words."""
    needs_reason: bool = False
    aliases: tuple[str, ...] = ()
    """Other verbs that do the very same to the things at hand, for example `node.cordon`."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an act is meant for, frozen when its key was pressed."""

    verb: Verb
    targets: tuple[Target, ...]
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    """What whoever confirms should know of the choice itself."""


class Backend(Protocol):
    """Sources at one side, the action engine at the other."""

    @property
    def identity(self) -> str:
        """Who acts, for the header and for intents: `alice@login1`."""
        ...

    @property
    def read_only_why(self) -> str | None:
        """Why nothing may be changed, or `None` when the session is armed."""
        ...

    @property
    def collector_trouble(self) -> str:
        """What is wrong with the collector now, for the header; nothing while it serves."""
        ...

    async def start(self) -> None:
        """Start asking the sources. Returns at once."""
        ...

    def messages(self) -> AsyncIterator[Report]:
        """Yield what the sources say, until `close`."""
        ...

    def interest(self, kinds: frozenset[Kind]) -> None:
        """Say which kinds are looked at now; others need not be polled."""
        ...

    def refresh(self) -> None:
        """Ask every source now."""
        ...

    def reread(self, targets: Sequence[Target]) -> None:
        """Ask for just these things again, now; they come in as any other report."""
        ...

    async def unsettled(self) -> tuple[Outcome, ...]:
        """Return steps of earlier runners that died, with the state as it is now.

        Raises:
            AndonError: it cannot be written down.
        """
        ...

    async def raw(self, snapshot: Snapshot, kind: Kind, key: str) -> str:
        """Return a source's own description of one thing, uncleaned.

        Raises:
            AndonError: nobody who reported it can be asked, or it failed.
        """
        ...

    def verbs(self, snapshot: Snapshot, kind: Kind, keys: Sequence[str]) -> Sequence[Verb]:
        """Return what can be done to some things through the sources that know them.

        Verbs that mean the same to all of these sources are one.
        """
        ...

    def choose(self, snapshot: Snapshot, verb: str, keys: Sequence[str]) -> Chosen:
        """Freeze targets as they are seen now.

        Raises:
            AndonError: no source can do this.
        """
        ...

    def plan(
        self, intent: Intent, refusals: Sequence[Refusal], snapshot: Snapshot, now: float
    ) -> tuple[Plan, ...]:
        """Return the plans for frozen targets, one for each different effect. Sends nothing.

        Raises:
            AndonError: nothing is left to do, it is not allowed, or a reason is missing.
        """
        ...

    def launch(self, plan: Plan) -> AsyncIterator[Outcome]:
        """Start a confirmed plan; yield outcomes as they come, the last of a step being final.

        Raises:
            AndonError: the whole plan was refused.
        """
        ...

    async def close(self) -> None:
        """Stop asking. Plans under way go on by themselves."""
        ...
