"""Changes that repeat told once: a source that comes and goes must not fill the list of changes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from msgspec.structs import replace as changed

from andon.model import Event, Severity
from andon.views.formats import duration_text

_STATES: Final = frozenset({"source", "node"})
"""Topics whose events tell of one state after another of the same thing."""
_LEAST: Final = 3
"""Down and back is two lines worth reading; from three on it is a habit."""
_SAME: Final = 2


def folded(events: Sequence[Event]) -> list[Event]:
    """Return events with those that repeat told once, where the newest of them stands.

    Repeating is a source or a node that changes its state again and again, and a thing of which
    the same is said more than once.

    Args:
        events: What happened, newest first.
    """
    groups: dict[Hashable, list[Event]] = {}
    for event in events:
        groups.setdefault(_subject(event), []).append(event)
    told: list[Event] = []
    for event in events:
        group = groups[_subject(event)]
        if len(group) < (_LEAST if event.topic in _STATES else _SAME):
            told.append(event)
        elif event is group[0]:
            told.append(_once(group))
    return told


def _subject(event: Event) -> Hashable:
    what = "" if event.topic in _STATES else event.text
    return event.site, event.topic, event.object_kind, event.object_key, what


def _once(group: Sequence[Event]) -> Event:
    newest, oldest = group[0], group[-1]
    within = duration_text(max(0.0, newest.at - oldest.at))
    if newest.topic not in _STATES:
        return changed(newest, text=f"{len(group):,} times in {within}: {newest.text}")
    downs = sum(one.severity is Severity.CRITICAL for one in group)
    often = f"Down {downs:,} times" if downs > 1 else f"{len(group):,} changes"
    worst = max((newest.severity, Severity.WARNING), key=lambda one: one.rank)
    return changed(newest, text=f"{often} in {within}: {newest.text}", severity=worst)
