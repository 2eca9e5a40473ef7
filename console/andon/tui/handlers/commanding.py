"""What each word after `:` does."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from andon.model import Kind
from andon.sdk.errors import UsageError
from andon.store import Snapshot
from andon.tui.commands import VERBS, Command
from andon.tui.handlers import acting, going, looking
from andon.views.state import Scope

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen


def run(screen: MainScreen, command: Command) -> None:
    """Do what a command says.

    Raises:
        UsageError: an argument names nothing.
    """
    if command.name in VERBS:
        acting.act(VERBS[command.name])(screen)
    else:
        _RUN[command.name](screen, command)


def tenant_names(snapshot: Snapshot) -> list[str]:
    """Return the names of all tenants that any source reported."""
    names: set[str] = set()
    for facets in snapshot.of(Kind.TENANT).values():
        names |= {getattr(record, "name", "") for record in facets.records.values()}
    return sorted(names - {""})


def _view(screen: MainScreen, command: Command) -> None:
    going.to_view(command.arguments[0], command.filter)(screen)


def _known(word: str, wanted: tuple[str, ...], known: list[str]) -> tuple[str, ...]:
    for name in wanted:
        if name not in known:
            shown = ", ".join(known[:12]) or "none yet"
            raise UsageError(f"there is no {word} “{name}”", hint=f"there are {shown}")
    return wanted


def _scoped(screen: MainScreen, **parts: object) -> None:
    scope: Scope = changed(screen.place.state.scope, **parts)
    going.set_scope(screen, scope)


def _site(screen: MainScreen, command: Command) -> None:
    known = sorted({status.site for status in screen.desk.shown.sources.values()})
    _scoped(screen, sites=_known("site", command.arguments, known))


def _source(screen: MainScreen, command: Command) -> None:
    known = sorted(screen.desk.shown.sources)
    _scoped(screen, sources=_known("source", command.arguments, known))


def _tenant(screen: MainScreen, command: Command) -> None:
    known = tenant_names(screen.desk.shown)
    _scoped(screen, tenants=_known("tenant", command.arguments, known))


def _mine(screen: MainScreen, command: Command) -> None:
    mine = None if screen.place.state.scope.user else getpass.getuser()
    _scoped(screen, user=mine)


def _all(screen: MainScreen, command: Command) -> None:
    going.everything(screen)


def _sort(screen: MainScreen, command: Command) -> None:
    if not screen.shows_table:
        raise UsageError("there is nothing to sort here", hint="go to a table first")
    column = screen.view.column(command.arguments[0]).name
    order = command.arguments[1] if len(command.arguments) > 1 else ""
    if order not in ("", "asc", "desc"):
        raise UsageError(f"sort “{order}”", hint="asc or desc")
    descending = {"": None, "asc": False, "desc": True}[order]
    state = changed(screen.place.state, sort=column, descending=descending)
    screen.places.amend(replace(screen.place, state=state))
    screen.redraw()


def _columns(screen: MainScreen, command: Command) -> None:
    names = tuple(screen.view.column(name).name for name in command.arguments)
    state = changed(screen.place.state, columns=names)
    screen.places.amend(replace(screen.place, state=state))
    screen.redraw()


def _theme(screen: MainScreen, command: Command) -> None:
    name = command.arguments[0]
    if name not in screen.andon.themes.palettes:
        known = ", ".join(sorted(screen.andon.themes.palettes))
        raise UsageError(f"there is no theme “{name}”", hint=f"there are {known}")
    screen.andon.choose_theme(name)


def _plain(handler: Callable[[MainScreen], None]) -> Callable[[MainScreen, Command], None]:
    return lambda screen, command: handler(screen)


_RUN: Mapping[str, Callable[[MainScreen, Command], None]] = {
    "view": _view,
    "site": _site,
    "source": _source,
    "tenant": _tenant,
    "mine": _mine,
    "all": _all,
    "sort": _sort,
    "columns": _columns,
    "theme": _theme,
    "wide": _plain(looking.toggle_wide),
    "pause": _plain(looking.toggle_pause),
    "refresh": _plain(looking.refresh),
    "help": _plain(looking.show_help),
    "quit": _plain(going.quit_now),
}
