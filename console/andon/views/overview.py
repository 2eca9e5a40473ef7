"""The board: what is wrong, what changed, what is free."""

from __future__ import annotations

from andon.analysis.freshness import state_now
from andon.store import Snapshot
from andon.store.history import History
from andon.views.columns.tones import SOURCE_TONES
from andon.views.notes import notes_of, source_label
from andon.views.page import Cell, Cells, Page
from andon.views.state import ViewState


def overview(
    snapshot: Snapshot, state: ViewState, now: float, *, history: History | None = None
) -> Page:
    """Return the board of one snapshot."""
    lamps = tuple(
        Cell(
            f"{source_label(status)} {state_now(status, now).value}",
            SOURCE_TONES[state_now(status, now)],
            state_now(status, now).value,
        )
        for status in snapshot.sources.values()
    )
    return Page(
        name="overview",
        title="Overview",
        blocks=(Cells(name="lamps", title="Sources", cells=lamps),),
        notes=notes_of(snapshot, None, state.scope, now),
    )
