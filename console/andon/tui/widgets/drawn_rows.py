"""The rows of a table as they were drawn, and which of their cells have to be painted again."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region
from textual.strip import Strip

from andon.tui.table_lines import Layout, RowLook, row
from andon.tui.theme import Palette
from andon.views.page import Cell, Table

_KEPT = 512
"""Rows that are kept drawn: some screenfuls, for who scrolls to and fro."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnRow:
    """One row as it was drawn."""

    key: str
    cells: tuple[Cell, ...]
    look: RowLook
    strip: Strip


class DrawnRows:
    """Knows rows by their key, since they move, and the screen by its lines."""

    def __init__(self) -> None:
        self.lines: dict[int, DrawnRow | None] = {}
        """What each line of the screen shows; `None` is an empty line below the last row."""
        self._by_key: dict[str, DrawnRow] = {}

    def clear(self) -> None:
        """Forget everything: columns, widths or colours are others."""
        self.lines.clear()
        self._by_key.clear()

    def row(
        self, table: Table, index: int, look: RowLook, layout: Layout, palette: Palette
    ) -> DrawnRow:
        """Return a row as it is now, the very one drawn before when nothing about it changed."""
        key, cells = table.rows.key(index), table.rows.cells(index)
        drawn = self._by_key.get(key)
        if drawn is not None and drawn.look == look and drawn.cells == cells:
            return drawn
        if len(self._by_key) > _KEPT:
            self._by_key.clear()
        strip = Strip(row(cells, table.columns, layout, palette, look), layout.width)
        drawn = self._by_key[key] = DrawnRow(key, cells, look, strip)
        return drawn

    def differing(self, line: int, now: DrawnRow | None, layout: Layout) -> list[Region]:
        """Have a line show another row; return which parts of it that changes."""
        before = self.lines.get(line)
        if now is before:
            return []
        self.lines[line] = now
        if now is None or before is None or now.key != before.key or now.look != before.look:
            return [Region(0, line, layout.width, 1)]
        return [
            Region(span.x, line, span.width, 1)
            for span in layout.spans
            if before.cells[span.index].text != now.cells[span.index].text
            or before.cells[span.index].tone is not now.cells[span.index].tone
        ]
