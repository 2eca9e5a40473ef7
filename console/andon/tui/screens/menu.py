"""A short list to choose one thing from: every act on a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option


class MenuScreen(ModalScreen[str | None], inherit_bindings=False):
    """Choose with arrows and enter; esc leaves. Dismisses with the id of what was chosen.

    Args:
        title: what the choice is about.
        choices: id, name and a few words of what it does.
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
        width: 64; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    MenuScreen #menu-title { height: 1; text-style: bold; }
    MenuScreen OptionList {
        height: auto; max-height: 14; border: none; padding: 0; margin-top: 1;
        background: $surface;
        &:focus { border: none; background-tint: $background 0%; }
    }
    """

    def __init__(self, title: str, choices: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Yield the title and the list."""
        width = max((len(name) for _, name, _ in self._choices), default=0) + 3
        with Vertical(id="menu"):
            yield Static(Content(self._title), id="menu-title", markup=False)
            yield OptionList(
                *(
                    Option(Content(f"{name:<{width}}{words}"), id=name_id)
                    for name_id, name, words in self._choices
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
