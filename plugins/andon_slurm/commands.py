"""Call the Slurm tools: which argv, in which environment, and what their complaints mean."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from andon.sdk import (
    OUTPUT_LIMIT_BYTES,
    Finished,
    SourceDenied,
    SourceError,
    SourceGarbled,
    SourceTimeout,
    SourceUnreachable,
    SourceUnsupported,
    clean,
    run_process,
)
from andon_slurm.table import format_argument, fresh_markers, rows

# Options given through the environment would narrow or reshape what the tools print.
_STEERING = ("SQUEUE_", "SINFO_", "SCONTROL_", "SCANCEL_", "SACCTMGR_")
_DROPPED = frozenset({"SLURM_CLUSTERS", "SLURM_WORKING_CLUSTER", "SLURM_JSON", "SLURM_YAML"})
_TIMES = "%s"
"""Seconds since the epoch: a local time without a zone cannot be told apart twice a year."""


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What a line on stderr means."""

    sign: re.Pattern[str]
    error: type[SourceError]
    hint: str


def _means(signs: str, error: type[SourceError], hint: str) -> _Complaint:
    return _Complaint(re.compile(signs, re.IGNORECASE), error, hint)


# The first that matches any line counts: a tool that cannot reach munge also says that it was not
# authenticated, which is not a refusal.
_COMPLAINTS = (
    _means(
        r"munge (?:en|de)code failed|did you start munged|failed to access .*munge",
        SourceUnreachable,
        "munged does not answer on this machine: `munge -n` says why",
    ),
    _means(
        r"cannot stat file|unable to process configuration|could not establish a configuration"
        r"|clustername needs to be specified",
        SourceUnreachable,
        "SLURM_CONF, or the source's slurm_conf, has to name this cluster's slurm.conf",
    ),
    _means(
        r"access denied|access/permission denied|permission denied|invalid user id"
        r"|operation not permitted$|doesn't have privilege"
        r"|protocol authentication error|invalid authentication credential",
        SourceDenied,
        "ask for the right in Slurm (AdminLevel, account), or act as another user",
    ),
    _means(
        r"unrecognized option|invalid option|invalid job format specification",
        SourceUnsupported,
        "this Slurm is older than 20.11 or patched",
    ),
    _means(
        r"supported accounting_storage plugin",
        SourceUnsupported,
        "this cluster has no accounting database, so it has no accounts",
    ),
    _means(
        r"socket timed out|zero bytes were transmitted|unexpected message received"
        r"|message timeout",
        SourceTimeout,
        "slurmctld is slow or hangs: `scontrol ping`",
    ),
    _means(
        r"unable to contact|connection refused|connect failure|unable to connect"
        r"|problem talking to the database|communication connection failure|standby mode"
        r"|sending persistinit msg|unable to resolve|no route to host",
        SourceUnreachable,
        "check slurmctld and slurmdbd (`scontrol ping`, `sacctmgr ping`), and SLURM_CONF",
    ),
)


@dataclass(frozen=True, slots=True)
class Tools:
    """The Slurm tools of one cluster, as seen from this machine."""

    environ: Mapping[str, str]
    folder: str = ""
    """Where the tools are; empty means on PATH."""
    output_limit_bytes: int = OUTPUT_LIMIT_BYTES

    async def run(self, argv: Sequence[str], deadline_s: float, *, times: str = _TIMES) -> Finished:
        """Run one tool whatever it answers.

        Args:
            argv: the tool by its bare name, and its arguments.
            deadline_s: seconds it may take.
            times: how it prints times: a strftime format, or `standard`.

        Raises:
            SourceError: it is missing, too slow or prints too much.
        """
        self._check_conf()
        program = f"{self.folder.rstrip('/')}/{argv[0]}" if self.folder else argv[0]
        return await run_process(
            [program, *argv[1:]],
            deadline_s=deadline_s,
            environ=tool_environment(self.environ, times),
            output_limit_bytes=self.output_limit_bytes,
        )

    def _check_conf(self) -> None:
        conf = self.environ.get("SLURM_CONF")
        if conf and not os.path.exists(conf):
            # The tools would look for it for a minute.
            raise SourceUnreachable(
                f"SLURM_CONF names {conf}, which is not there",
                hint="set SLURM_CONF, or the source's slurm_conf, to this cluster's slurm.conf",
            )

    async def text(self, argv: Sequence[str], deadline_s: float, *, times: str = _TIMES) -> str:
        """Run one tool and return what it printed.

        Raises:
            SourceError: a subclass that says why it did not.
        """
        finished = await self.run(argv, deadline_s, times=times)
        if finished.returncode != 0:
            raise complaint(finished)
        return finished.stdout.decode("utf-8", "surrogateescape")

    async def table(
        self, argv: Sequence[str], fields: tuple[str, ...], deadline_s: float
    ) -> Iterator[list[str]]:
        """Run `argv --Format=…` and return its rows of `fields`.

        Raises:
            SourceError: the tool failed, did not answer, or its rows do not have these fields; a
                wrong row is found when it is taken.
        """
        markers = fresh_markers()
        wanted = f"--Format={format_argument(fields, markers)}"
        finished = await self.run([argv[0], wanted, *argv[1:]], deadline_s)
        if finished.returncode != 0:
            raise complaint(finished)
        return rows(argv[0], finished.stdout, fields, markers)


def tool_environment(environ: Mapping[str, str], times: str = _TIMES) -> dict[str, str]:
    """Return the environment of a tool: what the operator set for own use does not steer ours."""
    kept = {
        name: value
        for name, value in environ.items()
        if name not in _DROPPED and not name.startswith(_STEERING)
    }
    # 0: the tasks that an array still stands for are printed whole, not cut after 64 characters.
    return {**kept, "SLURM_TIME_FORMAT": times, "SLURM_BITSTR_LEN": "0", "LC_ALL": "C"}


def complaint(finished: Finished) -> SourceError:
    """Return the error that a tool's exit status and stderr stand for."""
    tool = finished.argv[0].rpartition("/")[2]
    lines = finished.stderr.decode("utf-8", "replace").strip().splitlines()
    for known in _COMPLAINTS:
        for line in reversed(lines):
            if known.sign.search(line):
                return known.error(_message(tool, line), hint=known.hint)
    if finished.returncode < 0:
        return SourceUnreachable(
            f"{tool} was ended by signal {-finished.returncode}", hint=f"run {tool} by hand"
        )
    said = lines[-1] if lines else f"exit status {finished.returncode}"
    return SourceGarbled(_message(tool, said), hint=f"run {tool} by hand on this machine")


def _message(tool: str, line: str) -> str:
    """Return a line as `tool: what it says`, without the tool's own name and level before it."""
    said = re.sub(rf"^(?:{re.escape(tool)}: )?(?:error: |fatal: )?", "", line.strip())
    return f"{tool}: {clean(said, limit=300)}"
