"""What the screen shows of the world: the snapshot that data goes into, and the one on show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from andon.analysis.transitions import transitions
from andon.model import SourceStatus
from andon.store import Snapshot, apply
from andon.store.history import History
from andon.tui.backend import Report
from andon.views.courses import record
from andon.views.page import Page
from andon.views.pages import page
from andon.views.state import ViewState


@dataclass(frozen=True, slots=True)
class _Frozen:
    snapshot: Snapshot
    at: float


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

    def note(self) -> None:
        """Keep what changed since the last time, for the overview's changes and sparklines."""
        now = self._clock()
        before, self._noted = self._noted, self.snapshot
        if before is self.snapshot:
            return
        for event in transitions(before, self.snapshot, now):
            self.history.note(event)

    def sample(self) -> None:
        """Keep this moment's numbers for the sparklines."""
        record(self.history, self.snapshot, self._clock())

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
