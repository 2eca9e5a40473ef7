"""A pager for text that is fetched when it opens: a spinner, then the lines or what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from andon.sdk.clean import clean, clean_lines
from andon.sdk.errors import AndonError
from andon.tui.text import Line, head_of, pad, piece, wrap
from andon.tui.theme import Palette
from andon.tui.widgets.bars import Bar, footer_line
from andon.tui.widgets.lines_view import LinesView
from andon.views.page import Tone

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_SPIN_SECONDS = 0.25
_LINE_LIMIT = 20_000
_STEP = 8
SCROLL_BINDINGS: list[BindingType] = [
    Binding("up,k", "scroll_by(-1)", show=False),
    Binding("down,j,enter", "scroll_by(1)", show=False),
    Binding("pageup,ctrl+b", "page(-1)", show=False),
    Binding("pagedown,ctrl+f,space", "page(1)", show=False),
    Binding("home,g", "top", show=False),
    Binding("end,G", "bottom", show=False),
]


class ReadingScreen(ModalScreen[None], inherit_bindings=False):
    """Lines to read and scroll; esc and q leave."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c", "leave", show=False),
        *SCROLL_BINDINGS,
    ]
    DEFAULT_CSS = """
    ReadingScreen { background: $background; layout: vertical; }
    """

    def __init__(self, title: str, palette: Palette) -> None:
        super().__init__()
        self.heading = title
        self.palette = palette

    def compose(self) -> ComposeResult:
        """Yield title, lines and keys."""
        yield Bar(id="reading-title")
        yield LinesView(id="lines")
        yield Bar(id="reading-footer")

    @property
    def lines_view(self) -> LinesView:
        """The lines."""
        return self.query_one("#lines", LinesView)

    def keys(self) -> list[tuple[str, str, bool]]:
        """Return what the footer says."""
        return [("↑↓", "scroll", True), ("q", "back", True)]

    def draw(self, lines: list[Line], note: str = "") -> None:
        """Show lines under the title."""
        width = self.size.width
        title: Line = [Segment(" "), piece(self.heading, self.palette.chrome["title"])]
        if note:
            title.append(piece(f"  {note}", self.palette.tone(Tone.MUTED)))
        self.query_one("#reading-title", Bar).set_lines([pad(title, width)])
        self.lines_view.set_lines(lines, margin=1)
        bar = footer_line(self.keys(), self.palette, width)
        self.query_one("#reading-footer", Bar).set_lines([bar])

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by lines."""
        self.lines_view.scroll_lines(lines)

    def action_page(self, pages: int) -> None:
        """Scroll by screenfuls."""
        self.lines_view.scroll_lines(pages * max(1, self.lines_view.view.height - 2))

    def action_top(self) -> None:
        """Go to the first line."""
        self.lines_view.scroll_to(y=0, animate=False, force=True)

    def action_bottom(self) -> None:
        """Go to the last line."""
        self.lines_view.scroll_end(animate=False, force=True)


class PagerScreen(ReadingScreen):
    """What a source says of one thing, in full.

    Args:
        title: of what.
        ask: fetches the text, uncleaned.
        palette: the styles.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "sideways(-1)", show=False),
        Binding("right,l", "sideways(1)", show=False),
        Binding("w", "wrap", show=False),
    ]

    def __init__(self, title: str, ask: Callable[[], Awaitable[str]], palette: Palette) -> None:
        super().__init__(title, palette)
        self._ask = ask
        self._text: tuple[str, ...] | None = None
        self._error: tuple[str, ...] = ()
        self._spin = 0
        self._left = 0
        self._wrapped = True

    def keys(self) -> list[tuple[str, str, bool]]:
        """Return what the footer says."""
        return [*super().keys(), ("w", "wrap", True), ("←→", "sideways", not self._wrapped)]

    def on_mount(self) -> None:
        """Ask, and turn meanwhile."""
        self._timer = self.set_interval(_SPIN_SECONDS, self._turn)
        self.run_worker(self._fetch(), exclusive=True)
        self._turn()

    async def _fetch(self) -> None:
        try:
            self._text = clean_lines(await self._ask(), limit=_LINE_LIMIT)
        except AndonError as error:
            self._error = (error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything here
            self._error = (clean(f"{type(error).__name__}: {error}"),)
        self._timer.stop()
        self._show()

    def _turn(self) -> None:
        self._spin += 1
        self._show()

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self._show()

    def _show(self) -> None:
        muted = self.palette.tone(Tone.MUTED)
        width = max(10, self.size.width - 3)
        if self._error:
            bad = self.palette.tone(Tone.BAD)
            lines = [[piece(part, bad)] for part in wrap(self._error[0], width)]
            lines += [
                [piece(part, muted)] for text in self._error[1:] for part in wrap(text, width)
            ]
            self.draw([[], *lines], "failed")
        elif self._text is None:
            turn = _SPINNER[self._spin % len(_SPINNER)]
            self.draw([[], [Segment(f"{turn} asking the source …", muted)]])
        elif not any(self._text):
            self.draw([[], [Segment("the source says nothing of it", muted)]])
        else:
            self.draw(self._lines(width), f"{len(self._text)} lines")

    def _lines(self, width: int) -> list[Line]:
        style = self.palette.tone(Tone.NORMAL)
        assert self._text is not None
        if self._wrapped:
            return [[piece(part, style)] for line in self._text for part in wrap(line, width)]
        return [[piece(_from(line, self._left), style)] for line in self._text]

    def action_wrap(self) -> None:
        """Break long lines, or let them run out of sight."""
        self._wrapped = not self._wrapped
        self._left = 0
        self._show()

    def action_sideways(self, steps: int) -> None:
        """Look further right or left when lines are not broken."""
        if not self._wrapped:
            self._left = max(0, self._left + steps * _STEP)
            self._show()


def _from(line: str, cells: int) -> str:
    return line[len(head_of(line, cells)) :] if cells else line
