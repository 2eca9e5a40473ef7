"""Cursor, columns and marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen
    from andon.tui.widgets.page_view import PageView


def _page_view(screen: MainScreen) -> PageView | None:
    """Return the page that has the keys, or `None` when the table has."""
    if screen.detail.has_focus and screen.place.detail is not None:
        return screen.detail
    return None if screen.shows_table else screen.overview


def rows(by: int) -> Callable[[MainScreen], None]:
    """Return what moves the cursor by some rows."""

    def move(screen: MainScreen) -> None:
        (_page_view(screen) or screen.table).move_by(by)

    return move


def pages(by: int) -> Callable[[MainScreen], None]:
    """Return what moves by screenfuls."""

    def move(screen: MainScreen) -> None:
        (_page_view(screen) or screen.table).move_pages(by)

    return move


def first(screen: MainScreen) -> None:
    """Go to the first row."""
    page = _page_view(screen)
    if page is not None:
        page.move_end(first=True)
    else:
        screen.table.move_to(0)


def last(screen: MainScreen) -> None:
    """Go to the last row."""
    page = _page_view(screen)
    if page is not None:
        page.move_end(first=False)
    else:
        screen.table.move_to(screen.table.row_count - 1)


def move_at_once(screen: MainScreen, pressed: str) -> bool:
    """Do what a key that only moves does, and return whether it was one.

    A key takes ten steps through Textual's queues before it is answered; one that moves needs none
    of them while a pane of the main screen has the keys.
    """
    if screen.focused not in (screen.table, screen.overview, screen.detail):
        return False
    for key in screen.registry:
        if key.group == "Move" and pressed in key.keys:
            screen.action_press(key.id)
            return True
    return False


def columns(by: int) -> Callable[[MainScreen], None]:
    """Return what makes another column the current one."""

    def move(screen: MainScreen) -> None:
        screen.table.move_column(by)

    return move


def mark(screen: MainScreen) -> None:
    """Mark the row or take its mark away."""
    screen.table.toggle_mark()


def mark_range(screen: MainScreen) -> None:
    """Mark from the last mark to the cursor."""
    screen.table.mark_range()


def clear_marks(screen: MainScreen) -> None:
    """Take every mark away."""
    screen.table.clear_marks()
