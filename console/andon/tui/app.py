"""The Textual application: it owns the data loop, the timers and the theme, and decides no more."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.filter import Monochrome
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.signal import Signal
from textual.timer import Timer

from andon.model import Batch
from andon.sdk.clean import clean
from andon.sdk.errors import AndonError
from andon.tui.backend import Backend
from andon.tui.colourless import Colourless
from andon.tui.desk import Desk
from andon.tui.drawing import Drawing
from andon.tui.driver import TerminalDriver
from andon.tui.handlers.moving import move_at_once
from andon.tui.harmless import Harmless
from andon.tui.intake import thinned
from andon.tui.key_order import KeyOrder
from andon.tui.keys import KEYS, Key
from andon.tui.palette import PALETTE_CSS, KeysProvider
from andon.tui.plain_glyphs import PlainGlyphs
from andon.tui.screens.confirm import ConfirmScreen
from andon.tui.screens.dialog import DEAF_SECONDS
from andon.tui.screens.main import MainScreen
from andon.tui.screens.menu import MenuScreen
from andon.tui.screens.pager import ReadingScreen
from andon.tui.screens.rereading import RereadingScreen
from andon.tui.terminal import TightUpdate
from andon.tui.theme import Themes, without_colour
from andon.tui.unheard import SECONDS, Unheard
from andon.views.state import ViewState

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How often what is drawn; tests take zeros."""

    redraw_seconds: float = 0.25
    """Data redraws the screen at most this often; keys never wait for it."""
    tick_seconds: float = 1.0
    """How often ages are drawn again; 0 never."""
    filter_seconds: float = 0.12
    """A pause in typing after which the filter is applied."""
    deaf_seconds: float = DEAF_SECONDS
    """How long a dialog drops keys after it opened."""
    unheard_seconds: float = SECONDS
    """A pause that ends a filter which is typed where there is none."""


