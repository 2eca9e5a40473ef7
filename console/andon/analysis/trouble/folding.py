"""Many troubles that are one: a rack without power is one problem, not forty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

FOLD_FROM = 3
"""So many together are one problem."""
RACK_GAP_SECONDS = 600.0
MINUTE_GAP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Fold(Generic[T]):
    """Some things that are wrong together, or one alone."""

    members: tuple[T, ...]
    by: str
    """`rack`, `minute`, `words` or empty for one alone."""
    word: str = ""
    """The rack's name."""


def folded(
    things: Iterable[T],
    rack: Callable[[T], str | None],
    at: Callable[[T], float | None],
    words: Callable[[T], Hashable],
) -> list[Fold[T]]:
    """Return things folded by rack, then by minute, then by what is said of them.

    Args:
        things: What is wrong in the same way at one site.
        rack: In which rack a thing is; `None` when not known.
        at: Since when it is wrong; what happened within ten minutes in one rack, or within one
            minute of the one before anywhere, happened together.
        words: What is said of it; `None` folds with nothing.
    """
    folds: list[Fold[T]] = []
    left: list[T] = []
    racks: defaultdict[str, list[T]] = defaultdict(list)
    for thing in things:
        name = rack(thing)
        (racks[name] if name else left).append(thing)
    for name, group in racks.items():
        for run in _runs(group, at, RACK_GAP_SECONDS):
            if len(run) >= FOLD_FROM:
                folds.append(Fold(tuple(run), "rack", name))
            else:
                left += run
    timed = [thing for thing in left if at(thing) is not None]
    left = [thing for thing in left if at(thing) is None]
    for run in _runs(timed, at, MINUTE_GAP_SECONDS):
        if len(run) >= FOLD_FROM:
            folds.append(Fold(tuple(run), "minute"))
        else:
            left += run
    alike: defaultdict[Hashable, list[T]] = defaultdict(list)
    for thing in left:
        alike[words(thing)].append(thing)
    for said, group in alike.items():
        if said is not None and len(group) >= FOLD_FROM:
            folds.append(Fold(tuple(group), "words"))
        else:
            folds += [Fold((thing,), "") for thing in group]
    return folds


def _runs(things: Sequence[T], at: Callable[[T], float | None], gap: float) -> list[list[T]]:
    """Split things by time where more than `gap` seconds lie between two; unknown times are one."""
    timed = sorted(((at(thing) or 0.0, order) for order, thing in enumerate(things)))
    runs: list[list[T]] = []
    last: float | None = None
    for moment, order in timed:
        if last is None or moment - last > gap:
            runs.append([])
        runs[-1].append(things[order])
        last = moment
    return runs
