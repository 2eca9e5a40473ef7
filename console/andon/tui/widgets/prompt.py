"""The line at the bottom where `:` commands and `/` filters are typed, with its hint below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from andon.tui.commands import Candidate
from andon.tui.text import Line, cut, piece, safe, width_of
from andon.tui.theme import Palette
from andon.tui.widgets.bars import Bar
from andon.views.page import Tone

_TEXT_LIMIT = 500
_HISTORY_LIMIT = 50


class PromptInput(Input, inherit_bindings=True):
    """The input; its own keys come before any other."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right", "complete_or_right", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
        Binding("escape,ctrl+c", "cancel", show=False),
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
    ]

    def _prompt(self) -> Prompt:
        return next(node for node in self.ancestors if isinstance(node, Prompt))

    def action_complete_or_right(self) -> None:
        """Complete at the end of the line, move within it."""
        if self.cursor_position < len(self.value):
            self.action_cursor_right()
        else:
            self._prompt().complete(1)

    def action_complete(self, step: int) -> None:
        """Go through the candidates."""
        self._prompt().complete(step)

    def action_cancel(self) -> None:
        """Leave without taking what was typed."""
        self._prompt().cancel()

    def action_recall(self, step: int) -> None:
        """Go through what was typed before."""
        self._prompt().recall(step)


class Prompt(Vertical):
    """Hidden until opened; reports every change, what was taken and that it was left."""

    DEFAULT_CSS = """
    Prompt { height: 2; display: none; }
    Prompt.open { display: block; }
    Prompt Horizontal { height: 1; }
    Prompt #sign { width: 2; }
    Prompt PromptInput {
        height: 1; border: none; padding: 0; background: $background;
        &:focus { border: none; background-tint: $background 0%; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text is another."""

        sign: str
        text: str

    @dataclass
    class Taken(Message):
        """Enter was pressed."""

        sign: str
        text: str

    @dataclass
    class Left(Message):
        """Esc was pressed."""

        sign: str

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.palette = palette
        self.sign = ":"
        self._complete: Callable[[str], Sequence[Candidate]] = lambda text: ()
        self._cycle: list[Candidate] = []
        self._cycle_at = 0
        self._past: dict[str, list[str]] = {}
        self._past_at = 0
        self.note = ""
        """What there is to say until something is typed."""
        self._hint: Callable[[int], Line] = lambda width: []
        """What stands below, for a width: keys may be typed before the screen gave it one."""

    def compose(self) -> ComposeResult:
        """Yield the sign, the input and the hint."""
        with Horizontal():
            yield Bar(id="sign")
            yield PromptInput(compact=True, max_length=_TEXT_LIMIT, select_on_focus=False)
        yield Bar(id="hint")

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.has_class("open")

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(PromptInput).value

    @property
    def cycle(self) -> Sequence[Candidate]:
        """What tab goes through, from what it put into the line on; empty before it is pressed."""
        return [*self._cycle[self._cycle_at :], *self._cycle[: self._cycle_at]]

    def open(
        self,
        sign: str,
        text: str,
        complete: Callable[[str], Sequence[Candidate]],
        note: str = "",
    ) -> None:
        """Show it and take the keys.

        Args:
            sign: `:` or `/`.
            text: what stands there at first.
            complete: from a text to how it could go on.
            note: what there is to say until something is typed.
        """
        self.note = note
        self.sign = sign
        self._complete = complete
        self._cycle = []
        self._past_at = len(self._past.setdefault(sign, []))
        self.query_one("#sign", Bar).set_lines(
            [[Segment(f" {sign}", self.palette.chrome["brand"])]]
        )
        self.add_class("open")
        entry = self.query_one(PromptInput)
        with self.prevent(Input.Changed):
            entry.value = text
        entry.cursor_position = len(text)
        entry.focus()
        self.post_message(self.Changed(sign, text))

    def close(self) -> None:
        """Take it from the screen."""
        self.remove_class("open")

    def cancel(self) -> None:
        """Leave without taking what was typed."""
        self.close()
        self.post_message(self.Left(self.sign))

    def complete(self, step: int) -> None:
        """Put the next candidate into the line."""
        if not self._cycle:
            self._cycle = list(self._complete(self.text))
            self._cycle_at = -1 if step > 0 else 0
        if not self._cycle:
            return
        self._cycle_at = (self._cycle_at + step) % len(self._cycle)
        single = len(self._cycle) == 1
        candidate = self._cycle[self._cycle_at]
        self._put(candidate.text)
        if single:
            self._cycle = []

    def recall(self, step: int) -> None:
        """Put what was typed before into the line."""
        past = self._past[self.sign]
        self._past_at = max(0, min(self._past_at + step, len(past)))
        self._cycle = []
        self._put(past[self._past_at] if self._past_at < len(past) else "")

    def _put(self, text: str) -> None:
        self.note = ""
        entry = self.query_one(PromptInput)
        with self.prevent(Input.Changed):
            entry.value = text
        entry.cursor_position = len(text)
        self.post_message(self.Changed(self.sign, text))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass a change on."""
        event.stop()
        self.note = ""
        self._cycle = []
        if self.is_open:
            self.post_message(self.Changed(self.sign, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass on that enter was pressed."""
        event.stop()
        past = self._past[self.sign]
        if event.value and (not past or past[-1] != event.value):
            past.append(event.value)
            del past[:-_HISTORY_LIMIT]
        self.post_message(self.Taken(self.sign, event.value))

    # -- the line below --------------------------------------------------------------------------

    def say(self, text: str, tone: Tone = Tone.MUTED) -> None:
        """Show a hint."""
        self._show(lambda width: [piece(f"   {safe(text)}", self.palette.tone(tone))])

    def say_error(self, message: str, column: int) -> None:
        """Show what is wrong, with a caret under the column of the text where it is."""
        self._show(lambda width: self._error(message, column, width))

    def _error(self, message: str, column: int, width: int) -> Line:
        x = 2 + width_of(safe(self.text[:column])) - round(self.query_one(PromptInput).scroll_x)
        style = self.palette.tone(Tone.BAD)
        x = max(0, min(x, width - 2))
        words = safe(message)
        if x + 2 + width_of(words) <= width or x < width // 2:
            return [Segment(" " * x), Segment("^ ", style), piece(cut(words, width - x - 2), style)]
        shown = cut(words, x - 1)
        blank = x - width_of(shown) - 1
        return [Segment(" " * blank), piece(shown, style), Segment(" ^", style)]

    def offer(self, candidates: Sequence[Candidate], rest: str = "") -> None:
        """Show how the line could go on."""
        self._show(lambda width: self._offer(candidates, rest, width))

    def _offer(self, candidates: Sequence[Candidate], rest: str, width: int) -> Line:
        line: Line = [Segment("   ")]
        used = 3
        key, plain = self.palette.chrome["key"], self.palette.tone(Tone.MUTED)
        if len(candidates) == 1:
            only = candidates[0]
            line += [piece(only.shown, key), piece(f"  {only.summary}", plain)]
        for candidate in candidates if len(candidates) > 1 else ():
            shown = safe(candidate.shown)
            if used + width_of(shown) + 4 > width:
                line.append(Segment("…", plain))
                break
            line += [piece(shown, key), Segment("  ")]
            used += width_of(shown) + 2
        if rest:
            line.append(piece(rest, plain))
        return line

    def _show(self, hint: Callable[[int], Line]) -> None:
        self._hint = hint
        self.query_one("#hint", Bar).set_lines([hint(max(10, self.size.width))])

    def on_resize(self) -> None:
        """Lay the line below out for the new width."""
        self._show(self._hint)
