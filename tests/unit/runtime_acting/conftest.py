"""One source `s` with nodes and jobs, in a folder of the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.runtime_acting.fakes import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.backend().put(
        n1={"state": "idle"},
        n2={"state": "mixed"},
        n3={"state": "allocated"},
        n4={"state": "drained", "reason": "NHC: ib link down", "reason_by": "root"},
    )
    return made
