"""Makers of columns: one per kind of value, so that a kind looks and sorts the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from andon.model import Kind
from andon.views.columns.spec import ColumnSpec, Context, Shown
from andon.views.filters import FieldType
from andon.views.formats import duration_text
from andon.views.ordering import SortValue, natural
from andon.views.page import MISSING, Align, Cell, Column, Raw, Tone

T = TypeVar("T")
S = TypeVar("S", bound=StrEnum)
Number = int | float

GIB = 1 << 30
NOTHING: frozenset[Kind] = frozenset()


def gib_text(size: float) -> str:
    """Return a size for a column whose title says GiB: `0.5`, `9.8`, `80`, `2015`."""
    gib = size / GIB
    return f"{gib:.1f}" if 0 < abs(gib) < 9.95 else f"{gib:.0f}"


def plain_number(value: Number) -> str:
    """Return a number without a unit: whole ones as they are, others with one decimal."""
    if isinstance(value, int) or value == int(value):
        return str(int(value))
    return f"{value:.1f}" if abs(value) < 1000 else f"{value:.0f}"


def words(
    name: str,
    title: str,
    width: int,
    read: Callable[[T, Context], str | None],
    summary: str,
    *,
    tone: Tone = Tone.NORMAL,
    grow: bool = False,
    shown: Shown = Shown.ALWAYS,
    aliases: tuple[str, ...] = (),
    joined: frozenset[Kind] = NOTHING,
    search: Callable[[T, Context], str | None] | None = None,
    choices: tuple[str, ...] = (),
    text: Callable[[str], str] = str,
    names: bool = False,
) -> ColumnSpec[T]:
    """Return a column of text as it was reported; sorted as people count.

    `search` gives what is looked through and sorted by, where the text itself is dear to make;
    `choices` all the values there can be, where they are known beforehand; `text` writes a value
    shorter than it was reported; `names` says that its end may be what tells it apart.
    """
    look = search or read

    def show(raw: Raw, _thing: T, _context: Context) -> Cell:
        return MISSING if raw is None or raw == "" else Cell(text(str(raw)), tone, raw)

    def order(thing: T, context: Context) -> SortValue | None:
        value = look(thing, context)
        return natural(value) if value else None

    return ColumnSpec(
        column=column_of(name, title, summary, "left", width, shown, grow, names=names),
        type=FieldType.TEXT,
        value=lambda thing, context: read(thing, context) or None,
        show=show,
        order=order,
        words=True,
        shown=shown,
        aliases=aliases,
        choices=choices,
        joined=joined,
        search=look,
    )


def state(
    name: str,
    title: str,
    width: int,
    states: type[S],
    read: Callable[[T], S],
    tones: Mapping[S, Tone],
    rank: Callable[[T], float],
    summary: str,
    *,
    aliases: tuple[str, ...] = (),
) -> ColumnSpec[T]:
    """Return a column of the words of `states`, toned, and sorted by rank (worst first)."""
    by_word = {str(word): tone for word, tone in tones.items()}

    def show(raw: Raw, _thing: T, _context: Context) -> Cell:
        text = str(raw)
        return Cell(text, by_word.get(text, Tone.NORMAL), raw)

    return ColumnSpec(
        column=column_of(name, title, summary, "left", width, Shown.ALWAYS, grow=False),
        type=FieldType.TEXT,
        value=lambda thing, _context: read(thing).value,
        show=show,
        order=lambda thing, _context: rank(thing),
        words=False,
        aliases=aliases,
        choices=tuple(word.value for word in states),
        search=lambda thing, _context: read(thing),
    )


def _shown_number(
    text: Callable[[Number], str],
    of: Callable[[T, Context], Number | None] | None,
    *,
    limit: bool,
    tone: Callable[[Number, T], Tone] | None,
) -> Callable[[Raw, T, Context], Cell]:
    """Return how a number is shown, alone or as a part of its whole."""

    def show(raw: Raw, thing: T, context: Context) -> Cell:
        if raw is None or not isinstance(raw, int | float):
            return MISSING
        shown_text = text(raw)
        if of is not None:
            whole = of(thing, context)
            if whole is not None or not limit:
                shown_text = f"{shown_text}/{'?' if whole is None else text(whole)}"
        return Cell(shown_text, tone(raw, thing) if tone else Tone.NORMAL, raw)

    return show


def _searched_number(
    read: Callable[[T, Context], Number | None], text: Callable[[Number], str]
) -> Callable[[T, Context], str | None]:
    """Return what free words look through."""

    def search(thing: T, context: Context) -> str | None:
        value = read(thing, context)
        return None if value is None else text(value)

    return search


def number(
    name: str,
    title: str,
    width: int,
    read: Callable[[T, Context], Number | None],
    summary: str,
    *,
    text: Callable[[Number], str] = plain_number,
    of: Callable[[T, Context], Number | None] | None = None,
    limit: bool = False,
    tone: Callable[[Number, T], Tone] | None = None,
    type_: FieldType = FieldType.NUMBER,
    descending: bool = True,
    shown: Shown = Shown.ALWAYS,
    aliases: tuple[str, ...] = (),
    joined: frozenset[Kind] = NOTHING,
) -> ColumnSpec[T]:
    """Return a column of numbers, largest first when sorted.

    Args:
        name: Snake case with its unit.
        title: What stands over the column, with the unit where the text has none.
        width: Cells it wants.
        read: The number, `None` where it is not reported.
        summary: One line for help.
        text: How the number is written.
        of: The whole it is a part of; the cell then reads `6/8`, or `6/?`.
        limit: Whether `of` is a limit that need not exist; without one the cell reads `6`.
        tone: What the number means, where it means something.
        type_: The unit, for filters.
        descending: Whether the largest come first by default.
        shown: In which sets it is.
        aliases: Further names.
        joined: Other kinds it is made from.
    """
    return ColumnSpec(
        column=column_of(name, title, summary, "right", width, shown, grow=False),
        type=type_,
        value=read,
        show=_shown_number(text, of, limit=limit, tone=tone),
        order=read,
        words=False,
        descending=descending,
        shown=shown,
        aliases=aliases,
        joined=joined,
        search=_searched_number(read, text),
    )


def size(
    name: str,
    title: str,
    width: int,
    read: Callable[[T, Context], int | None],
    summary: str,
    *,
    of: Callable[[T, Context], Number | None] | None = None,
    shown: Shown = Shown.ALWAYS,
    aliases: tuple[str, ...] = (),
) -> ColumnSpec[T]:
    """Return a column of bytes, written in GiB; its title says so."""
    return number(
        name,
        title,
        width,
        read,
        summary,
        text=gib_text,
        of=of,
        type_=FieldType.BYTES,
        shown=shown,
        aliases=aliases,
    )


def lasting(
    name: str,
    title: str,
    width: int,
    read: Callable[[T, Context], float | None],
    summary: str,
    *,
    shown: Shown = Shown.ALWAYS,
    aliases: tuple[str, ...] = (),
) -> ColumnSpec[T]:
    """Return a column of durations that do not grow with time, for example a limit."""
    return number(
        name,
        title,
        width,
        read,
        summary,
        text=duration_text,
        type_=FieldType.SECONDS,
        shown=shown,
        aliases=aliases,
    )


def listing(
    name: str,
    title: str,
    width: int,
    read: Callable[[T, Context], Sequence[str]],
    summary: str,
    *,
    text: Callable[[Sequence[str]], str] = ",".join,
    tone: Tone = Tone.NORMAL,
    grow: bool = False,
    shown: Shown = Shown.ALWAYS,
    aliases: tuple[str, ...] = (),
    joined: frozenset[Kind] = NOTHING,
    choices: tuple[str, ...] = (),
) -> ColumnSpec[T]:
    """Return a column of words; raw is a tuple, empty where nothing was reported."""

    def show(raw: Raw, _thing: T, _context: Context) -> Cell:
        if not isinstance(raw, tuple) or not raw:
            return Cell(MISSING.text, MISSING.tone, raw)
        return Cell(text([str(word) for word in raw]), tone, raw)

    def order(thing: T, context: Context) -> SortValue | None:
        return natural(",".join(read(thing, context))) or None

    def search(thing: T, context: Context) -> str:
        return " ".join(read(thing, context))

    return ColumnSpec(
        column=column_of(name, title, summary, "left", width, shown, grow, names=True),
        type=FieldType.TEXT,
        value=lambda thing, context: tuple(read(thing, context)),
        show=show,
        order=order,
        words=True,
        shown=shown,
        aliases=aliases,
        choices=choices,
        joined=joined,
        search=search,
    )


def flag(
    name: str,
    title: str,
    width: int,
    read: Callable[[T, Context], bool | None],
    summary: str,
    *,
    shown: Shown = Shown.ALWAYS,
    aliases: tuple[str, ...] = (),
) -> ColumnSpec[T]:
    """Return a column of yes and no, yes first when sorted."""

    def word(thing: T, context: Context) -> str | None:
        value = read(thing, context)
        return None if value is None else "yes" if value else "no"

    return ColumnSpec(
        column=column_of(name, title, summary, "left", width, shown, grow=False),
        type=FieldType.FLAG,
        value=read,
        show=lambda raw, _thing, _context: (
            MISSING if raw is None else Cell("yes" if raw else "no", Tone.NORMAL, raw)
        ),
        order=read,
        words=False,
        descending=True,
        shown=shown,
        aliases=aliases,
        search=word,
    )


def column_of(
    name: str,
    title: str,
    summary: str,
    align: Align,
    width: int,
    shown: Shown,
    grow: bool,
    *,
    names: bool = False,
) -> Column:
    """Return what a drawing needs to know of a column."""
    return Column(
        name=name,
        title=title,
        summary=summary,
        align=align,
        width=width,
        wide=shown is Shown.WIDE,
        grow=grow,
        names=names,
    )