class AndonApp(App[None]):
    """The console on the screen.

    Args:
        backend: sources and action engine.
        themes: every theme that can be used.
        theme_name: the one to begin with; `None` takes the default.
        start: the view to begin with.
        opens: how the other views open.
        clock: seconds since the epoch.
        registry: the keys.
        notices: what to say once at the start: bad themes, keys or plugins.
        unicode: whether the terminal takes more than ASCII.
        tempo: how often what is drawn.
    """

    TITLE = "Andon"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {KeysProvider}
    ALLOW_SELECT = False
    NOTIFICATION_TIMEOUT = 6
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
    ]
    CSS = (
        """
    Toast { padding: 0 1; margin-bottom: 0; width: 60; max-width: 90%; background: $panel; }
    ToastRack { align: right bottom; margin-bottom: 3; }
    Button:ansi, Button:ansi:disabled, Button:ansi:hover, Button:ansi.-active {
        border: none !important;
    }
    LoadingIndicator:ansi { color: ansi_default; }
    """
        + PALETTE_CSS
    )

    def __init__(
        self,
        *,
        backend: Backend,
        themes: Themes,
        theme_name: str | None = None,
        start: ViewState | None = None,
        opens: Mapping[str, ViewState] | None = None,
        clock: Callable[[], float] = time.time,
        registry: tuple[Key, ...] = KEYS,
        notices: tuple[str, ...] = (),
        unicode: bool = True,
        tempo: Tempo | None = None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.backend = backend
        self.themes = themes
        self.desk = Desk(clock)
        self.news: Signal[None] = Signal(self, "news")
        """Published when a source said something, and when something came of an act."""
        self.crash: Exception | None = None
        """What ended the application, when it did not end by itself."""
        self._tempo = tempo or Tempo()
        self._notices = notices
        self._key_order = KeyOrder(self, self._press, self._move)
        self._unheard = Unheard(self._tempo.unheard_seconds)
        self._filter_timer: Timer | None = None
        self._use_filters(unicode)
        for each in themes.palettes.values():
            self.register_theme(each.textual_theme())
        palette = themes.named(theme_name)
        self.theme = palette.name
        self.main = MainScreen(
            backend=backend,
            desk=self.desk,
            palette=without_colour(palette) if self.no_color else palette,
            start=start or ViewState(),
            opens=opens,
            registry=registry,
            deaf_seconds=self._tempo.deaf_seconds,
        )
        self.drawing = Drawing(
            self,
            self.desk,
            self.main.redraw,
            redraw_seconds=self._tempo.redraw_seconds,
            is_behind=lambda: self._terminal_is_behind(),
        )
        self.set_keymap(_keymap(registry))

    def _use_filters(self, unicode: bool) -> None:
        """Draw with what the terminal and its user allow."""
        self._filters.append(Harmless())
        if not unicode:
            self._filters.append(PlainGlyphs())
        if self.no_color:
            # Textual's own would turn colours into greys, and those are colours too.
            self._filters[:] = [each for each in self._filters if not isinstance(each, Monochrome)]
            self._filters.append(Colourless())

    def get_default_screen(self) -> MainScreen:
        """Return the screen at the bottom."""
        return self.main

    async def on_load(self) -> None:
        """Ask the sources, which is under way while the first screen is made."""
        await self.backend.start()

    async def on_mount(self) -> None:
        """Take in what the sources say; the first screen is drawn already."""
        for notice in self._notices:
            self.notify(notice, severity="warning", timeout=10, markup=False)
        if self._tempo.tick_seconds:
            self.set_interval(self._tempo.tick_seconds, self.drawing.tick)
        for number in _ENDING:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                # Asked to end by the system: leave in order, so that the terminal is restored.
                asyncio.get_running_loop().add_signal_handler(number, self.exit, None, 128 + number)
        # After ctrl-z the terminal is empty: draw everything, not what changed meanwhile.
        self.app_resume_signal.subscribe(self, lambda _: self.screen.refresh(layout=True))
        self.run_worker(self._consume(), exit_on_error=True)
        self.run_worker(self._settle(), exit_on_error=True)

    async def _settle(self) -> None:
        """Say what earlier runners that died left behind."""
        try:
            for outcome in await self.backend.unsettled():
                name = f"{outcome.target.kind.value} {outcome.target.name}"
                now = f", now {outcome.observed}" if outcome.observed else ""
                text = f"{name}: {outcome.result.value}{now} {outcome.message}"
                self.notify(clean(text), severity="error", timeout=20, markup=False)
        except AndonError as error:
            self.notify(error.message, severity="error", timeout=20, markup=False)

    async def on_unmount(self) -> None:
        """Stop asking."""
        await self.backend.close()

    # -- data ------------------------------------------------------------------------------------

    async def _consume(self) -> None:
        async for report in self.backend.messages():
            if isinstance(report, Batch):
                report = await thinned(self.desk.snapshot, report)
            self.desk.take(report)
            self.news.publish(None)
            self.drawing.news()
            # A flood of reports must leave room for keys between two of them.
            await asyncio.sleep(0)

    def _terminal_is_behind(self) -> bool:
        """Whether the terminal has yet to take what was drawn: then news is coalesced."""
        return isinstance(self._driver, TerminalDriver) and self._driver.behind

    # -- what the main screen asks for -----------------------------------------------------------

    def forget_filter(self) -> None:
        """Drop the filter that waits for a pause in typing."""
        if self._filter_timer is not None:
            self._filter_timer.stop()
            self._filter_timer = None

    def filter_soon(self, apply: Callable[[], None]) -> None:
        """Apply a filter after a short pause in typing."""
        self.forget_filter()

        def due() -> None:
            # A timer that is stopped may have gone off already, its message waiting to be read.
            if self._filter_timer is timer:
                apply()

        timer = self.set_timer(max(self._tempo.filter_seconds, 0.001), due)
        self._filter_timer = timer

    def choose_theme(self, name: str) -> None:
        """Draw in the colours of another theme."""
        palette = self.themes.named(name)
        self.theme = palette.name
        self.main.set_palette(without_colour(palette) if self.no_color else palette)
        self.main.redraw()

    # -- Textual's own ---------------------------------------------------------------------------

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something in a toast: never as markup, and once while the same words are there."""
        for told in list(self._notifications):
            if (told.message, told.title) == (message, title):
                self._unnotify(told, refresh=False)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow the command palette over the main screen only: a dialog is answered first."""
        if action == "command_palette":
            return self.screen is self.main and not self.main.prompt.is_open
        return True

    async def on_event(self, event: events.Event) -> None:
        """Take keys one after another."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._key_order.take(event)
        else:
            await super().on_event(event)

    async def _press(self, event: events.Key | events.Paste) -> None:
        """Pass a key on; drop one that was typed before an acting dialog could be read."""
        deaf = isinstance(self.screen, ConfirmScreen) and self.screen.deaf
        if deaf or (isinstance(event, events.Key) and self._goes_nowhere(event)):
            event.stop()
            return
        await super().on_event(event)
        self.drawing.pressed()

    def _goes_nowhere(self, event: events.Key) -> bool:
        """Whether a key belongs to a filter or a command that is typed where there is none."""
        if not isinstance(self.screen, ReadingScreen | MenuScreen | RereadingScreen):
            return False
        now = time.monotonic()
        if said := self._unheard.begins(event.character, now):
            self.notify(said, markup=False)
            return True
        return self._unheard.drops(event.key, now)

    def _move(self, event: events.Key | events.Paste) -> bool:
        """Answer a key that moves in the main screen at once."""
        if not isinstance(event, events.Key) or self.screen is not self.main:
            return False
        if not move_at_once(self.main, event.key):
            return False
        self.drawing.pressed()
        return True

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Write partial updates in as few bytes as they need."""
        if isinstance(renderable, ChopsUpdate):
            renderable = TightUpdate.of(renderable)
        super()._display(screen, renderable)
        self.drawing.painted()

    def _handle_exception(self, error: Exception) -> None:
        """Keep what went wrong for the one line after the screen is restored.

        Textual would print a traceback with local values; those hold names from outside.
        """
        if self.crash is None:
            self.crash = error
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()


def _keymap(registry: tuple[Key, ...]) -> dict[str, str]:
    """Return the bindings that are not the usual ones, by id."""
    return {
        key.id: ",".join(key.keys)
        for key, usual in zip(registry, KEYS, strict=True)
        if key.keys != usual.keys
    }
