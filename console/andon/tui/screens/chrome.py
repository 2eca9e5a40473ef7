"""What header, titles, activity and footer say of the main screen's state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from andon.tui.keys import footer, typing_footer
from andon.tui.screens.dialog import PlanDialog
from andon.tui.screens.pager import ReadingScreen
from andon.tui.screens.rereading import RereadingScreen
from andon.tui.titles import TitleFacts, title_line
from andon.tui.widgets.bars import footer_line
from andon.tui.widgets.header import HeaderFacts, header_lines
from andon.views.page import Cell, Page

if TYPE_CHECKING:
    from andon.tui.screens.viewing import Viewing


def draw_bars(screen: Viewing) -> None:
    """Draw header, titles, activity and footer; what did not change costs nothing."""
    width, palette = screen.size.width, screen.palette
    if width <= 0:
        return
    screen.bars["header"].set_lines(
        header_lines(header_facts(screen), palette, width, screen.header_height)
    )
    facts = title_facts(screen)
    # The board needs no name, and of its sources the header tells.
    screen.bars["title"].display = bool(screen.shows_table or facts.problem)
    screen.bars["title"].set_lines([title_line(facts, palette, screen.main_width)])
    page = screen.detail.page
    if screen.place.detail is not None and page is not None:
        said = _notes(screen.page) if screen.shows_both else ()
        facts = TitleFacts(
            title=page.title,
            focused=screen.detail.has_focus,
            notes=tuple(note for note in _notes(page) if note not in said),
            rule=True,
        )
        line = title_line(facts, palette, screen.detail_width)
        screen.bars["detail-title"].set_lines([line])
    _draw_activity(screen)
    screen.bars["footer"].set_lines([footer_line(_keys(screen), palette, width)])


def _keys(screen: Viewing) -> list[tuple[str, str, bool]]:
    """Return the keys that work now: those of what stands before the screen, if anything does."""
    front = screen.app.screen
    if isinstance(front, PlanDialog):
        return front.keys()
    if isinstance(front, RereadingScreen):
        return [("esc", "leave", True)]
    if front is not screen:
        return [("↑↓", "choose", True), ("enter", "take", True), ("esc", "leave", True)]
    if screen.prompt.is_open:
        return typing_footer(screen.prompt.sign)
    armed = screen.backend.read_only_why is None
    at_root = screen.place.state.view == screen.places.root and screen.place.detail is None
    return footer(screen.registry, screen.context(), armed=armed, root=at_root)


def _draw_activity(screen: Viewing) -> None:
    seen = not isinstance(screen.app.screen, ReadingScreen)
    lines = screen.activity.lines(screen.palette, screen.size.width, screen.desk.time, seen=seen)
    bar = screen.bars["activity"]
    if len(lines) != len(bar.lines):
        bar.styles.height = max(1, len(lines))
        bar.set_class(bool(lines), "busy")
    bar.set_lines(lines)


def header_facts(screen: Viewing) -> HeaderFacts:
    """Return what the header says."""
    desk, scope = screen.desk, screen.place.state.scope
    parts = [", ".join(names) for names in (scope.sites, scope.sources, scope.tenants) if names]
    if scope.user:
        parts.append(f"{scope.user}'s jobs")
    sites = sorted({status.site for status in desk.shown.sources.values()})
    everything = sites[0] if len(sites) == 1 else f"{len(sites)} sites" if sites else ""
    return HeaderFacts(
        scope=" · ".join(parts) or everything,
        identity=screen.backend.identity,
        armed=screen.backend.read_only_why is None,
        demo=desk.shown.demo,
        paused_seconds=desk.paused_seconds,
        sources=tuple(desk.shown.sources.values()),
        now=desk.now,
        collector=screen.backend.collector_trouble,
    )


def _notes(page: Page | None) -> tuple[Cell, ...]:
    """Return what a page's title adds: not DEMO, which the header says of everything."""
    return tuple(note for note in page.notes if note.text != "DEMO") if page else ()


def title_facts(screen: Viewing) -> TitleFacts:
    """Return what the line over the view says."""
    facts = TitleFacts(
        title=screen.view.title,
        focused=not screen.detail.has_focus,
        notes=_notes(screen.page),
        problem=screen.problem if not screen.prompt.is_open else None,
    )
    widget = screen.table
    if not screen.shows_table or widget.table is None:
        return facts
    return replace(
        facts,
        position=widget.cursor_row + 1 if widget.row_count else 0,
        shown=widget.row_count,
        total=widget.table.total,
        filter=screen.place.state.filter,
        marked=len(widget.marks),
    )
