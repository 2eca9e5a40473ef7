"""Pure drawing: text by cells, tables, blocks, pages, header and titles."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from rich.segment import Segment

from andon.analysis.problems import Problem
from andon.model import Severity, SourceState
from andon.tui.block_lines import Brush, draw_block, flow, shares
from andon.tui.page_lines import BOARD_COLUMNS, draw_page
from andon.tui.plain_glyphs import plain
from andon.tui.pulse import Pulse
from andon.tui.table_lines import lay_out, widths_of
from andon.tui.text import cut, cut_middle, fit, length, pad, spread, width_of, wrap
from andon.tui.theme import load_themes
from andon.tui.titles import TitleFacts, title_line
from andon.tui.widgets.header import HeaderFacts, header_lines
from andon.tui.widgets.lines_view import differing
from andon.views.page import (
    Block,
    Cell,
    Cells,
    Column,
    Facts,
    Page,
    Series,
    StaticRows,
    Table,
    Text,
    Tone,
)
from andon.views.problems import problem_table
from tests.tui.world import NOW, status

PALETTE = load_themes().named("andon-dark")
HOSTILE = [
    "[@click=app.quit]x[/]",
    "[/evil]",
    "\x1b]0;P\x07",
    "\x9b2J",
    "a\u202eb",
    "x\ny\tz",
    "\ud800",
    "名" * 5_000,
    "w" * 10_000,
    "",
]


def text_of(lines: Iterable[Iterable[Segment]]) -> str:
    return "\n".join("".join(part.text for part in line) for line in lines)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("width", [1, 2, 7, 40])
def test_fitted_text_takes_exactly_its_cells_and_drives_nothing(text: str, width: int) -> None:
    for align in ("left", "right", "center"):
        made = fit(text, width, align)
        assert width_of(made) == width
        assert made.isprintable()


def test_cut_text_ends_in_an_ellipsis_by_cells() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert width_of(cut("日本語", 4)) <= 4
    assert cut("abc", 3) == "abc"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_wrapped_text_loses_nothing_and_fits(text: str) -> None:
    lines = wrap(text, 10)
    assert all(width_of(line) <= 10 for line in lines)
    assert "".join(lines).count("w") == text.count("w")


def test_a_line_spread_over_a_width_keeps_its_right_end() -> None:
    line = spread([Segment("left" * 20)], [Segment("right")], 30)
    assert length(line) == 30
    assert line[-1].text == "right"
    assert length(pad([Segment("x")], 5)) == 5


def columns(*widths: int, grow: int | None = None) -> tuple[Column, ...]:
    return tuple(
        Column(name=f"c{index}", title=f"C{index}", summary="", width=width, grow=index == grow)
        for index, width in enumerate(widths)
    )


def test_room_goes_to_cut_columns_first_and_then_to_the_growing_one() -> None:
    wide = widths_of(columns(5, 5, 5, grow=2), 60, [5, 12, 99])
    assert wide[1] == 12
    assert sum(wide) + 2 + 4 == 60
    assert widths_of(columns(5, 5, 5, grow=1), 60, [5, 20, 5]) == [5, 20, 5]
    narrow = widths_of(columns(5, 5, 40, grow=2), 40)
    assert narrow == [5, 5, 24]


def test_columns_that_do_not_fit_are_scrolled_to() -> None:
    layout = lay_out(columns(10, 10, 10, 10), 26, 3)
    assert [span.index for span in layout.spans] == [0, 3]
    assert layout.hidden_left == 2


def test_shares_fill_the_bar_and_nothing_that_is_vanishes() -> None:
    assert shares([1000, 1, 0], 10) == [9, 1, 0]
    assert sum(shares([3, 3, 3], 10)) == 10
    assert shares([0, 0], 10) == [0, 0]
    assert sum(shares([1] * 50, 10)) == 10


def table(rows: int, text: str = "value") -> Table:
    return Table(
        name="nodes",
        title="Nodes",
        columns=columns(8, 8, 8),
        rows=StaticRows(
            keys=[f"k{number}" for number in range(rows)],
            made=[(Cell(text), Cell(text), Cell(text))] * rows,
        ),
        total=rows,
        sort="c0",
        empty="nothing there",
    )


def blocks(text: str) -> list[Block]:
    return [
        Cells(title=text, cells=(Cell(text, Tone.BAD), Cell(text))),
        Cells(title=text, cells=(Cell(text, Tone.GOOD), Cell(text)), weights=(2, 1)),
        Facts(title=text, items=tuple((text, Cell(text)) for _ in range(9))),
        Series(title=text, values=(1.0, None, 3.0), latest=Cell(text)),
        Text(title=text, lines=((Cell(text), Cell(text)), ())),
        table(4, text),
        table(0),
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("width", [20, 78, 118, 198])
def test_every_block_of_hostile_text_stays_within_its_width(text: str, width: int) -> None:
    for block in blocks(text):
        for line in draw_block(block, Brush(PALETTE, width)).lines:
            assert length(line) <= width
            assert all(part.text.isprintable() for part in line)


@pytest.mark.parametrize("size", [(20, 5), (78, 20), (118, 36), (198, 46)])
def test_a_page_of_hostile_text_is_drawn_at_every_size(size: tuple[int, int]) -> None:
    page = Page(name="overview", title="x", blocks=tuple(blocks(HOSTILE[0]) * 2))
    drawn = draw_page(page, PALETTE, *size, columns=BOARD_COLUMNS)
    assert all(length(line) <= max(20, size[0]) for line in drawn.lines)
    assert HOSTILE[0] in text_of(drawn.lines) or size[0] < 60


def test_tables_are_shortened_until_the_page_fits_and_say_so() -> None:
    page = Page(name="overview", title="x", blocks=(table(50), table(50)))
    drawn = draw_page(page, PALETTE, 60, 24)
    assert len(drawn.lines) <= 24
    assert "of 50" in text_of(drawn.lines)


def troubles(rows: int, detail: str = "no answer") -> Table:
    problem = Problem(
        severity=Severity.WARNING, site="par1", title="n1 is down", detail=detail, kind=None, key=""
    )
    return problem_table([problem] * rows, NOW, "", rows)


def test_lines_that_are_left_go_to_the_first_table_of_the_whole_width() -> None:
    page = Page(name="overview", title="x", blocks=(troubles(30), table(50), table(50)))
    for height in (24, 25):
        drawn = draw_page(page, PALETTE, 78, height, columns=BOARD_COLUMNS)
        assert len(drawn.lines) == height
    shown = [sum(spot.table == name for spot in drawn.spots) for name in ("problems", "nodes")]
    assert shown == [11, 2 * 10]


def test_a_text_that_runs_on_has_its_own_tone_and_ends_at_the_edge() -> None:
    for width, said in ((80, "n1 is down; no answer"), (40, "n1 is down; no answ…")):
        line = draw_block(troubles(1), Brush(PALETTE, width)).lines[-1]
        assert said in text_of([line])
        assert length(line) <= width
        styles = {part.text.strip(): part.style for part in line}
        assert styles["n1 is down"] == PALETTE.tone(Tone.STRONG)
        assert PALETTE.tone(Tone.NORMAL) in styles.values()
    assert "n1 is d…" in text_of(draw_block(troubles(1), Brush(PALETTE, 28)).lines)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_that_runs_on_stays_within_its_width(text: str) -> None:
    for width in (20, 78, 198):
        for line in draw_block(troubles(2, text), Brush(PALETTE, width)).lines:
            assert length(line) <= width
            assert all(part.text.isprintable() for part in line)


def test_spots_lie_on_their_rows_also_in_the_second_column() -> None:
    page = Page(name="x", title="x", blocks=(table(3), table(3)))
    drawn = draw_page(page, PALETTE, 120, columns=(100,))
    assert {spot.x for spot in drawn.spots} == {0, 62}
    for spot in drawn.spots:
        assert "value" in text_of([drawn.lines[spot.line]])[spot.x : spot.x + spot.width]


def test_a_slow_source_says_how_slow_in_the_header() -> None:
    slow = status("slurm@par1", slow_seconds=8.2)
    assert "◐ slurm@par1 slow 8.2s" in text_of(header_lines(facts(sources=[slow]), PALETTE, 80, 2))
    assert "◐ slurm@par1 slow 8.2s" in text_of(header_lines(facts(sources=[slow]), PALETTE, 60, 1))


def test_an_empty_table_says_why() -> None:
    assert "nothing there" in text_of(draw_block(table(0), Brush(PALETTE, 40)).lines)


def test_a_long_run_of_pieces_breaks_at_blanks() -> None:
    lines = flow([Cell("one two "), Cell("three four")], Brush(PALETTE, 10))
    assert [text_of([line]).strip() for line in lines] == ["one two", "three", "four"]


def test_differing_segments_are_found_one_by_one() -> None:
    old = [Segment("ab"), Segment("cd"), Segment("ef")]
    assert differing(old, [Segment("ab"), Segment("xx"), Segment("ef")]) == [(2, 2)]
    assert differing(old, [Segment("ab"), Segment("xyz"), Segment("ef")]) == [(0, 7)]
    assert differing(old, list(old)) == []


# -- header and title ----------------------------------------------------------------------------


def facts(**more: object) -> HeaderFacts:
    base: dict[str, object] = {"scope": "par1", "identity": "ada@x", "armed": False, "now": NOW}
    return HeaderFacts(**(base | more))  # type: ignore[arg-type]


def test_the_header_says_mode_demo_and_pause_in_words() -> None:
    said = text_of(header_lines(facts(demo=True, paused_seconds=5.0), PALETTE, 80, 2))
    for word in ("Andon", "par1", "ada@x", "DEMO", "PAUSED", "READ-ONLY"):
        assert word in said
    assert "ARMED" in text_of(header_lines(facts(armed=True), PALETTE, 80, 2))


def test_the_worst_source_comes_first_and_is_there_even_on_one_line() -> None:
    sources = [status(f"s{n}@par1") for n in range(20)] + [status("zz", SourceState.DOWN)]
    two = header_lines(facts(sources=sources), PALETTE, 80, 2)
    assert text_of([two[1]]).startswith(" ▲ zz down")
    assert "+" in text_of([two[1]])
    one = header_lines(facts(sources=sources), PALETTE, 40, 1)
    assert "zz down" in text_of(one)
    assert length(one[0]) == 40


def test_one_line_has_the_worst_source_and_its_age_also_when_all_is_well() -> None:
    one = text_of(header_lines(facts(sources=[status("local")], armed=True), PALETTE, 40, 1))
    assert one == " Andon  ● local live 3s  par1     ARMED "
    older = status("s@par1", observed_at=NOW - 8)
    two = text_of(header_lines(facts(sources=[status("a"), older]), PALETTE, 40, 1))
    assert two.startswith(" Andon  ● s@par1 live 8s +1 ")
    long = text_of(header_lines(facts(sources=[status("w" * 40)], demo=True), PALETTE, 40, 1))
    assert "… live 3s" in long


@pytest.mark.parametrize("height", [1, 2])
def test_what_is_wrong_with_the_collector_comes_before_what_follows_from_it(height: int) -> None:
    sources = [status("a", SourceState.STALE)]
    said = facts(sources=sources, collector="collector silent for 8s")
    lines = header_lines(said, PALETTE, 60, height)
    assert "▲ collector silent for 8s" in text_of([lines[-1]])
    assert all(length(line) == 60 for line in lines)
    if height == 2:
        assert "a stale" in text_of([lines[-1]])


@pytest.mark.parametrize("width", [1, 5, 10, 20, 39, 80, 200])
def test_header_and_title_fill_any_width_exactly(width: int) -> None:
    sources = [status("[/evil]" * 20), status("x", SourceState.STALE)]
    for height in (1, 2):
        for line in header_lines(facts(sources=sources, scope="s" * 300), PALETTE, width, height):
            assert length(line) == width
    title = TitleFacts(
        title="[/evil]", position=3, shown=5, total=9, filter="\x1b" * 9, marked=2,
        notes=(Cell("note" * 30),), problem="bad",
    )  # fmt: skip
    assert length(title_line(title, PALETTE, width)) <= max(width, 12)


def test_the_title_counts_what_is_shown_of_what_there_is() -> None:
    said = text_of(
        [title_line(TitleFacts(title="Nodes", position=3, shown=5, total=9), PALETTE, 80)]
    )
    assert "5 of 9" in said
    assert "3/5" in said


# -- the rest ------------------------------------------------------------------------------------


def test_glyphs_become_ascii_of_the_same_width() -> None:
    assert plain("●━▲ x…") == "*=^ x~"
    assert plain("日本") == "????"
    assert all(plain(text).isascii() for text in HOSTILE if text.isprintable())


def test_news_is_drawn_at_most_once_in_a_while() -> None:
    pulse = Pulse(0.25)
    assert pulse.news(10.0) == 0.0
    assert pulse.news(10.1) is None
    pulse.drew(10.1)
    wait = pulse.news(10.2)
    assert wait is not None
    assert 0.1 < wait <= 0.25


def test_a_name_keeps_its_end_which_tells_it_from_its_neighbours() -> None:
    assert cut_middle("22002222_135", 8) == "220…_135"
    assert cut_middle("gpu01", 8) == "gpu01"
    columns = (
        Column(name="id", title="ID", summary="", width=8),
        Column(name="text", title="TEXT", summary="", width=60),
    )
    assert widths_of(columns, 60, (12, 60))[0] == 12
    assert widths_of(columns, 60, (90, 60))[0] == 15
