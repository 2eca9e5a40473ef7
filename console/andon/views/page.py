"""What a view returns: a page of blocks. Text, units, sort order and tone are decided here.

No Rich and no Textual: the screen, the text output and JSON are drawn from the same blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol


class Tone(StrEnum):
    """What a text means; a theme gives each tone its colour. Meaning is never by colour alone."""

    NORMAL = "normal"
    MUTED = "muted"
    STRONG = "strong"
    ACCENT = "accent"
    GOOD = "good"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"


Raw = str | int | float | bool | None | tuple[str, ...] | tuple[int, ...]
"""The value under a cell, for JSON and for sorting; units are those of the record's field."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One text with its meaning and the value under it."""

    text: str
    tone: Tone = Tone.NORMAL
    raw: Raw = None


MISSING = Cell("–", Tone.MUTED, None)
"""Not reported. Never a zero."""

Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table as a drawing needs it."""

    name: str
    """Snake case with its unit; the JSON key, and the field name in filters and `--columns`."""
    title: str
    summary: str
    """One line for help."""
    align: Align = "left"
    width: int
    """Cells it wants; a drawing may cut longer texts with `…`."""
    wide: bool = False
    """Only in the wide set."""
    grow: bool = False
    """Takes the room that is left."""
    names: bool = False
    """Its texts may be names that differ in the number they end in: that end is not to be cut."""
    aside: bool = False
    """Says in other words what another column says: nothing is lost where it has no room."""
    run_on: bool = False
    """Of a last column: its text goes on in the line after the one before, as far as room is."""


def line_texts(columns: Sequence[Column], cells: Sequence[Cell]) -> list[str]:
    """Return the texts of one row, the one that runs on as a part of the one before it."""
    texts = [cell.text for cell in cells]
    if not columns[-1].run_on:
        return texts
    *texts, text, more = texts
    return [*texts, f"{text}; {more}" if more else text]


def line_columns(columns: Sequence[Column]) -> Sequence[Column]:
    """Return the columns that have an edge of their own."""
    return columns[:-1] if columns and columns[-1].run_on else columns


class Rows(Protocol):
    """The rows of a table, in order, made only when asked for.

    Asking for a row costs the same at any size, so that a screen pays for what it shows.
    """

    def __len__(self) -> int:
        """Return how many rows there are after filtering."""
        ...

    def key(self, index: int) -> str:
        """Return the record key of one row."""
        ...

    def index(self, key: str) -> int | None:
        """Return where a thing stands now, or `None` when it is not among the rows."""
        ...

    def cells(self, index: int) -> tuple[Cell, ...]:
        """Return one row's cells, one per column."""
        ...

    def stale_seconds(self, index: int) -> float | None:
        """Return the age of a row whose source is not to be trusted now, else `None`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of things of one kind."""

    name: str
    """The view's word, for example `nodes`."""
    title: str
    columns: tuple[Column, ...]
    rows: Rows
    total: int
    """How many there are before filtering."""
    sort: str
    """Name of the column the rows are sorted by."""
    descending: bool = False
    empty: str = ""
    """Why there is nothing, when there is nothing: never leave an empty table unexplained."""
    notes: tuple[Cell, ...] = ()
    """For the footer: DEMO, partial coverage, stale sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Labelled values of one thing."""

    name: str = ""
    """Stable word by which a layout finds the block, for example `lamps`."""
    title: str
    items: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values over time, oldest first; `None` where nothing was observed."""

    name: str = ""
    """Stable word by which a layout finds the block, for example `lamps`."""
    title: str
    values: tuple[float | None, ...]
    unit: str = ""
    latest: Cell = MISSING
    low: float | None = None
    """Bottom of the scale; `None` takes the smallest value."""
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A strip of lamps or a bar: each cell says one thing and how much of the whole it is."""

    name: str = ""
    """Stable word by which a layout finds the block, for example `lamps`."""
    title: str
    cells: tuple[Cell, ...]
    weights: tuple[float, ...] = ()
    """Share of each cell in a bar; empty means lamps side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Lines of text, each a run of toned pieces."""

    name: str = ""
    """Stable word by which a layout finds the block, for example `lamps`."""
    title: str
    lines: tuple[tuple[Cell, ...], ...]


Block = Table | Facts | Series | Cells | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a view shows."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    notes: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class StaticRows:
    """Rows that are all made already, for small tables inside pages and for tests."""

    keys: Sequence[str] = ()
    made: Sequence[tuple[Cell, ...]] = ()
    ages: Sequence[float | None] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.keys)

    def key(self, index: int) -> str:
        """Return the key of one row."""
        return self.keys[index]

    def index(self, key: str) -> int | None:
        """Return where a key stands."""
        return self.keys.index(key) if key in self.keys else None

    def cells(self, index: int) -> tuple[Cell, ...]:
        """Return one row's cells."""
        return self.made[index]

    def stale_seconds(self, index: int) -> float | None:
        """Return the age of a stale row."""
        return self.ages[index] if self.ages else None
