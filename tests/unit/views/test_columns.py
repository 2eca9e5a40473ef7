from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest

from andon.model import Accelerator, Job, JobState, Kind, Node, Queue, SourceStatus, Tenant
from andon.views.columns import Context, Shown
from andon.views.columns.hosts import folded
from andon.views.columns.spec import ColumnSpec
from andon.views.filters import FieldType
from andon.views.formats import parse_quantity
from andon.views.page import MISSING, Cell
from andon.views.registry import VIEWS, ViewSpec, view_named
from tests.unit.views.things import GIB, HOSTILE, NOW, bare, filled, snapshot_of, source

TYPES: dict[str, type[Any]] = {
    "nodes": Node,
    "gpus": Accelerator,
    "jobs": Job,
    "queues": Queue,
    "tenants": Tenant,
    "sources": SourceStatus,
}
TABLES = [view for view in VIEWS if view.columns]
COLUMNS = [
    pytest.param(view, column, id=f"{view.name}-{column.name}")
    for view in TABLES
    for column in view.columns
]
COUNTED = {"jobs", "tenants", "failures", "demo"}
"""What is counted from other records: none found is a real zero or an empty list."""


def context_of(thing: Any) -> Context:
    if isinstance(thing, SourceStatus):
        return Context.of(snapshot_of((), status=source()), NOW)
    return Context.of(snapshot_of((thing,)), NOW)


def cell_of(column: ColumnSpec[Any], thing: Any) -> Cell:
    return column.cell(thing, context_of(thing))


@pytest.mark.parametrize(("view", "column"), COLUMNS)
def test_what_is_not_reported_is_missing_and_never_zero(
    view: ViewSpec, column: ColumnSpec[Any]
) -> None:
    thing = bare(TYPES[view.name])
    cell = cell_of(column, thing)
    if cell.raw is None or cell.raw == ():
        assert (cell.text, cell.tone) == (MISSING.text, MISSING.tone)
    else:
        assert cell.raw != 0 or column.name in COUNTED
        assert cell.text not in ("", MISSING.text)


@pytest.mark.parametrize(("view", "column"), COLUMNS)
def test_a_text_and_the_raw_value_under_it_agree(view: ViewSpec, column: ColumnSpec[Any]) -> None:
    thing = filled(TYPES[view.name], "word")
    context = context_of(thing)
    cell = column.cell(thing, context)
    assert cell.raw == column.value(thing, context)
    if cell.raw is None or cell.raw == ():
        assert cell.text == MISSING.text
    elif isinstance(cell.raw, bool):
        assert cell.text == ("yes" if cell.raw else "no")
    elif isinstance(cell.raw, str):
        assert cell.text == str(cell.raw)
    elif isinstance(cell.raw, tuple):
        assert re.sub(r"\[.*\]", "", cell.text).split(",")[0] in " ".join(map(str, cell.raw))
    else:
        assert number_in(cell.text, column.type) == pytest.approx(cell.raw, rel=0.02, abs=0.5)


def number_in(text: str, type_: FieldType) -> float:
    shown = text.partition("/")[0]
    if type_ is FieldType.BYTES:
        return float(shown) * GIB
    if type_ in (FieldType.SECONDS, FieldType.MOMENT):
        sign = -1 if shown.startswith("-") else 1
        return sign * parse_quantity(shown.removeprefix("-"), type_.value)
    return float(shown)


