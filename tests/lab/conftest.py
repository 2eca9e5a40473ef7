"""Real backends as fixtures. ANDON_LAB=required makes their absence a failure."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.lab.slurm import SlurmLab, missing


@pytest.fixture(scope="session")
def slurm_programs() -> None:
    """What a lab needs of this machine; a test that brings up its own lab asks for it."""
    reason = missing()
    if reason and os.environ.get("ANDON_LAB") == "required":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def slurm_lab(slurm_programs: None) -> Iterator[SlurmLab]:
    """A running Slurm, shared by the session: put back what a test changes in it."""
    lab = SlurmLab.up()
    try:
        yield lab
    finally:
        lab.down()
