"""What was made from a snapshot, kept with it so that the next one is made from what changed."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


class Memo:
    """Results of pure functions of a snapshot, by name.

    A snapshot has one and hands a copy on to the snapshot that `apply` makes from it, so a function
    finds its last result there, with the revision it was made at, and brings it up to date by
    `Snapshot.changed_since`. Results are never changed in place: an older snapshot may still use
    them. A memo is invisible from outside: it changes how long an answer takes, never the answer.
    """

    __slots__ = ("_kept",)

    def __init__(self, kept: dict[str, object] | None = None) -> None:
        self._kept: dict[str, object] = kept or {}

    def recall(self, name: str, type_: type[T]) -> T | None:
        """Return the last result kept under `name`, if it is a `type_`."""
        found = self._kept.get(name)
        return found if isinstance(found, type_) else None

    def keep(self, name: str, result: object) -> None:
        """Keep a result. It must not refer to the snapshot, which would then never be freed."""
        self._kept[name] = result

    def handed_on(self) -> Memo:
        """Return a memo for the next snapshot, which knows what this one knows."""
        return Memo(dict(self._kept))
