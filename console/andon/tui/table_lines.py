"""Pure: from a `Table` and a width to the segments of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from andon.tui.text import Line, cut_middle, fit, width_of
from andon.tui.theme import Palette
from andon.views.page import Cell, Column

GUTTER = 2
"""Cells before the first column: the mark."""
GAP = 2
"""Cells between columns."""
_ARROW = 2
"""Cells that tell a title from its neighbour where it is sorted by."""
_NO_LINE = Style(underline=False)
_SHRINK_TO = 12
_NAME_MOST = 16
"""Cells a name gets before the columns after it; a longer one is cut in its middle."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where one column stands on the line."""

    index: int
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are drawn, where, and what is hidden."""

    spans: tuple[Span, ...]
    width: int
    hidden_left: int = 0
    hidden_right: int = 0

    def span_at(self, x: int) -> Span | None:
        """Return the column under a cell of the line."""
        for span in self.spans:
            if span.x <= x < span.x + span.width + GAP:
                return span
        return None


def widths_of(
    columns: Sequence[Column],
    width: int,
    needs: Sequence[int] | None = None,
    texts: Sequence[int] | None = None,
) -> list[int]:
    """Return the width of each column.

    The first column gets what its names need, within reason, and a column of numbers what these
    need: a number that is cut is another one. Room that is left goes to columns whose texts are
    cut, then to the growing ones, as far as their texts need it; where room lacks, the growing
    ones give it.

    Args:
        columns: what is shown.
        width: cells there are.
        needs: the cells each column would like to have.
        texts: the widest text seen in each column; `needs` by default.
    """
    widths = [max(column.width, 1) for column in columns]
    for index, most_seen in enumerate((needs if texts is None else texts) or ()):
        if columns[index].align == "right":
            widths[index] = max(widths[index], most_seen)
    if needs and not columns[0].grow:
        # The first column says which thing it is, mostly by its last characters.
        most = min(_NAME_MOST, width // 4)
        widths[0] = max(widths[0], min(needs[0], most))
    room = width - GUTTER - sum(widths) - GAP * max(0, len(widths) - 1)
    growing = [index for index, column in enumerate(columns) if column.grow]
    if room < 0 and texts:
        # Where others go without, the first keeps no cells that it does not need.
        spare = _spare(columns[0], widths[0], texts[0])
        widths[0] -= spare
        room += spare
    if room > 0:
        for index, need in enumerate(needs or ()):
            if index not in growing:
                more = max(0, min(need - widths[index], room))
                widths[index] += more
                room -= more
        _grow(widths, growing, room, needs)
    elif room < 0 and sum(max(0, widths[index] - _SHRINK_TO) for index in growing) >= -room:
        _shrink(widths, growing, -room)
    return widths


def _grow(
    widths: list[int], growing: Sequence[int], room: int, needs: Sequence[int] | None
) -> None:
    """Share out the cells that are left among the growing columns."""
    for position, index in enumerate(growing):
        most = room
        if needs and index < len(widths) - 1:
            # No more than its texts take: what stands after it stays near.
            most = max(0, needs[index] - widths[index])
        more = min(most, -(-room // (len(growing) - position)))
        widths[index] += more
        room -= more


def _spare(column: Column, width: int, seen: int) -> int:
    """Return the cells that neither the texts of a column nor its title take."""
    if column.grow or not seen:
        return 0
    return max(0, width - max(seen, width_of(column.title) + _ARROW))


def _shrink(widths: list[int], growing: Sequence[int], cells: int) -> None:
    """Take cells from the growing columns, from the widest first, so that short ones stay whole."""
    level = max(widths[index] for index in growing)
    while sum(max(0, widths[index] - level) for index in growing) < cells:
        level -= 1
    for index in growing:
        taken = min(max(0, widths[index] - level), cells)
        widths[index] -= taken
        cells -= taken


def lay_out(
    columns: Sequence[Column],
    width: int,
    first: int = 1,
    needs: Sequence[int] | None = None,
    texts: Sequence[int] | None = None,
) -> Layout:
    """Return the columns that fit `width` cells: column 0 always, then those from `first` on.

    The last one drawn may be cut at the edge of the screen, unless it is one of numbers.
    See `widths_of` for `needs` and `texts`.
    """
    if not columns or width <= GUTTER:
        return Layout((), width)
    first = max(1, min(first, len(columns) - 1)) if len(columns) > 1 else 1
    widths = widths_of(columns, width, needs, texts)
    spans: list[Span] = []
    x = GUTTER
    for index in (0, *range(first, len(columns))):
        room = width - x
        cut = widths[index] > room
        if room <= 0 or (cut and room < 4):
            break
        if cut and index and columns[index].align == "right":
            break
        spans.append(Span(index, x, min(widths[index], room)))
        x += widths[index] + GAP
    hidden = len(columns) - 1
    if spans:
        last = spans[-1]
        # A column that is cut at the edge is one to scroll to as well.
        hidden += (last.width < widths[last.index]) - last.index
    return Layout(tuple(spans), width, first - 1, hidden)


def first_column_for(
    columns: Sequence[Column],
    width: int,
    first: int,
    wanted: int,
    needs: Sequence[int] | None = None,
    texts: Sequence[int] | None = None,
) -> int:
    """Return the scroll position nearest to `first` that shows the whole column `wanted`."""
    if wanted == 0:
        return first
    if wanted < first:
        return wanted
    widths = widths_of(columns, width, needs, texts)
    while first < wanted:
        used = GUTTER + widths[0] + sum(GAP + widths[index] for index in range(first, wanted + 1))
        if used <= width:
            break
        first += 1
    return first


def heading(
    columns: Sequence[Column],
    layout: Layout,
    palette: Palette,
    *,
    sort: str,
    descending: bool,
    current: int,
) -> Line:
    """Return the header line: titles, an arrow at the sort column, arrows where more is hidden."""
    plain, strong = palette.chrome["heading"], palette.chrome["heading_current"]
    line: Line = [Segment("‹ " if layout.hidden_left else "  ", strong)]
    for position, span in enumerate(layout.spans):
        column = columns[span.index]
        style = strong if span.index == current else plain
        arrow = ("▼" if descending else "▲") if column.name == sort else ""
        if arrow and width_of(column.title) < span.width - 1:
            arrow = f" {arrow}"
        title = column.title
        room = span.width - len(arrow)
        if arrow and width_of(title) > room:
            title = fit(title, max(0, room))
        line.append(Segment(fit(title + arrow, span.width, column.align), style))
        if position < len(layout.spans) - 1:
            line.append(Segment(" " * GAP, plain))
    used = sum(width_of(segment.text) for segment in line)
    more = " ›" if layout.hidden_right else ""
    if more and used > layout.width - len(more):
        line = _cropped(line, layout.width - len(more))
        used = layout.width - len(more)
    line.append(Segment(" " * (layout.width - used - len(more)) + more, strong))
    return line


def _cropped(line: Line, width: int) -> Line:
    kept: Line = []
    for segment in line:
        size = width_of(segment.text)
        if size >= width:
            # Blanks that are cut off were no text: no ellipsis for them.
            kept.append(Segment(fit(segment.text.rstrip(" "), width), segment.style))
            break
        kept.append(segment)
        width -= size
    return kept


@dataclass(frozen=True, slots=True)
class RowLook:
    """How a row is drawn beside its cells."""

    over: str = ""
    """Chrome style laid over it: `cursor`, `cursor_blurred` or none."""
    marked: bool = False
    age: str = ""
    """Words for a row that is not to be trusted now, for example `3m old`."""


def row(
    cells: Sequence[Cell],
    columns: Sequence[Column],
    layout: Layout,
    palette: Palette,
    look: RowLook,
) -> Line:
    """Return one row's line, exactly as wide as the layout."""
    base = palette.chrome[look.over] if look.over else Style.null()
    line: Line = [
        Segment("✓ ", palette.laid(palette.chrome["mark"], look.over))
        if look.marked
        else Segment("  ", base)
    ]
    used = GUTTER
    last = len(layout.spans) - 1
    underlined = palette.underlined
    for position, span in enumerate(layout.spans):
        cell, column = cells[span.index], columns[span.index]
        style = palette.tone(cell.tone, look.over)
        if look.age:
            style = palette.laid(style + palette.stale, look.over)
        elif look.marked and position == 0:
            style = palette.laid(style + palette.chrome["mark"], look.over)
        shown = cell.text
        if len(shown) > span.width and (position == 0 or (column.names and _ends_apart(shown))):
            shown = cut_middle(shown, span.width)
        text = fit(shown, span.width, column.align)
        room = 0 if position == last else GAP
        if underlined and cell.tone in underlined:
            word = text.rstrip(" ")
            line.append(Segment(word, style))
            style, text = style + _NO_LINE, text[len(word) :]
        line.append(Segment(text + " " * room, style))
        used += span.width + room
    if used < layout.width:
        line.append(Segment(" " * (layout.width - used), base))
    if look.age:
        return _with_age(line, layout.width, look.age, palette.laid(palette.stale, look.over))
    return line


def _ends_apart(name: str) -> bool:
    """Return whether a name is one of many that differ in the number they end in."""
    return name[-1] in "0123456789]" and " " not in name


def _with_age(line: Line, width: int, age: str, style: Style) -> Line:
    """Lay the age of a stale row over the end of its line."""
    label = f" {age}"
    if len(label) >= width:
        return line
    kept = _cropped(line, width - len(label))
    return [*kept, Segment(label, style)]
