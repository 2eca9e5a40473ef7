"""The command palette's entries, from the key registry: plain text, never markup."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from andon.tui.keys import Key, shown, works

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen


class KeysProvider(Provider):
    """Every key that does something where the viewer is."""

    def _entries(self) -> list[Key]:
        main = self._main
        context = main.context()
        skipped = {"palette", "up", "down", "command"}
        return [key for key in main.registry if key.id not in skipped and works(key, context)]

    @property
    def _main(self) -> MainScreen:
        from andon.tui.screens.main import MainScreen

        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    def _run(self, key: Key) -> None:
        self._main.action_press(key.id)

    async def discover(self) -> Hits:
        """Yield everything, before anything is typed."""
        for key in self._entries():
            text = f"{key.summary}  {shown(key.keys[0])}" if key.keys else key.summary
            yield DiscoveryHit(Content(text), partial(self._run, key), text=text)

    async def search(self, query: str) -> Hits:
        """Yield what matches."""
        matcher = self.matcher(query)
        for key in self._entries():
            text = f"{key.summary}  {shown(key.keys[0])}" if key.keys else key.summary
            score = matcher.match(f"{text} {key.label} {key.id}")
            if score > 0:
                yield Hit(score, Content(text), partial(self._run, key), text=text)
