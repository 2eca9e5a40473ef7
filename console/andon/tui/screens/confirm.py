"""The dialog between a key and an act: what confirming a plan takes.

The focus starts on leaving; Enter alone never confirms; keys that were typed before the dialog
could be read are dropped. Targets are frozen before it opens: only the reason changes the plan.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input

from andon.model import Plan
from andon.sdk.errors import AndonError
from andon.tui.screens.dialog import PlanDialog
from andon.tui.widgets.page_view import PageView


class ConfirmScreen(PlanDialog, inherit_bindings=False):
    """Dismisses with the plan that was confirmed, or `None`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", show=False),
        Binding("y", "yes", show=False),
        Binding("tab,right", "app.focus_next", show=False),
        Binding("shift+tab,left", "app.focus_previous", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "scroll(-8)", show=False),
        Binding("pagedown", "scroll(8)", show=False),
    ]

    def on_key(self, event: events.Key) -> None:
        """Put a letter into the field that it is for: none is lost, none leaves."""
        if isinstance(self.focused, Input) or not event.is_printable:
            return
        if event.character == "y" and self.standing.y_confirms:
            return
        event.stop()
        event.prevent_default()
        self._put(event.character or "")

    def on_paste(self, event: events.Paste) -> None:
        """Put what is pasted where it would go if it were typed."""
        if not isinstance(self.focused, Input):
            event.stop()
            self._put(event.text.partition("\n")[0].strip())

    def _put(self, text: str) -> None:
        name = self.standing.field_for(text)
        if name is None or self.problem:
            return
        field = self.query_one(f"#{name}", Input)
        field.focus()
        field.cursor_position = len(field.value)
        field.insert_text_at_cursor(text)

    @on(Input.Changed, "#reason")
    def _on_reason(self) -> None:
        self._replan()

    @on(Input.Changed, "#word")
    def _on_word(self) -> None:
        self.draw_confirming()

    def _replan(self) -> None:
        """Make the plan again with the reason as typed: what is shown is what runs."""
        try:
            self.plan = self.planner(self.reason)
            self.problem = ""
        except AndonError as error:
            self.problem = error.message
        self.draw()

    @on(Input.Submitted)
    def _on_enter_in_field(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "reason" and self.typed:
            self.query_one("#word").focus()
        elif self.missing():
            self.say(self.missing())
        elif event.input.id == "word":
            self._confirm()
        else:
            self.query_one("#confirm").focus()

    def enter_on_confirm(self) -> None:
        """Enter on the button: what was typed confirms; Enter itself never does."""
        if bool(self.missing()):
            self.say(self.missing())
        elif self.typed:
            self._confirm()
        else:
            self.say("press y: enter alone never confirms")

    def action_yes(self) -> None:
        """Confirm what `y` may confirm."""
        if self.standing.y_confirms and not self.missing():
            self._confirm()

    @on(Button.Pressed)
    def _on_button(self, event: Button.Pressed) -> None:
        event.stop()
        if self.deaf:
            return
        if event.button.id == "leave":
            self.dismiss(None)
        elif not self.missing():
            self._confirm()

    def _confirm(self) -> None:
        try:
            plan = self.planner(self.reason)
        except AndonError as error:
            self.problem = error.message
            self.say()
            return
        if _essence(plan) != _essence(self.plan):
            # Something moved since it was read: what was confirmed is not this.
            self.plan = plan
            self.draw()
            self.say("the plan changed just now: read it again")
            return
        self.dismiss(plan)

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll the plan."""
        self.query_one("#plan", PageView).scroll_lines(lines)


def _essence(plan: Plan) -> object:
    """Return what must not change between reading a plan and confirming it."""
    calls = tuple((step.target.key, step.call) for step in plan.steps)
    return (plan.tier, plan.effect, calls, len(plan.refusals))
