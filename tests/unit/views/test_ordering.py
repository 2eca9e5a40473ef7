from __future__ import annotations

import random

from andon.views.ordering import (
    LAST_NUMBER,
    Entry,
    Order,
    natural,
    natural_id,
    number_value,
    text_value,
)
from andon.views.pieces import SortedPieces


def test_names_sort_as_people_count() -> None:
    names = ["gpu10", "gpu2", "GPU1", "gpu1-2", "gpu1-10", "a", "gpu002b", "10", "9"]
    assert sorted(names, key=natural) == [
        "9",
        "10",
        "a",
        "GPU1",
        "gpu1-2",
        "gpu1-10",
        "gpu2",
        "gpu002b",
        "gpu10",
    ]


def test_a_job_number_sorts_the_same_by_the_short_road() -> None:
    ids = ["9", "10", "100", "10_2", "10_10", "0", "007", "1" * 80, "²", "x7"]
    assert sorted(ids, key=natural_id) == sorted(ids, key=natural)
    assert natural_id("1234") == natural("1234")


def test_missing_values_come_last_in_both_directions() -> None:
    for descending in (False, True):
        values = [number_value(value, descending=descending) for value in (3.0, None, 1.0)]
        assert max(values) == LAST_NUMBER == values[1]
        assert number_value(float("nan"), descending=descending) == LAST_NUMBER
    up = [text_value(value, descending=False) for value in ("b", None, "a", "")]
    assert sorted(up)[:2] == ["a", "b"]
    down = [text_value(value, descending=True) for value in ("b", None, "a", "")]
    assert sorted(down, reverse=True)[:2] == ["b", "a"]


def test_splicing_equals_sorting_afresh() -> None:
    chance = random.Random(7)
    for _ in range(300):
        entries: list[Entry] = [
            (float(chance.randrange(5)), str(chance.randrange(4)), f"k{place}")
            for place in range(chance.randrange(30))
        ]
        order = Order.of(list(entries))
        gone = chance.sample(entries, chance.randrange(len(entries) + 1))
        added: list[Entry] = [
            (float(chance.randrange(5)), str(chance.randrange(4)), f"n{place}")
            for place in range(chance.randrange(6))
        ]
        kept = [entry for entry in entries if entry not in gone]
        after = order.changed(gone, added)
        assert list(after.entries) == sorted([*kept, *added])
        assert after.by_key == {entry[2]: entry for entry in [*kept, *added]}
        assert list(order.entries) == sorted(entries), "an order is never changed in place"


def test_an_order_without_changes_is_the_same_object() -> None:
    order = Order.of([(1.0, "a", "a")])
    assert order.changed((), ()) is order


def test_a_position_is_found_only_for_an_entry_that_is_there() -> None:
    entries: list[Entry] = [(1.0, "a", "a"), (2.0, "b", "b")]
    pieces = SortedPieces.of(entries)
    assert pieces.position((2.0, "b", "b")) == 1
    assert pieces.position((1.5, "b", "b")) is None
    assert pieces.position((3.0, "b", "b")) is None
    assert SortedPieces.of(entries[:0]).position((1.5, "b", "b")) is None
