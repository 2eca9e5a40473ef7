"""The page of one thing and its neighbours."""

from __future__ import annotations

from typing import Any

from andon.model import Kind
from andon.store import Snapshot
from andon.views.columns import Context
from andon.views.notes import notes_of
from andon.views.page import Facts, Page
from andon.views.registry import ViewSpec, view_named, view_of_kind
from andon.views.state import Scope


def detail(snapshot: Snapshot, kind: Kind, key: str, now: float) -> Page:
    """Return the page of one thing."""
    spec = view_of_kind(kind)
    context = Context.of(snapshot, now)
    thing = context.merged(kind).records.get(key)
    if spec is None or thing is None:
        return Page(name="detail", title=f"{kind.value} {key}", blocks=())
    return Page(
        name="detail",
        title=f"{kind.value} {key}",
        blocks=(facts(spec, thing, context),),
        notes=notes_of(snapshot, kind, Scope(), now),
    )


def source_detail(snapshot: Snapshot, name: str, now: float) -> Page:
    """Return the page of one source."""
    context = Context.of(snapshot, now)
    status = snapshot.sources.get(name)
    blocks = (facts(view_named("sources"), status, context),) if status else ()
    return Page(name="detail", title=f"source {name}", blocks=blocks)


def facts(spec: ViewSpec, thing: Any, context: Context) -> Facts:
    """Return every column of one thing as labelled values."""
    return Facts(
        name="facts",
        title=spec.title,
        items=tuple((column.column.title, column.cell(thing, context)) for column in spec.columns),
    )
