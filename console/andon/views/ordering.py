"""Sorted keys that are kept up to date by what changed.

An order is a list of entries `(sort value, tie, record key)`, always ascending. A new snapshot
takes out and puts in the entries that differ, which costs what changed, not a new sort.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from andon.store.pieces import KeyedPieces
from andon.views.pieces import SortedPieces

SortValue = float | str
Entry = tuple[SortValue, str, str]
"""Sort value, tie, record key. One order holds values of one type, so that they compare."""

LAST_NUMBER = float("inf")
"""Stands for a missing number: after every number in either direction, see `number_value`."""
LAST_TEXT = "\U0010ffff"
FIRST_TEXT = ""

_DIGITS = re.compile(r"[0-9]+")


_LENGTHS = tuple(chr(0x30 + min(length, 0x4F)) for length in range(64))
"""A letter per number of digits, ascending."""


def _with_length(match: re.Match[str]) -> str:
    digits = match[0].lstrip("0") or "0"
    # A length before the digits makes plain text comparison compare the numbers.
    return _LENGTHS[min(len(digits), 63)] + digits


@lru_cache(maxsize=65_536)
def natural(text: str) -> str:
    """Return a key under which text sorts as people count: `gpu2` before `gpu10`.

    Case is ignored. The result is text itself, because text compares faster than tuples. Names
    that differ in leading zeros only give one key; the record key behind it decides.
    """
    return _DIGITS.sub(_with_length, text.casefold())


def natural_id(text: str) -> str:
    """Return `natural(text)`, fast for the plain numbers that most job ids are."""
    if text.isdecimal() and text.isascii() and len(text) < 64 and text[0] != "0":
        return _LENGTHS[len(text)] + text
    return natural(text)


def number_value(value: float | None, *, descending: bool) -> float:
    """Return the sort value of a number; missing and NaN come last in both directions."""
    # Only NaN differs from itself.
    if value is None or value != value:
        return LAST_NUMBER
    return -value if descending else value


def text_value(value: str | None, *, descending: bool) -> str:
    """Return the sort value of text; a descending order is read backwards."""
    if not value:
        return FIRST_TEXT if descending else LAST_TEXT
    return value


@dataclass(frozen=True, slots=True)
class Order:
    """Sorted entries and each thing's own entry. Never changed in place."""

    entries: SortedPieces[Entry]
    by_key: KeyedPieces[Entry]

    @classmethod
    def of(cls, entries: list[Entry]) -> Order:
        """Return an order of unsorted entries; takes the list over."""
        entries.sort()
        by_key = KeyedPieces.of(((entry[2], entry) for entry in entries), len(entries))
        return cls(SortedPieces.of(entries), by_key)

    def changed(self, gone: Sequence[Entry], added: Sequence[Entry]) -> Order:
        """Return the order without `gone`, which are in it, and with `added`, which are not."""
        if not gone and not added:
            return self
        return Order(
            self.entries.changed(gone, added),
            self.by_key.changed((entry[2] for entry in gone), ((one[2], one) for one in added)),
        )
