"""Who holds which GPU.

A node says which of its GPUs are taken, not by whom. Where one job is on the node, that is clear;
where several share it, each is asked for its own indexes, which do not change while it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from andon.sdk import Job, Node, SourceError
from andon_slurm.commands import Tools
from andon_slurm.parse_jobs import job_detail_indexes

# New jobs are asked in steps, so that one poll stays short.
_DETAILS_PER_POLL = 16
# A job that just starts has no indexes yet; one that never tells is left alone.
_TRIES = 3


class Holders:
    """Remembers the GPUs of running jobs between polls, by job uid."""

    def __init__(self) -> None:
        self._indexes: dict[str, tuple[str, ...]] = {}
        self._tries: dict[str, int] = {}

    def with_indexes(self, jobs: Iterable[Job]) -> list[Job]:
        """Return the jobs with the GPUs each holds, where that is known."""
        indexes = self._indexes
        if not indexes:
            return list(jobs)
        return [
            replace(job, gpu_indexes=held) if (held := indexes.get(job.uid or "")) else job
            for job in jobs
        ]

    async def learn(
        self, tools: Tools, nodes: Sequence[Node], jobs: Iterable[Job], deadline_s: float
    ) -> dict[str, Job]:
        """Return the job that holds each GPU, by `node:index`, as far as it can be known."""
        active = [job for job in jobs if job.state.active and job.gpus and job.nodes]
        on_node: dict[str, list[Job]] = {}
        for job in active:
            for name in job.nodes:
                on_node.setdefault(name, []).append(job)
        shared = {id(job): job for here in on_node.values() if len(here) > 1 for job in here}
        known = {job.uid or "" for job in active}
        self._indexes = {uid: held for uid, held in self._indexes.items() if uid in known}
        self._tries = {uid: tries for uid, tries in self._tries.items() if uid in known}
        await self._ask(tools, shared.values(), deadline_s)

        taken = {node.name: node.gpu_indexes_allocated for node in nodes}
        holders: dict[str, Job] = {}
        disputed: set[str] = set()
        for name, here in on_node.items():
            for place, job in self._claims(name, here, taken.get(name, ())):
                if place in holders:
                    disputed.add(place)
                holders[place] = job
        # Two claims on one GPU: one of the texts is wrong, and nobody can say which.
        holders = {place: job for place, job in holders.items() if place not in disputed}
        self._learn_lone(on_node, holders)
        return holders

    def _claims(
        self, name: str, here: Sequence[Job], taken: Sequence[int]
    ) -> Iterable[tuple[str, Job]]:
        if len(here) == 1:
            return [(f"{name}:{index}", here[0]) for index in taken]
        free_to_claim = {f"{name}:{index}" for index in taken}
        return [
            (place, job)
            for job in here
            for place in self._indexes.get(job.uid or "", ())
            if place in free_to_claim
        ]

    def _learn_lone(self, on_node: dict[str, list[Job]], holders: dict[str, Job]) -> None:
        """Note what is clear without asking: a job alone on all its nodes holds what they say."""
        held: dict[str, list[str]] = {}
        for place, job in holders.items():
            held.setdefault(job.uid or "", []).append(place)
        for here in on_node.values():
            for job in here:
                places = tuple(held.get(job.uid or "", ()))
                if job.uid and job.uid not in self._indexes and len(places) == job.gpus:
                    self._indexes[job.uid] = places

    async def _ask(self, tools: Tools, jobs: Iterable[Job], deadline_s: float) -> None:
        """Ask jobs for their indexes; what fails stays unknown, the tables are there all the same.

        A job that is gone meanwhile is no fault, and neither is a controller that got into trouble
        after the tables were read: the next poll says so.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline_s
        unknown = [job for job in jobs if job.uid not in self._indexes]
        for job in [j for j in unknown if self._tries.get(j.uid or "", 0) < _TRIES][
            :_DETAILS_PER_POLL
        ]:
            if (left := end - loop.time()) <= 0:
                return
            uid = job.uid or ""
            self._tries[uid] = self._tries.get(uid, 0) + 1
            argv = ("scontrol", "--details", "show", "job", job.id)
            try:
                held = job_detail_indexes(await tools.text(argv, left), job)
            except SourceError:
                continue
            if held:
                self._indexes[uid] = held
