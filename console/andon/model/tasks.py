"""The tasks of an array as Slurm writes them: `0-8:2,11`, with a throttle `0-99%4`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PART = re.compile(r"(\d{1,10})(?:-(\d{1,10})(?::(\d{1,10}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tasks:
    """Numbers of tasks, in ranges: an array may have millions."""

    parts: tuple[range, ...]
    """As they were written; a backend writes no number twice."""

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(map(len, self.parts))

    def __contains__(self, task: object) -> bool:
        """Whether a task is one of them."""
        return any(task in part for part in self.parts)

    def __iter__(self) -> Iterator[int]:
        """Yield each of them."""
        for part in self.parts:
            yield from part


def tasks_in(expression: str) -> Tasks | None:
    """Return the tasks of an expression, without its throttle; `None` for what is none.

    An expression that was cut (`1,3,...`) is none: what it stands for is not known.
    """
    parts: list[range] = []
    for text in expression.partition("%")[0].split(","):
        match = _PART.fullmatch(text)
        if match is None:
            return None
        first, last, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
        if last < first or step < 1:
            return None
        parts.append(range(first, last + 1, step))
    return Tasks(tuple(parts))
