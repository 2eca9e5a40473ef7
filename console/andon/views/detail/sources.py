"""The page of one source."""

from __future__ import annotations

from typing import Final

from andon.model import SourceStatus
from andon.views.columns import Context
from andon.views.detail.parts import facts
from andon.views.formats import age_text, clock_text, count_text, duration_text
from andon.views.page import MISSING, Block, Cell, Column, StaticRows, Table, Text, Tone
from andon.views.registry import view_named

_LABELS: Final = (
    ("State", "state"),
    ("Plugin", "plugin"),
    ("Site", "site"),
    ("Data age", "age_seconds"),
    ("Asked every", "interval_seconds"),
    ("Polls/min of budget", "polls_per_minute"),
    ("Last poll took", "latency_seconds"),
    ("As", "identity"),
    ("Backend version", "version"),
    ("Failures in a row", "failures"),
    ("Reports", "kinds"),
    ("Can do", "verbs"),
    ("Invented", "demo"),
)


def source_blocks(status: SourceStatus, context: Context) -> tuple[Block, ...]:
    """Return a source with its fault and hint, and how much it covers."""
    blocks: list[Block] = [
        facts(view_named("sources"), status, context, _LABELS, always=9),
    ]
    if status.fault is not None:
        blocks.append(_fault(status, context.now))
    blocks.append(_coverage(status))
    return tuple(blocks)


def _fault(status: SourceStatus, now: float) -> Text:
    fault = status.fault
    if fault is None:
        return Text(name="fault", title="Last error", lines=())
    head = (
        Cell(f"{fault.kind.value}: ", Tone.BAD, fault.kind.value),
        Cell(fault.message, Tone.NORMAL, fault.message),
    )
    when = f"{age_text(max(0.0, now - fault.at))} ago, {clock_text(fault.at, now)}"
    lines: list[tuple[Cell, ...]] = [head, (Cell(when, Tone.MUTED, fault.at),)]
    if fault.hint:
        lines.append((Cell("→ ", Tone.ACCENT), Cell(fault.hint, Tone.STRONG, fault.hint)))
    if fault.retry_at is not None:
        left = fault.retry_at - now
        words = f"asked again in {duration_text(left)}" if left > 0 else "is being asked again"
        lines.append((Cell(words, Tone.MUTED, fault.retry_at),))
    return Text(name="fault", title="Last error", lines=tuple(lines))


def _coverage(status: SourceStatus) -> Table:
    columns = (
        Column(name="kind", title="KIND", summary="What is reported", width=12),
        Column(name="reported", title="REPORTED", summary="How many", width=10, align="right"),
        Column(name="expected", title="EXPECTED", summary="Of how many", width=10, align="right"),
        Column(name="note", title="WHY", summary="Why some is missing", width=24, grow=True),
    )
    made = [
        (
            Cell(part.kind.value, Tone.STRONG, part.kind.value),
            Cell(
                count_text(part.reported),
                Tone.WARN if part.reported < part.expected else Tone.NORMAL,
                part.reported,
            ),
            Cell(count_text(part.expected), Tone.NORMAL, part.expected),
            Cell(part.note, Tone.NORMAL, part.note) if part.note else MISSING,
        )
        for part in status.coverage
    ]
    return Table(
        name="coverage",
        title="Coverage",
        columns=columns,
        rows=StaticRows([part.kind.value for part in status.coverage], made),
        total=len(made),
        sort="kind",
        empty="" if made else "It does not say how much of what it should report it did",
    )
