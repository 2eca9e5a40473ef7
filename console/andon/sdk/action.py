"""What a plugin can change, declared so that the one action engine plans, confirms and runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from andon.model import Effect, Kind, Outcome, Record, Refusal, Step, Target, Tier
from andon.sdk.option import Option
from andon.sdk.seen import GOES_ON
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

    `draft`, `hangs_on` and `holds` are pure. `run` makes exactly the call its step shows.
    """

    verb: ClassVar[str]
    """`kind.word`, for example `node.drain`."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other verbs that mean the same on this backend, for example `node.cordon`."""
    kind: ClassVar[Kind]
    label: ClassVar[str]
    """What it does to one thing, for a menu: `no new jobs start; running ones go on`."""
    effect: ClassVar[Effect]
    tier: ClassVar[Tier]
    """For one target; several are at least `DISRUPTIVE`."""
    needs_reason: ClassVar[bool] = False
    options: ClassVar[tuple[Option, ...]] = ()
    alike: ClassVar[Mapping[str, str] | None] = None
    """States in which the act has the same effect, each with the word for all of them, for example
    `WAITS`; any other state stands for itself. `None`: those of `GOES_ON` for its kind."""

    @abstractmethod
    def draft(self, request: ActionRequest) -> Draft:
        """Return the calls for the targets, refusing those on which it makes no sense.

        A refusal says why in words, for example "already drained by root: NHC: ib link down". It is
        `already` where the thing is as asked, whoever made it so, and nothing of what the request
        says is missing: asking for the same twice is no failure.
        """

    def hangs_on(self, seen: Mapping[str, str]) -> Mapping[str, str]:
        """Return what of a thing this act's effect hangs on, by word; see `seen_of`.

        A target of a confirmed plan is left alone when any of it is another by the time its turn
        comes: the effect would not be the one that was confirmed. The default is the state, as
        `alike` sorts it, and of a node also whose reason stands there.
        """
        alike = GOES_ON.get(self.kind, {}) if self.alike is None else self.alike
        state = seen.get("state", "")
        said = {"state": alike.get(state, state)}
        if self.kind is Kind.NODE:
            said["reason"] = seen.get("reason", "")
            said["owner of the reason"] = seen.get("reason_by", "")
        return said

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
