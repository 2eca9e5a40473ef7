"""What the values of options may be, said in the words of the commands."""

from __future__ import annotations

import math

import click

_LEAST_SECONDS = 0.1


def duration(value: str | float) -> float:
    """Return a time span in seconds, written as in configuration files: `20`, `20s`, `1h30m`.

    Raises:
        click.BadParameter: it is none, or no time at all.
    """
    from andon.runtime.durations import seconds

    try:
        found = _number(value)
        found = seconds(value) if found is None else found
    except ValueError as error:
        raise click.BadParameter(
            f"“{value}” is no duration; write it like 20s, 2m or 1h30m"
        ) from error
    if not (math.isfinite(found) and found >= _LEAST_SECONDS):
        raise click.BadParameter(f"“{value}” is not {_LEAST_SECONDS:g}s or longer")
    return found


def count(value: str | int) -> int:
    """Return a whole number above zero.

    Raises:
        click.BadParameter: it is none.
    """
    try:
        found = int(value)
    except ValueError:
        found = 0
    if found < 1:
        raise click.BadParameter(f"“{value}” is no whole number above 0")
    return found


def factor(value: str | float) -> float:
    """Return a number above zero.

    Raises:
        click.BadParameter: it is none.
    """
    found = _number(value)
    if found is None or not (math.isfinite(found) and found > 0):
        raise click.BadParameter(f"“{value}” is no number above 0")
    return found


def _number(value: str | float) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
