"""Which themes are installed, from package metadata alone; what is in them is the screen's."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata

from andon.sdk.clean import clean

GROUP = "andon.themes.v1"
"""The entry points: named like a theme, they point at the package that holds `<name>.toml`."""


def theme_names(points: Iterable[metadata.EntryPoint] | None = None) -> tuple[str, ...]:
    """Return the names of the installed themes, sorted.

    Args:
        points: for tests; the installed ones by default.
    """
    chosen = metadata.entry_points(group=GROUP) if points is None else points
    return tuple(sorted({clean(point.name) for point in chosen}))
