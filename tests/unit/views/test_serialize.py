from __future__ import annotations

import json
from typing import Any

import pytest

from andon.model import Accelerator, Coverage, Job, Kind, Node, SourceState
from andon.store import Snapshot
from andon.views.pages import page
from andon.views.registry import view_named
from andon.views.serialize import (
    SCHEMA,
    envelope,
    page_object,
    plain,
    record_object,
    row_object,
    row_objects,
    thing_object,
)
from andon.views.state import ViewState
from andon.views.status import status_page
from andon.views.tables import table
from tests.unit.views.things import NOW, bare, changed, factory, filled, snapshot_of, source

FACTORY = snapshot_of(factory())


def items(view: str, snapshot: Snapshot = FACTORY, **state: Any) -> list[dict[str, Any]]:
    spec = view_named(view)
    chosen = ViewState(view=view, columns=spec.every_column, **state)
    return list(row_objects(table(snapshot, spec, chosen, NOW)))


def test_raw_values_become_json() -> None:
    assert plain(NodeLike := Kind.NODE) == "node" and NodeLike is Kind.NODE
    assert plain((1, None, ("a",))) == [1, None, ["a"]]
    assert plain(float("nan")) is None
    assert plain(float("inf")) is None
    assert plain(True) is True
    assert plain({Kind.JOB: 1}) == {"job": 1}


@pytest.mark.parametrize("view", ["nodes", "gpus", "jobs", "queues", "tenants", "sources"])
def test_every_row_is_json_with_every_column_by_its_name(view: str) -> None:
    made = items(view)
    assert made
    for one in made:
        assert tuple(one) == view_named(view).every_column
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_values_are_raw_and_not_what_is_shown() -> None:
    job = items("jobs", filter="id=101")[0]
    assert job["run_seconds"] == 5_000.0
    assert job["nodes"] == ["gpu1"]
    assert job["state"] == "running"
    assert job["reason"] is None
    assert job["started_at"] == NOW - 5_000


@pytest.mark.parametrize(("type_", "view"), [(Node, "nodes"), (Accelerator, "gpus"), (Job, "jobs")])
def test_what_is_not_reported_is_null(type_: Any, view: str) -> None:
    one = items(view, snapshot_of([bare(type_)]))[0]
    assert 0 not in [value for name, value in one.items() if name != "jobs"]
    assert list(one.values()).count(None) > 10


def test_an_envelope_says_where_it_comes_from_how_old_and_whether_all_is_there() -> None:
    whole = envelope("jobs", items("jobs"), FACTORY, NOW, reports=Kind.JOB)
    assert (whole["schema"], whole["kind"], whole["demo"]) == (SCHEMA, "jobs", False)
    assert (whole["observed_at"], whole["partial"], whole["at"]) == (NOW - 1, False, NOW)
    assert whole["sources"][0]["name"] == "slurm@par1"
    assert len(whole["items"]) == 5
    json.dumps(whole, allow_nan=False)


def test_an_envelope_of_partial_data_says_so() -> None:
    part = Coverage(kind=Kind.NODE, reported=1, expected=2, note="one silent")
    partial = FACTORY.with_status(source(coverage=(part,)))
    assert envelope("nodes", [], partial, NOW, reports=Kind.NODE)["partial"] is True
    assert envelope("jobs", [], partial, NOW, reports=Kind.JOB)["partial"] is False
    down = FACTORY.with_status(source(state=SourceState.DOWN))
    assert envelope("jobs", [], down, NOW, reports=Kind.JOB)["partial"] is True


def test_an_envelope_of_the_demo_says_so() -> None:
    demo = snapshot_of(factory(), status=source(demo=True))
    assert envelope("jobs", [], demo, NOW)["demo"] is True


def test_a_record_keeps_every_field() -> None:
    made = record_object(filled(Node))
    assert made["kind"] == "node"
    assert made["key"] == "par1/word"
    assert set(Node.__struct_fields__) <= set(made)
    assert made["gpu_indexes_allocated"] == [0, 3]


def test_a_thing_says_who_reported_what_and_where_they_contradict_each_other() -> None:
    two = snapshot_of(
        [Node(site="par1", name="gpu3", gpus_total=4)],
        status=source("nvml@par1", plugin="nvml"),
        base=FACTORY,
    )
    made = thing_object(two, Kind.NODE, "par1/gpu3", NOW)
    assert made is not None
    assert {one["source"] for one in made["reported"]} == {"slurm@par1", "nvml@par1"}
    assert made["disagreements"][0]["field"] == "gpus_total"
    assert made["name"] == "gpu3"
    assert thing_object(two, Kind.NODE, "par1/none", NOW) is None
    site = thing_object(two, Kind.SITE, "par1", NOW)
    assert site is not None and site["jurisdiction"] == "FR"


def test_a_page_of_blocks_is_json_by_their_names() -> None:
    made = page_object(status_page(FACTORY, NOW))
    assert made["sites"][0]["gpus_free"] == 3
    assert made["problems"][0]["severity"] == "critical"
    board = page_object(page(FACTORY, ViewState(), NOW))
    assert {"lamps", "problems", "gpus", "free"} <= set(board)
    shown = page_object(page(FACTORY, ViewState(view="nodes", subject="par1/gpu1"), NOW))
    assert shown["facts"]["state"] == "mixed"
    json.dumps([made, board, shown], allow_nan=False)


def test_a_row_of_a_small_table_is_its_cells() -> None:
    shown = page(FACTORY, ViewState(view="nodes", subject="par1/gpu1"), NOW)
    gpus = next(one for one in shown.blocks if one.name == "gpus")
    assert row_object(gpus, 0)["state"] == "idle-held"  # type: ignore[arg-type]


def test_a_changed_record_is_seen() -> None:
    snapshot = changed(FACTORY, [Node(site="par1", name="gpu9")])
    assert "gpu9" in [one["name"] for one in items("nodes", snapshot)]
