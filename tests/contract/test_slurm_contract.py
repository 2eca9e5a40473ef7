"""The Slurm plugin keeps the contract on what a real Slurm printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import andon_slurm
from andon.sdk import FaultKind, Source
from andon.sdk.testing import SourceContract
from tests.contract.slurm_tools import FakeSlurm

REFUSED = "slurm_load_jobs error: Access/permission denied\n"
DOWN = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n"


class TestSlurmContract(SourceContract):
    """One recorded cluster with hostile names, arrays and a heterogeneous job."""

    plugin = andon_slurm.plugin

    def healthy(self, folder: Path) -> Source:
        return FakeSlurm(folder).open()

    def sent(self, folder: Path) -> Sequence[Sequence[str]] | None:
        return FakeSlurm(folder).sent()

    def broken(self, folder: Path) -> Mapping[FaultKind, Callable[[], Source]]:
        return {
            FaultKind.UNREACHABLE: _opener(folder / "down", lambda slurm: slurm.says(DOWN)),
            FaultKind.TIMEOUT: _opener(
                folder / "hung", lambda slurm: slurm.everywhere("exec sleep 600")
            ),
            FaultKind.DENIED: _opener(folder / "denied", lambda slurm: slurm.says(REFUSED)),
            FaultKind.GARBLED: _opener(
                folder / "garbled", lambda slurm: slurm.everywhere("echo Welcome to the cluster")
            ),
            FaultKind.TOO_LARGE: _opener(
                folder / "large",
                lambda slurm: slurm.everywhere("exec cat /dev/zero"),
                {"output_limit_mib": 1},
            ),
        }


def _opener(
    folder: Path, breaks: Callable[[FakeSlurm], None], options: Mapping[str, object] | None = None
) -> Callable[[], Source]:
    def opens() -> Source:
        slurm = FakeSlurm(folder)
        breaks(slurm)
        return slurm.open(options)

    return opens
