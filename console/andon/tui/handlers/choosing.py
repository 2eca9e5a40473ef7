"""The menu of everything that can be done to what is marked or under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from andon.model import Kind
from andon.tui.backend import Verb
from andon.tui.handlers.acting import act, is_read_only, no_choice, refuse, selection, why_not
from andon.tui.handlers.rereading import when_known
from andon.tui.keys import shown
from andon.tui.screens.menu import Choice, MenuScreen
from andon.views.plan import before_text

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen

_TRIED = 64
"""For so many things each verb is tried: one that would be refused for all of them says why."""


def show_menu(screen: MainScreen) -> None:
    """List everything that can be done to what is marked, else to the thing under the cursor."""
    thing = screen.thing()
    kind = thing.kind if thing else None
    if kind is None:
        refuse(screen, "nothing can be done to this")
        return
    if is_read_only(screen):
        return
    keys, _ = selection(screen, kind)
    if not keys:
        refuse(screen, no_choice(screen, kind))
        return
    when_known(screen, kind, keys, lambda _: _open(screen, kind, keys))


def _open(screen: MainScreen, kind: Kind, keys: Sequence[str]) -> None:
    verbs = screen.backend.verbs(screen.desk.snapshot, kind, keys)
    if not verbs:
        refuse(screen, f"no source can do anything to this {kind.value}")
        return
    choices = [_choice(screen, verb, keys) for verb in verbs]

    def chosen(name: str | None) -> None:
        if name is not None:
            act(name)(screen)

    screen.app.push_screen(MenuScreen(_title(screen, verbs[0], kind, keys), choices), chosen)


def _choice(screen: MainScreen, verb: Verb, keys: Sequence[str]) -> Choice:
    names = (verb.name, *verb.aliases)
    pressed = [key for name in names for key in _keys(screen, name)]
    return Choice(
        id=verb.name,
        name=", ".join(name.partition(".")[2] for name in names),
        words=verb.label,
        key=" ".join(pressed),
        why_not=why_not(screen, verb.name, keys) if len(keys) <= _TRIED else "",
    )


def _keys(screen: MainScreen, verb: str) -> list[str]:
    return [shown(entry.keys[0]) for entry in screen.registry if entry.verb == verb and entry.keys]


def _title(screen: MainScreen, verb: Verb, kind: Kind, keys: Sequence[str]) -> str:
    if len(keys) > 1:
        return f"{len(keys)} marked {kind.value}s"
    targets = screen.backend.choose(screen.desk.snapshot, verb.name, keys).targets
    if not targets:
        return f"{kind.value.capitalize()} {keys[0]}"
    target = targets[0]
    said = (target.before.get("name", ""), before_text(target))
    return "  ".join((f"{kind.value.capitalize()} {target.name}", *filter(None, said)))
