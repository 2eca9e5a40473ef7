"""Numbers and times in plain words, for the sentences that analysis writes.

The texts are short enough for a column; `andon.views.formats` offers the same functions to tables,
so that a time reads the same in a sentence and in a cell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo

MINUTE = 60
HOUR = 3600
DAY = 86_400
YEAR = 365 * DAY
UNKNOWN = "–"
"""What is shown for a number that is none (NaN)."""
ENDLESS = "∞"


def duration_text(seconds: float) -> str:
    """Return a length of time in at most six characters: `42s`, `9m05s`, `14m`, `2d03h`, `12y`.

    Two units at most, cut off and never rounded up, so that a limit is not shown as reached before
    it is. From ten minutes on seconds tell nobody anything, and a column of them never rests. A
    negative length has a sign in front; NaN is `–`, infinity `∞`.
    """
    if math.isnan(seconds):
        return UNKNOWN
    if seconds < 0:
        return "-" + duration_text(-seconds) if seconds <= -1 else "0s"
    if math.isinf(seconds):
        return ENDLESS
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < 10 * MINUTE:
        return f"{whole // MINUTE}m{whole % MINUTE:02d}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m"
    if whole < DAY:
        return f"{whole // HOUR}h{whole % HOUR // MINUTE:02d}m"
    days = whole // DAY
    if days < 100:
        return f"{days}d{whole % DAY // HOUR:02d}h"
    if days < 1000:
        return f"{days}d"
    years = whole // YEAR
    return f"{years}y" if years < 10_000 else ">9999y"


def age_text(seconds: float) -> str:
    """Return how long ago something was, in one unit: `42s`, `14m`, `3h`, `12d`, `2y`.

    A negative age, which two clocks that differ produce, is `0s`.
    """
    if math.isnan(seconds):
        return UNKNOWN
    if seconds < 1:
        return "0s"
    if math.isinf(seconds):
        return ENDLESS
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m"
    if whole < DAY:
        return f"{whole // HOUR}h"
    if whole < 1000 * DAY:
        return f"{whole // DAY}d"
    years = whole // YEAR
    return f"{years}y" if years < 10_000 else ">9999y"


def clock_text(at: float, now: float | None = None, tz: tzinfo | None = None) -> str:
    """Return a moment as local wall-clock time, as short as `now` allows.

    Args:
        at: Seconds since the epoch.
        now: The present; on its day only `14:20` is shown, in its year `03-18 14:20`, else the
            date with its year. Without it the whole moment is shown.
        tz: The time zone; `None` is the one of this machine.
    """
    moment = _local(at, tz)
    if moment is None:
        return UNKNOWN
    present = _local(now, tz) if now is not None else None
    if present is None:
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    if moment.date() == present.date():
        return f"{moment:%H:%M}"
    if moment.year == present.year:
        return f"{moment:%m-%d %H:%M}"
    return f"{moment:%Y-%m-%d}"


def _local(at: float, tz: tzinfo | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(at, UTC).astimezone(tz)
    except (ValueError, OverflowError, OSError):
        return None


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Return a count with its noun: `1 job`, `2 jobs`, `12,000 jobs`."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def several(names: Sequence[str], most: int = 3) -> str:
    """Return a list in words, cut after `most`: `a, b, c and 4 more`."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


def sentence(parts: Iterable[str]) -> str:
    """Join the parts that are not empty with semicolons."""
    return "; ".join(part for part in parts if part)
