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
    """Held while it runs, asked for while it waits."""
    gpu_model: str | None = None
    gpu_indexes: tuple[str, ...] = ()
    """`node:index` of each accelerator it holds, where the backend says."""
    array_id: str | None = None
    array_tasks: str | None = None
    """Task expression of an array that is still one record, for example `5-99%4`."""
    dependency: str | None = None
    reservation: str | None = None
    licenses: str | None = None
    comment: str | None = None
    exit_code: int | None = None

    @property
    def key(self) -> str:
        """`site/cluster/id`."""
        return f"{self.site}/{self.cluster or ''}/{self.id}"
