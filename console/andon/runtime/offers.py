"""Which source can do what: the actions of the plugins behind the sources at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from andon.model import Kind
from andon.sdk.action import Action
from andon.sdk.errors import UsageError
from andon.sdk.option import Option
from andon.sdk.plugin import Plugin

_TRUTH = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}


class Spec(Protocol):
    """What is needed of a `SourceSpec` to know what its source can do."""

    @property
    def name(self) -> str:
        """The source's name."""
        ...

    @property
    def plugin(self) -> str:
        """The name of its plugin."""
        ...

    @property
    def demo(self) -> bool:
        """Whether its data is invented."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """What one source can do."""

    source: str
    demo: bool
    actions: Mapping[str, Action]
    """By verb and by alias."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What every source can do, by source name."""

    by_source: Mapping[str, Offer]

    def find(self, source: str, verb: str) -> Action | None:
        """Return the action behind a verb or alias of one source."""
        offer = self.by_source.get(source)
        return offer.actions.get(verb) if offer else None

    def sources(self, verb: str) -> tuple[str, ...]:
        """Return the names of the sources that can do `verb`."""
        return tuple(name for name, offer in self.by_source.items() if verb in offer.actions)

    def actions(self, verb: str) -> tuple[Action, ...]:
        """Return the different actions that `verb` stands for, for labels and options."""
        found = [offer.actions[verb] for offer in self.by_source.values() if verb in offer.actions]
        return tuple(dict.fromkeys(found))

    def verbs(self, kind: Kind) -> tuple[str, ...]:
        """Return every verb and alias that some source can do to things of one kind."""
        return tuple(
            sorted(
                {
                    verb
                    for offer in self.by_source.values()
                    for verb, action in offer.actions.items()
                    if action.kind is kind
                }
            )
        )

    def different(
        self, kind: Kind, sources: Iterable[str]
    ) -> tuple[tuple[tuple[str, ...], tuple[Action, ...]], ...]:
        """Return what some sources can do to things of one kind, each different thing once.

        Returns:
            Verbs that stand for the same actions at all of these sources, the declared one first,
            with those actions; in the order in which the plugins declare them.
        """
        by_verb: dict[str, dict[Action, None]] = {}
        for offer in filter(None, map(self.by_source.get, sources)):
            for verb, action in offer.actions.items():
                if action.kind is kind:
                    by_verb.setdefault(verb, {})[action] = None
        by_actions: dict[tuple[Action, ...], list[str]] = {}
        for verb, actions in by_verb.items():
            by_actions.setdefault(tuple(actions), []).append(verb)
        return tuple((tuple(verbs), actions) for actions, verbs in by_actions.items())


def offers_of(specs: Iterable[Spec], plugins: Mapping[str, Plugin]) -> Offers:
    """Return what the sources can do; one whose plugin is not loaded can do nothing."""
    made = {}
    for spec in specs:
        plugin = plugins.get(spec.plugin)
        actions: dict[str, Action] = {}
        for action in plugin.actions if plugin else ():
            for verb in (action.verb, *action.aliases):
                actions.setdefault(verb, action)
        made[spec.name] = Offer(spec.name, spec.demo, actions)
    return Offers(made)


def checked_params(action: Action, params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of an act, checked against what the action declares.

    Raises:
        UsageError: a parameter is unknown, missing or not of its type.
    """
    declared = {option.name: option for option in action.options}
    for name in params:
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise UsageError(f"{action.verb} has no parameter “{name}”", hint=f"it has: {known}")
    checked = {}
    for name, option in declared.items():
        if name in params:
            checked[name] = _checked_value(action.verb, option, params[name])
        elif option.required:
            raise UsageError(f"{action.verb} needs the parameter “{name}”", hint=option.summary)
    return checked


def _checked_value(verb: str, option: Option, text: str) -> str:
    where = f"{verb}: parameter “{option.name}”"
    if option.type == "choice" and text not in option.choices:
        raise UsageError(f"{where} is “{text}”", hint="one of: " + ", ".join(option.choices))
    if option.type == "flag":
        if text.lower() not in _TRUTH:
            raise UsageError(f"{where} is “{text}”", hint="true or false")
        return _TRUTH[text.lower()]
    if option.type in ("integer", "number"):
        try:
            value = int(text) if option.type == "integer" else float(text)
        except ValueError as error:
            raise UsageError(f"{where} is “{text}”", hint=f"an {option.type} is needed") from error
        low, high = option.minimum, option.maximum
        if (
            value != value
            or (low is not None and value < low)
            or (high is not None and value > high)
        ):
            raise UsageError(f"{where} is {text}", hint=f"allowed: {low} to {high}")
    return text
