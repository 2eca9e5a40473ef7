"""The columns of sources."""

from __future__ import annotations

from andon.analysis.freshness import state_now
from andon.model import Kind, SourceState, SourceStatus
from andon.views.columns.clocks import moment, since, until
from andon.views.columns.make import flag, listing, number, words
from andon.views.columns.spec import ColumnSpec, Context, Shown
from andon.views.columns.tones import SOURCE_RANKS, SOURCE_TONES
from andon.views.filters import FieldType
from andon.views.formats import clock_text, latency_text
from andon.views.page import Cell, Column, Raw, Tone

_BUDGET_NEARLY_SPENT = 0.8


def _observed(source: SourceStatus, _context: Context) -> float | None:
    return source.observed_at


def coverage_percent(source: SourceStatus, _context: Context) -> float | None:
    """Return how much of what should have reported did, over the kind that did worst."""
    shares = [
        100.0 * min(1.0, part.reported / part.expected)
        for part in source.coverage
        if part.expected > 0
    ]
    return min(shares) if shares else None


def _coverage_tone(percent: float, _source: SourceStatus) -> Tone:
    return Tone.WARN if percent < 100 else Tone.NORMAL


def _polls_tone(rate: float, source: SourceStatus) -> Tone:
    limit = source.polls_per_minute_limit
    return Tone.WARN if limit and rate > _BUDGET_NEARLY_SPENT * limit else Tone.NORMAL


def _error(source: SourceStatus, _context: Context) -> str | None:
    return f"{source.fault.kind.value}: {source.fault.message}" if source.fault else None


def _hint(source: SourceStatus, _context: Context) -> str | None:
    return source.fault.hint if source.fault else None


def _notes(source: SourceStatus, _context: Context) -> tuple[str, ...]:
    return tuple(part.note for part in source.coverage if part.note)


def _retry(source: SourceStatus, _context: Context) -> float | None:
    return source.fault.retry_at if source.fault else None


def _failed_at(source: SourceStatus, _context: Context) -> float | None:
    return source.fault.at if source.fault else None


def _state_value(source: SourceStatus, context: Context) -> str:
    return state_now(source, context.now).value


def _state_cell(raw: Raw, source: SourceStatus, _context: Context) -> Cell:
    state = SourceState(str(raw))
    text = state.value
    if state is SourceState.SLOW and source.slow_seconds is not None:
        text += f" {latency_text(source.slow_seconds)}"
    return Cell(text, SOURCE_TONES[state], raw)


def _latency_tone(_seconds: float, source: SourceStatus) -> Tone:
    return Tone.NORMAL if source.slow_seconds is None else Tone.WARN


# Time alone turns a live source into a late one; the few rows are sorted anew each time.
_STATE: ColumnSpec[SourceStatus] = ColumnSpec(
    column=Column(
        name="state",
        title="STATE",
        summary="How far its data can be trusted, worst first",
        width=11,
    ),
    type=FieldType.TEXT,
    value=_state_value,
    show=_state_cell,
    order=lambda source, context: SOURCE_RANKS[state_now(source, context.now)],
    words=False,
    choices=tuple(state.value for state in SourceState),
    timed=True,
    restless=True,
    search=_state_value,
)

SOURCES: tuple[ColumnSpec[SourceStatus], ...] = (
    words("name", "NAME", 14, lambda s, _: s.name, "Source", tone=Tone.STRONG),
    words("plugin", "PLUGIN", 10, lambda s, _: s.plugin, "Plugin that reads it"),
    words("site", "SITE", 6, lambda s, _: s.site, "Site it reports on"),
    _STATE,
    since("age_seconds", "AGE", 5, _observed, "How old its data is", aliases=("age",)),
    number(
        "coverage_percent",
        "COVER%",
        6,
        coverage_percent,
        "Share of what should have reported that did",
        text=lambda value: f"{value:.0f}" if value in (0, 100) else f"{min(value, 99.9):.1f}",
        tone=_coverage_tone,
        type_=FieldType.PERCENT,
        descending=False,
        aliases=("coverage",),
    ),
    words("error", "ERROR", 12, _error, "Why it could not report", tone=Tone.BAD, grow=True),
    words("hint", "HINT", 20, _hint, "What to do next", shown=Shown.WIDE, grow=True),
    until(
        "retry_seconds",
        "RETRY",
        6,
        _retry,
        "Time until it is asked again",
        shown=Shown.WIDE,
        aliases=("retry",),
    ),
    number(
        "failures",
        "FAILED",
        6,
        lambda s, _: s.failures,
        "Polls that failed one after another",
        tone=lambda value, _: Tone.WARN if value else Tone.NORMAL,
        shown=Shown.WIDE,
    ),
    number(
        "latency_seconds",
        "LATENCY",
        7,
        lambda s, _: s.latency_seconds,
        "How long the last poll took",
        text=latency_text,
        tone=_latency_tone,
        type_=FieldType.SECONDS,
        shown=Shown.WIDE,
        aliases=("latency",),
    ),
    number(
        "slow_seconds",
        "SLOW",
        6,
        lambda s, _: s.slow_seconds,
        "How long its polls take, when that is too long",
        text=latency_text,
        type_=FieldType.SECONDS,
        shown=Shown.ASKED,
        aliases=("slow",),
    ),
    number(
        "polls_per_minute",
        "POLLS/min",
        9,
        lambda s, _: s.polls_per_minute,
        "Polls in the last minute, of its budget",
        of=lambda s, _: s.polls_per_minute_limit,
        limit=True,
        tone=_polls_tone,
        shown=Shown.WIDE,
        aliases=("polls",),
    ),
    number(
        "polls_per_minute_limit",
        "BUDGET",
        6,
        lambda s, _: s.polls_per_minute_limit,
        "Polls a minute it may make",
        shown=Shown.ASKED,
        aliases=("budget",),
    ),
    number(
        "interval_seconds",
        "EVERY",
        6,
        lambda s, _: s.interval_seconds,
        "How often it is asked",
        text=latency_text,
        type_=FieldType.SECONDS,
        shown=Shown.WIDE,
        aliases=("interval",),
    ),
    words(
        "identity",
        "AS",
        16,
        lambda s, _: s.identity,
        "Who the backend takes us for",
        shown=Shown.WIDE,
        aliases=("as",),
    ),
    words(
        "version", "VERSION", 10, lambda s, _: s.version, "Version of the backend", shown=Shown.WIDE
    ),
    listing(
        "kinds",
        "REPORTS",
        20,
        lambda s, _: tuple(kind.value for kind in s.kinds),
        "What it can report",
        shown=Shown.ASKED,
        choices=tuple(kind.value for kind in Kind),
    ),
    listing(
        "verbs",
        "CAN DO",
        20,
        lambda s, _: s.verbs,
        "What can be changed through it",
        shown=Shown.ASKED,
    ),
    listing("notes", "NOTES", 20, _notes, "What is missing, and why", shown=Shown.ASKED),
    flag(
        "demo",
        "DEMO",
        4,
        lambda s, _: s.demo,
        "Whether it is invented",
        shown=Shown.ASKED,
    ),
    moment("observed_at", "OBSERVED AT", _observed, "When its data was observed", clock=clock_text),
    moment("failed_at", "FAILED AT", _failed_at, "When it last failed", clock=clock_text),
)
