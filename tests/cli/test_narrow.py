"""Tables on terminals that have no room for all of their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from andon.cli.drawing import narrowed, table_lines
from andon.views.page import Cell, Column, StaticRows, Table

WORTH = ("name", "state", "jobs", "reason", "site")
WHOLE = ["NAME", "SITE", "STATE", "JOBS", "REASON"]


def nodes() -> Table:
    columns = (
        Column(name="name", title="NAME", summary="", width=12),
        Column(name="site", title="SITE", summary="", width=6),
        Column(name="state", title="STATE", summary="", width=11),
        Column(name="jobs", title="JOBS", summary="", width=4, align="right"),
        Column(name="reason", title="REASON", summary="", width=17, grow=True),
    )
    rows = [
        ("gpu-par1-009", "par1", "drained", "1,234,567", "RMA 41321: GPU 6 row remap failure"),
        ("gpu-par1-010", "par1", "idle", "0", "–"),
    ]
    return Table(
        name="nodes",
        title="",
        columns=columns,
        rows=StaticRows([row[0] for row in rows], [tuple(map(Cell, row)) for row in rows]),
        total=2,
        sort="name",
    )


def lines(width: int) -> Iterator[str]:
    return table_lines(narrowed(nodes(), width, WORTH), width=width)


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (100, WHOLE),
        (60, WHOLE),
        (46, ["NAME", "STATE", "JOBS", "REASON"]),
        (40, ["NAME", "STATE", "JOBS"]),
        (25, ["NAME", "STATE"]),
        (10, ["NAME"]),
    ],
)
def test_columns_of_least_worth_give_way_until_a_line_fits(width: int, titles: list[str]) -> None:
    heading, *rows = lines(width)
    assert heading.split() == titles
    assert max(map(len, rows)) <= max(width, len("gpu-par1-009"))


@pytest.mark.parametrize("width", range(5, 100, 7))
def test_names_and_numbers_are_whole_at_every_width(width: int) -> None:
    heading, first, second = lines(width)
    assert first.startswith("gpu-par1-009")
    assert second.startswith("gpu-par1-010")
    assert ("JOBS" in heading) == bool(re.search(r"1,234,567\b", first))
