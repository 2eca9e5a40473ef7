"""Durations as people write them in configuration: `30`, `30s`, `2m`, `1h30m`."""

from __future__ import annotations

import re

_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PART.pattern}\s*)+")
ALLOWED = "a number of seconds, or text such as 30s, 2m or 1h30m"


def seconds(value: object) -> float:
    """Return a duration in seconds.

    Args:
        value: a number of seconds, or a text with units.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        if _WHOLE.fullmatch(text):
            return sum(float(n) * _UNIT_SECONDS[unit] for n, unit in _PART.findall(text))
    raise ValueError(f"not a duration: “{value}”")
