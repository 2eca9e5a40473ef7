"""A short list to choose one thing from: every act on a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from andon.tui.text import cut, fit, width_of

_WIDTH = 78
_PADDING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One line of the menu."""

    id: str
    name: str
    words: str
    """What it does."""
    key: str = ""
    """Where it also lies, as people write it."""
    why_not: str = ""
    """Why it cannot be chosen now; then this is said instead of what it does."""


class MenuScreen(ModalScreen[str | None], inherit_bindings=False):
    """Choose with arrows and enter; esc leaves. Dismisses with the id of what was chosen.

    Args:
        title: what the choice is about.
        choices: the lines.
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c", "leave", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]
    DEFAULT_CSS = """
    MenuScreen { align: center middle; background: $background 60%; }
    MenuScreen #menu {
        width: 78; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    MenuScreen #menu-title { height: 1; text-style: bold; }
    MenuScreen OptionList {
        height: auto; max-height: 14; border: none; padding: 0; margin-top: 1;
        background: $surface;
        &:focus { border: none; background-tint: $background 0%; }
    }
    """

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Yield the title and the list."""
        width = min(_WIDTH, self.app.size.width) - _PADDING
        with Vertical(id="menu"):
            yield Static(Content(cut(self._title, width)), id="menu-title", markup=False)
            yield OptionList(
                *(
                    Option(Content(line), id=one.id, disabled=bool(one.why_not))
                    for one, line in zip(self._choices, _lines(self._choices, width), strict=True)
                ),
                markup=False,
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the choice."""
        self.dismiss(event.option.id)

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


def _lines(choices: Sequence[Choice], width: int) -> list[str]:
    """Return what is said of each choice: its name, what it does or why not, its key."""
    names = max((width_of(one.name) for one in choices), default=0) + 3
    keys = max((width_of(one.key) for one in choices), default=0)
    words = width - names - keys - 2
    return [
        fit(one.name, names)
        + fit(f"– {one.why_not}" if one.why_not else one.words, words)
        + "  "
        + fit(one.key, keys, "right")
        for one in choices
    ]
