"""The parts of the main screen and how they share it; nothing of what they show."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from andon.tui.theme import Palette
from andon.tui.widgets.bars import Bar
from andon.tui.widgets.page_view import PageView
from andon.tui.widgets.prompt import Prompt
from andon.tui.widgets.virtual_table import VirtualTable

SIDE_BY_SIDE_FROM = 150
"""From this width on the detail pane stands to the right, else below."""
SPLIT_FROM = 18
"""From this height on table and detail share the screen, else the detail covers the table."""
TWO_LINES_FROM = 14
"""From this height on the header has its second line."""
_TINY = 6
"""Below this height only the view is left."""


class Frame(Screen[None], inherit_bindings=False):
    """Header, view, detail pane, activity, prompt and footer."""

    ALLOW_SELECT = False
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

    def compose(self) -> ComposeResult:
        """Yield the parts, top to bottom."""
        yield Bar(id="header")
        with Container(id="body"):
            with Container(id="main-pane", classes="pane"):
                yield Bar(id="title")
                yield PageView(self.palette, one_look=True, id="overview")
                yield VirtualTable(self.palette, id="table")
            with Container(id="detail-pane", classes="pane"):
                yield Bar(id="detail-title")
                yield PageView(self.palette, id="detail")
        yield Bar(id="activity")
        yield Prompt(self.palette, id="prompt")
        yield Bar(id="footer")

    @property
    def table(self) -> VirtualTable:
        """The table of the view."""
        return self.query_one("#table", VirtualTable)

    @property
    def overview(self) -> PageView:
        """The board."""
        return self.query_one("#overview", PageView)

    @property
    def detail(self) -> PageView:
        """The detail pane."""
        return self.query_one("#detail", PageView)

    @property
    def prompt(self) -> Prompt:
        """The line for `:` and `/`."""
        return self.query_one("#prompt", Prompt)

    def bar(self, name: str) -> Bar:
        """Return a bar: `header`, `title`, `detail-title`, `activity` or `footer`."""
        return self.query_one(f"#{name}", Bar)

    def pane_width(self, name: str) -> int:
        """Return the width of `main-pane` or `detail-pane`."""
        return self.query_one(f"#{name}").size.width or self.size.width

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
        self.query_one("#header").set_class(height < TWO_LINES_FROM, "low")
        body = self.query_one("#body")
        side = width >= SIDE_BY_SIDE_FROM
        body.set_class(detail, "split")
        body.set_class(side, "side")
        body.set_class(detail and not side and height < SPLIT_FROM, "covered")
        main = self.query_one("#main-pane")
        main.set_class(table, "table")
        main.set_class(not table, "overview")

    def set_palette(self, palette: Palette) -> None:
        """Draw everything in other colours."""
        self.palette = palette
        self.table.set_palette(palette)
        self.overview.set_palette(palette)
        self.detail.set_palette(palette)
        self.prompt.palette = palette
