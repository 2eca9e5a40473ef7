"""Calling a plugin: what it may do to its caller is contained, what it returns is checked."""

from __future__ import annotations

import asyncio
import math
import types
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from andon.model import Batch, Coverage, Kind, Record
from andon.runtime.interrupt import Interrupted

_Head = tuple[
    float,
    frozenset[Kind],
    frozenset[Kind],
    tuple[tuple[Kind, str], ...],
    tuple[Coverage, ...],
    str | None,
    str | None,
]

OVERRUN: Final = 1.1
"""A source has its deadline and a tenth to end by itself."""


async def contained(call: Awaitable[Batch]) -> Batch:
    """Await a plugin's call; what would end the whole process becomes an ordinary exception.

    Raises:
        Interrupted: ctrl-c, which is the operator's and not the plugin's.
    """
    try:
        return await call
    except Interrupted:
        raise
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"{type(error).__name__} {error}") from error


@types.coroutine
def stepped(
    call: Awaitable[Batch], enter: Callable[[], None], leave: Callable[[], None]
) -> Generator[Any, Any, Batch]:
    """Await `call`, with `enter` before and `leave` after each stretch that runs uninterrupted.

    A stretch that never ends holds the loop: whoever looks from outside sees who entered last.
    """
    steps = call.__await__()
    resume: Callable[[Any], Any] = steps.send
    value: Any = None
    while True:
        enter()
        try:
            waited_for = resume(value)
        except StopIteration as end:
            result: Batch = end.value
            return result
        finally:
            leave()
        try:
            value = yield waited_for
            resume = steps.send
        except BaseException as error:  # noqa: BLE001 - a cancellation goes on into the call
            value, resume = error, steps.throw


def checked(batch: object, source: str, now: float) -> Batch:
    """Return what a plugin reported, if it is a batch of that source.

    A time of observation that lies ahead of `now` is set to it: data is never younger than new.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(batch, Batch):
        raise TypeError(f"it reported {type(batch).__name__} instead of a Batch")
    if batch.source != source:
        raise TypeError(f"it reported for the source {batch.source!r}")
    head = (batch.observed_at, batch.whole, batch.observed, batch.removed, batch.coverage)
    try:
        # A round trip: only reading back shows what a record's field really holds.
        msgspec.msgpack.decode(
            msgspec.msgpack.encode((*head, batch.identity, batch.version)), type=_Head
        )
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"its Batch holds what it may not: {error}") from error
    if not all(isinstance(record, Record) for record in batch.records):
        raise TypeError("its Batch holds records that are none")
    if not math.isfinite(batch.observed_at):
        raise TypeError(f"it reported at the time {batch.observed_at}")
    return batch if batch.observed_at <= now else replace(batch, observed_at=now)


def same(batch: Batch) -> Batch:
    """Return `batch`: what completes batches where the configuration has no registry."""
    return batch


def forget_outcome(task: asyncio.Task[Any]) -> None:
    """Look at the error of a task nobody waits for, so that asyncio does not print it."""
    if not task.cancelled():
        task.exception()
