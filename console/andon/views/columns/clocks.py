"""Makers of columns that tell of time: how long since, how long until, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from andon.model import Kind
from andon.views.columns.make import NOTHING, column_of, number
from andon.views.columns.spec import ColumnSpec, Context, Shown
from andon.views.filters import FieldType
from andon.views.formats import duration_text
from andon.views.ordering import SortValue
from andon.views.page import MISSING, Cell, Raw, Tone

T = TypeVar("T")

_OVER = -1e12
"""Sort value below that of any moment: what lasts no longer stands behind what still counts."""
_CLOCKS_DIFFER = 60.0
"""Seconds by which a backend's clock may run ahead; more is a moment that is yet to come."""


def since(
    name: str,
    title: str,
    width: int,
    moment: Callable[[T, Context], float | None],
    summary: str,
    *,
    descending: bool = True,
    tone: Callable[[float, T], Tone] | None = None,
    shown: Shown = Shown.ALWAYS,
    aliases: tuple[str, ...] = (),
    joined: frozenset[Kind] = NOTHING,
    restless: bool = False,
    lasted: Callable[[T, Context], float | None] | None = None,
) -> ColumnSpec[T]:
    """Return a column of seconds since a moment; sorted by the moment: time moves no row.

    Of a thing without such a moment, because it is over, `lasted` gives how many seconds it took;
    among the others it is sorted as the shortest.
    """
    spec = _clocked(name, title, width, moment, -1.0, summary, tone, shown, aliases, lasted)
    return replace(spec, descending=descending, joined=joined, restless=restless)


def until(
    name: str,
    title: str,
    width: int,
    moment: Callable[[T, Context], float | None],
    summary: str,
    *,
    tone: Callable[[float, T], Tone] | None = None,
    shown: Shown = Shown.ALWAYS,
    aliases: tuple[str, ...] = (),
) -> ColumnSpec[T]:
    """Return a column of seconds until a moment, soonest first."""
    return _clocked(name, title, width, moment, 1.0, summary, tone, shown, aliases)


def _clocked(
    name: str,
    title: str,
    width: int,
    moment: Callable[[T, Context], float | None],
    sign: float,
    summary: str,
    tone: Callable[[float, T], Tone] | None,
    shown: Shown,
    aliases: tuple[str, ...],
    lasted: Callable[[T, Context], float | None] | None = None,
) -> ColumnSpec[T]:
    def over(thing: T, context: Context) -> float | None:
        return None if lasted is None else lasted(thing, context)

    def value(thing: T, context: Context) -> float | None:
        at = moment(thing, context)
        return over(thing, context) if at is None else sign * (at - context.now)

    def show(raw: Raw, thing: T, _context: Context) -> Cell:
        if not isinstance(raw, int | float):
            return MISSING
        if raw < -_CLOCKS_DIFFER and sign < 0:
            # What begins later lasts no time yet.
            return Cell(MISSING.text, MISSING.tone, raw)
        text = duration_text(raw) if raw >= 0 else f"-{duration_text(-raw)}"
        return Cell(text, tone(raw, thing) if tone else Tone.NORMAL, raw)

    def order(thing: T, context: Context) -> SortValue | None:
        at = moment(thing, context)
        if at is not None:
            return sign * at
        took = over(thing, context)
        return None if took is None else _OVER + took

    return ColumnSpec(
        column=column_of(name, title, summary, "right", width, shown, grow=False),
        type=FieldType.SECONDS,
        value=value,
        show=show,
        order=order,
        words=False,
        shown=shown,
        aliases=aliases,
        timed=True,
    )


def moment(
    name: str,
    title: str,
    read: Callable[[T, Context], float | None],
    summary: str,
    *,
    clock: Callable[[float], str],
) -> ColumnSpec[T]:
    """Return a column of absolute moments, for JSON and reports; shown as a clock time."""
    return number(
        name,
        title,
        20,
        read,
        summary,
        text=clock,
        type_=FieldType.MOMENT,
        shown=Shown.ASKED,
    )
