"""One Slurm cluster, read through the tools of a login node."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from andon.sdk import (
    Batch,
    Coverage,
    Job,
    Kind,
    Node,
    Record,
    Source,
    SourceError,
    SourceSettings,
    Target,
    clean,
)
from andon_slurm.commands import Tools, complaint
from andon_slurm.fields import Place
from andon_slurm.parse_jobs import JOB_FIELDS, job_detail_indexes, jobs
from andon_slurm.parse_nodes import (
    NODE_FIELDS,
    QUEUE_FIELDS,
    accelerators,
    nodes,
    queues,
)
from andon_slurm.parse_tenants import TENANT_COLUMNS, tenants

_SQUEUE = ("squeue", "--all", "--states=all")
_SINFO_NODES = ("sinfo", "--all", "--Node")
_SINFO_QUEUES = ("sinfo", "--all")
_SACCTMGR = (
    "sacctmgr",
    "--noheader",
    "--parsable2",
    "show",
    "associations",
    f"format={','.join(TENANT_COLUMNS)}",
)
# Who holds which GPU of a shared node takes a call for each job; new ones are asked in steps.
_DETAILS_PER_POLL = 16
_GONE = "invalid job id"


class SlurmSource(Source):
    """Reads jobs, nodes, GPUs, partitions and accounts, each with the cheapest call there is."""

    intervals_seconds = {  # noqa: RUF012 - the contract's attribute, never changed
        Kind.JOB: 5.0,
        Kind.NODE: 15.0,
        Kind.ACCELERATOR: 15.0,
        Kind.QUEUE: 30.0,
        Kind.TENANT: 60.0,
    }

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name
        self.site = settings.site
        self.clock = settings.clock
        environ = dict(settings.environ)
        if conf := settings.options.get("slurm_conf"):
            environ["SLURM_CONF"] = str(conf)
        limit_mib = int(settings.options.get("output_limit_mib") or 1024)
        self.tools = Tools(
            environ, str(settings.options.get("bin") or ""), output_limit_bytes=limit_mib << 20
        )
        self._place = Place(self.site, None)
        self._private: tuple[str, ...] = ()
        self._identity: str | None = None
        self._version: str | None = None
        self._indexes: dict[str, tuple[str, ...]] = {}
        """`node:index` of each GPU by job uid; it does not change while a job runs."""

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        """Report the kinds asked for; calls that do not need each other run side by side."""
        observed_at = self.clock()
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline_s
        reply = _Reply()
        asked: list[Coroutine[Any, Any, None]] = []
        if kinds != {Kind.JOB}:
            # squeue names the cluster itself; a look at the jobs alone needs nothing more.
            asked.append(self._introduce(deadline_s))
        if kinds & {Kind.JOB, Kind.ACCELERATOR, Kind.TENANT}:
            asked.append(self._read_jobs(reply, deadline_s))
        if kinds & {Kind.NODE, Kind.ACCELERATOR, Kind.QUEUE}:
            asked.append(self._read_nodes(reply, deadline_s))
        if Kind.QUEUE in kinds:
            asked.append(self._read_queues(reply, deadline_s))
        if Kind.TENANT in kinds:
            asked.append(self._read_accounts(reply, deadline_s))
        await _side_by_side(asked)

        all_nodes = nodes(reply.nodes, self._place)
        all_jobs = jobs(reply.jobs, self._place)
        records: list[Record] = []
        if Kind.ACCELERATOR in kinds:
            left = max(end - loop.time(), 0.05)
            records += accelerators(all_nodes, await self._holders(all_nodes, all_jobs, left))
        if Kind.JOB in kinds:
            records += self._with_indexes(all_jobs)
        if Kind.NODE in kinds:
            records += all_nodes
        if Kind.QUEUE in kinds:
            records += queues(reply.queues, all_nodes, self._place)
        if Kind.TENANT in kinds:
            records += tenants(reply.accounts, all_jobs, self._place)
        return Batch(
            source=self.name,
            observed_at=observed_at,
            records=tuple(records),
            whole=kinds,
            coverage=self._coverage(kinds),
            identity=self._identity,
            version=self._version,
        )

    async def reread(self, targets: Sequence[Target], deadline_s: float) -> Batch:
        """Report just these jobs and nodes; other kinds are polled whole."""
        observed_at = self.clock()
        await self._introduce(deadline_s)
        wanted = {target.key for target in targets}
        found: list[Record] = []
        job_ids = [t.name.partition("_")[0] for t in targets if t.kind is Kind.JOB]
        node_names = [t.name for t in targets if t.kind is Kind.NODE]
        others = frozenset(t.kind for t in targets) - {Kind.JOB, Kind.NODE}
        if job_ids:
            found += await self._some_jobs(sorted(set(job_ids)), deadline_s)
        if node_names:
            found += await self._some_nodes(sorted(set(node_names)), deadline_s)
        if others:
            found += (await self.poll(others, deadline_s)).records
        records = tuple(record for record in found if record.key in wanted)
        seen = {(record.kind, record.key) for record in records}
        return Batch(
            source=self.name,
            observed_at=observed_at,
            records=records,
            removed=tuple(
                (target.kind, target.key)
                for target in targets
                if (target.kind, target.key) not in seen
            ),
            identity=self._identity,
            version=self._version,
        )

    async def raw(self, target: Target, deadline_s: float) -> str:
        """Return what `scontrol show` says of the thing."""
        word = {Kind.JOB: "job", Kind.NODE: "node", Kind.QUEUE: "partition"}.get(target.kind)
        if word is None:
            return await super().raw(target, deadline_s)
        extra = ("--details",) if target.kind is Kind.JOB else ()
        return await self.tools.text(("scontrol", *extra, "show", word, target.name), deadline_s)

    async def _introduce(self, deadline_s: float) -> None:
        """Learn once which cluster this is, who we are there and what may be hidden from us."""
        if self._place.cluster is not None:
            return
        who = asyncio.create_task(self._who(min(deadline_s, 5.0)))
        try:
            config = await self.tools.text(("scontrol", "show", "config"), deadline_s)
            self._identity = await who
        finally:
            who.cancel()
        values = {}
        for line in config.splitlines():
            key, _, value = line.partition("=")
            values[key.strip()] = value.strip()
        self._version = clean(values.get("SLURM_VERSION", "")) or None
        private = values.get("PrivateData", "none")
        self._private = () if private in ("none", "") else tuple(clean(private).split(","))
        self._place = Place(self.site, clean(values.get("ClusterName", "")) or "")

    async def _who(self, deadline_s: float) -> str:
        user = getpass.getuser()
        argv = ("sacctmgr", "-nP", "show", "user", user, "format=adminlevel")
        try:
            level = (await self.tools.text(argv, deadline_s)).strip()
        except SourceError:
            # Without an accounting database nobody has a level; that is no fault of the cluster.
            return clean(user)
        return clean(user if level in ("", "None") else f"{user} ({level})")

    async def _read_jobs(self, reply: _Reply, deadline_s: float) -> None:
        reply.jobs = await self.tools.table(_SQUEUE, JOB_FIELDS, deadline_s)

    async def _read_nodes(self, reply: _Reply, deadline_s: float) -> None:
        reply.nodes = await self.tools.table(_SINFO_NODES, NODE_FIELDS, deadline_s)

    async def _read_queues(self, reply: _Reply, deadline_s: float) -> None:
        reply.queues = await self.tools.table(_SINFO_QUEUES, QUEUE_FIELDS, deadline_s)

    async def _read_accounts(self, reply: _Reply, deadline_s: float) -> None:
        reply.accounts = await self.tools.text(_SACCTMGR, deadline_s)

    async def _some_jobs(self, ids: Sequence[str], deadline_s: float) -> list[Job]:
        argv = (*_SQUEUE, f"--jobs={','.join(ids)}")
        try:
            return jobs(await self.tools.table(argv, JOB_FIELDS, deadline_s), self._place)
        except SourceError as error:
            # squeue fails on the only job it was asked for when that is gone; that is an answer.
            if _GONE in error.message.lower():
                return []
            raise

    async def _some_nodes(self, names: Sequence[str], deadline_s: float) -> list[Node]:
        argv = (*_SINFO_NODES, f"--nodes={','.join(names)}")
        return nodes(await self.tools.table(argv, NODE_FIELDS, deadline_s), self._place)

    async def _holders(
        self, all_nodes: Sequence[Node], all_jobs: Sequence[Job], deadline_s: float
    ) -> dict[str, Job]:
        """Return the job that holds each GPU, by `node:index`, as far as it can be known."""
        active = [job for job in all_jobs if job.state.active and job.gpus and job.nodes]
        on_node: dict[str, list[Job]] = {}
        for job in active:
            for name in job.nodes:
                on_node.setdefault(name, []).append(job)
        shared = {id(job): job for here in on_node.values() if len(here) > 1 for job in here}
        await self._ask_details(list(shared.values()), active, deadline_s)

        taken = {node.name: node.gpu_indexes_allocated for node in all_nodes}
        holders: dict[str, Job] = {}
        claimed_twice: set[str] = set()
        for name, here in on_node.items():
            if len(here) == 1:
                holders.update({f"{name}:{index}": here[0] for index in taken.get(name, ())})
                continue
            for job in here:
                for place in self._indexes.get(job.uid or "", ()):
                    node_name, _, index = place.rpartition(":")
                    if node_name != name or int(index) not in taken.get(name, ()):
                        continue
                    if place in holders:
                        claimed_twice.add(place)
                    holders[place] = job
        # Two claims on one GPU: one of the texts is wrong, and nobody can say which.
        return {place: job for place, job in holders.items() if place not in claimed_twice}

    async def _ask_details(
        self, shared: Sequence[Job], active: Sequence[Job], deadline_s: float
    ) -> None:
        known = {job.uid or "" for job in active}
        self._indexes = {uid: held for uid, held in self._indexes.items() if uid in known}
        for job in [job for job in shared if job.uid not in self._indexes][:_DETAILS_PER_POLL]:
            argv = ("scontrol", "--details", "show", "job", job.id)
            finished = await self.tools.run(argv, deadline_s)
            if finished.returncode == 0:
                output = finished.stdout.decode("utf-8", "surrogateescape")
                self._indexes[job.uid or ""] = job_detail_indexes(output, job)
            elif _GONE not in (error := complaint(finished)).message.lower():
                raise error

    def _with_indexes(self, all_jobs: list[Job]) -> list[Job]:
        return [
            replace(job, gpu_indexes=held) if (held := self._indexes.get(job.uid or "")) else job
            for job in all_jobs
        ]

    def _coverage(self, kinds: frozenset[Kind]) -> tuple[Coverage, ...]:
        """Say what PrivateData hides from ordinary users: an empty list proves nothing then."""
        if "jobs" not in self._private or Kind.JOB not in kinds:
            return ()
        return (Coverage(kind=Kind.JOB, reported=0, expected=0, note="PrivateData may hide jobs"),)


@dataclass(slots=True)
class _Reply:
    """The rows that the tools printed in one poll."""

    jobs: list[list[str]] = field(default_factory=list)
    nodes: list[list[str]] = field(default_factory=list)
    queues: list[list[str]] = field(default_factory=list)
    accounts: str = ""


async def _side_by_side(calls: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run all; the first that fails ends the others and is what is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(call)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
