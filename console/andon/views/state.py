"""What the viewer chose: which view, filtered and sorted how, in which scope."""

from __future__ import annotations

import msgspec


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What the viewer looks at at all; applies to every view."""

    sites: tuple[str, ...] = ()
    """Empty means every site; likewise below."""
    sources: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    user: str | None = None
    """Only this user's things ("mine")."""


class ViewState(msgspec.Struct, frozen=True, kw_only=True):
    """A pure value: one view function and one of these give one page."""

    view: str = "overview"
    filter: str = ""
    sort: str | None = None
    """Column name; `None` takes the view's own order."""
    descending: bool | None = None
    """`None` takes the sort column's own direction."""
    columns: tuple[str, ...] = ()
    """Column names in order; empty takes the narrow or wide set."""
    wide: bool = False
    subject: str | None = None
    """Key of the thing of a detail page."""
    scope: Scope = Scope()
