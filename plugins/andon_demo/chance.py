"""Chance without state: every random choice is a hash of the seed and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
_TWIST = 0xA0761D6478BD642F
_FACTOR = 0xE7037ED1A0B428DB

T = TypeVar("T")


def mix(value: int) -> int:
    """Return 64 well-mixed bits of an integer of any size: both halves of one product, folded."""
    product = ((value & _MASK) ^ _TWIST) * _FACTOR
    return (product ^ (product >> 64)) & _MASK


def draw(salt: int, number: int) -> int:
    """Return the `number`-th 64-bit draw of the sequence that `salt` names."""
    product = (((salt + number * _STEP) & _MASK) ^ _TWIST) * _FACTOR
    return (product ^ (product >> 64)) & _MASK


def salted(seed: int, *words: str | int) -> int:
    """Return the name of a sequence of draws, equal in every process for equal arguments."""
    salt = mix(seed + _STEP)
    for word in words:
        salt = mix(salt ^ (crc32(word.encode()) if isinstance(word, str) else word * _STEP))
    return salt


def share(bits: int) -> float:
    """Return a number in [0, 1) from the upper bits of a draw."""
    return (bits >> 40) / 16_777_216


def pick(bits: int, choices: Sequence[T]) -> T:
    """Return one of `choices`, each as likely as the others."""
    return choices[(bits >> 33) % len(choices)]


def pick_weighted(bits: int, weights: Sequence[float]) -> int:
    """Return an index of `weights`, each as likely as its weight."""
    point = share(bits) * sum(weights)
    for index, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return index
    return len(weights) - 1


def shuffled(salt: int, items: Sequence[T]) -> list[T]:
    """Return `items` in an order of their own for each salt."""
    order = sorted(range(len(items)), key=lambda index: draw(salt, index))
    return [items[index] for index in order]
