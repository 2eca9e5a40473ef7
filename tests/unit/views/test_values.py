"""How a filter can go on: names, the values of closed sets, and values found in the rows."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import pytest

from andon.model import Job, JobState, Kind, WorkClass
from andon.views.columns import Context
from andon.views.filters.ending import ending_of
from andon.views.registry import VIEWS, ViewSpec, view_named
from andon.views.state import Scope
from andon.views.values import (
    MOST_VALUES,
    ValueScan,
    column_of,
    is_open,
    known_values,
    name_offers,
    scan_of,
    value_offers,
)
from tests.unit.views.test_columns import TABLES, TYPES
from tests.unit.views.things import HOSTILE, NOW, snapshot_of, source

JOBS = view_named("jobs")
STANDING: Callable[[], float] = lambda: 0.0  # noqa: E731 - a clock that stands still


def hurried() -> Callable[[], float]:
    """Return a clock that goes on by a minute with each look at it."""
    moments = iter(range(0, 10**9, 60))
    return lambda: float(next(moments))


def job(number: int, **more: Any) -> Job:
    fields = {"site": "par1", "id": str(number), "state": JobState.PENDING, **more}
    return Job(**fields)


def scan(column: str, begun: str = "", *jobs: Job, scope: Scope | None = None) -> ValueScan:
    context = Context.of(snapshot_of(jobs), NOW)
    return scan_of(JOBS, JOBS.column(column), begun, scope or Scope(), context)


def whole(column: str, begun: str = "", *jobs: Job, scope: Scope | None = None) -> list[str]:
    found = scan(column, begun, *jobs, scope=scope)
    found.go_on(STANDING)
    assert found.ended
    return found.found(begun)


# -- closed sets -----------------------------------------------------------------------------------


def _enums(annotation: Any) -> Iterator[type[StrEnum]]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _enums(part)


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_every_column_of_an_enumeration_knows_its_values(view: ViewSpec) -> None:
    hints = typing.get_type_hints(TYPES[view.name], localns={"types": types})
    for column in view.columns:
        found = list(_enums(hints.get(column.name)))
        assert bool(found) is bool(column.choices), column.name
        for enumeration in found:
            expected = [one.value for one in enumeration if one is not WorkClass.UNKNOWN]
            assert list(column.choices) == expected


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_the_values_of_an_enumeration_are_told_where_columns_are_explained(view: ViewSpec) -> None:
    for column in view.columns:
        assert column.explained.startswith(column.column.summary)
        assert all(choice in column.explained for choice in column.choices)


def test_the_values_of_a_closed_set_come_in_its_order() -> None:
    state = JOBS.column("state")
    assert not is_open(state)
    assert known_values(state, "")[:2] == ["pending", "held"]
    assert known_values(state, "P") == ["pending", "preempted"]
    assert known_values(state, "pend*") == []
    assert known_values(view_named("sources").column("demo"), "") == ["yes", "no"]
    assert known_values(JOBS.column("gpus"), "") == []
    assert not is_open(JOBS.column("gpus"))
    assert is_open(JOBS.column("user"))


# -- offers ----------------------------------------------------------------------------------------


def texts(text: str, values: list[str]) -> list[str]:
    ending = ending_of(text)
    assert ending is not None
    return [offer.text for offer in value_offers(text, ending, values)]


def test_a_value_is_put_where_it_is_being_typed() -> None:
    assert texts("user=ada & state=pe", ["pending"]) == ["user=ada & state=pending"]
    assert texts("state!=", ["idle", "down"]) == ["state!=idle", "state!=down"]
    assert texts("(state=held,r", ["running"]) == ["(state=held,running"]


def test_a_value_that_the_list_has_already_is_not_offered_again() -> None:
    assert texts("state=HELD,", ["pending", "held"]) == ["state=HELD,pending"]


def test_a_value_that_stands_there_already_is_no_offer() -> None:
    assert texts("state=Pending", ["pending"]) == []
    assert texts("name=node", ["node", "node2"]) == ["name=node", "name=node2"]


def test_an_open_quote_is_replaced_with_the_quotes_the_value_needs() -> None:
    assert texts('user="a', ["a b"]) == ['user="a b"']
    assert texts('user="a', ["ab"]) == ["user=ab"]


def test_names_may_be_typed_with_a_dash_and_say_what_they_show() -> None:
    ending = ending_of("ada memory-b")
    assert ending is not None
    offers = name_offers("ada memory-b", ending, JOBS)
    assert [(offer.text, offer.shown) for offer in offers] == [("ada memory_bytes", "memory_bytes")]
    ending = ending_of("stat")
    assert ending is not None
    assert "pending, held" in name_offers("stat", ending, JOBS)[0].summary


def test_the_column_is_found_by_any_name_that_the_language_takes() -> None:
    for text, name in (("work=", "work"), ("account=", "tenant"), ("gpu-mod=", "gpu_model")):
        ending = ending_of(text)
        assert ending is not None
        column = column_of(JOBS, ending)
        assert column is not None
        assert column.name == name
    for text in ("nosuch=", "user", "t="):
        ending = ending_of(text)
        assert ending is not None
        assert column_of(JOBS, ending) is None


# -- values found in the rows ----------------------------------------------------------------------


def test_the_values_of_an_open_field_are_those_of_the_rows_as_people_count() -> None:
    jobs = [job(1, user="u10"), job(2, user="u9"), job(3, user="Ada"), job(4), job(5, user="u9")]
    assert whole("user", "", *jobs) == ["Ada", "u9", "u10"]
    assert whole("user", "U", *jobs) == ["u9", "u10"]
    assert whole("user", "a", *jobs) == ["Ada"]
    assert whole("user") == []


def test_a_field_of_several_texts_offers_each() -> None:
    jobs = [job(1, nodes=("gpu2", "gpu1")), job(2, nodes=("gpu2",))]
    assert whole("nodes", "", *jobs) == ["gpu1", "gpu2"]


def test_rows_out_of_scope_offer_nothing() -> None:
    jobs = [job(1, user="ada", tenant="a"), job(2, user="bob", tenant="b")]
    assert whole("user", "", *jobs, scope=Scope(tenants=("b",))) == ["bob"]


def test_sources_are_rows_too() -> None:
    spec = view_named("sources")
    context = Context.of(snapshot_of((), status=source("a@par1")), NOW)
    found = scan_of(spec, spec.column("name"), "", Scope(), context)
    found.go_on(STANDING)
    assert found.found("") == ["a@par1"]


def test_a_look_ends_when_its_time_is_up_and_the_next_goes_on_there() -> None:
    jobs = [job(number, user=f"u{number % 7}") for number in range(1_000)]
    found = scan("user", "", *jobs)
    clock = hurried()
    found.go_on(clock)
    assert found.rows == 64
    assert not found.ended
    for _ in range(15):
        found.go_on(clock)
    assert found.rows == 1_000
    assert found.ended
    assert len(found.found("")) == 7


def test_no_more_values_are_gathered_than_anyone_reads_and_a_letter_chooses_among_the_rest() -> (
    None
):
    jobs = [job(number, name=f"{'ab'[number % 2]}{number}") for number in range(3_000)]
    found = scan("name", "", *jobs)
    found.go_on(STANDING)
    assert found.full
    assert not found.ended
    assert MOST_VALUES <= len(found.found("")) < MOST_VALUES + 64
    name = JOBS.column("name")
    assert found.serves(name, "")
    assert not found.serves(name, "b"), "what begins so may not be among those that were gathered"
    assert whole("name", "b299", *jobs) == ["b299", *(f"b{n}" for n in range(2991, 3000, 2))]


def test_a_scan_serves_its_own_column_and_longer_beginnings() -> None:
    found = scan("user", "a", job(1, user="ada"), job(2, user="alan"))
    found.go_on(STANDING)
    assert found.serves(JOBS.column("user"), "AL")
    assert found.found("AL") == ["alan"]
    assert not found.serves(JOBS.column("user"), "")
    assert not found.serves(JOBS.column("name"), "a")


def test_hostile_values_are_offered_as_records_hold_them_and_mean_themselves() -> None:
    jobs = [job(number, user=text) for number, text in enumerate(HOSTILE) if text]
    offered = whole("user", "", *jobs)
    assert set(offered) == {text for text in HOSTILE if text}
    assert all(text.isprintable() for text in texts("user=", offered))


def test_every_open_column_of_every_view_can_be_looked_through() -> None:
    for view in (view for view in VIEWS if view.columns):
        context = Context.of(snapshot_of([job(1, user="ada", nodes=("gpu1",))]), NOW)
        for column in view.columns:
            if is_open(column):
                found = scan_of(view, column, "", Scope(), context)
                found.go_on(STANDING)
                assert found.ended
                assert len(found.found("")) <= len(Kind)
