"""Call the Slurm tools: which argv, in which environment, and what their complaints mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from andon.sdk import (
    Finished,
    SourceDenied,
    SourceError,
    SourceGarbled,
    SourceUnreachable,
    SourceUnsupported,
    clean,
    run_process,
)
from andon_slurm.table import format_argument, fresh_markers, rows

OUTPUT_LIMIT_BYTES = 1 << 30

_DENIED = (
    "access denied",
    "access/permission denied",
    "invalid user id",
    "operation not permitted",
    "permission denied",
    "user not found",
    "protocol authentication error",
    "invalid authentication credential",
    "only partition",
)
_UNREACHABLE = (
    "unable to contact",
    "connection refused",
    "connect failure",
    "could not establish a configuration source",
    "no such file or directory",
    "problem talking to the database",
    "unable to connect",
    "socket timed out",
    "munge",
    "zero bytes were transmitted",
    "communication connection failure",
    "slurmctld is in standby mode",
)
_UNSUPPORTED = ("unrecognized option", "invalid option", "invalid job format specification")


@dataclass(frozen=True, slots=True)
class Tools:
    """The Slurm tools of one cluster, as seen from this machine."""

    environ: Mapping[str, str]
    folder: str = ""
    """Where the tools are; empty means on PATH."""
    output_limit_bytes: int = OUTPUT_LIMIT_BYTES

    async def run(self, argv: Sequence[str], deadline_s: float) -> Finished:
        """Run one tool whatever it answers.

        Raises:
            SourceError: it is missing, too slow or prints too much.
        """
        program = f"{self.folder.rstrip('/')}/{argv[0]}" if self.folder else argv[0]
        return await run_process(
            [program, *argv[1:]],
            deadline_s=deadline_s,
            # Times as numbers: a local time without a zone cannot be told apart twice a year.
            environ={**self.environ, "SLURM_TIME_FORMAT": "%s", "LC_ALL": "C"},
            output_limit_bytes=self.output_limit_bytes,
        )

    async def text(self, argv: Sequence[str], deadline_s: float) -> str:
        """Run one tool and return what it printed.

        Raises:
            SourceError: a subclass that says why it did not.
        """
        finished = await self.run(argv, deadline_s)
        if finished.returncode != 0:
            raise complaint(finished)
        return finished.stdout.decode("utf-8", "surrogateescape")

    async def table(
        self, argv: Sequence[str], fields: tuple[str, ...], deadline_s: float
    ) -> list[list[str]]:
        """Run `argv --noheader --Format=…` and return its rows of `fields`.

        Raises:
            SourceError: the tool failed or its rows do not have these fields.
        """
        markers = fresh_markers()
        wanted = f"--Format={format_argument(fields, markers)}"
        finished = await self.run([argv[0], "--noheader", wanted, *argv[1:]], deadline_s)
        if finished.returncode != 0:
            raise complaint(finished)
        return rows(argv[0], finished.stdout, len(fields), markers)


def complaint(finished: Finished) -> SourceError:
    """Return the error that a tool's exit status and stderr stand for."""
    tool = finished.argv[0].rpartition("/")[2]
    said = finished.stderr.decode("utf-8", "replace").strip().splitlines()
    line = clean(said[-1], limit=300) if said else f"exit status {finished.returncode}"
    words = " ".join(said).lower()
    message = line if line.startswith(tool) else f"{tool}: {line}"
    if any(sign in words for sign in _DENIED):
        return SourceDenied(
            message, hint="ask for the right in Slurm (AdminLevel, account), or act as another user"
        )
    if any(sign in words for sign in _UNSUPPORTED):
        return SourceUnsupported(message, hint="this Slurm is older than 20.11 or patched")
    if any(sign in words for sign in _UNREACHABLE):
        return SourceUnreachable(
            message, hint="check slurmctld and munge (`scontrol ping`), and SLURM_CONF"
        )
    if finished.returncode < 0:
        return SourceUnreachable(
            f"{tool} was ended by signal {-finished.returncode}", hint=f"run {tool} by hand"
        )
    return SourceGarbled(message, hint=f"run {tool} by hand on this machine")
