from __future__ import annotations

import random

import pytest

from andon.store.pieces import PIECE
from andon.views.pieces import SortedPieces

Item = tuple[int, str]


def test_pieces_stay_what_a_sorted_list_would_be_through_many_changes() -> None:
    chance = random.Random(11)
    expected: list[Item] = sorted((chance.randrange(10**6), str(n)) for n in range(20 * PIECE))
    pieces = SortedPieces.of(expected)
    for step in range(60):
        gone = chance.sample(expected, min(len(expected), chance.randrange(3 * PIECE)))
        # Now and then all come in at one place, so that a piece grows and is divided.
        high = 10 if step % 5 == 0 else 10**6
        added = [(chance.randrange(high), f"{step}.{n}") for n in range(chance.randrange(600))]
        before, shown = expected, list(pieces)
        after = pieces.changed(gone, added)
        expected = sorted([*(item for item in before if item not in set(gone)), *added])
        assert list(after) == expected
        assert list(pieces) == shown, "never changed in place"
        pieces = after
    assert len(pieces) == len(expected)
    assert list(reversed(pieces)) == expected[::-1]
    assert pieces[3:9] == expected[3:9]
    for at in (0, 1, len(expected) // 2, len(expected) - 1, -1, -len(expected)):
        assert pieces[at] == expected[at]
    for at in range(0, len(expected), 97):
        assert pieces.position(expected[at]) == at
    with pytest.raises(IndexError):
        pieces[len(expected)]


def test_a_change_keeps_the_pieces_that_it_does_not_touch() -> None:
    items = [(n, "") for n in range(8 * PIECE)]
    pieces = SortedPieces.of(items)
    after = pieces.changed([], [(0, "x")])
    shared = {id(piece) for piece in pieces._pieces} & {id(piece) for piece in after._pieces}
    assert len(shared) == 7


def test_everything_may_go() -> None:
    items = [(n, "") for n in range(5)]
    empty = SortedPieces.of(items).changed(items, [])
    assert len(empty) == 0
    assert list(empty.changed([], [(1, "a")])) == [(1, "a")]
    assert not empty
