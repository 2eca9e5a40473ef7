"""Tables, things and pages as objects for JSON: raw values, never texts cut for a screen.

The schema `andon/v1`: keys are column names with their units, times are seconds since the epoch,
what is not reported is null, a state is its word, several words are a list.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final

import msgspec

from andon.analysis.freshness import age_seconds, state_now
from andon.analysis.merge import merged
from andon.model import Kind, Record, SourceState, SourceStatus
from andon.store import Snapshot
from andon.views.columns import Context, Shown
from andon.views.notes import reporting
from andon.views.page import Block, Cell, Cells, Facts, Page, Series, Table
from andon.views.registry import view_of_kind
from andon.views.rows import LazyRows
from andon.views.state import Scope

SCHEMA: Final = "andon/v1"
_WHOLE: Final = frozenset({SourceState.LIVE, SourceState.SLOW, SourceState.LATE})
"""What a source in one of these said is all there is, and not old."""

_PLAIN: Final = frozenset({str, int, bool, type(None)})
"""Nearly every value there is; 100,000 jobs have five million."""

Json = Any
"""What `json.dumps` takes: dict, list, str, int, float, bool, None."""


def plain(value: object) -> Json:
    """Return a value as JSON has it: enum → its word, tuple → list, NaN and infinity → null."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is float:
        return value if math.isfinite(value) else None  # type: ignore[arg-type]
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    return str(value)


def row_object(table: Table, index: int) -> dict[str, Json]:
    """Return one row of a table: each column's raw value by its name."""
    names = [column.name for column in table.columns]
    if isinstance(table.rows, LazyRows):
        values: Sequence[object] = table.rows.raw(index)
    else:
        values = [cell.raw for cell in table.rows.cells(index)]
    return {name: plain(value) for name, value in zip(names, values, strict=True)}


def row_objects(table: Table) -> Iterator[dict[str, Json]]:
    """Yield every row of a table, in its order."""
    rows = table.rows
    if not isinstance(rows, LazyRows):
        yield from (row_object(table, index) for index in range(len(rows)))
        return
    names = [column.name for column in table.columns]
    for values in rows.raws():
        yield dict(zip(names, map(plain, values), strict=True))


def record_object(record: Record) -> dict[str, Json]:
    """Return a record as it was reported: every field, null where nothing was."""
    fields = {name: plain(getattr(record, name)) for name in record.__struct_fields__}
    return {"kind": record.kind.value, "key": record.key, **fields}


def thing_object(snapshot: Snapshot, kind: Kind, key: str, now: float) -> dict[str, Json] | None:
    """Return one thing: every column, what each source said of it, and where they disagree.

    `None` when nobody reports it.
    """
    reported = merged(snapshot, kind)
    thing = reported.records.get(key)
    if thing is None:
        return None
    spec, context = view_of_kind(kind), Context.of(snapshot, now)
    shown = record_object(thing)
    if spec is not None:
        shown = {
            column.name: plain(column.value(thing, context))
            for column in spec.columns
            if column.shown is not Shown.NARROW
        }
        shown = {"kind": kind.value, "key": key, **shown}
    observed = snapshot.of(kind)
    shown["reported"] = [
        {
            "source": source,
            "observed_at": plain(observed[source].observed_at),
            "record": record_object(facet),
        }
        for source, facet in reported.facets_of(key)
    ]
    shown["disagreements"] = [
        {"field": clash.field, "said": [{"source": one, "value": word} for one, word in clash.said]}
        for clash in reported.disagreements(key)
    ]
    return shown


def source_object(status: SourceStatus, now: float) -> dict[str, Json]:
    """Return how one source is doing, short: what an envelope says of each."""
    fault = status.fault
    return {
        "name": status.name,
        "plugin": status.plugin,
        "site": status.site,
        "state": state_now(status, now).value,
        "observed_at": plain(status.observed_at),
        "age_seconds": plain(age_seconds(status, now)),
        "coverage": [
            {
                "kind": part.kind.value,
                "reported": part.reported,
                "expected": part.expected,
                "note": part.note,
            }
            for part in status.coverage
        ],
        "error": None
        if fault is None
        else {"kind": fault.kind.value, "message": fault.message, "hint": fault.hint},
    }


def is_partial(snapshot: Snapshot, kind: Kind | None, scope: Scope, now: float) -> bool:
    """Whether something that belongs to what is shown is missing or old."""
    sources = reporting(snapshot, kind, scope)
    return any(
        state_now(status, now) not in _WHOLE
        or any(
            part.reported < part.expected
            for part in status.coverage
            if kind is None or part.kind is kind
        )
        for status in sources
    )


def envelope(
    kind: str,
    items: Sequence[Json],
    snapshot: Snapshot,
    now: float,
    *,
    reports: Kind | None = None,
    scope: Scope | None = None,
) -> dict[str, Json]:
    """Return what stands around the items of one answer.

    Args:
        kind: What the items are, for example `nodes`.
        items: Objects, as made here.
        snapshot: What they were made from.
        now: Seconds since the epoch.
        reports: The kind of record; only its sources are listed. `None` lists all.
        scope: What was looked at.

    Returns:
        `observed_at` is when the oldest of the listed sources was observed: everything shown is
        at least that new. `partial` says that something is missing or old. `scope` says what was
        looked at, null for everything.
    """
    scope = scope or Scope()
    sources = reporting(snapshot, reports, scope)
    moments = [status.observed_at for status in sources if status.observed_at is not None]
    return {
        "schema": SCHEMA,
        "kind": kind,
        "demo": snapshot.demo,
        "at": now,
        "observed_at": plain(min(moments)) if moments else None,
        "partial": is_partial(snapshot, reports, scope, now),
        "scope": plain(scope) if scope != Scope() else None,
        "sources": [source_object(status, now) for status in sources],
        "items": list(items),
    }


def page_object(page: Page) -> dict[str, Json]:
    """Return a page's blocks by their names, for answers that are no list of things."""
    blocks: dict[str, Json] = {}
    for place, block in enumerate(page.blocks):
        blocks[block.name or f"block_{place}"] = block_object(block)
    return blocks


def block_object(block: Block) -> Json:
    """Return one block's content."""
    if isinstance(block, Table):
        return list(row_objects(block))
    if isinstance(block, Facts):
        return {_word(label): _cell(cell) for label, cell in block.items}
    if isinstance(block, Series):
        return {"unit": block.unit, "latest": _cell(block.latest), "values": plain(block.values)}
    if isinstance(block, Cells):
        return [_cell(cell) for cell in block.cells]
    return ["".join(piece.text for piece in line) for line in block.lines]


def _cell(cell: Cell) -> Json:
    return plain(cell.raw)


def _word(label: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in label.casefold()).split())
