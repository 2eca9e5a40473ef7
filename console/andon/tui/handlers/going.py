"""From place to place: views, history, the detail pane, and leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from andon.tui.places import Place, Thing
from andon.views.state import Scope, ViewState

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen


def keep_cursor(screen: MainScreen) -> None:
    """Write the cursor's row into the place one is about to leave."""
    if screen.shows_table:
        place = replace(screen.place, cursor=screen.table.cursor_key)
        screen.places.amend(place)


def go(screen: MainScreen, place: Place) -> None:
    """Go to a place."""
    keep_cursor(screen)
    screen.places.go(place)
    screen.show_place()


def to_view(name: str, filter: str = "") -> Callable[[MainScreen], None]:
    """Return what goes to a view, as it was left when it was seen before."""

    def switch(screen: MainScreen) -> None:
        scope = screen.place.state.scope
        if screen.place.state.view == name and not filter:
            if screen.place.detail is not None:
                close_detail(screen)
            return
        seen = [place for place in screen.places.visited if place.state.view == name]
        state = screen.opens.get(name, ViewState(view=name))
        cursor = None
        if seen:
            state, cursor = seen[-1].state, seen[-1].cursor
        state = changed(state, scope=scope, filter=filter or state.filter)
        go(screen, Place(state=state, cursor=cursor))

    return switch


def everything(screen: MainScreen) -> None:
    """Look at every site, source and tenant again."""
    set_scope(screen, Scope())


def set_scope(screen: MainScreen, scope: Scope) -> None:
    """Look at another part of the factory, in this view and the next ones."""
    state = changed(screen.place.state, scope=scope)
    screen.places.amend(replace(screen.place, state=state))
    screen.redraw()


def _show(screen: MainScreen, place: Place | None) -> None:
    if place is None:
        screen.app.bell()
    else:
        screen.show_place()


def back_in_history(screen: MainScreen) -> None:
    """Go to the place before this one."""
    keep_cursor(screen)
    _show(screen, screen.places.step(-1))


def forward_in_history(screen: MainScreen) -> None:
    """Go to the place gone back from."""
    keep_cursor(screen)
    _show(screen, screen.places.step(1))


def last_place(screen: MainScreen) -> None:
    """To and fro between two places."""
    keep_cursor(screen)
    _show(screen, screen.places.toggle())


def open_detail(screen: MainScreen) -> None:
    """Show the thing under the cursor; on a neighbour, go there."""
    thing = screen.thing()
    if thing is None:
        return
    if screen.detail.has_focus or not screen.shows_table:
        if screen.place.detail != thing:
            follow(screen, thing)
        return
    keep_cursor(screen)
    screen.places.amend(replace(screen.place, detail=thing))
    screen.detail.home()
    screen.show_place()


def follow(screen: MainScreen, thing: Thing) -> None:
    """Go to a thing in its own view, with its detail open; back leads here."""
    if not thing.has_view and thing.kind is None:
        # A row that stands for no one thing, for example what two sources disagree about.
        screen.app.bell()
        return
    screen.detail.home()
    if not thing.has_view:
        # An incident or an event: shown beside what one looks at.
        keep_cursor(screen)
        screen.places.go(replace(screen.place, detail=thing, followed=True))
        screen.show_place()
        return
    state = ViewState(view=thing.view, scope=screen.place.state.scope)
    go(screen, Place(state=state, cursor=thing.key, detail=thing, followed=True))


def close_detail(screen: MainScreen) -> None:
    """Close the detail pane."""
    screen.places.amend(replace(screen.place, detail=None, followed=False))
    screen.show_place()


def other_pane(screen: MainScreen) -> None:
    """Give the keys to the other pane."""
    if screen.place.detail is None:
        return
    if screen.detail.has_focus:
        screen.set_focus(screen.table if screen.shows_table else screen.overview)
    else:
        screen.set_focus(screen.detail)


def escape(screen: MainScreen) -> None:
    """Clear what is in the way, one thing at a time: pane, marks, filter; then go back."""
    place = screen.place
    if screen.activity.dismiss(screen.desk.time):
        screen.redraw()
    elif place.detail is not None and not place.followed:
        close_detail(screen)
    elif screen.table.marks and screen.shows_table:
        screen.table.clear_marks()
    elif place.state.filter:
        screen.places.amend(replace(place, state=changed(place.state, filter="")))
        screen.redraw()
    elif place.followed or place.state.view != screen.places.root:
        _up(screen)


def back(screen: MainScreen) -> None:
    """Go back; quit where there is nothing to go back to."""
    if not _up(screen):
        quit_now(screen)


def _up(screen: MainScreen) -> bool:
    keep_cursor(screen)
    if screen.places.up() is None:
        return False
    screen.show_place()
    return True


def suspend(screen: MainScreen) -> None:
    """Go to the shell; `fg` comes back."""
    screen.app.action_suspend_process()


def quit_now(screen: MainScreen) -> None:
    """Leave. Acts under way go on: their runners are processes of their own."""
    screen.app.exit()
