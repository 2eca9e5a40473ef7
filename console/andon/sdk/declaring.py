"""What a plugin may declare: checked when it is loaded, before anything of it runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from andon.model import Effect, Kind, Tier
from andon.sdk.action import Action
from andon.sdk.option import Option
from andon.sdk.plugin import Plugin

RESERVED_OPTIONS = frozenset(
    {
        "name",
        "plugin",
        "site",
        "enabled",
        "timeout",
        "interval",
        "intervals",
        "polls_per_minute",
        "options",
        "places",
    }
)
"""Keys of every source in the configuration; a plugin's options have other names."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_OPTION_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VERB = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*")


def wrong_in(plugin: Plugin) -> tuple[str, ...]:
    """Return what is wrong with a declaration, in words; nothing when it is right."""
    return tuple(_wrong(plugin))


def _wrong(plugin: Plugin) -> Iterator[str]:
    if not _NAME.fullmatch(plugin.name):
        yield f"its name {plugin.name!r} is not lower-case letters, digits, - and _"
    if not plugin.summary.strip():
        yield "it has no summary"
    for what in ("open", "find", "expand"):
        if not callable(getattr(plugin, what)):
            yield f"its `{what}` cannot be called"
    yield from _wrong_options("option", plugin.options)
    verbs: set[str] = set()
    for action in plugin.actions:
        if not isinstance(action, Action):
            yield f"{type(action).__name__} among its actions is no Action"
            continue
        yield from _wrong_action(action)
        for verb in (action.verb, *action.aliases):
            if verb in verbs:
                yield f"the verb {verb} is declared twice"
            verbs.add(verb)


def _wrong_options(what: str, options: Iterable[Option]) -> Iterator[str]:
    seen: set[str] = set()
    for option in options:
        if not isinstance(option, Option):
            yield f"{type(option).__name__} among its {what}s is no Option"
            continue
        name = f"{what} {option.name!r}"
        if not _OPTION_NAME.fullmatch(option.name):
            yield f"{name} is not snake case"
        if option.name in RESERVED_OPTIONS and what == "option":
            yield f"{name} is a key that every source has"
        if option.name in seen:
            yield f"{name} is declared twice"
        seen.add(option.name)
        if (option.type == "choice") != bool(option.choices):
            yield f"{name} needs `choices` if and only if its type is choice"
        elif option.choices and option.default is not None and option.default not in option.choices:
            yield f"{name} has a default that is not among its choices"
        if option.secret and (option.type != "text" or option.default is not None):
            yield f"{name} is secret: its type is text and it has no default"
        if option.required and option.default is not None:
            yield f"{name} is required and so has no default"


def _wrong_action(action: Action) -> Iterator[str]:
    types = {"verb": str, "kind": Kind, "label": str, "effect": Effect, "tier": Tier}
    missing = [name for name, kind in types.items() if not isinstance(_get(action, name), kind)]
    if missing:
        yield f"the action {type(action).__name__} does not declare {', '.join(missing)}"
        return
    for verb in (action.verb, *action.aliases):
        if not _VERB.fullmatch(verb) or not verb.startswith(f"{action.kind}."):
            yield f"the verb {verb!r} is not {action.kind}.word"
    yield from _wrong_options(f"{action.verb} parameter", action.options)


def _get(action: Action, name: str) -> object:
    return getattr(action, name, None)
