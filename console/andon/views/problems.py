"""Problems as lines: how bad, where, for how long, what, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from andon.analysis.problems import Problem
from andon.model import Severity
from andon.views.columns.tones import SEVERITY_TONES
from andon.views.formats import clock_text, duration_text, plural
from andon.views.page import MISSING, Cell, Column, StaticRows, Table, Tone
from andon.views.targets import row_key

_COLUMNS: Final = (
    Column(name="severity", title="", summary="How bad it is", width=8),
    Column(name="site", title="", summary="Where", width=6),
    Column(name="began_at", title="", summary="For how long", width=6, align="right"),
    Column(name="title", title="", summary="What is wrong", width=28, grow=True),
    Column(
        name="detail", title="", summary="Why, and who is hurt", width=24, grow=True, run_on=True
    ),
)


def problem_table(
    found: Sequence[Problem], now: float, empty: str, most: int, *, whose: str = ""
) -> Table:
    """Return the worst problems; a row's key names the thing, see `targets.row_target`.

    Args:
        found: What is wrong, worst first.
        now: Seconds since the epoch.
        empty: What it means when there is none.
        most: How many to show.
        whose: Whose problems they are, when not everybody's.
    """
    shown = found[:most]
    title = f"Problems of {whose}" if whose else "Problems"
    if found:
        title += f": {count_words(found)}"
    if len(found) > most:
        title += f"; the worst {most}"
    return Table(
        name="problems",
        title=title,
        columns=_COLUMNS,
        rows=StaticRows(
            [row_key(one.kind, one.key, one.title) for one in shown],
            [_cells(one, now) for one in shown],
        ),
        total=len(found),
        sort="severity",
        empty="" if found else empty,
    )


def with_own(own: Iterable[Problem], found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return an operator's own problems among the others, worst first.

    They are the first of those as bad: nobody else will look after them.

    Args:
        own: What no source knows of.
        found: What is wrong, worst first.
    """
    return tuple(sorted((*own, *found), key=lambda one: -one.severity.rank))


def _cells(problem: Problem, now: float) -> tuple[Cell, ...]:
    severity, since = problem.severity, problem.since
    return (
        Cell(severity.value, SEVERITY_TONES[severity], severity.value),
        Cell(problem.site, Tone.MUTED, problem.site) if problem.site else MISSING,
        MISSING if since is None else Cell(_length(since, now), Tone.MUTED, since),
        Cell(problem.title, Tone.STRONG, problem.title),
        Cell(problem.detail, Tone.NORMAL, problem.detail or None),
    )


def _length(since: float, now: float) -> str:
    return duration_text(max(0.0, now - since))


def count_words(found: Sequence[Problem]) -> str:
    """Return how many problems there are by how bad they are; empty for none."""
    counts = Counter(one.severity for one in found)
    words = {
        Severity.CRITICAL: f"{counts[Severity.CRITICAL]:,} critical",
        Severity.WARNING: plural(counts[Severity.WARNING], "warning"),
        Severity.INFO: f"{counts[Severity.INFO]:,} info",
    }
    return ", ".join(text for severity, text in words.items() if counts[severity])


def problem_line(problem: Problem, now: float) -> tuple[Cell, ...]:
    """Return one problem as a run of pieces: how bad, what, since when, and why."""
    tone = SEVERITY_TONES[problem.severity]
    pieces = [
        Cell(f"{problem.severity.value} ", tone, problem.severity.value),
        Cell(problem.title, Tone.STRONG, problem.title),
    ]
    since = problem.since
    if since is not None:
        words = f" for {_length(since, now)} since {clock_text(since, now)}"
        pieces.append(Cell(words, Tone.MUTED, since))
    if problem.detail:
        pieces.append(Cell(f": {problem.detail}", Tone.NORMAL, problem.detail))
    return tuple(pieces)
