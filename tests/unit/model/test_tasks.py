"""Tasks of arrays, as they are written."""

from __future__ import annotations

import pytest

from andon.model import tasks_in


@pytest.mark.parametrize(
    ("expression", "tasks"),
    [
        ("7", [7]),
        ("1-3", [1, 2, 3]),
        ("1-3%1", [1, 2, 3]),
        ("0-8:4,11", [0, 4, 8, 11]),
        ("5,1", [5, 1]),
    ],
)
def test_an_expression_stands_for_its_tasks(expression: str, tasks: list[int]) -> None:
    found = tasks_in(expression)
    assert found is not None
    assert list(found) == tasks
    assert len(found) == len(tasks)
    assert all(task in found for task in tasks)
    assert 99 not in found


@pytest.mark.parametrize(
    "text", ["", "%2", "3-1", "1-5:0", "1,4,...", "1,", "x", "٣", "1-" + "9" * 30]
)
def test_what_is_no_expression_stands_for_nothing(text: str) -> None:
    assert tasks_in(text) is None


def test_millions_of_tasks_cost_nothing() -> None:
    found = tasks_in("0-3999999999")
    assert found is not None
    assert len(found) == 4_000_000_000
    assert 3_999_999_999 in found
