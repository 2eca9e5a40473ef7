"""Sorting, width, pause, refresh, help, raw records: keys that change what is seen only."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from andon.tui.handlers.going import keep_cursor, open_detail
from andon.tui.screens.help import HelpScreen, help_lines
from andon.tui.screens.pager import PagerScreen

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen


def sort_by(screen: MainScreen, column: str) -> None:
    """Sort by a column in its own direction; when it is sorted by already, turn it round."""
    table = screen.table.table
    if table is not None and table.sort == column:
        invert(screen)
        return
    state = changed(screen.place.state, sort=column, descending=None)
    screen.places.amend(replace(screen.place, state=state))
    screen.redraw()
    screen.table.reveal()


def sort_current(screen: MainScreen) -> None:
    """Sort by the current column."""
    column = screen.table.column_name
    if column is not None:
        sort_by(screen, column)


def invert(screen: MainScreen) -> None:
    """Turn the order round."""
    table = screen.table.table
    if table is None:
        return
    state = changed(screen.place.state, sort=table.sort, descending=not table.descending)
    screen.places.amend(replace(screen.place, state=state))
    screen.redraw()
    screen.table.reveal()


def toggle_wide(screen: MainScreen) -> None:
    """Show all columns, or the ones that fit."""
    screen.wide = not screen.is_wide()
    screen.redraw()


def toggle_pause(screen: MainScreen) -> None:
    """Freeze what is shown or let it go on."""
    screen.desk.toggle_pause()
    screen.redraw()


def refresh(screen: MainScreen) -> None:
    """Ask every source now."""
    screen.backend.refresh()
    screen.notify("every source is asked now", timeout=2, markup=False)


def why_pending(screen: MainScreen) -> None:
    """Open the job's pane where it says why it waits."""
    open_detail(screen)
    screen.detail.home()
    screen.detail.scroll_to_block("why")
    # A pane that just opened is not laid out yet and has no lines to go to.
    screen.call_after_refresh(screen.detail.scroll_to_block, "why")


def palette(screen: MainScreen) -> None:
    """Open the command palette."""
    screen.app.action_command_palette()


def show_help(screen: MainScreen) -> None:
    """Show keys, columns and the filter language."""
    made = partial(help_lines, screen.registry, screen.view, screen.palette)
    screen.app.push_screen(HelpScreen(made, screen.palette))


def show_raw(screen: MainScreen) -> None:
    """Show what the source itself says of the thing under the cursor."""
    thing = screen.thing()
    kind = thing.kind if thing else None
    if thing is None:
        return
    if kind is None:
        screen.notify("this has no record of its own", markup=False)
        return
    keep_cursor(screen)
    snapshot, backend = screen.desk.snapshot, screen.backend

    async def ask() -> str:
        return await backend.raw(snapshot, kind, thing.key)

    screen.app.push_screen(PagerScreen(f"{kind.value} {thing.key}", ask, screen.palette))
