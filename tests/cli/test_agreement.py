"""Text and JSON say what the view says, cell for cell, at one frozen moment."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from andon.cli.drawing import WIDEST_CELL, table_lines
from andon.cli.listing import list_things
from andon.cli.options import Settings
from andon.cli.session import Session
from andon.store import Snapshot
from andon.views.page import Cell, Column, StaticRows, Table
from andon.views.registry import VIEWS, ViewSpec
from andon.views.serialize import plain
from andon.views.state import ViewState
from andon.views.tables import table
from tests.cli.conftest import NOW

TABLES = [view for view in VIEWS if view.columns]
GAP = re.compile(r" {2,}")


@pytest.fixture
def session(home: Path) -> Session:
    settings = Settings(demo=True, demo_nodes=24, demo_jobs=120, sites=["par1"])
    return Session(settings, clock=lambda: NOW)


@pytest.fixture
def snapshot(session: Session, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """What every command of the test sees: the factory is asked once."""
    seen = session.observe({kind for view in VIEWS for kind in view.interest})
    monkeypatch.setattr(session, "observe", lambda kinds: seen)
    return seen


def listed(
    session: Session, view: ViewSpec, form: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> str:
    code = list_things(
        session,
        view.name,
        output_format=form,
        columns="",
        no_headers=False,
        sort=None,
        filter_text="",
    )
    assert code == 0
    return capfdbinary.readouterr().out.decode()


def shown(snapshot: Snapshot, session: Session, view: ViewSpec, *, wide: bool) -> Table:
    state = ViewState(view=view.name, wide=wide, scope=session.scope)
    return table(snapshot, view, state, NOW)


@pytest.mark.parametrize("form", ["table", "wide"])
@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_text_is_the_view_cell_for_cell(
    session: Session,
    snapshot: Snapshot,
    view: ViewSpec,
    form: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    made = shown(snapshot, session, view, wide=form == "wide")
    lines = listed(session, view, form, capfdbinary).splitlines()
    assert GAP.split(lines[0].strip()) == [column.title for column in made.columns]
    assert len(lines) == len(made.rows) + 1
    for index, line in enumerate(lines[1:]):
        texts = [cell.text for cell in made.rows.cells(index)]
        cut = [text for text in texts if len(text) <= WIDEST_CELL]
        assert cut
        # A text may hold two blanks itself, so cells are looked for in their order.
        place = 0
        for text in cut:
            place = line.index(text.strip(), place) + len(text.strip())


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_json_is_the_raw_values_of_the_view(
    session: Session,
    snapshot: Snapshot,
    view: ViewSpec,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    items = json.loads(listed(session, view, "json", capfdbinary))["items"]
    state = ViewState(view=view.name, columns=view.every_column, scope=session.scope)
    made = table(snapshot, view, state, NOW)
    names = [column.name for column in made.columns]
    assert len(items) == len(made.rows) > 0
    for index, item in enumerate(items):
        cells = made.rows.cells(index)
        assert item == {name: plain(cell.raw) for name, cell in zip(names, cells, strict=True)}


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_the_least_that_is_asked_for_shows_what_everything_would(
    home: Path, view: ViewSpec, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    settings = Settings(demo=True, demo_nodes=24, demo_jobs=120, sites=["par1"])
    least = Session(settings, clock=lambda: NOW)
    little = json.loads(listed(least, view, "json", capfdbinary))["items"]
    most = Session(settings, clock=lambda: NOW)
    everything = most.observe({kind for each in VIEWS for kind in each.interest})
    most.observe = lambda kinds: everything  # type: ignore[method-assign]
    assert json.loads(listed(most, view, "json", capfdbinary))["items"] == little or (
        # How long a source took to answer is the one thing that differs.
        view.name == "sources"
    )


def small(*rows: tuple[str, ...]) -> Table:
    columns = (
        Column(name="a", title="A", summary="a", width=4),
        Column(name="b", title="B", summary="b", width=4, align="right"),
        Column(name="c", title="C", summary="c", width=4, grow=True),
    )
    made = [tuple(Cell(text) for text in row) for row in rows]
    return Table(
        name="t",
        title="",
        columns=columns,
        rows=StaticRows([str(place) for place in range(len(rows))], made),
        total=len(rows),
        sort="a",
    )


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    lines = list(table_lines(small(("東京", "7", "x"), ("ab", "12", "y"))))
    assert lines == ["A      B  C", "東京   7  x", "ab    12  y"]


def test_text_that_does_not_fit_gives_way_before_identifiers() -> None:
    lines = list(table_lines(small(("gpu-par1-001", "8", "a very long reason indeed")), width=30))
    assert lines[1] == "gpu-par1-001  8  a very long…"
    assert all(len(line) <= 30 for line in lines)


def test_what_a_row_is_called_and_numbers_are_never_cut_however_narrow_it_is() -> None:
    row = ("gpu-par1-001-rack-17", "123456789/123456789", "a very long reason indeed")
    whole = [f"{'A':<20}  {'B':>19}  C", "  ".join(row)]
    for width in range(1, 70):
        lines = list(table_lines(small(row), width=width))
        if width < 51:  # nothing of the reason that is worth its place
            assert lines == whole
        else:
            assert lines[1].startswith("  ".join(row[:2]))
            assert all(len(line) <= width for line in lines)


def test_a_column_that_names_something_is_whole_where_that_is_asked_for() -> None:
    made = small(("x", "8", "y"))
    columns = (*made.columns, Column(name="plan", title="PLAN", summary="", width=4))
    cells = tuple(Cell(text) for text in ("x", "8", "a long reason", "20261123T144908-697cd296"))
    made = replace(made, columns=columns, rows=StaticRows(["0"], [cells]))
    assert list(table_lines(made, width=42, whole=("plan",)))[1].endswith(
        "  20261123T144908-697cd296"
    )
    assert list(table_lines(made, width=24))[1].endswith("2026112…")


def test_a_name_is_cut_where_names_are_alike() -> None:
    made = small(("x", "8", "pretrain-dense-13b-shard-0042"))
    columns = (*made.columns[:2], replace(made.columns[2], names=True))
    lines = list(table_lines(replace(made, columns=columns), width=20))
    assert lines[1].endswith("-0042")
    assert "…" in lines[1]


def test_colour_is_written_around_texts_and_never_changes_them() -> None:
    plain_lines = list(table_lines(small(("a", "1", "x"))))
    colours = list(table_lines(small(("a", "1", "x")), colour=True))
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in colours] == plain_lines
