"""What clauses are checked on, and how they look at it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from andon.model import Batch, FaultKind, Job, Kind, Record, Target
from andon.sdk.plugin import Plugin
from andon.sdk.source import Source

OVERRUN = 1.1
"""A source has its deadline and a tenth to end by itself."""
_SHOWN = 3


class ClauseBroken(AssertionError):
    """The plugin does not keep a clause; the text says how."""


class NotApplicable(Exception):
    """The clause cannot be checked with what is at hand; the text says what is missing."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A plugin and what its clauses are checked on."""

    plugin: Plugin
    healthy: Callable[[], Source] | None = None
    """Opens a source whose backend answers."""
    recorded: bool = True
    """Two polls of a healthy source see the same backend, so that they can be compared."""
    broken: Mapping[FaultKind, Callable[[], Source]] = field(default_factory=dict)
    """Opens a source whose backend has that fault."""
    impossible: Mapping[FaultKind, str] = field(default_factory=dict)
    """Faults that this kind of backend cannot have, and why."""
    sent: Callable[[], Sequence[Sequence[str]]] | None = None
    """The calls that changed the healthy source's backend so far, as `Step.call` shows them."""
    complete: bool = False
    """Every fault has to be in `broken` or `impossible`; else what is given is checked."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """For a source that is opened with nothing but defaults."""
    deadline_s: float = 2.0

    def open(self) -> Source:
        """Open a healthy source."""
        if self.healthy is None:
            raise NotApplicable("no backend is at hand")
        return self.healthy()


def refuse(wrong: Iterable[str]) -> None:
    """Raise when there is anything; shows the first few."""
    iterator = iter(wrong)
    first = list(itertools.islice(iterator, _SHOWN))
    if first:
        more = sum(1 for _ in iterator)
        raise ClauseBroken("; ".join(first) + (f"; and {more} more" if more else ""))


@contextlib.asynccontextmanager
async def opened(subject: Subject) -> AsyncIterator[Source]:
    """A healthy source, closed afterwards."""
    source = subject.open()
    try:
        yield source
    finally:
        await source.close()


async def polled(subject: Subject, source: Source, kinds: frozenset[Kind]) -> Batch:
    """Poll a source within the subject's deadline."""
    return await source.poll(kinds, subject.deadline_s)


async def whole_of(subject: Subject) -> Batch:
    """Return everything that a fresh healthy source reports."""
    async with opened(subject) as source:
        return await polled(subject, source, frozenset(source.intervals_seconds))


async def error_of(subject: Subject, source: Source) -> tuple[BaseException | None, float]:
    """Poll, and return what was raised and how long that took."""
    began = time.perf_counter()
    task = asyncio.ensure_future(polled(subject, source, frozenset(source.intervals_seconds)))
    await asyncio.wait({task}, timeout=subject.deadline_s * OVERRUN + 1)
    took_s = time.perf_counter() - began
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        return TimeoutError("it does not end"), took_s
    return task.exception(), took_s


def targets_of(batch: Batch, source: Source, *, per_kind: int) -> Iterator[Target]:
    """Yield the first few things of each kind as targets."""
    counts: dict[Kind, int] = {}
    for record in batch.records:
        counts[record.kind] = counts.get(record.kind, 0) + 1
        if counts[record.kind] <= per_kind:
            yield target_of(record, source)


def target_of(record: Record, source: Source) -> Target:
    """Return a record as an operator would choose it."""
    name = record.called if isinstance(record, Job) else getattr(record, "name", None)
    return Target(
        kind=record.kind,
        key=record.key,
        name=str(name or getattr(record, "id", None) or record.key),
        site=record.site,
        source=source.name,
        uid=getattr(record, "uid", None),
    )
