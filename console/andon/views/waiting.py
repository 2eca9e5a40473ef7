"""Jobs in numbers, and why those wait that do."""

from __future__ import annotations

from typing import Final

from andon.analysis.summary import ReasonCount, Sum, Tally
from andon.model import JobState, Kind
from andon.views.formats import count_text, least_text, plural
from andon.views.page import MISSING, Cell, Column, StaticRows, Table, Text, Tone
from andon.views.targets import row_key

_COLUMNS: Final = (
    Column(name="jobs", title="", summary="How many jobs wait for it", width=7, align="right"),
    Column(name="gpus", title="", summary="GPUs that they ask for", width=10, align="right"),
    Column(name="reason", title="", summary="The scheduler's own word", width=24),
    Column(name="words", title="", summary="What it means", width=20, grow=True, aside=True),
)


def sum_text(total: Sum) -> str:
    """Return a sum, `≥` where some of what belongs to it was not heard, `–` where none was."""
    if total.value is None:
        return MISSING.text
    return least_text(count_text(total.value), partial=total.partial)


def known_jobs(tally: Tally) -> int:
    """Return how many jobs are in a state that is known now."""
    return sum(count for state, count in tally.jobs.items() if state is not JobState.UNKNOWN)


def jobs_text(total: Tally) -> Text:
    """Return how many jobs run and wait, and what those ask for that wait."""
    partial = Kind.JOB in total.partial_kinds
    if partial and not known_jobs(total):
        before = sum(total.jobs.values())
        words = "no source of jobs answers now"
        if before:
            words += f"; {plural(before, 'job')} when one last did"
        lost = (Cell("not known: ", Tone.WARN), Cell(words, Tone.NORMAL, before))
        return Text(name="jobs", title="Jobs", lines=(lost,))
    running = least_text(count_text(total.jobs_running), partial=partial)
    pending = least_text(count_text(total.jobs_pending), partial=partial)
    pieces: list[Cell] = []
    if total.gpus_wanted.value:
        wanted = f"{sum_text(total.gpus_wanted)} GPUs asked for"
        pieces.append(Cell(wanted, Tone.STRONG, total.gpus_wanted.value))
    if held := total.jobs.get(JobState.HELD, 0):
        pieces.append(Cell(f"{' · ' if pieces else ''}{count_text(held)} held", Tone.MUTED, held))
    return Text(
        name="jobs",
        title=f"Jobs: {running} running, {pending} pending",
        lines=(tuple(pieces),) if pieces else (),
    )


def waiting_table(total: Tally) -> Table | None:
    """Return every reason why jobs wait, the commonest first; `None` where none waits."""
    if not total.reasons:
        return None
    return Table(
        name="pending",
        title="Why jobs wait",
        columns=_COLUMNS,
        rows=StaticRows(
            [row_key(None, None, one.reason) for one in total.reasons],
            [_cells(one) for one in total.reasons],
        ),
        total=len(total.reasons),
        sort="jobs",
        descending=True,
    )


def _cells(one: ReasonCount) -> tuple[Cell, ...]:
    return (
        Cell(count_text(one.jobs), Tone.STRONG, one.jobs),
        Cell(plural(one.gpus, "GPU") if one.gpus else "", Tone.NORMAL, one.gpus),
        Cell(one.reason, Tone.NORMAL, one.reason),
        Cell(one.words, Tone.MUTED, one.words),
    )
