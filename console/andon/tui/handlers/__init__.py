"""What each key of the registry does to the main screen. One function per id."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from andon.tui.handlers import acting, choosing, going, looking, moving, prompting
from andon.tui.keys import Key
from andon.views.registry import VIEWS

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen

Handler = Callable[["MainScreen"], None]

_HANDLERS: dict[str, Handler] = {
    **{f"view.{view.name}": going.to_view(view.name) for view in VIEWS},
    "all": going.everything,
    "history.back": going.back_in_history,
    "history.forward": going.forward_in_history,
    "history.last": going.last_place,
    "open": going.open_detail,
    "escape": going.escape,
    "back": going.back,
    "pane": going.other_pane,
    "command": prompting.open_command,
    "filter": prompting.open_filter,
    "palette": looking.palette,
    "help": looking.show_help,
    "up": moving.rows(-1),
    "down": moving.rows(1),
    "page.up": moving.pages(-1),
    "page.down": moving.pages(1),
    "first": moving.first,
    "last": moving.last,
    "left": moving.columns(-1),
    "right": moving.columns(1),
    "raw": looking.show_raw,
    "why": looking.why_pending,
    "sort": looking.sort_current,
    "invert": looking.invert,
    "wide": looking.toggle_wide,
    "pause": looking.toggle_pause,
    "refresh": looking.refresh,
    "mark": moving.mark,
    "mark.range": moving.mark_range,
    "mark.clear": moving.clear_marks,
    "act.menu": choosing.show_menu,
    "suspend": going.suspend,
    "quit": going.quit_now,
}


def handler(key: Key) -> Handler:
    """Return what a key does."""
    return acting.act(key.verb) if key.verb else _HANDLERS[key.id]
