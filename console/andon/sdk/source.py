"""One configured connection of a plugin to one backend at one site."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from andon.model import Batch, Kind, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """What a plugin gets to open a source with. Opening does no I/O."""

    name: str
    """Unique among all sources, for example `slurm@par1`."""
    site: str
    options: Mapping[str, Any] = field(default_factory=dict)
    """Values of the plugin's declared options, defaults filled in, secrets resolved."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The process environment; a plugin reads no other."""
    state_folder: Path | None = None
    """Where the source may keep files between runs (0700, made by the caller when used)."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch. Tests pass their own."""


class Source(ABC):
    """Reports what a backend knows, and carries the acts that go to it.

    The collector never runs two polls of one source at once, cancels a poll that overruns its
    deadline and treats anything but a `SourceError` as the plugin's fault.
    """

    name: str
    site: str
    intervals_seconds: Mapping[Kind, float]
    """Each kind it reports and how often that kind is worth asking for."""
    settings: SourceSettings

    def __init__(self, settings: SourceSettings) -> None:
        """Take name, site and settings. A subclass may do without; none does I/O here."""
        self.name = settings.name
        self.site = settings.site
        self.settings = settings

    @abstractmethod
    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        """Report the kinds asked for, asking the backend for no more than they need.

        Args:
            kinds: a non-empty subset of `intervals_seconds`.
            deadline_s: seconds within which to return or raise.

        Raises:
            SourceError: a subclass that says why, before the deadline plus 10 %.
        """

    async def reread(self, targets: Sequence[Target], deadline_s: float) -> Batch:
        """Report just these things as a change (`whole` empty), gone ones in `removed`.

        The default polls their kinds whole.
        """
        return await self.poll(frozenset(target.kind for target in targets), deadline_s)

    async def raw(self, target: Target, deadline_s: float) -> str:
        """Return the backend's own description of one thing, uncleaned, for a pager.

        The default is the record that `reread` reports, as JSON without what was not reported.
        """
        batch = await self.reread([target], deadline_s)
        for record in batch.records:
            if record.kind is target.kind and record.key == target.key:
                return msgspec.json.format(msgspec.json.encode(record), indent=2).decode()
        return ""

    async def close(self) -> None:  # noqa: B027 - most sources hold nothing open
        """Let go of whatever is open. Called once, also after a failed poll."""
