"""One unit of scheduled work."""

from __future__ import annotations

from typing import ClassVar

from andon.model.base import Kind, Record
from andon.model.states import JobState, WorkClass


class Job(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A Slurm job or array task, a Kubernetes workload, a Ray job or a bare GPU process."""

    kind: ClassVar[Kind] = Kind.JOB

    id: str
    """The id people type, for example `1234` or the array task `1234_5`."""
    cluster: str | None = None
    uid: str | None = None
    """An id that is never used twice, for example cluster, job, task and submit time."""
    name: str | None = None
    user: str | None = None
    tenant: str | None = None
    queue: str | None = None
    state: JobState = JobState.UNKNOWN
    backend_state: str | None = None
    reason: str | None = None
    """Why it waits or ended, the backend's own word."""
    work: WorkClass = WorkClass.UNKNOWN
    priority: int | None = None
    qos: str | None = None
    submitted_at: float | None = None
    eligible_at: float | None = None
    """From when its scheduler considers it, room or not; waiting time counts from here."""
    started_at: float | None = None
    ended_at: float | None = None
    ends_at: float | None = None
    """When its time limit ends it."""
    estimated_start_at: float | None = None
    time_limit_seconds: int | None = None
    nodes: tuple[str, ...] = ()
    """Canonical names of the nodes it holds."""
    nodes_wanted: tuple[str, ...] = ()
    nodes_count: int | None = None
    cpus: int | None = None
    memory_bytes: int | None = None
    gpus: int | None = None
    """Held while it runs, asked for while it waits; by one task where it stands for several."""
    gpu_model: str | None = None
    gpu_indexes: tuple[str, ...] = ()
    """`node:index` of each accelerator it holds, where the backend says."""
    array_id: str | None = None
    array_tasks: str | None = None
    """Task expression of an array that is still one record, for example `5-99%4`."""
    tasks_count: int | None = None
    """How many waiting tasks of an array this one record stands for; `None` for any other job."""
    dependency: str | None = None
    reservation: str | None = None
    licenses: str | None = None
    comment: str | None = None
    exit_code: int | None = None

    @property
    def key(self) -> str:
        """`site/cluster/id`."""
        return f"{self.site}/{self.cluster or ''}/{self.id}"

    @property
    def called(self) -> str:
        """What stands for exactly this record: its id, or `5_[2-99]` for the rest of an array.

        The array's bare id stands for the tasks that run, too.
        """
        if self.array_tasks is None:
            return self.id
        return f"{self.id}_[{self.array_tasks.partition('%')[0]}]"

    @property
    def count(self) -> int:
        """How many jobs it is: the waiting tasks of an array are one record and many jobs."""
        return self.tasks_count or 1

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues it is in: Slurm lets a job wait in several at once, written `a,b`."""
        return tuple(self.queue.split(",")) if self.queue else ()
