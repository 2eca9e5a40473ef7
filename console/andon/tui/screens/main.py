"""The one screen that is always there: keys and messages of its parts find their handlers."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType

from andon.tui.handlers import handler, prompting
from andon.tui.handlers.going import follow, open_detail
from andon.tui.handlers.looking import sort_by
from andon.tui.keys import KEYS, works
from andon.tui.places import thing_of
from andon.tui.screens.chrome import draw_bars
from andon.tui.screens.viewing import Viewing
from andon.tui.widgets.page_view import PageView
from andon.tui.widgets.prompt import Prompt
from andon.tui.widgets.virtual_table import VirtualTable


class MainScreen(Viewing, inherit_bindings=False):
    """Passes keys and messages to their handlers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(key.keys), f"press({key.id!r})", key.label, show=False, id=key.id)
        for key in KEYS
    ]

    def on_mount(self) -> None:
        """Show the first place, before any data."""
        self.show_place()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the parts to the size."""
        self.share(table=self.shows_table, detail=self.place.detail is not None)
        self.call_after_refresh(self.redraw)

    def action_press(self, name: str) -> None:
        """Do what a key of the registry does, where it does something."""
        key = next(key for key in self.registry if key.id == name)
        if key.verb and self.prompt.is_open:
            return
        if works(key, self.context()):
            handler(key)(self)

    @on(VirtualTable.Moved)
    @on(VirtualTable.Marked)
    def _on_moved(self) -> None:
        draw_bars(self)

    @on(VirtualTable.Opened)
    def _on_row_opened(self) -> None:
        open_detail(self)

    @on(VirtualTable.SortAsked)
    def _on_sort_asked(self, event: VirtualTable.SortAsked) -> None:
        sort_by(self, event.column)

    @on(PageView.Opened)
    def _on_neighbour_opened(self, event: PageView.Opened) -> None:
        follow(self, thing_of(event.table, event.key))

    @on(Prompt.Changed)
    def _on_prompt_changed(self, event: Prompt.Changed) -> None:
        prompting.changed(self, event.sign, event.text)

    @on(Prompt.Taken)
    def _on_prompt_taken(self, event: Prompt.Taken) -> None:
        prompting.taken(self, event.sign, event.text)

    @on(Prompt.Left)
    def _on_prompt_left(self, event: Prompt.Left) -> None:
        prompting.left(self, event.sign)

    def on_screen_suspend(self) -> None:
        """Something stands before the screen now: other keys work."""
        draw_bars(self)

    def on_screen_resume(self) -> None:
        """Nothing stands before the screen any more."""
        draw_bars(self)

    def on_descendant_focus(self) -> None:
        """Another pane has the keys: other keys work."""
        draw_bars(self)
