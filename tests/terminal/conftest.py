"""A home for each test, and nothing of it left running."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs Linux's /proc and pidfds."""
    if sys.platform != "linux":
        reason = pytest.mark.skip(reason="reads /proc and pidfds, which only Linux has")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(reason)
