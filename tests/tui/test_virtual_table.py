"""The table of any length: what it draws, what it repaints, where cursor and marks stay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from andon.tui.theme import load_themes
from andon.tui.widgets.virtual_table import VirtualTable
from andon.views.page import Cell, Column, Table, Tone

COLUMNS = (
    Column(name="name", title="Name", summary="", width=8),
    Column(name="state", title="State", summary="", width=6),
    Column(name="count", title="Count", summary="", width=6, align="right"),
)


class CountedRows:
    """Rows made when asked for; remembers which were."""

    def __init__(self, keys: Iterable[str], texts: dict[str, str] | None = None) -> None:
        self.keys = list(keys)
        self.texts = texts or {}
        self.at = {key: index for index, key in enumerate(self.keys)}
        self.asked: set[int] = set()
        self.ages: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def key(self, index: int) -> str:
        return self.keys[index]

    def index(self, key: str) -> int | None:
        return self.at.get(key)

    def cells(self, index: int) -> tuple[Cell, ...]:
        self.asked.add(index)
        key = self.keys[index]
        return (Cell(key), Cell(self.texts.get(key, "idle"), Tone.GOOD), Cell("1", raw=1))

    def stale_seconds(self, index: int) -> float | None:
        return self.ages.get(self.keys[index])


def table(rows: CountedRows, *, columns: tuple[Column, ...] = COLUMNS, sort: str = "name") -> Table:
    return Table(
        name="nodes", title="Nodes", columns=columns, rows=rows, total=len(rows), sort=sort,
        empty="No node reported anything",
    )  # fmt: skip


class TableApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.shown = VirtualTable(load_themes().named("andon-dark"))
        self.opened: list[str] = []
        self.sorts: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.shown

    def on_mount(self) -> None:
        self.shown.focus()

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        self.opened.append(event.key)

    def on_virtual_table_sort_asked(self, event: VirtualTable.SortAsked) -> None:
        self.sorts.append(event.column)


@asynccontextmanager
async def shown(
    rows: CountedRows, size: tuple[int, int] = (60, 20), columns: tuple[Column, ...] = COLUMNS
) -> AsyncIterator[tuple[VirtualTable, Pilot[None], TableApp]]:
    app = TableApp()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.shown.show(table(rows, columns=columns))
        await pilot.pause()
        yield app.shown, pilot, app


def lines(widget: VirtualTable) -> list[str]:
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def names(count: int) -> list[str]:
    return [f"n{number:05d}" for number in range(count)]


async def test_only_visible_rows_are_made_of_a_hundred_thousand() -> None:
    rows = CountedRows(names(100_000))
    async with shown(rows) as (widget, pilot, _):
        assert len(rows.asked) < 60
        rows.asked.clear()
        widget.move_to(99_999)
        await pilot.pause()
        assert len(rows.asked) < 60
        assert lines(widget)[-1].strip().startswith("n99999")


async def test_cursor_and_marks_stay_on_their_thing_when_rows_move() -> None:
    async with shown(CountedRows(names(200))) as (widget, pilot, _):
        widget.move_to(100)
        widget.toggle_mark()
        await pilot.pause()
        line = next(y for y, text in enumerate(lines(widget)) if "n00101" in text)
        widget.show(table(CountedRows(["new1", "new2", *names(200)])))
        await pilot.pause()
        assert widget.cursor_key == "n00101"
        assert widget.cursor_row == 103
        assert widget.marks == {"n00100"}
        assert "n00101" in lines(widget)[line], "the screen stays on its rows too"
        assert "✓ n00100" in "\n".join(lines(widget))


async def test_at_the_top_what_comes_in_is_seen() -> None:
    async with shown(CountedRows(names(200))) as (widget, pilot, _):
        widget.show(table(CountedRows(["new", *names(200)])))
        await pilot.pause()
        assert widget.cursor_key == "n00000"
        assert "new" in lines(widget)[1]


async def test_when_its_thing_goes_the_cursor_takes_the_row_in_its_place() -> None:
    async with shown(CountedRows(names(5))) as (widget, pilot, _):
        widget.move_to(4)
        widget.show(table(CountedRows(names(3))))
        await pilot.pause()
        assert widget.cursor_key == "n00002"
        widget.show(table(CountedRows([])))
        await pilot.pause()
        assert "No node reported anything" in "\n".join(lines(widget))


def watched(widget: VirtualTable) -> list[Region]:
    """Return what will have been asked to be painted."""
    painted: list[Region] = []
    refresh = widget.refresh

    def spy(*regions: Region, **more: bool) -> VirtualTable:
        painted.extend(regions or [Region(0, 0, 99, 99)])
        return refresh(*regions, **more)

    widget.refresh = spy  # type: ignore[method-assign]
    return painted


async def test_rows_that_moved_together_are_not_painted_again() -> None:
    async with shown(CountedRows(names(200))) as (widget, pilot, _):
        widget.move_to(100)
        await pilot.pause()
        top, before, painted = widget.top, lines(widget), watched(widget)
        widget.show(table(CountedRows(["new1", "new2", *names(200)])))
        await pilot.pause()
        assert painted == []
        assert widget.top == top + 2
        assert lines(widget) == before
        shown_lines = widget.render_lines(Region(0, 0, *widget.size))
        assert [line.text.rstrip() for line in shown_lines] == before


async def test_many_rows_that_differ_are_painted_a_few_at_a_time() -> None:
    async with shown(CountedRows(names(50)), size=(60, 40)) as (widget, pilot, _):
        lines(widget)
        painted = watched(widget)
        widget.show(table(CountedRows(names(50), dict.fromkeys(names(50), "down"))))
        assert {region.y for region in painted} == set(range(1, 13))
        for _ in range(6):
            await pilot.pause()
        assert {region.y for region in painted} == set(range(1, 40))
        assert all("down" in line for line in lines(widget)[1:])


async def test_a_table_that_stays_empty_is_painted_once() -> None:
    async with shown(CountedRows([])) as (widget, pilot, _):
        painted = watched(widget)
        widget.show(table(CountedRows([])))
        await pilot.pause()
        assert painted == []
        assert "No node reported anything" in "\n".join(lines(widget))


async def test_a_new_table_repaints_only_the_cells_that_differ() -> None:
    async with shown(CountedRows(names(50))) as (widget, _pilot, _):
        lines(widget)
        painted = watched(widget)
        widget.show(table(CountedRows(names(50))))
        assert painted == []
        widget.show(table(CountedRows(names(50), {"n00003": "down"})))
        span = widget.layout_now.spans[1]
        assert painted == [Region(span.x, 4, span.width, 1)]


async def test_marking_a_range_takes_every_row_between() -> None:
    async with shown(CountedRows(names(20))) as (widget, _, _):
        widget.move_to(3)
        widget.toggle_mark()
        widget.move_to(7)
        widget.mark_range()
        assert widget.marked_keys() == tuple(names(20)[3:8])
        widget.clear_marks()
        assert widget.marked_keys() == ()


async def test_a_click_moves_a_second_one_opens_and_one_on_the_header_sorts() -> None:
    async with shown(CountedRows(names(20))) as (widget, pilot, app):
        await pilot.click(VirtualTable, offset=(5, 4))
        assert widget.cursor_row == 3
        await pilot.click(VirtualTable, offset=(5, 4), times=2)
        assert app.opened == ["n00003"]
        await pilot.click(VirtualTable, offset=(widget.layout_now.spans[1].x, 0))
        assert app.sorts == ["state"]


async def test_a_click_takes_the_row_one_sees_though_the_rows_are_not_painted_yet() -> None:
    async with shown(CountedRows(names(50)), size=(60, 40)) as (widget, _pilot, _):
        seen = lines(widget)[30].split()[0]
        widget.show(table(CountedRows([*reversed(names(50))])))
        widget.on_click(click(widget, 3, 30))
        assert widget.cursor_key == seen


def click(widget: VirtualTable, x: int, y: int) -> events.Click:
    """Return a click that is taken before anything is painted again."""
    return events.Click(
        widget, x, y, delta_x=0, delta_y=0, button=1, shift=False, meta=False, ctrl=False,
        screen_x=x, screen_y=y,
    )  # fmt: skip


async def test_the_first_column_stays_while_the_others_scroll_sideways() -> None:
    many = COLUMNS + tuple(
        Column(name=f"c{number}", title=f"C{number}", summary="", width=10) for number in range(8)
    )

    class Wide(CountedRows):
        def cells(self, index: int) -> tuple[Cell, ...]:
            return (*super().cells(index), *(Cell(f"v{number}") for number in range(8)))

    async with shown(Wide(names(5)), size=(40, 8), columns=many) as (widget, pilot, _):
        assert lines(widget)[0].endswith("›")
        widget.move_column(len(many))
        await pilot.pause()
        assert "Name" in lines(widget)[0]
        assert "C7" in lines(widget)[0]
        assert lines(widget)[0].startswith("‹")
        assert "n00000" in lines(widget)[1]
        assert "v7" in lines(widget)[1]


async def test_a_stale_row_says_how_old_it_is() -> None:
    rows = CountedRows(names(3))
    rows.ages["n00001"] = 120.0
    async with shown(rows) as (widget, _, _):
        assert lines(widget)[2].endswith("old")
        assert not lines(widget)[1].endswith("old")


async def test_wide_characters_are_cut_by_cells_and_columns_stay_aligned() -> None:
    rows = CountedRows(["日本語のノード名", "ab"], {})
    async with shown(rows) as (widget, _, _):
        for line in range(3):
            assert widget.render_line(line).cell_length == widget.view.width
        first = widget.render_line(1).text
        assert first.index("idle") + 5 < len(first)


async def test_paging_and_ends() -> None:
    async with shown(CountedRows(names(100))) as (widget, pilot, _):
        widget.move_pages(1)
        assert widget.cursor_row == widget.view.height - 2
        widget.move_by(-500)
        assert widget.cursor_row == 0
        widget.move_by(500)
        await pilot.pause()
        assert widget.cursor_row == 99
        assert widget.move_to_key("n00042")
        assert not widget.move_to_key("gone")


async def test_a_table_that_was_shown_before_it_had_a_size_gives_texts_their_room() -> None:
    app = TableApp()
    app.shown.display = False
    async with app.run_test(size=(60, 10)) as pilot:
        app.shown.show(table(CountedRows(["a"], {"a": "maintenance"})))
        app.shown.display = True
        await pilot.pause()
        assert any("maintenance" in line for line in lines(app.shown))
