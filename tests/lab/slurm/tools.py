"""What the lab needs of the machine, and how its commands are found."""

from __future__ import annotations

import os
import pwd
import shutil
import sys

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NEEDED = (
    *("munged", "mariadbd", "mariadb-install-db", "slurmdbd", "slurmctld", "slurmd"),
    *("sacctmgr", "scontrol", "squeue", "sinfo", "sbatch", "scancel", "unshare"),
)
_PREFIXES = ("SLURM", "SBATCH", "SQUEUE", "SINFO", "SACCT", "SALLOC", "SCANCEL", "SCONTROL")


class LabError(Exception):
    """The lab could not do what it was asked."""


def missing() -> str:
    """Why no lab can run on this machine, in one line; empty when one can."""
    if sys.platform != "linux":
        return "the Slurm lab runs on Linux only"
    if os.geteuid() != 0:
        return "the Slurm lab must be root: it makes device files and runs jobs of several users"
    absent = [name for name in _NEEDED if shutil.which(name, path=PATH) is None]
    if absent:
        return f"not installed: {' '.join(absent)} (run tests/lab/install.sh)"
    try:
        for user in ("slurm", "mysql"):
            pwd.getpwnam(user)
    except KeyError as error:
        return f"the Slurm lab needs a system user: {error}"
    return ""


def program(name: str) -> str:
    """The full path of one of the programs that missing() has looked for."""
    found = shutil.which(name, path=PATH)
    if found is None:
        raise LabError(f"not installed: {name} (run tests/lab/install.sh)")
    return found


def clean_environment() -> dict[str, str]:
    """This process's environment without what steers Slurm's commands, with their folders."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIXES)}
    kept["PATH"] = f"{kept['PATH']}:{PATH}" if kept.get("PATH") else PATH
    return kept
