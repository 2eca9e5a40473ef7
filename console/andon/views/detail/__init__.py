"""The page of one thing and its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from andon.model import Job, Kind, Record
from andon.store import Snapshot
from andon.views.columns import Context
from andon.views.detail.accelerators import accelerator_blocks
from andon.views.detail.jobs import job_blocks
from andon.views.detail.nodes import node_blocks
from andon.views.detail.other import other_blocks
from andon.views.detail.owners import queue_blocks, tenant_blocks
from andon.views.detail.parts import lines
from andon.views.detail.sources import source_blocks
from andon.views.notes import notes_of, reporting, source_label, source_note
from andon.views.page import Block, Cell, Page, Tone
from andon.views.state import Scope

__all__ = ["detail", "source_detail"]

_BLOCKS: Final[Mapping[Kind, Callable[[Any, str, Context], tuple[Block, ...]]]] = {
    Kind.NODE: node_blocks,
    Kind.ACCELERATOR: accelerator_blocks,
    Kind.JOB: job_blocks,
    Kind.QUEUE: queue_blocks,
    Kind.TENANT: tenant_blocks,
}


def detail(snapshot: Snapshot, kind: Kind, key: str, now: float) -> Page:
    """Return one thing and its neighbours; says so where it is not, or no longer, reported."""
    context = Context.of(snapshot, now)
    reported = context.merged(kind)
    thing = reported.records.get(key)
    if thing is None and (other := reported.canonical(key)) != key:
        key, thing = other, reported.records.get(other)
    notes = notes_of(snapshot, kind, Scope(), now)
    if thing is None:
        return Page(
            name="detail",
            title=f"{kind.value} {key}",
            blocks=(_gone(snapshot, kind, key, now),),
            notes=notes,
        )
    make = _BLOCKS.get(kind, other_blocks)
    return Page(
        name="detail", title=_title(kind, thing, key), blocks=make(thing, key, context), notes=notes
    )


def source_detail(snapshot: Snapshot, name: str, now: float) -> Page:
    """Return one source: its state, error with hint, and coverage."""
    status = snapshot.sources.get(name)
    if status is None:
        known = ", ".join(snapshot.sources) or "none"
        gone = lines("gone", "Not there", [f"No source is called {name}", f"Sources: {known}"])
        return Page(name="detail", title=f"source {name}", blocks=(gone,))
    context = Context.of(snapshot, now)
    return Page(
        name="detail",
        title=f"source {source_label(status)}",
        blocks=source_blocks(status, context),
        notes=notes_of(snapshot, None, Scope(sources=(name,)), now),
    )


def _title(kind: Kind, thing: Record, key: str) -> str:
    """Return what people call a thing, with its kind and site."""
    if kind is Kind.ACCELERATOR:
        node, index = getattr(thing, "node", ""), getattr(thing, "index", None)
        return f"GPU {node}:{'?' if index is None else index} at {thing.site}"
    name = thing.called if isinstance(thing, Job) else getattr(thing, "name", None)
    return f"{kind.value} {name or key} at {thing.site}"


def _gone(snapshot: Snapshot, kind: Kind, key: str, now: float) -> Block:
    """Say that a thing is not reported, and which of its sources is not to be trusted now."""
    texts = [f"No source reports {kind.value} {key} now"]
    site = key.partition("/")[0]
    for status in reporting(snapshot, kind, Scope(sites=(site,))):
        note: Cell | None = source_note(status, kind, now)
        if note is not None:
            texts.append(f"It may only be out of sight: {note.text}")
    return lines("gone", "Gone", texts, tone=Tone.NORMAL)
