"""Reading things again: before a call whether it is still meant, after it whether it worked."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from andon.model import Cause, Record, Result, Step, Target
from andon.runtime.clock import Clock
from andon.sdk.action import Action
from andon.sdk.clean import clean
from andon.sdk.errors import AndonError, SourceDenied, SourceError
from andon.sdk.lengths import seconds_text
from andon.sdk.source import Source
from andon.store import Snapshot, apply

LOOK_SECONDS = 20.0
"""How long one source may take to report the targets."""
_OVERRUN = 1.1
"""A source may overrun its deadline by a tenth."""
FIRST_DELAY_SECONDS = 0.2
LAST_DELAY_SECONDS = 2.0
_DELAY_GROWTH = 1.6


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a source could not be read."""

    result: Result
    """What that makes of an act that was not sent."""
    cause: Cause
    message: str


class Reader:
    """Opens the sources of a plan when they are needed and remembers what they last said."""

    def __init__(self, open_source: Callable[[str], Source], clock: Clock) -> None:
        self._open_source = open_source
        self._clock = clock
        self._sources: dict[str, Source] = {}
        self._snapshot = Snapshot()
        self.troubles: dict[str, Trouble] = {}
        """By source, what went wrong the last time it was looked at."""

    def source(self, name: str) -> Source:
        """Return an open source.

        Raises:
            AndonError: it is not configured any more or cannot be opened.
        """
        if name not in self._sources:
            self._sources[name] = self._open_source(name)
        return self._sources[name]

    def record(self, target: Target) -> Record | None:
        """Return the target as its source last reported it, `None` when it is gone."""
        return self._snapshot.said_by(target.source, target.kind).get(target.key)

    def records(self, source: str, targets: Iterable[Target]) -> Mapping[str, Record]:
        """Return those of one source's targets that are there, by key."""
        found = {target.key: self.record(target) for target in targets if target.source == source}
        return {key: record for key, record in found.items() if record is not None}

    async def look(self, targets: Iterable[Target], deadline_s: float = LOOK_SECONDS) -> None:
        """Read targets again, every source at the same time; failures go to `troubles`."""
        grouped: dict[str, list[Target]] = defaultdict(list)
        for target in targets:
            grouped[target.source].append(target)
        async with asyncio.TaskGroup() as group:
            for name, wanted in grouped.items():
                group.create_task(self._look_at(name, wanted, deadline_s))

    async def _look_at(self, name: str, targets: list[Target], deadline_s: float) -> None:
        self.troubles.pop(name, None)
        try:
            async with asyncio.timeout(deadline_s * _OVERRUN):
                batch = await self.source(name).reread(targets, deadline_s)
            self._snapshot = apply(self._snapshot, msgspec.structs.replace(batch, source=name))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - others go on, whatever it raises
            self.troubles[name] = trouble_of(name, error, deadline_s)

    async def close(self) -> None:
        """Close every source that was opened."""
        for source in self._sources.values():
            try:
                async with asyncio.timeout(LAST_DELAY_SECONDS):
                    await source.close()
            except (Exception, SystemExit):  # noqa: BLE001 - nothing depends on it any more
                pass


def trouble_of(name: str, error: BaseException, deadline_s: float) -> Trouble:
    """Return what an exception of a source means for an act that was not sent."""
    if isinstance(error, SourceDenied):
        return Trouble(Result.DENIED, Cause.NONE, f"{name}: {error.message}")
    if isinstance(error, SourceError):
        return Trouble(Result.FAILED, Cause.DOWN, f"{name}: {error.message}")
    if isinstance(error, TimeoutError):
        return Trouble(
            Result.FAILED, Cause.DOWN, f"{name} did not answer within {seconds_text(deadline_s)}"
        )
    if isinstance(error, AndonError):
        return Trouble(Result.FAILED, Cause.DOWN, error.message)
    said = clean(f"{type(error).__name__}: {error}")
    return Trouble(Result.FAILED, Cause.PLUGIN, f"the plugin of {name} failed: {said}")


def promise_holds(action: Action, step: Step, record: Record | None) -> bool:
    """Whether what was read back is what the step promised; a plugin's fault is a no."""
    try:
        return action.holds(step, record)
    except (Exception, SystemExit):  # noqa: BLE001 - not shown to hold is not confirmed
        return False


def next_delay(delay_s: float) -> float:
    """Return the seconds to wait after a look that came after `delay_s`."""
    return min(delay_s * _DELAY_GROWTH, LAST_DELAY_SECONDS)
