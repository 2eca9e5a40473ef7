"""How rows and headings of tables look: where names are cut, the cursor, what is out of sight."""

from __future__ import annotations

import pytest

from andon.tui.table_lines import Layout, RowLook, heading, lay_out, row
from andon.tui.text import Line
from andon.tui.theme import Palette, load_themes, without_colour
from andon.views.page import Cell, Column, Tone

PALETTE = load_themes().named("andon-dark")
ANSI = load_themes().named("andon-ansi")


def column(name: str, width: int, *, names: bool = False) -> Column:
    return Column(name=name, title=name.upper(), summary="", width=width, names=names)


COLUMNS = (column("id", 8), column("name", 10, names=True), column("why", 10))


def drawn(cells: tuple[Cell, ...], look: RowLook | None = None, palette: Palette = PALETTE) -> Line:
    return row(cells, COLUMNS, lay_out(COLUMNS, 40), palette, look or RowLook())


def words(line: Line) -> str:
    return "".join(segment.text for segment in line)


def titles(layout: Layout) -> str:
    return words(heading(COLUMNS, layout, PALETTE, sort="", descending=False, current=-1))


def test_names_that_end_in_numbers_are_cut_in_their_middle() -> None:
    line = words(drawn((Cell("1"), Cell("gpu-iad1-0031"), Cell("x"))))
    assert "gpu…1-0031" in line
    line = words(drawn((Cell("1"), Cell("gpu-iad1-[01-04]"), Cell("x"))))
    assert line.split()[1].endswith("-04]")


def test_other_texts_are_cut_at_their_end() -> None:
    line = words(drawn((Cell("1"), Cell("vscode-tunnel"), Cell("job 13 of the array 55"))))
    assert "vscode-tu…" in line
    assert "job 13 of…" in line


def test_a_last_column_that_is_cut_can_be_scrolled_to_and_the_heading_says_so() -> None:
    assert titles(lay_out(COLUMNS, 34)).rstrip().endswith("WHY")
    assert titles(lay_out(COLUMNS, 31)).endswith("›")


@pytest.mark.parametrize("palette", [ANSI, without_colour(PALETTE)], ids=["ansi", "no-colour"])
@pytest.mark.parametrize("look", [RowLook("cursor"), RowLook("cursor", marked=True, age="3m old")])
def test_a_reversed_cursor_is_one_bar_and_no_patchwork(palette: Palette, look: RowLook) -> None:
    assert palette.chrome["cursor"].reverse
    cells = (Cell("1", Tone.STRONG), Cell("down", Tone.BAD), Cell("x", Tone.MUTED))
    styles = {segment.style for segment in drawn(cells, look, palette)}
    assert {style.color for style in styles if style} == {None}
    assert {style.bgcolor for style in styles if style} == {None}
    assert all(style and style.reverse and not style.dim for style in styles)


def test_an_underline_is_under_the_word_and_not_under_the_room_beside_it() -> None:
    palette = without_colour(PALETTE)
    assert palette.tones[Tone.BAD].underline
    line = drawn((Cell("1"), Cell("down", Tone.BAD), Cell("x")), palette=palette)
    assert [part.text for part in line if part.style and part.style.underline] == ["down"]
