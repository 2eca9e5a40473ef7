from __future__ import annotations

import random

import pytest

from andon.store.pieces import LARGE, PIECE, Draft, KeyedPieces, draft, settled


def test_a_mapping_in_pieces_is_what_a_dict_would_be() -> None:
    chance = random.Random(3)
    expected = {f"k{n}": n for n in range(3 * PIECE)}
    pieces = KeyedPieces.of(expected.items(), len(expected))
    for step in range(40):
        gone = chance.sample(sorted(expected), chance.randrange(40))
        added = {f"s{step}.{n}": n for n in range(chance.randrange(PIECE))}
        before = dict(expected)
        after = pieces.changed(gone, added.items())
        for key in gone:
            del expected[key]
        expected |= added
        assert after == expected
        assert pieces == before, "never changed in place"
        pieces = after
    assert len(pieces) == len(expected)
    assert pieces.get("nothing") is None
    assert "nothing" not in pieces
    assert sorted(pieces.items()) == sorted(expected.items())
    assert sorted(pieces.values()) == sorted(expected.values())
    assert pieces.keys() - {"s0.0"} == expected.keys() - {"s0.0"}


def test_a_draft_of_a_large_mapping_leaves_it_alone() -> None:
    before = {f"k{n}": n for n in range(LARGE)}
    drafted = draft(before)
    assert isinstance(drafted, Draft)
    drafted["k1"] = -1
    drafted["new"] = 0
    assert drafted.pop("k2") == 2
    assert drafted.pop("k2", None) is None
    with pytest.raises(KeyError):
        del drafted["k2"]
    after = settled(drafted)
    assert after["k1"] == -1
    assert len(after) == LARGE
    assert before["k1"] == 1
    again = draft(after)
    again["k1"] = 5
    assert after["k1"] == -1
    assert dict(settled(again)) == {
        **{k: v for k, v in before.items() if k != "k2"},
        "k1": 5,
        "new": 0,
    }


def test_a_small_mapping_stays_a_dict() -> None:
    before = {"a": 1}
    drafted = draft(before)
    drafted["b"] = 2
    assert settled(drafted) == {"a": 1, "b": 2}
    assert isinstance(drafted, dict)
    assert before == {"a": 1}


def test_a_mapping_that_grew_is_spread_over_more_pieces() -> None:
    pieces = KeyedPieces.of([("a", 0)], 1)
    grown = pieces.changed((), ((f"k{n}", n) for n in range(20 * PIECE)))
    assert len(grown) == 20 * PIECE + 1
    assert grown["k77"] == 77
    assert max(map(len, grown.pieces)) < 4 * PIECE
