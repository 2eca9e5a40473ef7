"""What was measured, beside what it is measured against and what it should be."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report."""

    bench: str
    name: str
    value: float
    unit: str
    against: float | None = None
    """The yardstick in the same unit, measured in the same run."""
    goal: float | None = None
    """The most that the ratio may be; of the value itself where nothing stands against it."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value in yardsticks."""
        return self.value / self.against if self.against else None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; `None` without a goal."""
        if self.goal is None:
            return None
        measured = self.value if self.against is None else self.ratio
        return measured is not None and measured <= self.goal


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Sequence[float]) -> float:
    """Return the middle one."""
    return statistics.median(values)


def table(results: Sequence[Result]) -> str:
    """Return the report as aligned text."""
    rows = [("bench", "what", "measured", "against", "ratio", "goal", "", "note")]
    for one in results:
        verdict = {True: "ok", False: "MISSED", None: ""}[one.reached]
        rows.append(
            (
                one.bench,
                one.name,
                f"{one.value:,.4g} {one.unit}",
                "" if one.against is None else f"{one.against:,.4g} {one.unit}",
                "" if one.ratio is None else f"{one.ratio:.2f}",
                "" if one.goal is None else f"{one.goal:g}",
                verdict,
                one.note,
            )
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_json(results: Sequence[Result]) -> bytes:
    """Return the report for programs."""
    items = [
        {**msgspec.to_builtins(one), "ratio": one.ratio, "reached": one.reached} for one in results
    ]
    return msgspec.json.format(msgspec.json.encode({"schema": "andon-bench/v1", "items": items}))
