"""Time as the runtime sees it, so that tests can step it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any, Protocol


class Clock(Protocol):
    """Two times and a way to wait."""

    def now(self) -> float:
        """Return seconds since the epoch; may jump when the system's clock is set."""

    def monotonic(self) -> float:
        """Return seconds that only grow, for intervals and deadlines."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of monotonic time."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return the seconds of the machine's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        await asyncio.sleep(seconds)


async def ended_within(clock: Clock, awaited: Awaitable[Any], seconds: float | None) -> bool:
    """Wait until `awaited` is done, at most `seconds`; neither cancel it nor raise its error.

    A coroutine is started as a task and cancelled when the time is over; pass a task to keep it.
    """
    own = not isinstance(awaited, asyncio.Future)
    task = asyncio.ensure_future(awaited)
    timer = asyncio.ensure_future(clock.sleep(seconds)) if seconds is not None else None
    try:
        await asyncio.wait({task, timer} if timer else {task}, return_when=asyncio.FIRST_COMPLETED)
        return task.done()
    finally:
        if timer:
            timer.cancel()
        if own:
            task.cancel()
