"""Slurm's tools with a witness: every call is written down before it is made."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from tests.lab.slurm.tools import program

TOOLS = ("squeue", "sinfo", "scontrol", "scancel", "sacctmgr")
_SCRIPT = """\
#!/bin/sh
line=$(printf '%s\\037' '{tool}' "$@" | tr '\\n' ' ')
printf '%s\\n' "$line" >> '{log}'
{before}
exec {real} "$@"
"""


class Shims:
    """A folder to put before others on PATH, or to name as the plugin's `bin`."""

    def __init__(self, folder: Path, *, user: str = "", before: str = "") -> None:
        """Write the scripts.

        Args:
            folder: where; made if it is not there.
            user: run the tools as this user of the machine; empty for ourselves.
            before: shell commands that run before each call.
        """
        self.folder = folder
        self.log = folder / "calls.log"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        for tool in TOOLS:
            real = program(tool)
            if user:
                account = pwd.getpwnam(user)
                ids = f"--reuid={account.pw_uid} --regid={account.pw_gid} --clear-groups"
                real = f"{program('setpriv')} {ids} {real}"
            path = folder / tool
            path.write_text(_SCRIPT.format(tool=tool, log=self.log, before=before, real=real))
            path.chmod(0o755)

    def env(self, environ: dict[str, str]) -> dict[str, str]:
        """Return the environment with these scripts before everything else on PATH."""
        return environ | {"PATH": f"{self.folder}{os.pathsep}{environ['PATH']}"}

    def calls(self) -> list[tuple[str, ...]]:
        """Return every call so far, in order."""
        if not self.log.exists():
            return []
        lines = self.log.read_bytes().decode("utf-8", "replace").splitlines()
        return [tuple(line.split("\x1f")[:-1]) for line in lines]

    def changing(self) -> list[tuple[str, ...]]:
        """Return the calls that may have changed something: all but those known to only read."""
        return [call for call in self.calls() if not _only_reads(call)]


def _only_reads(call: tuple[str, ...]) -> bool:
    if call[0] in ("squeue", "sinfo"):
        return True
    if call[0] not in ("scontrol", "sacctmgr"):
        return False
    words = [word for word in call[1:] if not word.startswith("-")]
    return bool(words) and words[0] in ("show", "ping")
