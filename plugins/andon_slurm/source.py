"""One Slurm cluster, read through the tools of a login node."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from andon.sdk import (
    OUTPUT_LIMIT_BYTES,
    Batch,
    Job,
    Kind,
    Node,
    Record,
    Source,
    SourceSettings,
    Target,
    canonical_host,
)
from andon_slurm.cluster import Cluster, Identity, cluster_of, hidden, identify, own_user
from andon_slurm.commands import Tools
from andon_slurm.fields import Place
from andon_slurm.holders import Holders
from andon_slurm.parse_jobs import jobs
from andon_slurm.parse_nodes import accelerators, nodes, partitions, queues
from andon_slurm.parse_tenants import accounts, tenants
from andon_slurm.reading import (
    Look,
    Part,
    look,
    read_accounts,
    read_jobs,
    read_nodes,
    read_queues,
    read_some_jobs,
    read_some_nodes,
    read_tasks,
)

_JOB = re.compile(r"(\d{1,10})(?:_\[\d[\d,:-]*\]|\+\d{1,10})?")
"""A job, the waiting rest of an array, or a part of a heterogeneous job; its number."""
_TASK = re.compile(r"\d{1,10}_\d{1,10}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,252}")
_OUR_KINDS = frozenset({Kind.JOB, Kind.NODE})


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
        limit_mib = settings.options.get("output_limit_mib")
        self.tools = Tools(
            environ,
            str(settings.options.get("bin") or ""),
            output_limit_bytes=int(limit_mib) << 20 if limit_mib else OUTPUT_LIMIT_BYTES,
        )
        self._cluster: Cluster | None = None
        self._identity = Identity(own_user())
        self._holders = Holders()
        self._backend_names: dict[str, str] = {}
        """Node names as Slurm writes them, by canonical name."""

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        """Report the kinds asked for, as many of them as can be read."""
        observed_at = self.clock()
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline_s
        # The accounting database may hang for long; the queue is not to wait for it.
        patience_s = deadline_s if kinds == {Kind.TENANT} else deadline_s / 2
        seen = await look(
            kinds,
            {
                Part.CLUSTER: partial(self._introduce, deadline_s),
                Part.JOBS: partial(read_jobs, self.tools, deadline_s),
                Part.NODES: partial(self._nodes, deadline_s),
                Part.QUEUES: partial(read_queues, self.tools, deadline_s),
                Part.ACCOUNTS: partial(read_accounts, self.tools, patience_s),
            },
            {
                Part.JOBS: lambda rows: jobs(rows, self._place),
                Part.NODES: lambda rows: nodes(rows, self._place),
                Part.QUEUES: partitions,
                Part.ACCOUNTS: lambda output: accounts(output, self._place),
            },
        )
        if Part.ACCOUNTS in seen.said and self._identity.level is None:
            # The database did not answer when we asked who we are; now it does.
            self._identity = await identify(self.tools, max(end - loop.time(), 0.05))
        read = frozenset(kind for kind in kinds if seen.why_not(kind) is None)
        records = await self._records(seen, read, max(end - loop.time(), 0.05))
        coverage = seen.coverage(kinds)
        if self._cluster is not None:
            coverage += hidden(self._cluster, self._identity, read)
        return self._batch(
            observed_at, records=tuple(records), whole=read, coverage=tuple(coverage)
        )

    async def reread(self, targets: Sequence[Target], deadline_s: float) -> Batch:
        """Report just these jobs and nodes; other kinds are polled whole."""
        observed_at = self.clock()
        end = asyncio.get_running_loop().time() + deadline_s
        if any(target.kind is not Kind.JOB for target in targets):
            await self._introduce(deadline_s)
        left = max(end - asyncio.get_running_loop().time(), 0.05)
        found: list[Record] = []
        if any(target.kind is Kind.JOB for target in targets):
            found += await self._some_jobs(targets, left)
        if any(target.kind is Kind.NODE for target in targets):
            found += await self._some_nodes(targets, left)
        if others := frozenset(target.kind for target in targets) - _OUR_KINDS:
            found += (await self.poll(others, left)).records
        wanted = {(target.kind, target.key) for target in targets}
        records = [record for record in found if (record.kind, record.key) in wanted]
        gone = wanted - {(record.kind, record.key) for record in records}
        return self._batch(observed_at, records=tuple(records), removed=tuple(sorted(gone)))

    async def raw(self, target: Target, deadline_s: float) -> str:
        """Return what `scontrol show` says of the thing, with times for people to read."""
        word = await self._word(target, deadline_s)
        if word is None:
            return await super().raw(target, deadline_s)
        argv = ("scontrol", "--details", "show", *word)
        return await self.tools.text(argv, deadline_s, times="standard")

    async def _word(self, target: Target, deadline_s: float) -> tuple[str, str] | None:
        """Return how scontrol addresses a thing, or `None` when it cannot."""
        if target.kind is Kind.JOB and _TASK.fullmatch(target.name):
            return "job", target.name
        if target.kind is Kind.JOB and (job := _JOB.fullmatch(target.name)):
            # scontrol takes no tasks in brackets: it is the whole array, or the one task.
            return "job", job[1] if "[" in target.name else target.name
        if target.kind is Kind.QUEUE and _NAME.fullmatch(target.name):
            return "partition", target.name
        if target.kind is Kind.NODE:
            name = canonical_host(target.name)
            if name not in self._backend_names:
                await self._nodes(deadline_s)
            known = self._backend_names.get(name)
            return ("node", known) if known else None
        return None

    @property
    def _place(self) -> Place:
        return Place(self.site, self._cluster.name if self._cluster else None)

    def _batch(self, observed_at: float, **fields: Any) -> Batch:
        return Batch(
            source=self.name,
            observed_at=observed_at,
            identity=str(self._identity),
            version=self._cluster.version if self._cluster else None,
            **fields,
        )

    async def _introduce(self, deadline_s: float) -> None:
        """Learn once which cluster this is, who we are there and what may be hidden from us."""
        if self._cluster is not None:
            return
        who = asyncio.create_task(identify(self.tools, deadline_s))
        try:
            config = await self.tools.text(("scontrol", "show", "config"), deadline_s)
            self._identity = await who
        finally:
            who.cancel()
        self._cluster = cluster_of(config)

    async def _nodes(self, deadline_s: float) -> list[Sequence[str]]:
        rows = list(await read_nodes(self.tools, deadline_s))
        self._backend_names = {canonical_host(row[0]): row[0] for row in rows}
        return rows

    async def _records(self, seen: Look, read: frozenset[Kind], left_s: float) -> list[Record]:
        """Return the records of the kinds that could be read."""
        place = self._place
        all_nodes: list[Node] = seen.said.get(Part.NODES, [])
        all_jobs: list[Job] = seen.said.get(Part.JOBS, [])
        records: list[Record] = []
        if Kind.ACCELERATOR in read:
            holders = await self._holders.learn(self.tools, all_nodes, all_jobs, left_s)
            records += accelerators(all_nodes, holders)
        if Kind.JOB in read:
            records += self._holders.with_indexes(all_jobs)
        if Kind.NODE in read:
            records += all_nodes
        if Kind.QUEUE in read:
            records += queues(seen.said[Part.QUEUES], all_nodes, place)
        if Kind.TENANT in read:
            records += tenants(seen.said[Part.ACCOUNTS], all_jobs, place)
        return records

    async def _some_jobs(self, targets: Sequence[Target], deadline_s: float) -> list[Job]:
        names = sorted({target.name for target in targets if target.kind is Kind.JOB})
        ids = sorted({job[1] for name in names if (job := _JOB.fullmatch(name))})
        tasks = [name for name in names if _TASK.fullmatch(name)]
        end = asyncio.get_running_loop().time() + deadline_s
        rows = list(await read_some_jobs(self.tools, ids, deadline_s)) if ids else []
        found = {job.key: job for job in jobs(rows, self._place)}
        if tasks := [name for name in tasks if name not in {job.id for job in found.values()}]:
            left = max(end - asyncio.get_running_loop().time(), 0.05)
            rows = list(await read_tasks(self.tools, tasks, left))
            found.update((job.key, job) for job in jobs(rows, self._place))
        return self._holders.with_indexes(found.values())

    async def _some_nodes(self, targets: Sequence[Target], deadline_s: float) -> list[Node]:
        """Return nodes by canonical name; what Slurm writes otherwise takes a look at all."""
        wanted = {canonical_host(t.name) for t in targets if t.kind is Kind.NODE}
        names = [self._backend_names.get(name, name) for name in sorted(wanted)]
        names = [name for name in names if _NAME.fullmatch(name)]
        rows = list(await read_some_nodes(self.tools, names, deadline_s)) if names else []
        if not wanted <= {canonical_host(row[0]) for row in rows}:
            rows = [
                row for row in await self._nodes(deadline_s) if canonical_host(row[0]) in wanted
            ]
        return nodes(rows, self._place)
