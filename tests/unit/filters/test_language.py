from __future__ import annotations

import pytest

from andon.model import NodeState
from andon.views.filters import FieldType, compile_filter
from tests.unit.filters.rows import FIELDS, ROW, holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "gpu-01",
        "GPU-01",
        "alice drained",
        '"gpu-01 drained"',
        "state=drained",
        "state=DRAINED",
        "state==drained",
        "state = drained",
        "state=down,drained",
        'state="drained"',
        "state!=down",
        "state!=down,idle",
        "name=gpu*",
        "name=*-0?",
        "name~^gpu-\\d+$",
        "name=~^GPU",
        "name!~^cpu",
        "name~(gpu|cpu)-0[1-9]",
        'name~"gpu|cpu"',
        "name>gpu-00",
        "name<gpu-10",
        "driver_version>=570.9",
        "driver_version<580",
        "queues=debug",
        "queues~^h",
        "queues!=other",
        "gpus=8",
        "gpus>=8 gpus<=8",
        "memory_used_bytes>70GiB",
        "mem>70GiB",
        "mem=71GiB",
        "memory_total=80G",
        "idle>30m",
        "idle=40m",
        "idle<1h",
        "age=2h",
        "power>400W",
        "power<0.5kW",
        "util=85",
        "util=85%",
        "util>85",
        "reason=-",
        "state!=-",
        "temp=-",
        "is_default=yes",
        "is_default!=no",
        "submitted_at>2027-01-14",
        "submitted-at<2027-02-01",
        "state=drained & gpus=8",
        "state=drained && gpus=8",
        "state=down | gpus=8",
        "state=down || gpus=8",
        "!state=down",
        "!(state=down | gpus=1)",
        "! ! state=drained",
        "(state=drained)(gpus=8)",
        "state=down gpus=1 | user=alice",
        "user=alice | state=down gpus=1",
        "na=gpu-01",
    ],
)
def test_these_hold_for_the_row(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "gpu-02",
        "alice idle",
        '"drained gpu-01"',
        "state=drain",
        "state=down,idle",
        "state!=drained",
        "state!=down,drained",
        "name=gpu",
        "name~^01",
        "name!~gpu",
        "queues!=debug",
        "queues=h10",
        "gpus>8",
        "mem>71GiB",
        "mem=72GiB",
        "mem=70.5GiB",
        "idle>1h",
        "util=86",
        "util=85.0",
        "reason=x",
        "reason~.",
        "temp>0",
        "temp<=0",
        "temp=0",
        "state=-",
        "is_default=no",
        "!gpu-01",
        "state=drained gpus=1",
        "!(state=drained | gpus=1)",
    ],
)
def test_these_do_not_hold_for_the_row(text: str) -> None:
    assert not holds(text)


def test_what_is_not_reported_passes_only_not_and_missing() -> None:
    row = {**ROW, "gpus": None, "user": None, "queues": ()}
    assert holds("gpus=-", row)
    assert holds("gpus!=8", row)
    assert holds("user!=alice", row)
    assert holds("user!~alice", row)
    assert holds("queues=-", row)
    for text in ("gpus=0", "gpus<8", "gpus>=0", "user=alice", "user~.*", "user>a"):
        assert not holds(text, row), text


def test_a_quoted_dash_is_a_dash() -> None:
    assert holds('user="-"', {**ROW, "user": "-"})
    assert not holds("user=-", {**ROW, "user": "-"})


def test_the_states_of_records_are_matched_by_their_word() -> None:
    assert holds("state=drained,down", {**ROW, "state": NodeState.DRAINED})
    assert holds("state~drain", {**ROW, "state": NodeState.DRAINING})


def test_a_number_that_is_none_matches_no_comparison() -> None:
    row = {**ROW, "gpus": float("nan")}
    assert not any(holds(text, row) for text in ("gpus>0", "gpus<9", "gpus=8", "gpus>=0"))


def test_brackets_and_separators_in_a_value_are_plain() -> None:
    assert holds("name=gpu[01]", {**ROW, "name": "gpu[01]"})
    assert not holds("name=gpu[01]", {**ROW, "name": "gpu0"})
    assert holds('name="a,b"', {**ROW, "name": "a,b"})
    assert not holds("name=a,b", {**ROW, "name": "a,b"})
    assert holds(r'name="say \"hi\""', {**ROW, "name": 'say "hi"'})
    assert holds("name='two words'", {**ROW, "name": "Two Words"})


def test_free_words_need_the_texts_and_comparisons_do_not() -> None:
    def never() -> str:
        raise AssertionError("texts were made for nothing")

    compiled = compile_filter("state=drained gpus>4", FIELDS)
    assert not compiled.uses_text
    assert compiled.matches(ROW.get, never)
    assert compiled.fields == {"state", "gpus"}
    assert compile_filter("alice", FIELDS).uses_text
    assert compile_filter("alice", FIELDS).fields == frozenset()


def test_only_an_empty_filter_is_always_true() -> None:
    assert compile_filter("", FIELDS).always
    assert compile_filter(" \t", FIELDS).always
    assert not compile_filter("a", FIELDS).always


def test_names_may_be_short_as_long_as_one_field_is_meant() -> None:
    fields = {"gpus_total": FieldType.NUMBER, "gpus_free": FieldType.NUMBER, "x": FieldType.TEXT}
    assert compile_filter("free>1", fields).fields == {"gpus_free"}
    assert compile_filter("gpus_t>1", fields).fields == {"gpus_total"}
    assert compile_filter("gpus>1", fields).fields == {"gpus_total"}
    assert compile_filter("card>1", fields, {"card": "gpus_free"}).fields == {"gpus_free"}


def test_the_language_binds_as_its_users_expect() -> None:
    # `|` is weakest, beside-each-other is `and`, `!` holds only for what follows it.
    assert holds("state=down user=bob | gpus=8")
    assert not holds("(state=down | gpus=8) user=bob")
    assert holds("!state=down user=alice")
