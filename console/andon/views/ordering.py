"""Sorted keys that are kept up to date by what changed.

An order is a list of entries `(sort value, tie, record key)`, always ascending. A new snapshot
takes out and puts in the entries that differ, which costs what changed and one copy of a list of
pointers, not a new sort.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

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

    entries: list[Entry]
    by_key: dict[str, Entry]

    @classmethod
    def of(cls, entries: list[Entry]) -> Order:
        """Return an order of unsorted entries; takes the list over."""
        entries.sort()
        return cls(entries, {entry[2]: entry for entry in entries})

    def changed(self, gone: Sequence[Entry], added: Sequence[Entry]) -> Order:
        """Return the order without `gone`, which are in it, and with `added`, which are not."""
        if not gone and not added:
            return self
        by_key = self.by_key.copy()
        for entry in gone:
            by_key.pop(entry[2], None)
        for entry in added:
            by_key[entry[2]] = entry
        return Order(spliced(self.entries, gone, added), by_key)


def spliced(entries: list[Entry], gone: Iterable[Entry], added: Iterable[Entry]) -> list[Entry]:
    """Return sorted `entries` without `gone` and with `added`, in k log n and one copy."""
    cuts = [(bisect_left(entries, entry), False, entry) for entry in added]
    cuts += [(bisect_left(entries, entry), True, entry) for entry in gone]
    cuts.sort()
    out: list[Entry] = []
    start = 0
    for at, is_gone, entry in cuts:
        if at > start:
            out += entries[start:at]
            start = at
        if is_gone:
            start = at + 1
        else:
            out.append(entry)
    out += entries[start:]
    return out


def position_of(entries: list[Entry], entry: Entry) -> int | None:
    """Return where `entry` stands in sorted `entries`, or `None`."""
    at = bisect_left(entries, entry)
    if at < len(entries) and entries[at] == entry:
        return at
    return None
