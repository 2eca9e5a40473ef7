"""Pure: from one block of a `Page` to lines of segments, and where its rows can be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.segment import Segment

from andon.tui.table_lines import GAP, GUTTER, RowLook, heading, lay_out, row
from andon.tui.text import Line, beside, crop, cut, fit, head_of, piece, safe, width_of
from andon.tui.theme import Palette
from andon.views.formats import age_text, sparkline
from andon.views.page import (
    Block,
    Cell,
    Cells,
    Column,
    Facts,
    Series,
    Table,
    Text,
    Tone,
    line_columns,
    line_texts,
)

_BAR = "━"
_BAR_END = "╸"
"""Half a cell: shares beside each other stay apart."""
_TEXTURES = {
    Tone.GOOD: "█",
    Tone.INFO: "▓",
    Tone.ACCENT: "▓",
    Tone.WARN: "▒",
    Tone.BAD: "▚",
    Tone.MUTED: "░",
}
LAMPS = {Tone.GOOD: "●", Tone.INFO: "○", Tone.WARN: "◐", Tone.BAD: "▲"}
"""The shape of a lamp says it without the colour."""
_LABEL_LIMIT = 22
_FACTS_WIDTH = 36
_FACTS_GAP = 3
_READABLE = 30
"""Cells to which a growing column of a small table may be cut without losing its sense."""
_STUB = 14


@dataclass(frozen=True, slots=True)
class Spot:
    """A row one can go to: where it is drawn and what it stands for."""

    line: int
    x: int
    width: int
    table: str
    """Name of the table, which is the view of the thing."""
    key: str

    def moved(self, lines: int, cells: int) -> Spot:
        """Return the spot after its block was put elsewhere."""
        return replace(self, line=self.line + lines, x=self.x + cells)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Lines and the spots on them."""

    lines: tuple[Line, ...]
    spots: tuple[Spot, ...] = ()
    starts: tuple[tuple[int, str], ...] = ()
    """On which line each block begins, and its name."""


@dataclass(frozen=True, slots=True)
class Brush:
    """What every block is drawn with."""

    palette: Palette
    width: int
    row_limit: int | None = None
    """At most this many rows of a table; `None` draws all."""
    tight: bool = False
    """Little room: no wrapping, no second thoughts."""
    close: bool = False
    """Hardly any room: no blank lines between blocks."""


def draw_block(block: Block, brush: Brush) -> Drawn:
    """Return the lines of one block, its title first."""
    return replace(_drawn(block, brush), starts=((0, block.name),))


def _drawn(block: Block, brush: Brush) -> Drawn:
    match block:
        case Table():
            return _table(block, brush)
        case Facts():
            return Drawn((*_title(block.title, brush), *_facts(block, brush)))
        case Series():
            return Drawn(tuple(_series(block, brush)))
        case Cells():
            lines = _bar(block, brush) if block.weights else _lamps(block.cells, brush)
            title = [] if brush.tight and not block.weights else _title(block.title, brush)
            return Drawn((*title, *lines))
        case Text():
            return Drawn((*_title(block.title, brush), *_text(block, brush)))


def _title(title: str, brush: Brush, note: str = "") -> list[Line]:
    if not title and not note:
        return []
    line: Line = [piece(cut(safe(title), brush.width), brush.palette.chrome["title"])]
    if note:
        line.append(piece(f"  {note}", brush.palette.tone(Tone.MUTED)))
    return [crop(line, brush.width)]


def toned(cells: Iterable[Cell], palette: Palette) -> Line:
    """Return the texts of cells one after another, each in its tone."""
    return [piece(cell.text, palette.tone(cell.tone)) for cell in cells]


def _text(block: Text, brush: Brush) -> list[Line]:
    if not brush.tight:
        return [line for cells in block.lines for line in flow(cells, brush)]
    limit = len(block.lines) if brush.row_limit is None else brush.row_limit + 1
    return [crop(toned(cells, brush.palette), brush.width) for cells in block.lines[:limit]]


def flow(cells: Sequence[Cell], brush: Brush) -> list[Line]:
    """Return a run of toned pieces broken at blanks to the width, later lines indented."""
    lines: list[Line] = [[]]
    used = 0
    for cell in cells:
        style = brush.palette.tone(cell.tone)
        for position, word in enumerate(safe(cell.text).split(" ")):
            text = f" {word}" if position else word
            if used and used + width_of(text) > brush.width:
                lines.append([Segment("  ")])
                used = 2
                text = text.lstrip(" ")
            while width_of(text) > brush.width - used:
                head = head_of(text, brush.width - used)
                if "," in head:
                    head = head[: head.rindex(",") + 1]
                lines[-1].append(Segment(head, style))
                text = text[len(head) :]
                lines.append([Segment("  ")])
                used = 2
            lines[-1].append(Segment(text, style))
            used += width_of(text)
    return lines


# -- facts ---------------------------------------------------------------------------------------


