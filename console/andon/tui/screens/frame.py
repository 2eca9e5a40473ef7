"""The parts of the main screen and how they share it; nothing of what they show."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen

from andon.tui.theme import Palette
from andon.tui.widgets.bars import Bar
from andon.tui.widgets.ground import Box
from andon.tui.widgets.page_view import PageView
from andon.tui.widgets.prompt import Prompt
from andon.tui.widgets.virtual_table import VirtualTable

SIDE_BY_SIDE_FROM = 150
"""From this width on the detail pane stands to the right, else below."""
SPLIT_FROM = 18
"""From this height on table and detail share the screen, else the detail covers the table."""
TWO_LINES_FROM = 14
"""From this height on the header has its second line."""
_BARS = ("header", "title", "detail-title", "activity", "footer")
_TINY = 6
"""Below this height only the view is left."""


class Frame(Screen[None], inherit_bindings=False):
    """Header, view, detail pane, activity, prompt and footer."""

    ALLOW_SELECT = False
    BLANK = True
    DEFAULT_CSS = """
    Frame { layout: vertical; background: $background; }
    Frame #header { height: 2; }
    Frame #header.low { height: 1; }
    Frame #body { height: 1fr; layout: vertical; }
    Frame #body.side { layout: horizontal; }
    Frame .pane { height: 1fr; width: 1fr; }
    Frame #detail-pane { display: none; }
    Frame #body.split #detail-pane { display: block; height: 1.3fr; }
    Frame #body.split.side #detail-pane { height: 1fr; }
    Frame #body.covered #main-pane { display: none; }
    Frame #overview, Frame #table { display: none; }
    Frame #main-pane.overview #overview, Frame #main-pane.table #table { display: block; }
    Frame #activity { height: 1; display: none; }
    Frame #activity.busy { display: block; }
    Frame.tiny #header, Frame.tiny #footer { display: none; }
    """

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.palette = palette
        self.table = VirtualTable(palette, id="table")
        """The table of the view."""
        self.overview = PageView(palette, one_look=True, id="overview")
        """The board."""
        self.detail = PageView(palette, id="detail")
        """The detail pane."""
        self.prompt = Prompt(palette, id="prompt")
        """The line for `:` and `/`."""
        self.bars = {name: Bar(id=name) for name in _BARS}
        """`header`, `title`, `detail-title`, `activity` and `footer`."""
        self._body = Box(id="body")
        self._main_pane = Box(id="main-pane", classes="pane")
        self._detail_pane = Box(id="detail-pane", classes="pane")

    def compose(self) -> ComposeResult:
        """Yield the parts, top to bottom."""
        yield self.bars["header"]
        with self._body:
            with self._main_pane:
                yield self.bars["title"]
                yield self.overview
                yield self.table
            with self._detail_pane:
                yield self.bars["detail-title"]
                yield self.detail
        yield self.bars["activity"]
        yield self.prompt
        yield self.bars["footer"]

    @property
    def main_width(self) -> int:
        """Width of the pane with the view."""
        return self._main_pane.size.width or self.size.width

    @property
    def shows_both(self) -> bool:
        """Whether the view can be seen beside the detail pane."""
        return not self._body.has_class("covered")

    @property
    def table_width(self) -> int:
        """Width of the table's rows, also while it is not on the screen yet."""
        return self.table.view.width or max(0, self.main_width - 1)

    @property
    def detail_width(self) -> int:
        """Width of the detail pane."""
        return self._detail_pane.size.width or self.size.width

    @property
    def header_height(self) -> int:
        """How many lines the header has at this size."""
        return 2 if self.size.height >= TWO_LINES_FROM else 1

    def share(self, *, table: bool, detail: bool) -> None:
        """Choose how the parts share the screen.

        Args:
            table: the view is a table, else the board.
            detail: the detail pane is open.
        """
        width, height = self.size
        self.set_class(height < _TINY, "tiny")
        self.bars["header"].set_class(height < TWO_LINES_FROM, "low")
        body = self._body
        side = width >= SIDE_BY_SIDE_FROM
        body.set_class(detail, "split")
        body.set_class(side, "side")
        body.set_class(detail and not side and height < SPLIT_FROM, "covered")
        self._main_pane.set_class(table, "table")
        self._main_pane.set_class(not table, "overview")

    def set_palette(self, palette: Palette) -> None:
        """Draw everything in other colours."""
        self.palette = palette
        self.table.set_palette(palette)
        self.overview.set_palette(palette)
        self.detail.set_palette(palette)
        self.prompt.palette = palette
