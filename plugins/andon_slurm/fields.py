"""Single fields of the tools' output: Slurm's words for nothing, numbers, times and host lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet, NodeSetException

from andon.sdk import canonical_host, clean_or_none

_NOTHING = frozenset({"", "(null)", "N/A", "n/a", "Unknown", "none", "NONE", "None", "NOT_SET"})
_LIMIT = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)|(\d+)-(\d+)|(\d+)")
# A node list has few nodes; anything far longer is not one and must not be expanded.
_MOST_NODES = 100_000
_PART = re.compile(r"(?:[^,\[]|\[[^\]]*\])+")
_BRACKETS = re.compile(r"\[([^\]]*)\]")
_SPAN = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?(?:/\d+)?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where records belong."""

    site: str
    cluster: str | None


def text(field: str) -> str | None:
    """Return a cleaned field, or `None` for Slurm's several words for nothing."""
    return None if field in _NOTHING else clean_or_none(field)


def number(field: str) -> int | None:
    """Return an integer field, or `None` when it is not one."""
    return int(field) if field.isdecimal() and len(field) < 19 and field.isascii() else None


def epoch(field: str) -> float | None:
    """Return a time printed as seconds since the epoch (`SLURM_TIME_FORMAT=%s`)."""
    value = number(field)
    return float(value) if value else None


def limit_seconds(field: str) -> int | None:
    """Return a time limit such as `30:00`, `12:00:00` or `3-00:00:00`; `None` when unlimited."""
    match = _LIMIT.fullmatch(field)
    if not match:
        return None
    days, hours, minutes, seconds, only_days, and_hours, only_minutes = match.groups()
    if only_minutes is not None:
        return int(only_minutes) * 60
    if only_days is not None:
        return int(only_days) * 86400 + int(and_hours) * 3600
    return ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes)) * 60 + int(seconds)


def hosts(field: str) -> tuple[str, ...]:
    """Expand a host list such as `gpu[01-03],cpu7` to canonical names."""
    if field in _NOTHING:
        return ()
    if field.isascii() and field.replace("-", "").isalnum():
        return (canonical_host(field),)
    if _size(field) > _MOST_NODES:
        return ()
    try:
        # Without groups: `@name` would run a command that the machine configures for them.
        return tuple(map(canonical_host, NodeSet(field, resolver=RESOLVER_NOGROUP)))
    except (NodeSetException, ValueError, OverflowError):
        return ()


def _size(field: str) -> int:
    """Return how many names a host list stands for, at most, without expanding it."""
    total = 0
    for part in _PART.findall(field):
        names = 1
        for inside in _BRACKETS.findall(part):
            spans = (_SPAN.fullmatch(span) for span in inside.split(","))
            names *= sum(int(s[2] or s[1]) - int(s[1]) + 1 if s else 1 for s in spans)
        total += max(names, 1)
    return total


def cpus(field: str) -> tuple[int | None, int | None]:
    """Read allocated and total from `allocated/idle/other/total`."""
    parts = [number(part) for part in field.split("/")]
    return (parts[0], parts[3]) if len(parts) == 4 else (None, None)
