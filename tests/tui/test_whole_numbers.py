"""No number is ever cut: a number that lacks its end is another number."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from andon.tui.backend import Report
from andon.tui.block_lines import Brush, draw_block
from andon.tui.table_lines import RowLook, lay_out, row
from andon.tui.theme import load_themes
from andon.views.page import Cell, Column, StaticRows, Table
from andon.views.registry import VIEWS, ViewSpec
from tests.tui.world import SOURCE, accelerators, batch, console, jobs, nodes, reports

PALETTE = load_themes().named("andon-dark")
TABLES = [view for view in VIEWS if view.columns]


def large() -> list[Report]:
    """Return a factory whose numbers have all the digits that they may have."""
    cards = [
        replace(card, power_draw_watts=140.0, power_limit_watts=1000.0, uuid=f"L{card.uuid}")
        for card in accelerators(3)
    ]
    hosts = [
        replace(node, cpus_total=1024, cpus_allocated=1000, memory_total_bytes=12_345 * 2**30)
        for node in nodes(12)
    ]
    work = [replace(job, gpus=12_288, priority=4_294_967_295) for job in jobs(12)]
    return [batch([*hosts, *cards, *work], source=SOURCE)]


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
async def test_no_number_of_any_view_is_cut(view: ViewSpec, width: int) -> None:
    async with console(*reports(), *large(), size=(width, 24), view=view.name) as it:
        canvas = it.app.main.table
        table = canvas.table
        assert table is not None and len(table.rows)
        seen = 0
        for span in canvas.layout_now.spans:
            if table.columns[span.index].align != "right":
                continue
            for index in range(min(len(table.rows), canvas.view.height - 1)):
                text = table.rows.cells(index)[span.index].text
                assert len(text) <= span.width, (table.columns[span.index].name, text)
                seen += 1
        assert seen


COLUMNS = (
    Column(name="name", title="NAME", summary="", width=8),
    Column(name="power", title="POWER W", summary="", width=7, align="right"),
    Column(name="count", title="COUNT", summary="", width=5, align="right"),
)
CELLS = (Cell("gpu-1"), Cell("140/1000"), Cell("12"))


def test_a_column_of_numbers_takes_what_they_need_and_is_left_out_rather_than_cut() -> None:
    for width in range(20, 40):
        layout = lay_out(COLUMNS, width, needs=(8, 8, 6), texts=(5, 8, 2))
        line = row(CELLS, COLUMNS, layout, PALETTE, RowLook())
        text = "".join(segment.text for segment in line)
        assert "…" not in text
        assert ("140/1000" in text) == (width >= 20)
        assert layout.hidden_right == (3 - len(layout.spans))


def test_a_small_table_of_a_page_cuts_no_number() -> None:
    table = Table(
        name="t",
        title="T",
        columns=COLUMNS,
        rows=StaticRows(["a"], [CELLS]),
        total=1,
        sort="name",
    )
    drawn = draw_block(table, Brush(PALETTE, 40))
    text = ["".join(segment.text for segment in line) for line in drawn.lines]
    assert "140/1000" in text[-1]
