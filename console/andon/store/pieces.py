"""A large mapping in small pieces, so that a change copies the pieces it touches and no more.

A copy of a dict of 100,000 records costs some 7 ms, the end of the old one another, and a look of
the garbage collector at it a third: for one job that changed. Small mappings stay dicts.
"""

from __future__ import annotations

from collections.abc import (
    ItemsView,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
    ValuesView,
)
from itertools import chain
from typing import Final, Generic, Self, TypeVar

V = TypeVar("V")

PIECE: Final = 64
"""About how many items a piece holds."""
LARGE: Final = 2_000
"""From this number of items on a mapping is kept in pieces when it is changed."""


class KeyedPieces(Mapping[str, V], Generic[V]):
    """A mapping whose keys are spread over pieces by their hash; never changed in place."""

    __slots__ = ("_count", "_mask", "_pieces")

    def __init__(self, pieces: list[dict[str, V]]) -> None:
        """Take pieces, a power of two in number, each key in the one that its hash names."""
        self._pieces = pieces
        self._mask = len(pieces) - 1
        self._count = sum(map(len, pieces))

    @classmethod
    def of(cls, items: Iterable[tuple[str, V]], count: int) -> Self:
        """Return about `count` items in pieces; of several with one key the last counts."""
        pieces: list[dict[str, V]] = [{} for _ in range(1 << (count // PIECE).bit_length())]
        mask = len(pieces) - 1
        for key, value in items:
            pieces[hash(key) & mask][key] = value
        return cls(pieces)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._pieces)

    def __getitem__(self, key: str) -> V:
        return self._pieces[hash(key) & self._mask][key]

    def __contains__(self, key: object) -> bool:
        return key in self._pieces[hash(key) & self._mask]

    def items(self) -> ItemsView[str, V]:
        """Return the items, which are walked as fast as a dict's."""
        return _Items(self)

    def values(self) -> ValuesView[V]:
        """Return the values, which are walked as fast as a dict's."""
        return _Values(self)

    @property
    def pieces(self) -> Sequence[Mapping[str, V]]:
        """The pieces."""
        return self._pieces

    def draft(self) -> Draft[V]:
        """Return a copy that can be changed."""
        return Draft(self._pieces)

    def changed(self, gone: Iterable[str], added: Iterable[tuple[str, V]]) -> Self:
        """Return the mapping without the keys `gone`, those that are in it, and with `added`."""
        made = self.draft()
        for key in gone:
            made.pop(key, None)
        for key, value in added:
            made[key] = value
        return type(self).of_draft(made)

    @classmethod
    def of_draft(cls, made: Draft[V]) -> Self:
        """Return what a draft holds; the draft is not used any more."""
        if len(made) > 4 * PIECE * len(made.pieces):
            return cls.of(made.items(), len(made))
        return cls(made.pieces)


class _Items(ItemsView[str, V]):
    def __init__(self, mapping: KeyedPieces[V]) -> None:
        super().__init__(mapping)
        self._pieces = mapping.pieces

    def __iter__(self) -> Iterator[tuple[str, V]]:
        return chain.from_iterable(piece.items() for piece in self._pieces)


class _Values(ValuesView[V]):
    def __init__(self, mapping: KeyedPieces[V]) -> None:
        super().__init__(mapping)
        self._pieces = mapping.pieces

    def __iter__(self) -> Iterator[V]:
        return chain.from_iterable(piece.values() for piece in self._pieces)


class Draft(MutableMapping[str, V], Generic[V]):
    """A mapping under change: copies a piece when it is first changed."""

    __slots__ = ("_mask", "_own", "pieces")

    def __init__(self, pieces: list[dict[str, V]]) -> None:
        """Start from the pieces of another mapping, which stay as they are."""
        self.pieces = pieces.copy()
        self._mask = len(pieces) - 1
        self._own: set[int] = set()

    def __len__(self) -> int:
        return sum(map(len, self.pieces))

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.pieces)

    def __getitem__(self, key: str) -> V:
        return self.pieces[hash(key) & self._mask][key]

    def __contains__(self, key: object) -> bool:
        return key in self.pieces[hash(key) & self._mask]

    def __setitem__(self, key: str, value: V) -> None:
        self._piece(key)[key] = value

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        del self._piece(key)[key]

    def _piece(self, key: str) -> dict[str, V]:
        at = hash(key) & self._mask
        if at not in self._own:
            self._own.add(at)
            self.pieces[at] = self.pieces[at].copy()
        return self.pieces[at]


def draft(before: Mapping[str, V]) -> MutableMapping[str, V]:
    """Return a copy of a mapping that can be changed, cheap also where the mapping is large."""
    if isinstance(before, KeyedPieces):
        return before.draft()
    if len(before) < LARGE:
        return dict(before)
    return KeyedPieces.of(before.items(), len(before)).draft()


def settled(drafted: MutableMapping[str, V]) -> Mapping[str, V]:
    """Return what a draft holds, to be shared; the draft is not changed any more."""
    return KeyedPieces.of_draft(drafted) if isinstance(drafted, Draft) else drafted
