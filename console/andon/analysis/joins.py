"""Who is where: jobs, accelerators, tenants and queues of a node, and the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from andon.analysis.accelerator_index import AcceleratorIndex, accelerator_index
from andon.analysis.job_index import NO_COUNTS, Counts, JobIndex, job_index
from andon.analysis.merge import R, things
from andon.model import Accelerator, Job, Node, Queue, Tenant, canonical_host
from andon.store import Snapshot


class Joins:
    """The neighbours of things in one snapshot. Each part is made when it is first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def _jobs(self) -> JobIndex:
        return job_index(self.snapshot)

    @cached_property
    def _accelerators(self) -> AcceleratorIndex:
        return accelerator_index(self.snapshot)

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every node by key."""
        return things(self.snapshot, Node)

    @cached_property
    def jobs(self) -> Mapping[str, Job]:
        """Every job by key."""
        return things(self.snapshot, Job)

    @cached_property
    def queues(self) -> Mapping[str, Queue]:
        """Every queue by key."""
        return things(self.snapshot, Queue)

    @cached_property
    def tenants(self) -> Mapping[str, Tenant]:
        """Every tenant by key."""
        return things(self.snapshot, Tenant)

    def jobs_on(self, node_key: str) -> tuple[Job, ...]:
        """Return the jobs that hold something of a node now, oldest first."""
        return self._jobs.on_node.get(node_key, ())

    def accelerators_of(self, node_key: str) -> tuple[Accelerator, ...]:
        """Return a node's accelerators by index."""
        return self._accelerators.of_node.get(node_key, ())

    def job_of(self, accelerator: Accelerator) -> Job | None:
        """Return the job that holds an accelerator.

        As the accelerator says, else as a job on its node says that names it by index. Nothing is
        guessed from counts.
        """
        if accelerator.job is not None:
            return self.job(accelerator.site, accelerator.cluster, accelerator.job)
        if accelerator.index is None:
            return None
        place = f"{accelerator.node}:{accelerator.index}"
        for job in self.jobs_on(f"{accelerator.site}/{accelerator.node}"):
            if place in job.gpu_indexes:
                return job
        return None

    def job(self, site: str, cluster: str | None, id: str) -> Job | None:
        """Return a job by what people call it; without a cluster, if it is the only one."""
        return _lookup(self.jobs, site, cluster, id, self._jobs.clusters.get(site, ()))

    def node(self, site: str, name: str) -> Node | None:
        """Return a node by any form of its name."""
        return self.nodes.get(f"{site}/{name}") or self.nodes.get(f"{site}/{canonical_host(name)}")

    def queue(self, site: str, cluster: str | None, name: str) -> Queue | None:
        """Return a queue; without a cluster, if it is the only one of that name."""
        return _lookup(self.queues, site, cluster, name, self._jobs.clusters.get(site, ()))

    def tenant(self, site: str, cluster: str | None, name: str) -> Tenant | None:
        """Return a tenant; of its cluster, or one known to the whole site."""
        return _lookup(self.tenants, site, cluster, name, self._jobs.clusters.get(site, ()))

    def tenants_on(self, node_key: str) -> tuple[str, ...]:
        """Return the names of the tenants whose work holds something of a node."""
        names = {job.tenant for job in self.jobs_on(node_key) if job.tenant}
        names.update(one.tenant for one in self.accelerators_of(node_key) if one.tenant)
        return tuple(sorted(names))

    def jobs_of_tenant(self, tenant_key: str) -> Counts:
        """Return how many jobs of a tenant run and wait, and how many GPUs they hold."""
        return _counted(self._jobs.by_tenant, tenant_key, self.tenants.get(tenant_key))

    def jobs_of_queue(self, queue_key: str) -> Counts:
        """Return how many jobs of a queue run and wait, and how many GPUs they hold."""
        return _counted(self._jobs.by_queue, queue_key, self.queues.get(queue_key))

    def waiting_in(self, site: str, cluster: str | None, queue: str) -> Iterable[Job]:
        """Return the jobs that wait in a queue, in no particular order."""
        jobs = self.jobs
        for key in self._jobs.waiting.get((site, cluster or "", queue), ()):
            yield jobs[key]


def joins(snapshot: Snapshot) -> Joins:
    """Return who is where in a snapshot; what it needs is kept with the snapshot."""
    return Joins(snapshot)


def _lookup(
    records: Mapping[str, R], site: str, cluster: str | None, name: str, clusters: Iterable[str]
) -> R | None:
    found = records.get(f"{site}/{cluster or ''}/{name}")
    if found is not None:
        return found
    if cluster:
        return records.get(f"{site}//{name}")
    keys = (f"{site}/{other}/{name}" for other in clusters)
    others = [record for key in keys if (record := records.get(key)) is not None]
    return others[0] if len(others) == 1 else None


def _counted(
    counts: Mapping[tuple[str, str, str], Counts], key: str, record: Tenant | Queue | None
) -> Counts:
    """Return the counts of one key; a thing without a cluster has those of all clusters."""
    if record is not None:
        site, cluster, name = record.site, record.cluster or "", record.name
    else:
        site, cluster, name = ([*key.split("/", 2), "", ""])[:3]
    found = counts.get((site, cluster, name))
    if found is not None or cluster:
        return found or NO_COUNTS
    total = NO_COUNTS
    for (its_site, _, its_name), one in counts.items():
        if its_site == site and its_name == name:
            total = Counts(
                total.running + one.running, total.pending + one.pending, total.gpus + one.gpus
            )
    return total
