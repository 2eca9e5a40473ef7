"""One look at a cluster: the calls that the kinds asked for need, side by side.

Each call fails alone. A dead accounting database must not take jobs and nodes down with it: the
kinds that could be read are reported, and the coverage says what could not and why. Only when
nothing could be read is that an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from andon.sdk import Coverage, Kind, SourceError, SourceUnsupported, clean
from andon_slurm.commands import Tools
from andon_slurm.parse_jobs import JOB_FIELDS
from andon_slurm.parse_nodes import NODE_FIELDS, QUEUE_FIELDS
from andon_slurm.parse_tenants import TENANT_COLUMNS
from andon_slurm.unlisted import unlisted_rows

Rows = Iterable[Sequence[str]]

_SQUEUE = ("squeue", "--all", "--states=all")
_SINFO_NODES = ("sinfo", "--all", "--Node")
_SCONTROL_NODES = ("scontrol", "--all", "--details", "--oneliner", "show", "nodes")
_SINFO_QUEUES = ("sinfo", "--all")
_SACCTMGR = (
    "sacctmgr",
    "--noheader",
    "--parsable2",
    "show",
    "associations",
    f"format={','.join(TENANT_COLUMNS)}",
)
# More ids than this make an argument that the system refuses; then all jobs are read.
_MOST_IDS = 1000


class Part(Enum):
    """What one look is made of."""

    CLUSTER = auto()
    JOBS = auto()
    NODES = auto()
    QUEUES = auto()
    ACCOUNTS = auto()


NEEDS: Mapping[Kind, tuple[Part, ...]] = {
    # squeue names the cluster itself; a look at the jobs alone needs nothing more.
    Kind.JOB: (Part.JOBS,),
    Kind.NODE: (Part.NODES, Part.CLUSTER),
    Kind.ACCELERATOR: (Part.NODES, Part.JOBS, Part.CLUSTER),
    Kind.QUEUE: (Part.QUEUES, Part.NODES, Part.CLUSTER),
    Kind.TENANT: (Part.ACCOUNTS, Part.JOBS, Part.CLUSTER),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What the tools said, and which of them did not."""

    said: Mapping[Part, Any]
    failed: Mapping[Part, SourceError]

    def why_not(self, kind: Kind) -> SourceError | None:
        """Return why a kind could not be read, or nothing."""
        return next((self.failed[part] for part in NEEDS[kind] if part in self.failed), None)

    def coverage(self, kinds: frozenset[Kind]) -> list[Coverage]:
        """Say of each kind that could not be read why; what Slurm does not have is not missing."""
        notes = []
        for kind in sorted(kinds):
            if (error := self.why_not(kind)) is not None:
                missing = 0 if isinstance(error, SourceUnsupported) else 1
                note = clean(f"not read: {error.message}")
                notes.append(Coverage(kind=kind, reported=0, expected=missing, note=note))
        return notes


async def look(
    kinds: frozenset[Kind],
    readers: Mapping[Part, Callable[[], Coroutine[Any, Any, Any]]],
    parsers: Mapping[Part, Callable[[Any], Any]],
) -> Look:
    """Read the parts that the kinds need, at the same time, then parse what was said.

    Raises:
        SourceError: none of the kinds could be read.
    """
    parts = sorted({part for kind in kinds for part in NEEDS[kind]}, key=lambda part: part.value)
    said: dict[Part, Any] = {}
    failed: dict[Part, SourceError] = {}

    async def read(part: Part) -> None:
        try:
            said[part] = await readers[part]()
        except SourceError as told:
            failed[part] = told

    await _side_by_side([read(part) for part in parts])
    for part in [part for part in parts if part in said and part in parsers]:
        try:
            said[part] = parsers[part](said[part])
        except SourceError as told:
            failed[part] = told
    seen = Look(said, failed)
    errors = [error for kind in sorted(kinds) if (error := seen.why_not(kind)) is not None]
    if len(errors) == len(kinds):
        raise errors[0]
    return seen


async def _side_by_side(calls: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run all; the first that fails ends the others and is what is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(call)
    except ExceptionGroup as broken:
        raise broken.exceptions[0] from broken


async def read_jobs(tools: Tools, deadline_s: float) -> Rows:
    """Return every job that slurmctld still knows."""
    return await tools.table(_SQUEUE, JOB_FIELDS, deadline_s)


async def read_some_jobs(tools: Tools, ids: Sequence[str], deadline_s: float) -> Rows:
    """Return the rows of these jobs, arrays and heterogeneous jobs with all their parts.

    squeue fails on the only job it was asked for when that is gone; that is an answer.
    """
    if len(ids) > _MOST_IDS:
        return await read_jobs(tools, deadline_s)
    return await _named(tools, _SQUEUE, ids, deadline_s)


async def read_tasks(tools: Tools, names: Sequence[str], deadline_s: float) -> Rows:
    """Return a row for each of these tasks of arrays, also for those that wait with others.

    squeue prints the waiting tasks of an array as one row, with the reasons of all of them.
    """
    end = asyncio.get_running_loop().time() + deadline_s
    found: list[Sequence[str]] = []
    for at in range(0, len(names), _MOST_IDS):
        left = max(end - asyncio.get_running_loop().time(), 0.05)
        argv = (*_SQUEUE, "--array")
        found.extend(await _named(tools, argv, names[at : at + _MOST_IDS], left))
    return found


async def _named(
    tools: Tools, argv: Sequence[str], names: Sequence[str], deadline_s: float
) -> Rows:
    try:
        return await tools.table((*argv, f"--jobs={','.join(names)}"), JOB_FIELDS, deadline_s)
    except SourceError as error:
        if "invalid job id" in error.message.lower():
            return []
        raise


async def read_nodes(tools: Tools, deadline_s: float) -> Rows:
    """Return a row for every node in each of its partitions, and for those that are in none."""
    rows: list[Sequence[str]] = []
    lines: list[str] = []

    async def listed() -> None:
        rows.extend(await tools.table(_SINFO_NODES, NODE_FIELDS, deadline_s))

    async def all_nodes() -> None:
        lines.append(await tools.text(_SCONTROL_NODES, deadline_s))

    await _side_by_side([listed(), all_nodes()])
    return [*rows, *unlisted_rows(lines[0], {row[0] for row in rows}, NODE_FIELDS)]


async def read_some_nodes(tools: Tools, names: Sequence[str], deadline_s: float) -> Rows:
    """Return the rows of these nodes, as far as sinfo knows them by these names."""
    argv = (*_SINFO_NODES, f"--nodes={','.join(names)}")
    return await tools.table(argv, NODE_FIELDS, deadline_s)


async def read_queues(tools: Tools, deadline_s: float) -> Rows:
    """Return a row for every partition."""
    return await tools.table(_SINFO_QUEUES, QUEUE_FIELDS, deadline_s)


async def read_accounts(tools: Tools, deadline_s: float) -> str:
    """Return the associations of users and accounts."""
    return await tools.text(_SACCTMGR, deadline_s)
