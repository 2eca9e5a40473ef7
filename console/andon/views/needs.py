"""Which kinds a view must be given so that all it shows is right: the least to ask backends for."""

from __future__ import annotations

from collections.abc import Iterable

from andon.model import Kind
from andon.views.filters import compile_filter
from andon.views.registry import ViewSpec
from andon.views.state import Scope, ViewState
from andon.views.tables import filter_fields


def needs(spec: ViewSpec, state: ViewState) -> frozenset[Kind]:
    """Return the kinds that one table is made from: its own, and those its columns look at.

    Columns count when they are shown, sorted by or filtered by. A scope of tenants or of a user
    needs the jobs by which hosts and devices belong to somebody.

    Raises:
        UnknownColumn: A shown or sort column does not exist.
        FilterError: The filter cannot be read.
    """
    asked = compile_filter(state.filter, *filter_fields(spec)).fields
    names = {
        *(state.columns or spec.column_names(wide=state.wide)),
        state.sort or spec.sort,
        *asked,
    }
    return _own(spec) | joined(spec, names) | _owners(spec, state.scope)


def everything_of(spec: ViewSpec) -> frozenset[Kind]:
    """Return the kinds that all columns of a view are made from."""
    return _own(spec) | joined(spec, (column.name for column in spec.columns))


def joined(spec: ViewSpec, names: Iterable[str]) -> frozenset[Kind]:
    """Return the other kinds that some columns of a view look at."""
    return frozenset(kind for name in names if name for kind in spec.column(name).joined)


def _own(spec: ViewSpec) -> frozenset[Kind]:
    return frozenset() if spec.kind is None else frozenset({spec.kind})


def _owners(spec: ViewSpec, scope: Scope) -> frozenset[Kind]:
    if not scope.tenants and scope.user is None:
        return frozenset()
    if spec.kind is Kind.NODE:
        return frozenset({Kind.JOB, Kind.ACCELERATOR})
    return frozenset({Kind.JOB}) if spec.kind is Kind.ACCELERATOR else frozenset()
