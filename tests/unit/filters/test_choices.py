"""Fields whose values are all known: a value that is none of them is a mistake."""

from __future__ import annotations

import pytest

from andon.model import JobState
from andon.views.filters import FieldType, FilterError, compile_filter
from andon.views.page import Raw

FIELDS = {"state": FieldType.TEXT, "kinds": FieldType.TEXT, "user": FieldType.TEXT}
CHOICES = {"state": tuple(state.value for state in JobState), "kinds": ("node", "job")}


def holds(text: str, state: Raw = "pending", kinds: Raw = ("node",)) -> bool:
    compiled = compile_filter(text, FIELDS, {}, CHOICES)
    return compiled.matches({"state": state, "kinds": kinds, "user": "foo"}.get, lambda: "")


@pytest.mark.parametrize(
    "text",
    [
        "state=pending",
        "state=PENDING",
        "state=PeNdInG,running",
        'state="pending"',
        "state=pend*",
        "state=*ING",
        "state=pendin?",
        "state=held,p*",
        "state~^pend",
        "state~ING$",
        "state!~^run",
        "state!=running",
        "state!=run*",
        "state!=-",
        "kinds=node",
        "kinds=n*,job",
        "user=pend",
        "user!=drainedd | state=pending",
    ],
)
def test_what_can_be_is_compared_as_ever(text: str) -> None:
    user_is_no_set = text == "user=pend"
    assert holds(text) is not user_is_no_set


def test_what_is_not_reported_is_no_value_of_the_set() -> None:
    assert holds("state=-", state=None)
    assert holds("state=-,held", state=None)
    assert holds('state=""', state=None)
    assert not holds("state=-")


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("state=pend", 6, "no state “pend”"),
        ("state=foo", 6, "no state “foo”"),
        ("state!=drainedd", 7, "no state “drainedd”"),
        ("state = running, pend", 17, "no state “pend”"),
        ("user=a & (state=pending | state=runing)", 32, "no state “runing”"),
        ('state="pend*"', 6, "no state “pend*”"),
        ("state=pendin*x", 6, "no state matches “pendin*x”"),
        ("state=-,foo*", 8, "no state matches “foo*”"),
        ("state~^pend$", 6, "no state matches “^pend$”"),
        ("state!~drained", 7, "no state matches “drained”"),
        ("kinds=jobs", 6, "no kinds “jobs”"),
        ("state>idle", 5, "state has no order: compare it with ="),
        ("state=" + "x" * 99, 6, f"no state “{'x' * 39}…”"),
    ],
)
def test_what_can_never_be_is_said_at_its_value(text: str, column: int, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text, FIELDS, {}, CHOICES)
    assert caught.value.message == message
    assert caught.value.column == column
    assert "\n" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("kinds=jobs", "did you mean job? kinds is node or job"),
        ("kinds=NO", "did you mean node? kinds is node or job"),
        ("kinds=zebra", "kinds is node or job"),
        ("kinds=z*", "kinds is node or job"),
    ],
)
def test_the_closest_value_and_all_there_are_are_named(text: str, hint: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text, FIELDS, {}, CHOICES)
    assert caught.value.hint == hint


def test_a_beginning_names_all_that_begin_so() -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter("state=p", FIELDS, {}, CHOICES)
    assert caught.value.hint.startswith("did you mean pending or preempted? state is pending, held")
    assert caught.value.hint.endswith("or unknown")
