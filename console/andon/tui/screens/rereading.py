"""A moment of patience before a dialog: what was acted on just now is read again first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from andon.tui.text import piece
from andon.tui.theme import Palette
from andon.tui.widgets.bars import Bar
from andon.views.page import Tone

if TYPE_CHECKING:
    from andon.tui.app import AndonApp

LIMIT_SECONDS = 10.0
"""A source that has not answered by then is planned on as it was last seen."""
_SHOWN_AFTER_SECONDS = 0.3
"""Mostly the answer is there before that; until then nothing flickers."""


class RereadingScreen(ModalScreen[bool | None], inherit_bindings=False):
    """Takes the keys until something is known; dismisses with whether it is, `None` for esc.

    Args:
        text: what is waited for.
        known: whether it is known now; `None` when it will not be. Asked whenever something came
            in; it may ask sources.
        palette: the styles.
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,q", "leave", show=False),
    ]
    DEFAULT_CSS = """
    RereadingScreen { align: center middle; background: $background 0%; }
    RereadingScreen #rereading {
        display: none; width: 64; max-width: 100%; height: auto;
        background: $surface; padding: 1 2;
    }
    RereadingScreen.shown #rereading { display: block; }
    RereadingScreen Bar { height: 1; background: $surface; }
    """

    def __init__(self, text: str, known: Callable[[], bool | None], palette: Palette) -> None:
        super().__init__()
        self._text = text
        self._known = known
        self._palette = palette
        self._decided = False

    def compose(self) -> ComposeResult:
        """Yield the one line."""
        with Vertical(id="rereading"):
            yield Bar(id="rereading-text")

    def on_mount(self) -> None:
        """Say what is waited for, and look whenever something comes in."""
        line = [
            piece(self._text, self._palette.tone(Tone.NORMAL)),
            Segment("  esc leaves", self._palette.tone(Tone.MUTED)),
        ]
        self.query_one("#rereading-text", Bar).set_lines([line])
        self.set_timer(_SHOWN_AFTER_SECONDS, lambda: self.add_class("shown"))
        self.set_timer(LIMIT_SECONDS, lambda: self._decide(False))
        cast("AndonApp", self.app).news.subscribe(self, lambda _: self._look())
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        known = self._known()
        if known is not False:
            self._decide(bool(known))

    def _decide(self, known: bool | None) -> None:
        if not self._decided:
            self._decided = True
            self.dismiss(known)

    def action_leave(self) -> None:
        """Do nothing after all."""
        self._decide(None)