def facts_columns(block: Facts, width: int) -> int:
    """Return in how many columns the facts are written."""
    return max(1, min((width + _FACTS_GAP) // (_FACTS_WIDTH + _FACTS_GAP), len(block.items) // 4))


def _facts(block: Facts, brush: Brush) -> list[Line]:
    """Return labels and values, down one column and then the next."""
    if not block.items:
        return []
    count = facts_columns(block, brush.width)
    width = (brush.width - _FACTS_GAP * (count - 1)) // count
    label = min(_LABEL_LIMIT, max(width_of(safe(name)) for name, _ in block.items), width // 2)
    made = [_fact(name, cell, label, replace(brush, width=width)) for name, cell in block.items]
    height = -(-sum(map(len, made)) // count)
    columns: list[list[Line]] = [[]]
    for lines in made:
        if columns[-1] and len(columns[-1]) + len(lines) > height and len(columns) < count:
            columns.append([])
        columns[-1].extend(lines)
    return beside(columns, [width] * len(columns), _FACTS_GAP)


def _fact(name: str, cell: Cell, label: int, brush: Brush) -> list[Line]:
    style = brush.palette.tone(Tone.MUTED)
    value = flow([cell], replace(brush, width=max(8, brush.width - label - 2)))
    return [
        [Segment(fit(name if index == 0 else "", label) + "  ", style), *line]
        for index, line in enumerate(value)
    ]


# -- series --------------------------------------------------------------------------------------


def _series(block: Series, brush: Brush) -> list[Line]:
    palette = brush.palette
    title = fit(block.title, min(20, max(10, brush.width // 3)))
    latest = cut(safe(block.latest.text), max(4, brush.width // 3))
    room = brush.width - width_of(title) - width_of(safe(latest)) - 4
    values = block.values[-room:] if room > 0 else ()
    drawn = sparkline(values, room, low=block.low, high=block.high) if room >= 4 else ""
    return [
        [
            Segment(title + "  ", palette.tone(Tone.MUTED)),
            Segment(fit(drawn, max(room, 0)), palette.tone(Tone.ACCENT)),
            Segment("  "),
            piece(latest, palette.tone(block.latest.tone)),
        ]
    ]


# -- cells ---------------------------------------------------------------------------------------


def _lamps(cells: Sequence[Cell], brush: Brush) -> list[Line]:
    """Return lamps side by side, as many a line as fit."""
    lines: list[Line] = [[]]
    used = 0
    for cell in cells:
        style = brush.palette.tone(cell.tone)
        text = cut(safe(cell.text), brush.width - 2)
        size = width_of(text) + 2
        if used and used + 3 + size > brush.width:
            lines.append([])
            used = 0
        if used:
            lines[-1].append(Segment("   "))
            used += 3
        calm = cell.tone in (Tone.GOOD, Tone.NORMAL, Tone.MUTED)
        shape = LAMPS.get(cell.tone, "●")
        lines[-1].append(Segment(f"{shape} ", style))
        lines[-1].append(Segment(text, brush.palette.tone(Tone.NORMAL) if calm else style))
        used += size
    return lines if cells else []


def shares(weights: Sequence[float], width: int) -> list[int]:
    """Return whole cells for each weight, summing to `width`; nothing that is vanishes.

    Largest remainders; a positive weight gets at least one cell while there is room.
    """
    total = sum(weight for weight in weights if weight > 0)
    if total <= 0 or width <= 0:
        return [0] * len(weights)
    exact = [max(weight, 0) * width / total for weight in weights]
    cells = [max(int(value), 1 if value > 0 else 0) for value in exact]
    order = sorted(range(len(cells)), key=lambda index: exact[index] - int(exact[index]))
    while sum(cells) > width:
        cells[max(range(len(cells)), key=cells.__getitem__)] -= 1
    while sum(cells) < width:
        cells[order.pop() if order else max(range(len(cells)), key=exact.__getitem__)] += 1
    return cells


def _bar(block: Cells, brush: Brush) -> list[Line]:
    """Return a bar of shares and under it what each share is."""
    palette = brush.palette
    plain = palette.tone(Tone.GOOD).color is None
    bar: Line = []
    for cell, count in zip(block.cells, shares(block.weights, brush.width), strict=True):
        if count:
            glyph = _TEXTURES.get(cell.tone, "█") if plain else _BAR
            end = glyph if plain else _BAR_END
            bar.append(Segment(glyph * (count - 1) + end, palette.tone(cell.tone)))
    if not bar:
        bar = [Segment(_BAR * brush.width, palette.chrome["track"])]
    legend: list[Line] = [[]]
    used = 0
    for cell in block.cells:
        mark = _TEXTURES.get(cell.tone, "█") if plain else "■"
        text = cut(safe(cell.text), brush.width - 3)
        size = width_of(text) + 2
        if used and used + 3 + size > brush.width:
            legend.append([])
            used = 0
        if used:
            legend[-1].append(Segment("   "))
            used += 3
        legend[-1].append(Segment(f"{mark} ", palette.tone(cell.tone)))
        legend[-1].append(Segment(text, palette.tone(Tone.NORMAL)))
        used += size
    return [bar, *legend]


# -- tables --------------------------------------------------------------------------------------


def fitted(table: Table, rows: int) -> tuple[Column, ...]:
    """Return the columns as wide as the rows that are drawn need; none is wider than that."""
    texts = [line_texts(table.columns, table.rows.cells(index)) for index in range(rows)]
    made = []
    for position, column in enumerate(line_columns(table.columns)):
        needs = [width_of(safe(line[position])) for line in texts]
        width = max([width_of(column.title), *needs])
        if not column.grow and column.align != "right":
            width = min(width, max(column.width, width_of(column.title)))
        made.append(replace(column, width=max(1, width)))
    return tuple(made)


def natural_width(table: Table, row_limit: int | None = None) -> int:
    """Return the cells a table wants for the rows that would be drawn."""
    return _width(_fitted_rows(table, row_limit))


def least_width(table: Table, row_limit: int | None = None) -> int:
    """Return the cells with which a table can still be read: growing columns cut short."""
    columns = tuple(one for one in _fitted_rows(table, row_limit) if not one.aside)
    spare = sum(max(0, column.width - _READABLE) for column in columns if column.grow)
    return _width(columns) - spare


def _fitted_rows(table: Table, row_limit: int | None) -> tuple[Column, ...]:
    rows = len(table.rows) if row_limit is None else min(len(table.rows), row_limit)
    return fitted(table, rows)


def _width(columns: Sequence[Column]) -> int:
    return GUTTER + sum(column.width for column in columns) + GAP * max(0, len(columns) - 1)


def _kept(columns: tuple[Column, ...], width: int) -> tuple[tuple[int, ...], tuple[Column, ...]]:
    """Return the columns worth drawing at a width, and which of the table's they are.

    The last growing column goes when it would be cut to a stub and another one tells the story.
    """
    indexes = tuple(range(len(columns)))
    growing = [index for index in indexes if columns[index].grow]
    if len(growing) > 1 or (growing and columns[growing[-1]].aside):
        others = _width([columns[index] for index in indexes if index != growing[-1]]) + GAP
        if width - others < min(_STUB, columns[growing[-1]].width):
            indexes = tuple(index for index in indexes if index != growing[-1])
    return indexes, tuple(columns[index] for index in indexes)


def _needs(table: Table, shown: int, indexes: Sequence[int]) -> list[int]:
    """Return the widest text in each column that is drawn."""
    rows = [line_texts(table.columns, table.rows.cells(index)) for index in range(shown)]
    return [max((width_of(texts[at]) for texts in rows), default=0) for at in indexes]


def _table(table: Table, brush: Brush) -> Drawn:
    count = len(table.rows)
    shown = count if brush.row_limit is None else min(count, brush.row_limit)
    told = str(count) if shown == count else f"{shown} of {count}"
    lines = _title(table.title, brush, told if count else "")
    if not count:
        words = [Cell(table.empty or "none", Tone.MUTED)]
        return Drawn((*lines, *flow(words, brush)))
    indexes, columns = _kept(fitted(table, shown), brush.width)
    if _width(columns) <= brush.width:
        # Room that is left stays at the right: a stretched table of three rows is hard to read.
        columns = tuple(replace(column, grow=False) for column in columns)
    # A page is not scrolled sideways: no arrow that promises it.
    layout = replace(
        lay_out(columns, brush.width, needs=_needs(table, shown, indexes)), hidden_right=0
    )
    if any(column.title for column in columns):
        lines.append(heading(columns, layout, brush.palette, sort="", descending=False, current=-1))
    spots: list[Spot] = []
    for index in range(shown):
        stale = table.rows.stale_seconds(index)
        look = RowLook(age="" if stale is None else f"{age_text(stale)} old")
        made = table.rows.cells(index)
        texts = line_texts(table.columns, made)
        cells = [replace(made[column], text=texts[column]) for column in indexes]
        spots.append(Spot(len(lines), 0, layout.width, table.name, table.rows.key(index)))
        line = row(cells, columns, layout, brush.palette, look)
        if len(texts) < len(made) and not look.age:
            line = _run_on(line, len(layout.spans), made[-2:], brush.palette)
        lines.append(line)
    return Drawn(tuple(lines), tuple(spots))


def _run_on(line: Line, at: int, cells: Sequence[Cell], palette: Palette) -> Line:
    """Return a row's line with the text that runs on in a tone of its own.

    `at` is the segment in which both texts stand, as much of them as there was room for.
    """
    own, more = safe(cells[0].text), cells[-1]
    whole = line[at]
    if not whole.text.startswith(own):
        return line
    return [
        *line[:at],
        Segment(own, whole.style),
        Segment(whole.text[len(own) :], palette.tone(more.tone)),
        *line[at + 1 :],
    ]
