"""A real Slurm on loopback: accounting, one controller, several nodes with GPUs."""

from tests.lab.slurm.lab import SlurmLab
from tests.lab.slurm.processes import wait_until
from tests.lab.slurm.tools import LabError, missing

__all__ = ["LabError", "SlurmLab", "missing", "wait_until"]
