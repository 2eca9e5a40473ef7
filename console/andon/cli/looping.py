"""Run one coroutine to its end, and never wait for what will not end.

`asyncio.run` waits for every task that swallows its cancellation and for every thread; a plugin
that hangs would keep a command from ending long after its answer was written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_GRACE_SECONDS = 1.0
"""For what is cancelled to clean up: a tool's process group to be ended, a connection closed."""
_log = logging.getLogger("andon.loop")


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Return what `main` returns; what it leaves running is cancelled and left behind."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_noted)
    try:
        return loop.run_until_complete(main)
    finally:
        _wind_down(loop)
        loop.close()


def _wind_down(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=_GRACE_SECONDS))
    loop.run_until_complete(loop.shutdown_asyncgens())


def _noted(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Note what nobody asked for any more; it has no place on stderr."""
    _log.debug("%s", context.get("message", ""), exc_info=context.get("exception"))
