"""What must be said beside the data: that it is invented, old, or not all there is."""

from __future__ import annotations

from andon.analysis.freshness import age_seconds, state_now
from andon.model import Kind, SourceState, SourceStatus
from andon.store import Snapshot
from andon.views.columns.tones import SOURCE_TONES
from andon.views.formats import age_text, count_text, latency_text
from andon.views.page import Cell, Tone
from andon.views.state import Scope

DEMO = Cell("DEMO", Tone.ACCENT, "demo")
_ALL = Scope()


def source_label(status: SourceStatus) -> str:
    """Return a source's name with its site, which its name may hold already."""
    if status.site in status.name or not status.site:
        return status.name
    return f"{status.name}@{status.site}"


def reporting(
    snapshot: Snapshot, kind: Kind | None, scope: Scope = _ALL
) -> tuple[SourceStatus, ...]:
    """Return the sources in scope that report a kind, or could (`None`: any kind)."""
    said = snapshot.of(kind) if kind is not None else {}
    return tuple(
        status
        for name, status in snapshot.sources.items()
        if (kind is None or kind in status.kinds or name in said)
        and (not scope.sites or status.site in scope.sites)
        and (not scope.sources or name in scope.sources)
    )


def source_cell(status: SourceStatus, now: float) -> Cell:
    """Return how a source is in words: `live`, `slow 8.2s`, `down 5m`."""
    state = state_now(status, now)
    text = state.value
    age = age_seconds(status, now)
    if state is SourceState.SLOW and status.slow_seconds is not None:
        text += f" {latency_text(status.slow_seconds)}"
    elif age is not None and state is not SourceState.LIVE:
        text += f" {age_text(age)}"
    return Cell(text, SOURCE_TONES[state], state.value)


def notes_of(snapshot: Snapshot, kind: Kind | None, scope: Scope, now: float) -> tuple[Cell, ...]:
    """Return the notes under what is shown of one kind (`None`: of everything)."""
    notes = [DEMO] if snapshot.demo else []
    for status in reporting(snapshot, kind, scope):
        note = source_note(status, kind, now)
        if note is not None:
            notes.append(note)
    return tuple(notes)


def source_note(status: SourceStatus, kind: Kind | None, now: float) -> Cell | None:
    """Return what must be said of one source, for example `slurm@par1 stale 2m`, or `None`."""
    state = state_now(status, now)
    missing = _missing(status, kind)
    if state.trusted and not missing:
        return None
    words = [source_label(status)]
    if not state.trusted:
        words.append(source_cell(status, now).text)
    if missing:
        words.append(missing)
    tone = Tone.WARN if state is SourceState.LIVE else SOURCE_TONES[state]
    return Cell(" ".join(words), tone, status.name)


def _missing(status: SourceStatus, kind: Kind | None) -> str:
    parts = []
    for part in status.coverage:
        if kind is not None and part.kind is not kind:
            continue
        if part.reported < part.expected:
            counts = f"{count_text(part.reported)}/{count_text(part.expected)} {part.kind.value}s"
            parts.append(f"{counts} ({part.note})" if part.note else counts)
        elif part.note:
            parts.append(part.note)
    return ", ".join(parts)
