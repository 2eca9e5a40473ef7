"""The console's screen over a real Slurm, driven by Textual's pilot."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from andon.runtime.config import load_config
from andon.runtime.discovery import load_all
from andon.runtime.origin import origin_of
from andon.runtime.paths import Paths
from andon.runtime.policy import policy_of
from andon.runtime.registry import registry_of
from andon.runtime.sources import resolve
from andon.tui.app import AndonApp, Tempo
from andon.tui.live import LiveBackend, World
from andon.tui.theme import load_themes
from andon.views.state import ViewState
from tests.lab.andon import Andon

_PATIENCE_S = 30.0
_KEYS = {" ": "space", "-": "minus", ":": "colon", "/": "slash", ".": "full_stop"}


@dataclass
class RealConsole:
    """A console that collects from a lab and acts on it through runners."""

    app: AndonApp
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        """Press keys, each when the one before has been taken."""
        for key in keys:
            await self.pilot.press(key)
            for _ in range(3):
                await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type text into what has the focus."""
        await self.press(*(_KEYS.get(character, character) for character in text))

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Let the console run until a condition holds."""
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{self.text()}"
            await self.pilot.pause(0.05)

    async def shows(self, *words: str) -> None:
        """Wait until all these words are on the screen."""
        await self.until(lambda: all(word in self.text() for word in words), str(words))

    async def says(self, *words: str) -> str:
        """Wait for a message with all these words and return it."""
        found: list[str] = []

        def said() -> bool:
            found[:] = [text for text in self.messages() if all(word in text for word in words)]
            return bool(found)

        await self.until(said, f"a message with {words}")
        return found[-1]

    def text(self) -> str:
        """Return the screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    def row(self, name: str) -> str:
        """Return the line of the table that begins with a name."""
        lines = (line.strip() for line in self.text().split("\n"))
        return next((line for line in lines if line.split()[:1] == [name]), "")

    def messages(self) -> list[str]:
        """Return the messages shown, and what came of the acts of this session."""
        results = [
            "".join(part.text for part in line) for line in self.app.main.bars["activity"].lines
        ]
        return [*(notification.message for notification in self.app._notifications), *results]


@asynccontextmanager
async def real_console(
    operator: Andon, *, armed: bool, view: str, filter: str = ""
) -> AsyncIterator[RealConsole]:
    """Open the console of an operator's account, as `andon` or `andon --write` does.

    Args:
        operator: whose environment, configuration and journal it is.
        armed: `--write`.
        view: the view to begin with.
        filter: the rows to begin with.
    """
    environ = operator.environ
    paths = Paths.from_environ(environ, system=Path(environ["HOME"]) / "none.toml")
    config = load_config(paths, environ=environ)
    discovery = load_all()
    world = World(
        specs=resolve(config, discovery, None, environ).specs,
        discovery=discovery,
        paths=paths,
        environ=environ,
        registry=registry_of(config),
        policy=lambda: policy_of(load_config(paths, environ=environ)),
        origin=origin_of(environ),
        armed=armed,
    )
    app = AndonApp(
        backend=LiveBackend(world),
        themes=load_themes(),
        start=ViewState(view=view, filter=filter),
        tempo=Tempo(deaf_seconds=0.0, redraw_seconds=0.05),
    )
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        screen = RealConsole(app, pilot)
        await screen.until(lambda: app.main.table.row_count, "the first rows")
        yield screen
