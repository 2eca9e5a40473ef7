"""One key after another: each is answered before the next is passed on.

Textual passes a key to whatever has the focus when the key arrives, and what the key before it did
is done later. Over a slow link `/gpu` arrives in one piece: the `/` has not opened its prompt yet
when `g`, `p` and `u` are passed on, and they would move the cursor, pause and do worse.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain

from textual.app import App
from textual.events import Key, Paste
from textual.message_pump import MessagePump

_ROUNDS = 2
"""What a key does may send messages, for example that enter was pressed: once more round."""
_PATIENCE_SECONDS = 0.5
"""A screen that closes takes with it what waits in its queue: then it goes on without."""


class KeyOrder:
    """Holds keys back while an earlier one is at work.

    Args:
        app: the application.
        deliver: passes one key on.
        at_once: answers a key without passing it on, where that can be done.
    """

    def __init__(
        self,
        app: App[None],
        deliver: Callable[[Key | Paste], Awaitable[None]],
        at_once: Callable[[Key | Paste], bool] = lambda _: False,
    ) -> None:
        self._app = app
        self._deliver = deliver
        self._at_once = at_once
        self._waiting: deque[Key | Paste] = deque()
        self._watch: asyncio.TimerHandle | None = None

    async def take(self, event: Key | Paste) -> None:
        """Pass a key on, now or when those before it are done with."""
        if self._watch is not None:
            self._waiting.append(event)
        elif not self._at_once(event):
            await self._pass_on(event)

    async def _pass_on(self, event: Key | Paste) -> None:
        loop = asyncio.get_running_loop()
        watch = self._watch = loop.call_later(_PATIENCE_SECONDS, self._give_up)
        await self._deliver(event)
        self._follow(chain.from_iterable(self._round() for _ in range(_ROUNDS)), watch)

    def _round(self) -> Iterator[MessagePump]:
        """Yield everything that a key passes: from what has the focus up to the application."""
        if self._app.screen_stack:
            yield from (self._app.focused or self._app.screen).ancestors_with_self
        yield self._app

    def _follow(self, path: Iterator[MessagePump], watch: asyncio.TimerHandle) -> None:
        """Go behind the key through every queue it goes through."""
        if watch is not self._watch:
            return
        for pump in path:
            if pump.call_later(self._follow, path, watch):
                return
        self._give_up()

    def _give_up(self) -> None:
        """Wait for this key no longer."""
        if self._watch is not None:
            self._watch.cancel()
        if not self._app.call_later(self._next):
            self._watch = None

    async def _next(self) -> None:
        if self._waiting:
            await self._pass_on(self._waiting.popleft())
        else:
            self._watch = None
