"""Drawing what came in: coalesced, in parts, and between keys rather than before one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.timer import Timer

from andon.runtime.gc_tuning import tune_gc
from andon.tui.desk import Desk
from andon.tui.pulse import Pulse

_SHORTEST_SECONDS = 0.001
_BEHIND_SECONDS = 0.05
_SAMPLE_SECONDS = 5.0
"""The step of what is kept over time: at least once in it the factory is counted."""


class Drawing:
    """Decides when the screen is drawn anew, and draws it.

    Args:
        app: whose timers are used.
        desk: what there is to draw.
        redraw: draws it.
        redraw_seconds: the least time between two draws.
        is_behind: whether the terminal has yet to take what was drawn last.
    """

    def __init__(
        self,
        app: App[Any],
        desk: Desk,
        redraw: Callable[[], None],
        *,
        redraw_seconds: float,
        is_behind: Callable[[], bool],
    ) -> None:
        self._app = app
        self._desk = desk
        self._redraw = redraw
        self._redraw_seconds = redraw_seconds
        self._is_behind = is_behind
        self.pulse = Pulse(redraw_seconds)
        self._filled = False
        self._sample_due = False
        self._sampled = float("-inf")
        self._drawing = False
        self._answering = False
        """Whether a key was pressed and nothing was painted since."""
        self._pending: Timer | None = None

    @property
    def is_due(self) -> bool:
        """Whether news waits to be drawn."""
        return self.pulse.due or self._drawing

    def news(self) -> None:
        """Draw soon: something came in."""
        wait = self.pulse.news(time.monotonic())
        if wait is not None:
            self._later(max(wait, _SHORTEST_SECONDS))

    def tick(self) -> None:
        """Draw ages again; only the cells that differ are written."""
        self._sample_due = True
        self.news()

    def pressed(self) -> None:
        """Draw news when this key has been answered rather than before the next one."""
        self.pulse.pressed(time.monotonic())
        self._answering = True

    def painted(self) -> None:
        """Note that something was painted: if a key asked for it, this is the moment for news."""
        if self._answering:
            self._answering = False
            if self.pulse.due:
                self._app.call_later(self._draw_between_keys)

    def _later(self, seconds: float) -> None:
        self._pending = self._app.set_timer(seconds, self._draw_news)

    def _draw_news(self) -> None:
        """Draw what came in, unless the terminal is behind or a key is about to be pressed."""
        wait = self.pulse.hold(time.monotonic())
        if self._is_behind() or self._drawing:
            wait = max(self._redraw_seconds, _BEHIND_SECONDS)
        if wait:
            self._later(wait)
            return
        self._draw()

    def _draw_between_keys(self) -> None:
        """Draw what waits: a key was just answered, the next one is some time away."""
        if self.pulse.fits(time.monotonic()) and not self._is_behind() and not self._drawing:
            if self._pending is not None:
                self._pending.stop()
            self._draw()

    def _may_sample(self, now: float) -> bool:
        """Whether it is the time to count the factory: while keys are pressed, seldom."""
        if self.pulse.hold(now) and now - self._sampled < _SAMPLE_SECONDS:
            return False
        self._sample_due = False
        self._sampled = now
        return True

    def _draw(self) -> None:
        """Draw what waits.

        In a task of its own: as long as the application itself waits, it answers no key.
        """
        self._drawing = True
        self.pulse.drew(time.monotonic())
        self._app.run_worker(self._compare_and_redraw(), name="drawing", exit_on_error=True)

    async def _compare_and_redraw(self) -> None:
        try:
            await self._desk.note(numbers=self._sample_due and self._may_sample(time.monotonic()))
            self._redraw()
        finally:
            self._drawing = False
        if not self._filled and self._desk.snapshot.revision:
            # What came first stays for long: out of the collector's books.
            self._filled = True
            self._app.call_after_refresh(tune_gc)
