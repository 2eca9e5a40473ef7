"""Blocks that the pages of several kinds of thing are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from andon.analysis.freshness import stale_age
from andon.analysis.problems import problems
from andon.model import Kind
from andon.views.columns import Context, Shown
from andon.views.formats import age_text, count_text
from andon.views.notes import source_label
from andon.views.page import MISSING, Block, Cell, Column, Facts, StaticRows, Table, Text, Tone
from andon.views.problems import problem_line
from andon.views.registry import ViewSpec

NEIGHBOURS: Final = 200
"""Rows of a neighbour table; the view with a filter shows all."""


def facts(
    spec: ViewSpec,
    thing: Any,
    context: Context,
    labels: Sequence[tuple[str, str]],
    *,
    always: int,
    more: Iterable[tuple[str, Cell]] = (),
) -> Facts:
    """Return columns of one thing as labelled values.

    Args:
        spec: The view whose columns they are.
        thing: The record, or source status.
        context: What columns look at.
        labels: Label and column name.
        always: How many of them are shown even when nothing is reported; others are left out then.
        more: Facts that are no column.
    """
    items: list[tuple[str, Cell]] = []
    for place, (label, name) in enumerate(labels):
        column = spec.column(name)
        cell = column.cell(thing, context)
        if place < always or cell.text != MISSING.text:
            items.append((label, cell))
    items.extend(more)
    return Facts(name="facts", title=spec.title.removesuffix("s"), items=tuple(items))


def sources_fact(kind: Kind, key: str, context: Context) -> tuple[str, Cell]:
    """Return which sources report a thing, and how old each is."""
    reported = context.merged(kind)
    observed = context.snapshot.of(kind)
    names = reported.sources(key)
    words = []
    for name in names:
        status = context.snapshot.sources.get(name)
        label = source_label(status) if status else name
        at = observed[name].observed_at if name in observed else None
        words.append(f"{label} {age_text(max(0.0, context.now - at))} ago" if at else label)
    old = stale_age(context.snapshot, names, context.now)
    if old is not None:
        age = age_text(old) if old != float("inf") else "of unknown age"
        return ("Reported by", Cell(f"{', '.join(words)}: stale, {age}", Tone.WARN, names))
    return ("Reported by", Cell(", ".join(words), Tone.MUTED, names))


def neighbours(
    name: str,
    title: str,
    spec: ViewSpec,
    columns: Sequence[str],
    things: Sequence[Any],
    context: Context,
    *,
    empty: str,
    total: int | None = None,
) -> Table:
    """Return a small table of things that belong to the one shown, with their view's columns.

    `total` is how many there are when `things` are the first of more.
    """
    specs = [spec.column(one) for one in columns]
    shown = things[:NEIGHBOURS]
    total = len(things) if total is None else total
    notes: tuple[Cell, ...] = ()
    if total > len(shown):
        rest = count_text(total - len(shown))
        notes = (Cell(f"and {rest} more: see {spec.name}", Tone.MUTED, total),)
    return Table(
        name=name,
        title=title,
        columns=tuple(one.column for one in specs),
        rows=StaticRows(
            [thing.key for thing in shown],
            [tuple(one.cell(thing, context) for one in specs) for thing in shown],
        ),
        total=total,
        sort=specs[0].name,
        empty=empty if not things else "",
        notes=notes,
    )


def problems_of(context: Context, wanted: Iterable[tuple[Kind, str]]) -> tuple[Block, ...]:
    """Return what is wrong with some things, or nothing when nothing is."""
    wanted = tuple(wanted)
    found = [
        problem
        for problem in problems(context.snapshot, context.now)
        if any(problem.touches(kind, key) for kind, key in wanted)
    ]
    if not found:
        return ()
    return (
        Text(
            name="problems",
            title="Problems",
            lines=tuple(problem_line(problem, context.now) for problem in found),
        ),
    )


def disagreements(kind: Kind, key: str, context: Context) -> tuple[Block, ...]:
    """Return where sources contradict each other about a thing, with what each says."""
    clashes = context.merged(kind).disagreements(key)
    rows = [
        (
            Cell(clash.field if place == 0 else "", Tone.STRONG, clash.field),
            Cell(source, Tone.NORMAL, source),
            Cell(value, Tone.WARN, value),
            Cell("shown" if place == 0 else "", Tone.MUTED, place == 0),
        )
        for clash in clashes
        for place, (source, value) in enumerate(clash.said)
    ]
    if not rows:
        return ()
    columns = (
        Column(name="field", title="FIELD", summary="What they differ about", width=16),
        Column(name="source", title="SOURCE", summary="Who says it", width=16),
        Column(name="value", title="SAYS", summary="What it says", width=24, grow=True),
        Column(name="shown", title="SHOWN", summary="Whose word is shown above", width=5),
    )
    return (
        Table(
            name="disagreements",
            title="Sources disagree",
            columns=columns,
            rows=StaticRows([f"{place}" for place in range(len(rows))], rows),
            total=len(rows),
            sort="field",
        ),
    )


def joined_note(kind: Kind, key: str, context: Context) -> tuple[tuple[str, Cell], ...]:
    """Return by what the facets of a thing were joined, where that is less than certain."""
    reported = context.merged(kind)
    if len(reported.sources(key)) < 2 or reported.joined_by(key) != "index":
        return ()
    return (("Joined", Cell("by index only, within its node", Tone.WARN, "index")),)


def lines(name: str, title: str, texts: Iterable[str], *, tone: Tone = Tone.NORMAL) -> Text:
    """Return plain lines as a block."""
    return Text(name=name, title=title, lines=tuple((Cell(text, tone, text),) for text in texts))


def shown_columns(spec: ViewSpec) -> tuple[str, ...]:
    """Return the narrow columns of a view less the site, which the page names already."""
    return tuple(
        one.name
        for one in spec.columns
        if one.shown in (Shown.ALWAYS, Shown.NARROW) and one.name != "site"
    )
