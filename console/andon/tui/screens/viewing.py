"""Where the viewer is and what that shows: pages made from the desk, drawn by the parts.

What keys do is in `andon.tui.handlers`; nothing here decides what a page says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace as changed

from andon.model import Kind
from andon.sdk.clean import clean
from andon.sdk.errors import UsageError
from andon.tui.activity import Activity
from andon.tui.backend import Backend
from andon.tui.desk import Desk
from andon.tui.fitting import fits_wide, fitting
from andon.tui.keys import KEYS, Context, Key
from andon.tui.places import Place, Places, Thing, thing_of
from andon.tui.screens.chrome import draw_bars
from andon.tui.screens.dialog import DEAF_SECONDS
from andon.tui.screens.frame import Frame
from andon.tui.theme import Palette
from andon.views.page import Cell, Facts, Page, Text, Tone
from andon.views.pages import table_of
from andon.views.registry import ViewSpec, view_named
from andon.views.state import ViewState
from andon.views.values import ValueScan

if TYPE_CHECKING:
    from andon.tui.app import AndonApp


class Viewing(Frame, inherit_bindings=False):
    """The main screen without its keys: a place, its pages and how they are shown."""

    def __init__(
        self,
        *,
        backend: Backend,
        desk: Desk,
        palette: Palette,
        start: ViewState,
        registry: tuple[Key, ...] = KEYS,
        opens: Mapping[str, ViewState] | None = None,
        deaf_seconds: float = DEAF_SECONDS,
    ) -> None:
        super().__init__(palette)
        self.backend = backend
        self.desk = desk
        self.registry = registry
        self.opens = dict(opens or {})
        """How views open that are not opened the usual way."""
        self.places = Places(root=start.view)
        self.places.go(Place(state=start))
        self.wide: bool | None = None
        """What `w` chose; `None` goes by the width."""
        self.marks: dict[str, set[str]] = {}
        """Marks by view."""
        self.page: Page | None = None
        self.problem: str | None = None
        """Why the last page could not be made."""
        self._width = 0
        """Of the table, when its page was made."""
        self.activity = Activity()
        self.filter_before = ""
        """The filter that esc in its prompt restores."""
        self.values: ValueScan | None = None
        """What was found so far of the values that a filter's field has."""
        self.deaf_seconds = deaf_seconds

    @property
    def andon(self) -> AndonApp:
        """The application."""
        return cast("AndonApp", self.app)

    @property
    def place(self) -> Place:
        """Where the viewer is."""
        return self.places.now

    @property
    def view(self) -> ViewSpec:
        """The view that is shown."""
        return view_named(self.place.state.view)

    @property
    def shows_table(self) -> bool:
        """Whether the view is a table."""
        return bool(self.view.columns)

    def thing(self) -> Thing | None:
        """Return what the cursor stands on: a row, a neighbour, or the subject of the pane."""
        if self.detail.has_focus and self.place.detail is not None:
            spot = self.detail.chosen
            return thing_of(spot.table, spot.key) if spot else self.place.detail
        if self.shows_table:
            key = self.table.cursor_key if self.table.row_count else None
            return Thing(self.view.name, key) if key is not None else None
        spot = self.overview.chosen
        return thing_of(spot.table, spot.key) if spot else None

    def context(self) -> Context:
        """Return what keys are pressed on now."""
        thing = self.thing()
        on_table = self.shows_table and not self.detail.has_focus
        kind = thing.kind if thing else None
        panes = self.place.detail is not None
        return Context(table=on_table, kind=kind, thing=thing is not None, panes=panes)

    # -- showing ---------------------------------------------------------------------------------

    def show_place(self) -> None:
        """Show the place the viewer is at now: another view, or another choice in it."""
        place, spec = self.place, self.view
        self.backend.interest(spec.interest)
        self.share(table=self.shows_table, detail=place.detail is not None)
        if self.page is not None and self.page.name != spec.name:
            self.page = None
            self.table.show(None)
        self.table.marks = self.marks.setdefault(spec.name, set())
        if place.cursor is not None:
            self.table.cursor_key = place.cursor
        self.redraw()
        if place.cursor is not None:
            self.table.move_to_key(place.cursor)
        if not self.prompt.is_open:
            self.focus_view()
        draw_bars(self)
        self.call_after_refresh(self._refit)

    def focus_view(self) -> None:
        """Give the keys to the pane that was followed to, else to the view."""
        if self.place.detail is not None and self.place.followed:
            self.set_focus(self.detail)
        else:
            self.set_focus(self.table if self.shows_table else self.overview)

    def redraw(self) -> None:
        """Make the pages again from what the desk shows and draw what differs."""
        if not self.is_mounted or not self.is_running:
            return
        self._make_page()
        if self.page is not None and self.shows_table:
            self.table.show(table_of(self.page))
        elif self.page is not None:
            self.overview.show(self.page)
        if self.place.detail is not None:
            self.detail.show(self._detail_page(self.place.detail))
        draw_bars(self)

    def _make_page(self) -> None:
        self._width = self.table_width
        state = changed(self.place.state, wide=self.is_wide())
        if self.shows_table and not (state.wide or state.columns or self._all_fit()):
            state = changed(state, columns=fitting(self.view, self._width, self._alike()))
        try:
            self.page = self.desk.page(state, self.page)
            self.problem = None
        except UsageError as error:
            self.problem = f"{error.message}; {error.hint}" if error.hint else error.message
        except Exception as error:  # noqa: BLE001 - one bad record must not end the session
            self.problem = clean(f"this view cannot be drawn: {type(error).__name__}: {error}")

    def _alike(self) -> tuple[str, ...]:
        """Return the columns that say the same on every row: the site, where there is but one."""
        shown, wanted = self.desk.shown, self.place.state.scope.sites
        sites = {status.site for status in shown.sources.values()}
        sites |= {key for said in shown.of(Kind.SITE).values() for key in said.records}
        return ("site",) if len(wanted or sites) == 1 else ()

    def _detail_page(self, thing: Thing) -> Page:
        try:
            return _untitled(self.desk.detail(thing.view, thing.key))
        except Exception as error:  # noqa: BLE001 - one bad record must not end the session
            why = clean(f"this cannot be drawn: {type(error).__name__}: {error}")
            block = Text(name="problem", title="", lines=((Cell(why, Tone.BAD),),))
            return Page(name="detail", title=thing.key, blocks=(block,))

    def is_wide(self) -> bool:
        """Return whether the wide set of columns is shown."""
        if self.wide is not None or not self.shows_table:
            return bool(self.wide)
        return self._all_fit()

    def _all_fit(self) -> bool:
        return fits_wide(self.view, self.table_width)

    def _refit(self) -> None:
        """Choose the columns again if the table got another width than it was thought to get."""
        if self.shows_table and self._width != self.table_width:
            self.redraw()


def _untitled(page: Page) -> Page:
    """Return the page of one thing without the heading that says again what it is."""
    if not page.blocks or not isinstance(page.blocks[0], Facts):
        return page
    return replace(page, blocks=(replace(page.blocks[0], title=""), *page.blocks[1:]))
