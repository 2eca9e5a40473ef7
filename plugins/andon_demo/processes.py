"""Process records: one for each accelerator that a job holds."""

from __future__ import annotations

from collections.abc import Iterable

from andon.sdk import Accelerator, Job, Process, WorkClass
from andon_demo.chance import mix, salted

_COMMANDS = {
    WorkClass.TRAINING: "python -m torch.distributed.run train.py",
    WorkClass.INFERENCE: "vllm serve",
    WorkClass.HPC: "gmx_mpi mdrun",
    WorkClass.ANALYTICS: "python etl.py",
    WorkClass.INTERACTIVE: "ipykernel_launcher",
}
_LEAST_PID = 20_000
_MOST_PIDS = 3_900_000


def process_records(
    accelerators: Iterable[Accelerator], jobs: Iterable[Job], seed: int
) -> list[Process]:
    """Return the processes of the jobs that hold the accelerators."""
    by_id = {job.id: job for job in jobs if job.state.active}
    found: list[Process] = []
    for accelerator in accelerators:
        job = by_id.get(accelerator.job) if accelerator.job is not None else None
        if job is None:
            continue
        key = accelerator.key
        bits = mix(salted(seed, key) ^ int(job.submitted_at or 0))
        found.append(
            Process(
                site=accelerator.site,
                node=accelerator.node,
                pid=_LEAST_PID + bits % _MOST_PIDS,
                started_at=job.started_at,
                user=job.user,
                command=_COMMANDS.get(job.work),
                accelerator=key,
                job=job.id,
                tenant=job.tenant,
                memory_used_bytes=accelerator.memory_used_bytes,
                sm_percent=accelerator.utilization_percent,
            )
        )
    return found
