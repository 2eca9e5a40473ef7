"""How each view opens, from `[views.NAME]` of the configuration."""

from __future__ import annotations

from collections.abc import Mapping

from andon.runtime.config_records import ViewConfig
from andon.sdk.errors import UsageError
from andon.views.filters import FilterError, compile_filter
from andon.views.registry import ViewSpec, view_named
from andon.views.state import ViewState
from andon.views.tables import filter_fields


def opening_states(
    views: Mapping[str, ViewConfig],
) -> tuple[dict[str, ViewState], tuple[str, ...]]:
    """Return the state in which each configured view opens, and what is wrong with the others."""
    states: dict[str, ViewState] = {}
    problems: list[str] = []
    for name, config in views.items():
        try:
            spec = view_named(name)
            states[spec.name] = _state(spec, config)
        except UsageError as error:
            hint = f"; {error.hint}" if error.hint else ""
            where = f"filter, column {error.column + 1}: " if isinstance(error, FilterError) else ""
            problems.append(f"[views.{name}] {where}{error.message}{hint}")
    return states, tuple(problems)


def _state(spec: ViewSpec, config: ViewConfig) -> ViewState:
    sort, descending = config.sort, None
    if sort is not None and sort.startswith("-"):
        sort, descending = sort[1:], True
    compile_filter(config.filter, *filter_fields(spec))
    return ViewState(
        view=spec.name,
        filter=config.filter,
        sort=spec.column(sort).name if sort else None,
        descending=descending,
        columns=tuple(spec.column(column).name for column in config.columns),
    )
