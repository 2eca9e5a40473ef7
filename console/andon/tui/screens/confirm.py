"""The dialog between a key and an act: the plan, and what confirming it takes.

The focus starts on Cancel; Enter alone never confirms; keys that were typed before the dialog could
be read are dropped. Targets are frozen before it opens: only the reason changes the plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from andon.model import Plan, Tier
from andon.sdk.errors import AndonError
from andon.tui.page_lines import draw_page
from andon.tui.text import Line, cut, pad, piece
from andon.tui.theme import Palette
from andon.tui.widgets.bars import Bar
from andon.tui.widgets.page_view import PageView
from andon.views.page import Block, Facts, Page, Text, Tone
from andon.views.plan import confirm_word, plan_page

DEAF_SECONDS = 0.3
"""Keys typed within this time after it opened were meant for something else."""
_WIDTH = 104
_LOW = 22
"""Below this height the dialog has no margins."""
_REASON_LIMIT = 200

_SAID_ELSEWHERE = frozenset({"Targets", "Effect", "Reason", "To confirm"})

Planner = Callable[[str], Plan]
"""From a reason to the plan for the frozen targets; raises AndonError. Sends nothing."""


class ConfirmButton(Button):
    """Confirms by mouse; Enter on it only says what confirms."""

    def action_press(self) -> None:
        """Enter: leave it to the dialog, which knows what was typed."""
        dialog = self.screen
        assert isinstance(dialog, ConfirmScreen)
        dialog.enter_on_confirm()


class ConfirmScreen(ModalScreen[Plan | None], inherit_bindings=False):
    """Shows one plan; dismisses with the plan that was confirmed, or `None`.

    Args:
        planner: makes the plan again for another reason.
        plan: the plan as it is at first.
        given: the reason that stands in the field at first.
        label: the effect in a few words, for the button.
        needs_reason: whether a reason must be given.
        palette: the styles.
        clock: seconds since the epoch.
        part: `2 of 3` when one choice became several plans.
        deaf_seconds: how long keys are dropped.
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", show=False),
        Binding("y", "yes", show=False),
        Binding("n,q", "leave", show=False),
        Binding("tab,right", "app.focus_next", show=False),
        Binding("shift+tab,left", "app.focus_previous", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-8)", show=False),
        Binding("pagedown", "scroll(8)", show=False),
    ]
    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; background: $background 60%; }
    ConfirmScreen #dialog {
        width: 104; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    ConfirmScreen Bar { background: $surface; }
    ConfirmScreen #plan { background: $surface; height: auto; max-height: 1fr; min-height: 3; }
    ConfirmScreen .field { height: 1; margin-top: 1; }
    ConfirmScreen .field Bar { width: 24; }
    ConfirmScreen Input {
        width: 1fr; border: none; padding: 0 1; height: 1; background: $panel;
        &:focus { border: none; background-tint: $background 0%; }
    }
    ConfirmScreen #buttons { height: 1; margin-top: 1; align-horizontal: right; }
    ConfirmScreen Button {
        height: 1; min-width: 10; border: none; margin-left: 2; padding: 0 1;
        &:focus { text-style: bold reverse; }
    }
    ConfirmScreen #say { height: 1; margin-top: 1; }
    ConfirmScreen.low #dialog { padding: 0 1; }
    ConfirmScreen.low .field, ConfirmScreen.low #buttons, ConfirmScreen.low #say { margin-top: 0; }
    ConfirmScreen.low .field Bar { width: 18; }
    ConfirmScreen.low #plan { min-height: 2; }
    """

    def __init__(
        self,
        *,
        planner: Planner,
        plan: Plan,
        given: str,
        label: str,
        needs_reason: bool,
        palette: Palette,
        clock: Callable[[], float],
        part: str = "",
        deaf_seconds: float = DEAF_SECONDS,
    ) -> None:
        super().__init__()
        self.palette = palette
        self.plan: Plan = plan
        self._planner = planner
        self._given = given
        self._label = label
        self._needs_reason = needs_reason or plan.tier is Tier.DESTRUCTIVE
        self._clock = clock
        self._part = part
        self._deaf_until = time.monotonic() + deaf_seconds
        self._problem = ""

    @property
    def deaf(self) -> bool:
        """Whether keys are dropped now."""
        return time.monotonic() < self._deaf_until

    @property
    def _typed(self) -> bool:
        return self.plan.tier is not Tier.REVERSIBLE

    def compose(self) -> ComposeResult:
        """Yield the plan, the fields and the buttons."""
        with Vertical(id="dialog"):
            yield Bar(id="dialog-title")
            yield PageView(self.palette, margin=0, id="plan")
            with Horizontal(classes="field"):
                yield Bar(id="reason-label")
                yield Input(self._given, id="reason", compact=True, max_length=_REASON_LIMIT)
            if self._typed:
                with Horizontal(classes="field"):
                    yield Bar(id="word-label")
                    yield Input(id="word", compact=True, max_length=256)
            yield Bar(id="say")
            with Horizontal(id="buttons"):
                yield Button(Content("Cancel"), id="cancel", compact=True)
                words = self._label if self._typed else f"{self._label}  y"
                yield ConfirmButton(Content(words), id="confirm", variant="error", compact=True)

    def on_mount(self) -> None:
        """Draw it with the focus on Cancel."""
        self.query_one("#plan").can_focus = False
        self.query_one("#cancel").focus()
        self._label_fields()
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    def _label_fields(self) -> None:
        muted = self.palette.tone(Tone.MUTED)
        need = "Reason" if self._needs_reason else "Reason (optional)"
        self.query_one("#reason-label", Bar).set_lines([[piece(need, muted)]])
        if self._typed:
            words = cut(f"Type {confirm_word(self.plan)}", 23)
            self.query_one("#word-label", Bar).set_lines([[piece(words, muted)]])

    def _draw(self) -> None:
        width = max(1, self.query_one("#dialog-title").size.width)
        style = self.palette.chrome["title"]
        title: Line = [piece(self.plan.title, style)]
        if self._part:
            title.append(Segment(f"  {self._part}", self.palette.tone(Tone.MUTED)))
        self.query_one("#dialog-title", Bar).set_lines([pad(title, width)])
        self._show_plan(_brief(plan_page(self.plan, self._clock())))
        self.query_one("#confirm", Button).disabled = not self._ready
        self._say()

    def _show_plan(self, page: Page) -> None:
        """Draw the plan as high as it is, but so that fields and buttons stay in sight."""
        low = self.size.height < _LOW
        self.set_class(low, "low")
        margins = 2 if low else 4
        width = min(_WIDTH, self.size.width) - margins - 1
        lines = len(draw_page(page, self.palette, width).lines)
        rest = (5 if low else 9) + (1 if low else 2) * self._typed
        view = self.query_one("#plan", PageView)
        view.styles.height = max(2, min(lines, self.size.height - rest))
        view.show(page)

    # -- what it takes ---------------------------------------------------------------------------

    @property
    def _reason(self) -> str:
        return self.query_one("#reason", Input).value.strip()

    @property
    def _missing(self) -> str:
        """What is still missing, in words."""
        if self._problem:
            return self._problem
        if self._needs_reason and not self._reason:
            return "give a reason"
        word = confirm_word(self.plan)
        if self._typed and self.query_one("#word", Input).value.strip() != word:
            what = "the number of targets" if self.plan.tier is Tier.DISRUPTIVE else "the name"
            return f"type {what} to confirm: {word}"
        return ""

    @property
    def _ready(self) -> bool:
        return not self._missing

    def _say(self, text: str = "") -> None:
        tone = Tone.BAD if self._problem else Tone.WARN if text else Tone.MUTED
        words = text or self._missing
        if not words:
            words = "enter confirms" if self._typed else "y confirms, esc leaves"
        self.query_one("#say", Bar).set_lines([[piece(words, self.palette.tone(tone))]])

    @on(Input.Changed, "#reason")
    def _on_reason(self) -> None:
        self._replan()

    @on(Input.Changed, "#word")
    def _on_word(self) -> None:
        self.query_one("#confirm", Button).disabled = not self._ready
        self._say()

    def _replan(self) -> None:
        """Make the plan again with the reason as typed: what is shown is what runs."""
        try:
            self.plan = self._planner(self._reason)
            self._problem = ""
        except AndonError as error:
            self._problem = error.message
        self._draw()

    @on(Input.Submitted)
    def _on_enter_in_field(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "word" and self._ready:
            self._confirm()
        elif event.input.id == "word":
            self._say(self._missing)
        else:
            self.query_one("#word" if self._typed else "#confirm").focus()

    def enter_on_confirm(self) -> None:
        """Enter on the button: what was typed confirms; Enter itself never does."""
        if not self._ready:
            self._say(self._missing)
        elif self._typed:
            self._confirm()
        else:
            self._say("press y: enter alone never confirms")

    def action_yes(self) -> None:
        """Confirm what `y` may confirm; otherwise lead to the field that is missing."""
        if self._needs_reason and not self._reason:
            self.query_one("#reason").focus()
            self._say("give a reason, then enter and y")
        elif self._typed:
            self.query_one("#word").focus()
        elif self._ready:
            self._confirm()

    @on(Button.Pressed)
    def _on_button(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "cancel":
            self.dismiss(None)
        elif self._ready:
            self._confirm()

    def _confirm(self) -> None:
        try:
            plan = self._planner(self._reason)
        except AndonError as error:
            self._problem = error.message
            self._say()
            return
        if plan.tier is not self.plan.tier or len(plan.steps) != len(self.plan.steps):
            # Something moved since it was read: what was confirmed is not this.
            self.plan = plan
            self._draw()
            self._say("the plan changed just now: read it again")
            return
        self.dismiss(plan)

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll the plan."""
        self.query_one("#plan", PageView).scroll_lines(lines)


def _brief(page: Page) -> Page:
    """Return the plan's page as a dialog shows it: the effect and the calls before the rest.

    What the dialog says elsewhere (the title, the reason, what confirms) is left out.
    """
    blocks: list[Block] = []
    for block in page.blocks:
        if isinstance(block, Text) and block.name == "effect":
            block = replace(block, title="", lines=block.lines[1:])
        elif isinstance(block, Facts):
            items = tuple(item for item in block.items if item[0] not in _SAID_ELSEWHERE)
            block = replace(block, title="", items=items)
        blocks.append(block)
    order = ("effect", "warnings", "refusals", "targets", "calls")
    blocks.sort(key=lambda block: order.index(block.name) if block.name in order else len(order))
    return replace(page, blocks=tuple(blocks))
