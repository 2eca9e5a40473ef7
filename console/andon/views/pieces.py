"""A large sorted sequence in small pieces; see `andon.store.pieces` for why."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Any, Final, Self, TypeVar, overload

from andon.store.pieces import PIECE

T = TypeVar("T", bound=tuple[Any, ...])

_AFRESH_SHARE: Final = 0.1
"""From this share of changed items on, making everything again is cheaper."""


class SortedPieces(Sequence[T]):
    """A sorted sequence of tuples that are all different; never changed in place."""

    __slots__ = ("_ends", "_lasts", "_pieces")

    def __init__(self, pieces: list[list[T]]) -> None:
        """Take sorted pieces, none of them empty."""
        self._pieces = pieces
        self._lasts = [piece[-1] for piece in pieces]
        self._ends = list(accumulate(map(len, pieces)))

    @classmethod
    def of(cls, items: Sequence[T]) -> Self:
        """Return sorted `items` in pieces."""
        return cls([list(items[at : at + PIECE]) for at in range(0, len(items), PIECE)])

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        at = bisect_right(self._ends, index)
        return self._pieces[at][index - (self._ends[at - 1] if at else 0)]

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(self._pieces)

    def __reversed__(self) -> Iterator[T]:
        return chain.from_iterable(map(reversed, reversed(self._pieces)))

    def position(self, item: T) -> int | None:
        """Return where `item` stands, or `None`."""
        at = bisect_left(self._lasts, item)
        if at == len(self._pieces):
            return None
        piece = self._pieces[at]
        place = bisect_left(piece, item)
        if piece[place] != item:
            return None
        return place + (self._ends[at - 1] if at else 0)

    def changed(self, gone: Sequence[T], added: Sequence[T]) -> Self:
        """Return the sequence without `gone`, which are in it, and with `added`, which are not."""
        if not gone and not added:
            return self
        if len(gone) + len(added) > _AFRESH_SHARE * len(self):
            left = set(gone)
            return type(self).of(sorted([*(item for item in self if item not in left), *added]))
        pieces = self._pieces.copy()
        own: set[int] = set()
        for items, adding in ((gone, False), (added, True)):
            for item in items:
                # The places of pieces stay as they were: a piece is divided or dropped at the end.
                at = min(bisect_left(self._lasts, item), len(pieces) - 1)
                if at not in own:
                    own.add(at)
                    pieces[at] = pieces[at].copy()
                if adding:
                    insort(pieces[at], item)
                else:
                    del pieces[at][bisect_left(pieces[at], item)]
        return type(self)([part for piece in pieces for part in _divided(piece)])


def _divided(piece: list[T]) -> Iterable[list[T]]:
    """Return a piece as one, as several where it grew too long, or as none where it is empty."""
    if len(piece) <= 2 * PIECE:
        return (piece,) if piece else ()
    return [piece[at : at + PIECE] for at in range(0, len(piece), PIECE)]
