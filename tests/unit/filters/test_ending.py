"""What is being typed at the end of a filter, and the quotes a value needs to be put there."""

from __future__ import annotations

import pytest

from andon.views.filters import FieldType, compile_filter
from andon.views.filters.ending import ending_of
from andon.views.filters.lexer import quoted
from andon.views.page import Raw
from tests.unit.views.things import HOSTILE


@pytest.mark.parametrize(
    ("text", "start", "typed"),
    [
        ("sta", 0, "sta"),
        ("ada sta", 4, "sta"),
        ("!sta", 1, "sta"),
        ("(user=ada & sta", 12, "sta"),
        ("user=ada|sta", 9, "sta"),
        ("memory-us", 0, "memory-us"),
    ],
)
def test_a_name_is_what_follows_the_last_separator(text: str, start: int, typed: str) -> None:
    ending = ending_of(text)
    assert ending is not None
    assert ending.field is None
    assert (ending.start, ending.typed) == (start, typed)


@pytest.mark.parametrize(
    ("text", "start", "typed", "before"),
    [
        ("state=", 6, "", ()),
        ("state= ", 7, "", ()),
        ("state=pe", 6, "pe", ()),
        ("state!=pe", 7, "pe", ()),
        ("state==pe", 7, "pe", ()),
        ("state = pe", 8, "pe", ()),
        ("state=held,", 11, "", ("held",)),
        ("state=held, pe", 12, "pe", ("held",)),
        ('state="held",running,pe', 21, "pe", ("held", "running")),
        ("(user=a | !state=pe", 17, "pe", ()),
        ('state="pe', 6, "pe", ()),
        ("state='a b", 6, "a b", ()),
        (r'state="say \"hi', 6, 'say "hi', ()),
        ('state=held,"pe', 11, "pe", ("held",)),
    ],
)
def test_a_value_is_what_follows_the_comparison_or_the_comma(
    text: str, start: int, typed: str, before: tuple[str, ...]
) -> None:
    ending = ending_of(text)
    assert ending is not None
    assert ending.field is not None
    assert ending.field.text == "state"
    assert (ending.start, ending.typed, ending.before) == (start, typed, before)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "state ",
        "state=held ",
        'state="held"',
        '"free words',
        '"state"=pe',
        "state~pe",
        "state!~pe",
        "gpus>",
        "gpus>=4",
        "=pe",
        "(state=)",
        "state=a,,b",
        "(a)",
        "a &",
    ],
)
def test_elsewhere_nothing_can_go_on(text: str) -> None:
    assert ending_of(text) is None


def test_the_groups_that_are_open_are_counted() -> None:
    ending = ending_of("(a) ((state=pe")
    assert ending is not None
    assert ending.open_groups == 2


VALUES = (
    *HOSTILE, "ada", "two words", "a,b", "a&b", "(x)", "a|b", "what?", "any*", "-", "=x", "~x",
    '"', "'", 'say "hi"', "it's", "back\\slash", 'both\\"', "gpu[1-3]", "\u00a0", "名 前",
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_a_quoted_value_means_itself_and_nothing_else(value: str) -> None:
    fields = {"user": FieldType.TEXT, "gpus": FieldType.NUMBER}
    compiled = compile_filter(f"user={quoted(value)} & gpus=1", fields)
    for other in VALUES:
        row: dict[str, Raw] = {"user": other, "gpus": 1}
        same = other.casefold() == value.casefold()
        assert compiled.matches(row.get, lambda: "") is same, other


def test_what_needs_no_quotes_gets_none() -> None:
    assert [quoted(text) for text in ("ada", "gpu-01", "a/b", "x@y", "gpu[1-3]")] == [
        "ada", "gpu-01", "a/b", "x@y", "gpu[1-3]"
    ]  # fmt: skip
