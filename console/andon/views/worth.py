"""What a screen has room for, by what it is worth: one rule for the screen and for commands."""

from __future__ import annotations

from collections.abc import Iterable


def most_worth(wanted: Iterable[tuple[str, int]], room: int) -> tuple[str, ...]:
    """Return the names that fit, what is worth least left out first.

    Args:
        wanted: names and the cells each takes, worth most first.
        room: cells there are.
    """
    names: list[str] = []
    for name, cells in wanted:
        room -= cells
        if room < 0:
            break
        names.append(name)
    return tuple(names)
