from __future__ import annotations

import pytest

from andon.model import Kind
from andon.sdk.errors import EXIT_USAGE
from andon.views.registry import VIEWS, UnknownColumn, UnknownView, view_named, view_of_kind


def test_the_views_stand_in_the_order_of_their_keys() -> None:
    assert [(view.digit, view.name) for view in VIEWS] == [
        (1, "overview"),
        (2, "nodes"),
        (3, "gpus"),
        (4, "jobs"),
        (5, "queues"),
        (6, "tenants"),
        (7, "sources"),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("jobs", "jobs"),
        ("JOB", "jobs"),
        ("j", "jobs"),
        ("no", "nodes"),
        ("part", "queues"),
        ("dev", "gpus"),
        ("acco", "tenants"),
        (" ov ", "overview"),
    ],
)
def test_a_view_is_found_by_name_alias_and_beginning(text: str, name: str) -> None:
    assert view_named(text).name == name


@pytest.mark.parametrize("text", ["", "x", "a", "[/evil]"])
def test_an_unknown_or_unclear_view_is_refused_with_the_names_there_are(text: str) -> None:
    with pytest.raises(UnknownView) as caught:
        view_named(text)
    assert caught.value.exit_code == EXIT_USAGE
    assert caught.value.hint


def test_a_column_is_found_by_name_alias_name_without_unit_and_beginning() -> None:
    gpus = view_named("gpus")
    for text, name in [
        ("temperature-celsius", "temperature_celsius"),
        ("temp", "temperature_celsius"),
        ("memory_total", "memory_total_bytes"),
        ("thrott", "throttle_reasons"),
        ("NODE", "node"),
    ]:
        assert gpus.column(text).name == name


def test_an_unclear_column_names_those_it_may_be() -> None:
    with pytest.raises(UnknownColumn, match="ecc_uncorrected_count, ecc_corrected_count"):
        view_named("gpus").column("ecc_")


def test_a_kind_has_its_view() -> None:
    nodes = view_of_kind(Kind.NODE)
    assert nodes is not None and nodes.name == "nodes"
    assert view_of_kind(Kind.EVENT) is None


def test_every_column_leaves_out_what_others_say_apart() -> None:
    jobs = view_named("jobs")
    assert "where" not in jobs.every_column
    assert {"nodes", "reason", "submitted_at", "uid"} <= set(jobs.every_column)


def test_a_view_asks_for_the_kinds_its_columns_are_made_from() -> None:
    for view in VIEWS:
        for column in view.columns:
            assert column.joined <= view.interest, (view.name, column.name)
        if view.kind is not None:
            assert view.kind in view.interest
