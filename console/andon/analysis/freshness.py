"""How far what a source said can be trusted now."""

from __future__ import annotations

import math
from collections.abc import Iterable

from andon.model import SourceState, SourceStatus
from andon.store import Snapshot

STALE_INTERVALS = 3
"""Data older than this many intervals is stale (`SourceState.STALE`)."""
SLACK_SECONDS = 2.0
"""How late a poll may always be: polls start with jitter, and the reader looks at its own ticks."""
SLACK_SHARE = 0.5
"""The same as a share of the interval; the larger of the two counts."""

_BY_AGE = (
    SourceState.LIVE,
    SourceState.SLOW,
    SourceState.PARTIAL,
    SourceState.LATE,
    SourceState.STALE,
)
_WORSE = (
    SourceState.LIVE,
    SourceState.SLOW,
    SourceState.PARTIAL,
    SourceState.LATE,
    SourceState.CONNECTING,
    SourceState.STALE,
    SourceState.DENIED,
    SourceState.DOWN,
    SourceState.QUARANTINED,
)
"""Best first."""
_USABLE = frozenset({SourceState.LIVE, SourceState.SLOW, SourceState.PARTIAL, SourceState.LATE})


def age_seconds(status: SourceStatus, now: float) -> float | None:
    """Return how old a source's data is, or `None` before the first.

    Never below zero: a source whose clock is ahead has new data, not data of the future.
    """
    if status.observed_at is None:
        return None
    return max(0.0, now - status.observed_at)


def reported_state(status: SourceStatus) -> SourceState:
    """Return a source's state as the collector says it: one that is live may be slow."""
    if status.state is SourceState.LIVE and status.slow_seconds is not None:
        return SourceState.SLOW
    return status.state


def state_now(status: SourceStatus, now: float) -> SourceState:
    """Return a source's state as its age makes it: live or slow, then late, then stale.

    The collector says how the last poll went; when the collector itself hangs, only the age tells.
    A source that has failed is what it was when it failed. Without an interval nothing is overdue.
    """
    if status.state not in _BY_AGE:
        return status.state
    told = reported_state(status)
    age, interval = age_seconds(status, now), status.interval_seconds
    if age is None or interval is None:
        return told
    # An answer arrives as old as the poll took.
    age -= status.latency_seconds or 0.0
    slack = max(SLACK_SECONDS, SLACK_SHARE * interval)
    by_age = SourceState.LIVE
    if age > max(STALE_INTERVALS * interval, interval + slack + SLACK_SECONDS):
        by_age = SourceState.STALE
    elif age > interval + slack:
        by_age = SourceState.LATE
    return worst_state((told, by_age)) or told


def usable(state: SourceState) -> bool:
    """Whether numbers of a source in this state belong into sums: live, partial or just late."""
    return state in _USABLE


def worst_state(states: Iterable[SourceState]) -> SourceState | None:
    """Return the least trustworthy of some states, `None` without any."""
    return max(states, key=_WORSE.index, default=None)


def source_states(snapshot: Snapshot, now: float) -> dict[str, SourceState]:
    """Return every source's state now, by name."""
    return {name: state_now(status, now) for name, status in snapshot.sources.items()}


def stale_age(snapshot: Snapshot, sources: Iterable[str], now: float) -> float | None:
    """Return how old a thing is when none of the sources that report it is trusted now.

    Returns:
        `None` while one is trusted; else the age of the newest data in seconds, infinite when
        nothing says when it was observed.
    """
    names = tuple(sources)
    youngest = math.inf
    for name in names:
        status = snapshot.sources.get(name)
        if status is None:
            continue
        if state_now(status, now).trusted:
            return None
        age = age_seconds(status, now)
        if age is not None:
            youngest = min(youngest, age)
    if math.isinf(youngest):
        seen = _newest_facets(snapshot, names)
        return math.inf if seen is None else max(0.0, now - seen)
    return youngest


def _newest_facets(snapshot: Snapshot, names: tuple[str, ...]) -> float | None:
    return max(
        (
            facets.observed_at
            for by_source in snapshot.facets.values()
            for name, facets in by_source.items()
            if name in names
        ),
        default=None,
    )
