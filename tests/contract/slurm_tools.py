"""A folder of small scripts that stand for Slurm's tools: recorded answers, or trouble."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import andon_slurm
from andon.sdk import Source, SourceSettings

RECORDED = Path(__file__).parents[1] / "recordings" / "slurm"
TOOLS = ("squeue", "sinfo", "scontrol", "scancel", "sacctmgr")
NOW = 1_795_439_600.0
_FIELD, _ROW = b"@@ANDON-FIELD@@", b"@@ANDON-ROW@@"

# Puts the markers of this very call where the recording has its own.
_ANSWER = """\
#!/bin/sh
answer() {
    if ! test -e "$RECORDED/$1.txt"; then
        echo "slurm_load_jobs error: Invalid job id specified" >&2
        exit 1
    fi
    LC_ALL=C sed "s/@@ANDON-FIELD@@/$field/g; s/@@ANDON-ROW@@/$row/g" "$RECORDED/$1.txt"
}
sent() {
    for word in "$tool" "$@"; do printf '%s\\037' "$word"; done >> "$SENT"
    echo >> "$SENT"
}
tool=${0##*/}
for word in "$@"; do
    case $word in --Format=*)
        field=${word#*:0}; field=${field%%,*}; row=${word##*:0}
    esac
done
case "$tool $*" in
    squeue*--array*) answer squeue-tasks ;;
    squeue*) answer squeue ;;
    sinfo*--Node*) answer sinfo-nodes ;;
    sinfo*) answer sinfo-partitions ;;
    "scontrol show config") answer scontrol-config ;;
    scontrol*"show nodes") answer scontrol-nodes ;;
    scontrol*"show job "*) answer "scontrol-job-${*##* }" ;;
    scontrol*show*) echo "$*" ;;
    sacctmgr*"show user"*) answer sacctmgr-user ;;
    sacctmgr*) answer sacctmgr-associations ;;
    *) sent "$@" ;;
esac
"""


class FakeSlurm:
    """A login node in a folder: its tools, and the calls that changed something."""

    def __init__(self, folder: Path) -> None:
        self._bin = folder / "bin"
        self._log = folder / "sent"
        self._bin.mkdir(parents=True, exist_ok=True)
        self.environ = {
            "PATH": f"{self._bin}:{os.environ.get('PATH', os.defpath)}",
            "RECORDED": str(RECORDED),
            "SENT": str(self._log),
        }
        for tool in TOOLS:
            if not (self._bin / tool).exists():
                self.script(tool, _ANSWER)

    def script(self, tool: str, text: str) -> None:
        """Replace one tool; `text` is a program with its `#!` line."""
        path = self._bin / tool
        path.write_text(text)
        path.chmod(0o755)

    def everywhere(self, body: str) -> None:
        """Replace every tool by the body of a shell script."""
        for tool in TOOLS:
            self.script(tool, f"#!/bin/sh\n{body}\n")

    def remove(self, tool: str) -> None:
        """Uninstall one tool."""
        (self._bin / tool).unlink()

    def says(self, stderr: str, *tools: str, code: int = 1) -> None:
        """Have tools complain and fail."""
        path = self._bin / "complaint"
        path.write_text(stderr)
        for tool in tools or TOOLS:
            self.script(tool, f"#!/bin/sh\ncat '{path}' >&2\nexit {code}\n")

    def moves(self, job: str, state: str, reason: str, priority: str) -> None:
        """Have a recorded job in another state from now on, in the words of squeue."""
        recorded = self._bin.parent / "recorded"
        if not recorded.exists():
            shutil.copytree(RECORDED, recorded)
        self.environ["RECORDED"] = str(recorded)
        for said in (recorded / "squeue.txt", recorded / "squeue-tasks.txt"):
            rows = said.read_bytes().split(_ROW)
            for at, row in enumerate(rows):
                fields = row.split(_FIELD)
                if fields[0].strip() == job.encode():
                    fields[5], fields[6], fields[11] = (
                        word.encode() for word in (state, reason, priority)
                    )
                    rows[at] = _FIELD.join(fields)
            said.write_bytes(_ROW.join(rows))

    def sent(self) -> list[tuple[str, ...]]:
        """Return the calls that changed something, in order."""
        if not self._log.exists():
            return []
        lines = self._log.read_bytes().decode().splitlines()
        return [tuple(line.split("\x1f")[:-1]) for line in lines]

    def open(self, options: Mapping[str, object] | None = None) -> Source:
        """Open a source on these tools."""
        return andon_slurm.plugin.open(
            SourceSettings(
                name="slurm@par1",
                site="par1",
                # The folder too: what PATH holds behind it is not ours.
                options={"bin": str(self._bin), **(options or {})},
                environ=self.environ,
                clock=lambda: NOW,
            )
        )