@pytest.mark.parametrize(("view", "column"), COLUMNS)
def test_hostile_text_stays_on_one_line_without_controls(
    view: ViewSpec, column: ColumnSpec[Any]
) -> None:
    for text in HOSTILE:
        thing = filled(TYPES[view.name], text)
        context = context_of(thing)
        for shown in (column.cell(thing, context).text, column.text(thing, context)):
            assert not any(
                unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
                for character in shown
            )


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_most_columns_of_a_full_record_have_a_value(view: ViewSpec) -> None:
    thing = filled(TYPES[view.name])
    context = context_of(thing)
    missing = [
        column.name for column in view.columns if column.cell(thing, context).text == MISSING.text
    ]
    expected = {
        "nodes": ["jobs", "tenants"],
        "gpus": ["user"],
        "jobs": ["wait_seconds"],
        "queues": ["oldest_wait_seconds"],
        "tenants": ["violations"],
    }
    assert missing == expected.get(view.name, [])


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_the_narrow_set_fits_80_cells_and_the_wide_one_about_200(view: ViewSpec) -> None:
    for wide, room in ((False, 78), (True, 215)):
        names = view.column_names(wide=wide)
        widths = [view.column(name).column.width for name in names]
        assert sum(widths) + 2 * (len(widths) - 1) <= room, (view.name, wide)
    narrow = set(view.column_names(wide=False))
    only_narrow = {column.name for column in view.columns if column.shown is Shown.NARROW}
    assert narrow - only_narrow <= set(view.column_names(wide=True))


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_columns_are_named_for_json_and_help(view: ViewSpec) -> None:
    names = [column.name for column in view.columns]
    aliases = [alias for column in view.columns for alias in column.aliases]
    assert len(set(names)) == len(names)
    assert len({*names, *aliases}) == len(names) + len(aliases)
    for column in view.columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.column.title
        assert column.column.summary[0].isupper()
        assert not column.column.summary.endswith(".")
        assert column.column.width >= len(column.column.title)
        if column.type is FieldType.SECONDS:
            assert column.name.endswith("_seconds")
        if column.type is FieldType.BYTES:
            assert column.name.endswith("_bytes")
        if column.type in (FieldType.NUMBER, FieldType.SECONDS, FieldType.BYTES):
            assert column.column.align == "right"


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_every_view_has_its_sort_column(view: ViewSpec) -> None:
    assert view.column(view.sort).name == view.sort


def test_a_pending_job_shows_why_and_a_running_one_where() -> None:
    where = view_named("jobs").column("where")
    waiting = Job(site="par1", id="1", state=JobState.PENDING, reason="Priority")
    running = Job(site="par1", id="2", state=JobState.RUNNING, nodes=("gpu1", "gpu2"))
    many = Job(
        site="par1", id="3", state=JobState.RUNNING, nodes=tuple(f"n{i * 7}" for i in range(40))
    )
    assert cell_of(where, waiting).text == "Priority"
    assert cell_of(where, running).text == "gpu[1-2]"
    assert cell_of(where, many).text == "40 nodes"


def test_host_names_fold_and_odd_ones_are_left_alone() -> None:
    assert folded(("gpu002", "gpu001", "gpu003")) == "gpu[001-003]"
    assert folded(("a",)) == "a"
    assert folded(()) == ""
    assert folded(("@all", "b")) == "@all,b"
    assert folded(("we[ird", "b")) == "we[ird,b"


def test_waiting_counts_from_when_a_job_could_start() -> None:
    wait = view_named("jobs").column("wait")
    job = Job(
        site="par1", id="1", state=JobState.PENDING, submitted_at=NOW - 9_000, eligible_at=NOW - 60
    )
    assert cell_of(wait, job).raw == 60.0


def test_a_job_that_may_start_later_only_does_not_wait_a_negative_time() -> None:
    job = Job(site="par1", id="1", state=JobState.PENDING, eligible_at=NOW + 7_000)
    assert cell_of(view_named("jobs").column("wait"), job).text == "–"


def test_free_gpus_of_a_drained_node_are_not_free() -> None:
    free = view_named("nodes").column("gpus_free")
    node = filled(Node, gpus_total=8, gpus_allocated=2)
    assert cell_of(free, node).raw == 0


def test_a_narrow_margin_and_a_driver_error_are_toned_and_calm_numbers_are_not() -> None:
    gpus = view_named("gpus")
    hot = Accelerator(site="par1", node="gpu1", thermal_margin_celsius=2.0, xid_last=79)
    calm = Accelerator(site="par1", node="gpu1", thermal_margin_celsius=30.0)
    assert cell_of(gpus.column("margin"), hot).tone.value == "warn"
    assert cell_of(gpus.column("margin"), calm).tone.value == "normal"
    assert cell_of(gpus.column("xid"), hot).tone.value == "bad"


def test_kinds_of_records_have_views() -> None:
    assert {view.kind for view in TABLES} == {
        Kind.NODE,
        Kind.ACCELERATOR,
        Kind.JOB,
        Kind.QUEUE,
        Kind.TENANT,
        None,
    }
