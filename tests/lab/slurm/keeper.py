"""A guard process that takes a lab down when the process that wanted it is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[3]
RELEASE = b"released"


class Keeper:
    """Waits on a pipe from its owner: the pipe's end without a release means death."""

    def __init__(self, root: Path) -> None:
        """Start guarding the lab in `root`."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.lab.slurm", "keep", "--dir", str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=_REPOSITORY,
            start_new_session=True,
        )

    def release(self) -> None:
        """End the guard without touching the lab."""
        self._process.communicate(RELEASE)
