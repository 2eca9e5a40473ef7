"""How a plan is shown before it is confirmed: the plan, the fields, the buttons."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from andon.model import Kind, Plan, Tier
from andon.tui.page_lines import draw_page
from andon.tui.screens.standing import Standing
from andon.tui.text import Line, cut, pad, piece
from andon.tui.theme import Palette
from andon.tui.widgets.bars import Bar
from andon.tui.widgets.page_view import PageView
from andon.views.page import Block, Cell, Facts, Page, Table, Text, Tone
from andon.views.plan import confirm_word, doing, plan_page

DEAF_SECONDS = 0.3
"""Keys typed within this time after it opened were meant for something else."""
_WIDTH = 104
_LOW = 30
"""Below this height the dialog has no margins: the plan needs the lines."""
_REASON_LIMIT = 200

_SAID_ELSEWHERE = frozenset(
    {"Targets", "Effect", "Reason", "To confirm", "GPU-hours at risk", "Takes", "Plan"}
)

Planner = Callable[[str], Plan]
"""From a reason to the plan for the frozen targets; raises AndonError. Sends nothing."""


class ConfirmButton(Button):
    """Confirms by mouse; Enter on it only says what confirms."""

    def action_press(self) -> None:
        """Enter: leave it to the dialog, which knows what was typed."""
        dialog = self.screen
        assert isinstance(dialog, PlanDialog)
        dialog.enter_on_confirm()


class PlanDialog(ModalScreen[Plan | None], inherit_bindings=False):
    """Shows one plan and the fields it takes; what is typed in them is for `ConfirmScreen`.

    Args:
        planner: makes the plan again for another reason.
        plan: the plan as it is at first.
        given: the reason that stands in the field at first.
        needs_reason: whether a reason must be given.
        palette: the styles.
        clock: seconds since the epoch.
        part: `2 of 3` when one choice became several plans.
        deaf_seconds: how long keys are dropped.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PlanDialog { align: center middle; background: $background 60%; }
    PlanDialog #dialog {
        width: 104; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    PlanDialog Bar { background: $surface; }
    PlanDialog #plan { background: $surface; height: auto; max-height: 1fr; min-height: 3; }
    PlanDialog Toast { display: none; }
    PlanDialog .field { height: 1; margin-top: 1; }
    PlanDialog .field Bar { width: 24; }
    PlanDialog Input {
        width: 1fr; border: none; padding: 0 1; height: 1; background: $panel;
        &:focus { border: none; background-tint: $background 0%; }
    }
    PlanDialog #buttons { height: 1; margin-top: 1; align-horizontal: right; }
    PlanDialog Button {
        height: 1; min-width: 10; border: none; margin-left: 2; padding: 0 1;
        &:focus { text-style: bold reverse; }
    }
    PlanDialog #say { height: 1; margin-top: 1; }
    PlanDialog.low #dialog { padding: 0 1; }
    PlanDialog.low .field, PlanDialog.low #buttons, PlanDialog.low #say { margin-top: 0; }
    PlanDialog.low #reason-field { margin-top: 1; }
    PlanDialog.low .field Bar { width: 18; }
    PlanDialog.low #plan { min-height: 2; }
    """

    def __init__(
        self,
        *,
        planner: Planner,
        plan: Plan,
        given: str,
        needs_reason: bool,
        palette: Palette,
        clock: Callable[[], float],
        part: str = "",
        deaf_seconds: float = DEAF_SECONDS,
    ) -> None:
        super().__init__()
        self.palette = palette
        self.plan: Plan = plan
        self.planner = planner
        self._given = given
        self.needs_reason = needs_reason or plan.tier is Tier.DESTRUCTIVE
        self._clock = clock
        self._part = part
        self._deaf_until = time.monotonic() + deaf_seconds
        self.problem = ""
        self._more = False
        """Whether the plan is longer than what is in sight."""

    @property
    def deaf(self) -> bool:
        """Whether keys are dropped now."""
        return time.monotonic() < self._deaf_until

    @property
    def typed(self) -> bool:
        """Whether confirming it takes a typed word."""
        return self.plan.tier is not Tier.REVERSIBLE

    def compose(self) -> ComposeResult:
        """Yield the plan, the fields and the buttons."""
        with Vertical(id="dialog"):
            yield Bar(id="dialog-title")
            yield PageView(self.palette, margin=0, id="plan")
            with Horizontal(classes="field", id="reason-field"):
                yield Bar(id="reason-label")
                yield Input(
                    self._given,
                    id="reason",
                    compact=True,
                    max_length=_REASON_LIMIT,
                    select_on_focus=False,
                )
            if self.typed:
                with Horizontal(classes="field"):
                    yield Bar(id="word-label")
                    yield Input(id="word", compact=True, max_length=256, select_on_focus=False)
            yield Bar(id="say")
            with Horizontal(id="buttons"):
                # Not "Cancel": that is what some of these plans do to jobs.
                yield Button(Content("leave  esc"), id="leave", compact=True)
                yield ConfirmButton(
                    Content(doing(self.plan)), id="confirm", variant="error", compact=True
                )

    def on_mount(self) -> None:
        """Draw it with the focus on leaving."""
        self.query_one("#plan").can_focus = False
        self.query_one("#leave").focus()
        self._label_fields()
        self.draw()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.draw()

    def _label_fields(self) -> None:
        muted = self.palette.tone(Tone.MUTED)
        need = "Reason" if self.needs_reason else "Reason (optional)"
        self.query_one("#reason-label", Bar).set_lines([[piece(need, muted)]])
        if self.typed:
            words = cut(f"Type {confirm_word(self.plan)}", 23)
            self.query_one("#word-label", Bar).set_lines([[piece(words, muted)]])

    def draw(self) -> None:
        """Draw the plan as it is now."""
        self._show_plan(_brief(self.plan, self._clock()))
        width = max(1, self.query_one("#dialog-title").size.width)
        style = self.palette.chrome["title"]
        title: Line = [piece(self.plan.title, style)]
        for note in (self._part, "↑↓ reads on" if self._more else ""):
            if note:
                title.append(Segment(f"  {note}", self.palette.tone(Tone.MUTED)))
        self.query_one("#dialog-title", Bar).set_lines([pad(title, width)])
        self.draw_confirming()

    def draw_confirming(self) -> None:
        """Draw what confirms as it is now: the button, and the words over it."""
        button = self.query_one("#confirm", Button)
        button.disabled = bool(self.missing())
        button.label = Content(doing(self.plan) + ("  y" if self.standing.y_confirms else ""))
        self.say()

    def keys(self) -> list[tuple[str, str, bool]]:
        """Return what the footer says while it is open."""
        return [
            ("tab", "next field or button", True),
            *([("↑↓", "read on", True)] if self._more else []),
            ("esc", "leave", True),
        ]

    def on_descendant_focus(self) -> None:
        """Other keys work at another place."""
        self.draw_confirming()

    def _show_plan(self, page: Page) -> None:
        """Draw the plan as high as it is, but so that fields and buttons stay in sight."""
        low = self.size.height < _LOW
        self.set_class(low, "low")
        margins = 2 if low else 4
        width = min(_WIDTH, self.size.width) - margins - 1
        lines = len(draw_page(page, self.palette, width).lines)
        rest = (6 if low else 9) + (1 if low else 2) * self.typed
        view = self.query_one("#plan", PageView)
        height = max(2, min(lines, self.size.height - rest))
        view.styles.height = height
        view.show(page)
        self._more = lines > height

    @property
    def standing(self) -> Standing:
        """Where the focus is and what is there already."""
        word = self.query_one("#word", Input).value.strip() if self.typed else ""
        return Standing(
            focus=self.focused.id or "" if self.focused else "",
            needs_reason=self.needs_reason,
            has_reason=bool(self.reason),
            tier=self.plan.tier,
            targets=len(self.plan.steps),
            word=confirm_word(self.plan),
            typed=word,
        )

    def missing(self) -> str:
        """Return what is still missing to confirm, in words."""
        return self.problem or self.standing.missing

    @property
    def reason(self) -> str:
        """The reason as typed."""
        return self.query_one("#reason", Input).value.strip()

    def say(self, text: str = "") -> None:
        """Say something in the line over the buttons; nothing says what the keys do."""
        tone = Tone.BAD if self.problem else Tone.WARN if text else Tone.MUTED
        words = text or self.problem or self.standing.guide
        self.query_one("#say", Bar).set_lines([[piece(words, self.palette.tone(tone))]])

    def enter_on_confirm(self) -> None:
        """React to Enter on the confirming button."""


def _brief(plan: Plan, now: float) -> Page:
    """Return the plan's page as a dialog shows it: the effect and the calls before the rest.

    What the dialog says elsewhere (the title, the reason, what confirms) is left out. Of what is
    acted on and what is not the shorter list comes first.
    """
    page = plan_page(plan, now)
    already = sum(item.already for item in plan.refusals)
    left_out = len(plan.refusals) - already
    said = _SAID_ELSEWHERE
    if all(step.target.kind is Kind.JOB for step in plan.steps):
        said = said | {"Jobs"}
    blocks: list[Block] = []
    sizes = {block.name: block.total for block in page.blocks if isinstance(block, Table)}
    for block in page.blocks:
        if isinstance(block, Text) and block.name == "effect":
            lines = block.lines[1:]
            for count, words, tone in (
                (left_out, "left out, see below", Tone.WARN),
                (already, "so already: nothing is sent there", Tone.MUTED),
            ):
                if count:
                    is_are = "is" if count == 1 else "are"
                    lines += ((Cell(f"{count} {is_are} {words}", tone, count),),)
            block = replace(block, title="", lines=lines)
        elif isinstance(block, Facts):
            items = tuple(item for item in block.items if item[0] not in said)
            block = replace(block, title="", items=items)
        blocks.append(block)
    lists = sorted(("targets", "refusals"), key=lambda name: sizes.get(name, 0))
    order = ("effect", "warnings", *lists, "calls", "unchanged")
    blocks.sort(key=lambda block: order.index(block.name) if block.name in order else len(order))
    return replace(page, blocks=tuple(blocks))
