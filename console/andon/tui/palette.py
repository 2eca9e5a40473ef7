"""The command palette's entries, from the keys and the words after `:`; plain text, no markup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from andon.model import Kind
from andon.sdk.errors import UsageError
from andon.tui.commands import VERBS, WORDS, Command, Word
from andon.tui.handlers import commanding, prompting
from andon.tui.keys import Key, shown, works

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen

_NAME_WIDTH = 10
_KEYS_WIDTH = 10
_WIDTH = 84
PALETTE_CSS = f"""
CommandPalette {{ background: $background 60%; }}
CommandPalette:ansi {{ background: transparent; }}
CommandPalette > Vertical {{
    margin-top: 1; width: {_WIDTH}; max-width: 100%; background: $surface;
}}
CommandPalette #--input, CommandPalette #--input.--list-visible,
CommandPalette:ansi #--input, CommandPalette:ansi #--input.--list-visible {{
    border: none; background: $surface; padding: 0 1;
}}
CommandPalette SearchIcon {{ display: none; }}
CommandPalette CommandInput, CommandPalette CommandInput:focus {{
    height: 1; border: none; padding: 0 1; background: $surface;
}}
CommandPalette CommandList, CommandPalette CommandList:focus, CommandPalette:ansi CommandList {{
    border: none; background: $surface; max-height: 80vh; scrollbar-size-vertical: 1;
}}
CommandList {{ text-wrap: nowrap; text-overflow: ellipsis; }}
CommandList > .option-list--option {{ text-style: none; padding: 0 2; }}
CommandList:nocolor > .option-list--option-highlighted {{ text-style: reverse; }}
CommandPalette LoadingIndicator {{ display: none; }}
"""
"""Textual's own palette drawn as everything else is: no frames, and no sign of two cells."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be chosen."""

    name: str
    summary: str
    keys: str
    run: Callable[[], None]

    @property
    def text(self) -> str:
        """What is drawn: the name, the key and what it does."""
        return f"{self.name:<{_NAME_WIDTH}}  {self.keys:<{_KEYS_WIDTH}}  {self.summary}"

    def score(self, query: str) -> float:
        """Return how well a query fits, 0 when it does not: all of its words must be there."""
        wanted = query.casefold().split()
        name, summary = self.name.casefold(), self.summary.casefold()
        if not all(word in name or word in summary or word == self.keys for word in wanted):
            return 0.0
        if name.startswith(wanted[0]):
            return 1.0
        return 0.8 if any(word.startswith(wanted[0]) for word in summary.split()) else 0.5


def entries(main: MainScreen) -> list[Entry]:
    """Return everything that does something where the viewer is."""
    context = main.context()
    keys = [
        key
        for key in main.registry
        if key.group != "Move" and key.id not in _SKIPPED and works(key, context)
    ]
    made = [_of_key(main, key) for key in keys]
    known = {key.label for key in main.registry}
    words = [word for word in WORDS if word.name not in known and _fits(word, context.kind)]
    return made + [_of_word(main, word) for word in words]


_SKIPPED = frozenset({"palette", "command", "escape"})


def _of_key(main: MainScreen, key: Key) -> Entry:
    name = key.id.rpartition(".")[2] if key.id.startswith("history") else key.label
    keys = shown(key.keys[0]) if key.keys else ""
    return Entry(name, key.summary, keys, partial(main.action_press, key.id))


def _fits(word: Word, kind: Kind | None) -> bool:
    verb = VERBS.get(word.name)
    return verb is None or (kind is not None and verb.startswith(f"{kind.value}."))


def _of_word(main: MainScreen, word: Word) -> Entry:
    return Entry(word.name, word.summary, f":{word.name}", partial(_run_word, main, word))


def _run_word(main: MainScreen, word: Word) -> None:
    """Run a word, or leave it in the prompt to be finished when something may follow it."""
    if word.takes:
        prompting.open_command(main)
        main.prompt.query_one(Input).insert_text_at_cursor(f"{word.name} ")
        return
    try:
        commanding.run(main, Command(word.name))
    except UsageError as error:
        main.notify(error.message, severity="error", markup=False)


class KeysProvider(Provider):
    """Every key and word that does something where the viewer is."""

    @property
    def _main(self) -> MainScreen:
        from andon.tui.screens.main import MainScreen

        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    async def discover(self) -> Hits:
        """Yield everything, before anything is typed."""
        for entry in entries(self._main):
            yield DiscoveryHit(Content(entry.text), entry.run, text=entry.text)

    async def search(self, query: str) -> Hits:
        """Yield what matches, in the registry's order where it fits as well."""
        for place, entry in enumerate(entries(self._main)):
            score = entry.score(query)
            if score > 0:
                yield Hit(score - place / 1000, Content(entry.text), entry.run, text=entry.text)
