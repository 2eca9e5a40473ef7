"""Lengths of time in words: how long something was waited for."""

from __future__ import annotations


def seconds_text(seconds: float) -> str:
    """Return a length of time as people say it: `3 s`, `2.5 s`, `0.05 s`, never `2.99993 s`."""
    if seconds < 0.1:
        return f"{seconds:.1g} s"
    return f"{round(seconds, 1 if seconds < 10 else 0):g} s"
