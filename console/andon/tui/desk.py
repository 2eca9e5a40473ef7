"""What the screen shows of the world: the snapshot that data goes into, and the one on show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from andon.analysis.transitions import transitions
from andon.model import Event, SourceStatus
from andon.store import Snapshot, apply
from andon.store.history import History
from andon.tui.backend import Report
from andon.views.courses import sample
from andon.views.page import Page
from andon.views.pages import page
from andon.views.state import ViewState


@dataclass(frozen=True, slots=True)
class _Frozen:
    snapshot: Snapshot
    at: float


def _compared(
    before: Snapshot, after: Snapshot, now: float, numbers: bool
) -> tuple[tuple[Event, ...], Mapping[str, float | None]]:
    events = transitions(before, after, now) if before is not after else ()
    return events, sample(after, now) if numbers else {}


class Desk:
    """Takes reports in and answers what is shown. No widgets, no I/O.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.history = History()
        self.snapshot = Snapshot()
        self._noted = self.snapshot
        self._frozen: _Frozen | None = None

    def take(self, report: Report) -> None:
        """Take one report into the snapshot."""
        if isinstance(report, SourceStatus):
            self.snapshot = self.snapshot.with_status(report)
        else:
            self.snapshot = apply(self.snapshot, report)

    async def note(self, *, numbers: bool) -> None:
        """Keep what changed since the last time, for the overview's changes and sparklines.

        The comparing is done in a thread: it may take longer than a key should wait, and snapshots
        never change under it.

        Args:
            numbers: keep this moment's numbers as well.
        """
        now = self._clock()
        before, self._noted = self._noted, self.snapshot
        if before is self.snapshot and not numbers:
            return
        events, sampled = await asyncio.to_thread(_compared, before, self.snapshot, now, numbers)
        for event in events:
            self.history.note(event)
        for name, value in sampled.items():
            self.history.add(name, now, value)

    # -- what is shown ---------------------------------------------------------------------------

    @property
    def paused(self) -> bool:
        """Whether what is shown stands still."""
        return self._frozen is not None

    @property
    def time(self) -> float:
        """The time it is, also while what is shown stands still."""
        return self._clock()

    @property
    def now(self) -> float:
        """The moment that is shown."""
        return self._frozen.at if self._frozen else self._clock()

    @property
    def shown(self) -> Snapshot:
        """The state that is shown."""
        return self._frozen.snapshot if self._frozen else self.snapshot

    @property
    def paused_seconds(self) -> float | None:
        """How long what is shown stands still, or `None`."""
        return self._clock() - self._frozen.at if self._frozen else None

    def toggle_pause(self) -> bool:
        """Freeze what is shown or let it go on; return whether it is frozen now."""
        self._frozen = None if self._frozen else _Frozen(self.snapshot, self._clock())
        return self.paused

    def page(self, state: ViewState, previous: Page | None) -> Page:
        """Return the page of a view.

        Raises:
            UsageError: its filter or its columns make no sense.
        """
        return page(self.shown, state, self.now, history=self.history, previous=previous)

    def detail(self, view: str, key: str) -> Page:
        """Return the page of one thing and its neighbours."""
        return page(self.shown, ViewState(view=view, subject=key), self.now, history=self.history)
