"""What a plugin can change, declared so that the one action engine plans, confirms and runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from andon.model import Effect, Kind, Outcome, Record, Refusal, Step, Target, Tier
from andon.sdk.option import Option
from andon.sdk.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRequest:
    """What an action plans from: targets of one source, and what is known of them."""

    verb: str
    targets: tuple[Target, ...]
    records: Mapping[str, Record]
    """The source's own record of each target, by key; a target without one is gone."""
    reason: str
    actor: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The calls an action would make. The engine adds effect, tenants, risk and expiry."""

    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()


class Action(ABC):
    """One verb on one kind of thing.

    `draft` and `holds` are pure. `run` makes exactly the call its step shows.
    """

    verb: ClassVar[str]
    """`kind.word`, for example `node.drain`."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other verbs that mean the same on this backend, for example `node.cordon`."""
    kind: ClassVar[Kind]
    label: ClassVar[str]
    """The effect in a few words, for example `stop new work`."""
    effect: ClassVar[Effect]
    tier: ClassVar[Tier]
    """For one target; several are at least `DISRUPTIVE`."""
    needs_reason: ClassVar[bool] = False
    options: ClassVar[tuple[Option, ...]] = ()

    @abstractmethod
    def draft(self, request: ActionRequest) -> Draft:
        """Return the calls for the targets, refusing those on which it makes no sense.

        A refusal says why in words, for example "already drained by root: NHC: ib link down".
        """

    @abstractmethod
    async def run(self, source: Source, step: Step, deadline_s: float) -> Outcome:
        """Make the call of one step.

        Returns:
            An outcome with result `requested` when the backend took it, `denied` or `failed` when
            it did not; whether the promise holds is the engine's to find out.

        Raises:
            SourceError: when it is not known whether the backend took it, or it could not be asked.
        """

    @abstractmethod
    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the re-read `record` (`None`: gone) shows the state that `step` promised."""
