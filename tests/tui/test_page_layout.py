"""How blocks share a page: side by side, over free room, with blank lines while there is room."""

from __future__ import annotations

import pytest

from andon.model import Job, JobState, Node, NodeState
from andon.store import Snapshot, apply
from andon.store.history import History
from andon.tui.block_lines import Drawn
from andon.tui.page_lines import BOARD_COLUMNS, draw_page
from andon.tui.text import length
from andon.tui.theme import load_themes
from andon.views.page import Block, Cell, Column, Facts, Page, StaticRows, Table, Text
from andon.views.pages import page
from andon.views.state import ViewState
from tests.tui import world

PALETTE = load_themes().named("andon-dark")
LONG = "gpu-iad1-018 taken out of service because its GPU 4 has fallen off the bus"


def words(name: str, lines: int) -> Text:
    return Text(name=name, title=name, lines=tuple((Cell(f"{name} {n}"),) for n in range(lines)))


def table(name: str, rows: int, text: str = LONG) -> Table:
    return Table(
        name=name,
        title=name,
        columns=(Column(name="what", title="WHAT", summary="", width=12, grow=True),),
        rows=StaticRows(
            keys=[f"{name}{number}" for number in range(rows)], made=[(Cell(text),)] * rows
        ),
        total=rows,
        sort="what",
    )


def drawn(*blocks: Block, width: int = 120, height: int | None = None) -> Drawn:
    return draw_page(
        Page(name="p", title="P", blocks=blocks), PALETTE, width, height, columns=(72, 400)
    )


def text(made: Drawn) -> list[str]:
    assert all(length(line) <= 120 for line in made.lines)
    return ["".join(segment.text for segment in line) for line in made.lines]


def test_a_table_that_would_be_cut_reaches_over_free_room_beside_it() -> None:
    made = drawn(words("left", 4), words("right", 5), table("changes", 3))
    lines = text(made)
    assert sum(LONG in line for line in lines) == 3
    assert all("right" not in line for line in lines if LONG in line)
    for spot in made.spots:
        assert LONG in lines[spot.line]
        assert spot.width > 72


def test_room_at_the_left_is_as_good() -> None:
    made = drawn(words("left", 5), words("right", 4), table("changes", 3))
    lines = text(made)
    assert sum(LONG in line for line in lines) == 3
    assert {spot.x for spot in made.spots} == {0}
    assert all("left" not in line for line in lines if LONG in line)


def test_it_never_lies_over_what_stands_there() -> None:
    lines = text(drawn(words("left", 2), words("right", 12), table("changes", 3)))
    assert [line for line in lines if "right 6" in line]
    assert sum("right 1" in line for line in lines) == 3
    assert sum("gpu-iad1-018" in line for line in lines) == 3


def test_a_table_that_fits_its_column_leaves_the_one_beside_it_free() -> None:
    lines = text(drawn(words("left", 2), words("right", 2), table("a", 2, "x"), table("b", 2, "y")))
    assert any("a  2" in line and "b  2" in line for line in lines)


@pytest.mark.parametrize(("height", "blank"), [(20, 0), (24, 3), (40, 3)])
def test_blocks_are_apart_wherever_there_is_room_for_it(height: int, blank: int) -> None:
    facts = Facts(name="facts", title="Facts", items=(("a", Cell("1")), ("b", Cell("2"))))
    made = drawn(
        table("problems", 9),
        facts,
        words("jobs", 4),
        table("free", 9, "x"),
        width=60,
        height=height,
    )
    lines = text(made)
    assert len(lines) <= height
    assert sum(not line.strip() for line in lines) == blank


def calm(reasons: int) -> Page:
    """Return the board of a factory in which nothing is wrong and jobs wait for many reasons."""
    made = [
        Job(
            site="par1",
            id=f"{code}.{number}",
            state=JobState.PENDING,
            reason=f"QOSReason{code}",
            gpus=128,
        )
        for code in range(reasons)
        for number in range(500)
    ]
    node = Node(site="par1", name="n", state=NodeState.IDLE, gpus_total=8, gpus_allocated=0)
    snapshot = apply(
        Snapshot().with_status(world.status(interval_seconds=60.0)),
        world.batch([node, *made]),
    )
    return page(snapshot, ViewState(), world.NOW, history=History())


@pytest.mark.parametrize(("width", "height"), [(78, 21), (78, 30), (198, 46)])
def test_where_little_is_wrong_the_reasons_have_the_room(width: int, height: int) -> None:
    drawn = draw_page(calm(11), PALETTE, width, height, columns=BOARD_COLUMNS)
    lines = ["".join(segment.text for segment in line) for line in drawn.lines]
    assert len(lines) <= height
    shown = [line for line in lines if "QOSReason" in line]
    assert all("64,000 GPUs" in line for line in shown)
    assert len(shown) > 6
    if len(shown) < 11:
        assert any(f"Why jobs wait  {len(shown)} of 11" in line for line in lines)
        assert len(lines) == height


def test_what_is_asked_for_is_seen_whole_beside_how_many_wait() -> None:
    drawn = draw_page(calm(11), PALETTE, 78, 21, columns=BOARD_COLUMNS)
    lines = ["".join(segment.text for segment in line) for line in drawn.lines]
    assert any("Jobs: 0 running, 5,500 pending" in line for line in lines)
    assert any("704,000 GPUs asked for" in line for line in lines)
