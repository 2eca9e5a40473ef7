"""The one entry from a snapshot and what the viewer chose to a page."""

from __future__ import annotations

from andon.model import Kind
from andon.store import Snapshot
from andon.store.history import History
from andon.views.detail import detail, source_detail
from andon.views.overview import overview
from andon.views.page import Page, Table
from andon.views.registry import view_named
from andon.views.state import ViewState
from andon.views.tables import table
from andon.views.targets import ABOUT_THINGS, row_target


def page(
    snapshot: Snapshot,
    state: ViewState,
    now: float,
    *,
    history: History | None = None,
    previous: Page | None = None,
) -> Page:
    """Return the page that one view state shows of one snapshot.

    Args:
        snapshot: The state of the factory.
        state: Which view, filtered, sorted and scoped how; with a `subject`, that thing's page. The
            view may then also be one of `targets.ABOUT_THINGS`, the subject its row's key.
        now: Seconds since the epoch.
        history: The last minutes, for courses over time and what changed.
        previous: The last page of the same view, so that work is what changed, not what there is.

    Raises:
        UnknownView: There is no such view.
        UnknownColumn: A shown or sort column does not exist.
        FilterError: The filter cannot be read.
    """
    if state.subject is not None:
        return _subject(snapshot, state.view, state.subject, now)
    spec = view_named(state.view)
    if not spec.columns:
        return overview(snapshot, state, now, history=history)
    shown = table(snapshot, spec, state, now, table_of(previous))
    return Page(name=spec.name, title=spec.title, blocks=(shown,), notes=shown.notes)


def _subject(snapshot: Snapshot, view: str, key: str, now: float) -> Page:
    if view in ABOUT_THINGS:
        target = row_target(key)
        if target is None:
            return Page(name="detail", title="Nothing more is known", blocks=())
        kind, key = target
        return (
            source_detail(snapshot, key, now) if kind is None else detail(snapshot, kind, key, now)
        )
    spec = view_named(view)
    if spec.columns and spec.kind is None:
        return source_detail(snapshot, key, now)
    return detail(snapshot, spec.kind or Kind.SITE, key, now)


def table_of(page: Page | None) -> Table | None:
    """Return the table of a table's page, `None` for any other."""
    if page is None or len(page.blocks) != 1:
        return None
    block = page.blocks[0]
    return block if isinstance(block, Table) else None
