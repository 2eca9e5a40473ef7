"""Which columns a table shows at a width. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from andon.tui.table_lines import GAP, GUTTER
from andon.views.columns import ColumnSpec
from andon.views.registry import ViewSpec
from andon.views.worth import most_worth

_EASE = 2
"""Cells more than it wants at least, so that longer names stay whole."""
_GROWN = 30
"""Cells with which a growing column can be read."""


def fitting(view: ViewSpec, width: int, alike: Collection[str] = ()) -> tuple[str, ...]:
    """Return the narrow set's columns and those of `view.worth` that fit beside them at ease.

    Args:
        view: whose columns.
        width: cells there are.
        alike: columns that say the same on every row: any other is worth more.
    """
    names = set(view.column_names(wide=False))
    if _least([spec for spec in view.columns if spec.name in names]) > width:
        names -= set(alike)
    left = width - GUTTER + GAP - sum(_wanted(spec) for spec in view.columns if spec.name in names)
    more = sorted(view.worth, key=lambda name: name in alike)
    names.update(most_worth(((name, _wanted(view.column(name))) for name in more), left))
    return tuple(spec.name for spec in view.columns if spec.name in names)


def fits_wide(view: ViewSpec, width: int) -> bool:
    """Return whether every column of the wide set fits, if only just."""
    names = set(view.column_names(wide=True))
    return _least([spec for spec in view.columns if spec.name in names]) <= width


def _least(specs: Sequence[ColumnSpec[Any]]) -> int:
    return GUTTER + sum(spec.column.width for spec in specs) + GAP * (len(specs) - 1)


def _wanted(spec: ColumnSpec[Any]) -> int:
    column = spec.column
    return GAP + (max(column.width, _GROWN) if column.grow else column.width + _EASE)
