"""Cancel, hold, release and requeue.

An operator's hold is an admin hold, which only operators release (scontrol(1), hold).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from andon.sdk import (
    RUNS,
    WAITS,
    ActionRequest,
    Effect,
    Job,
    JobState,
    Kind,
    Record,
    Step,
    Tier,
)
from andon_slurm.actions import SlurmAction
from andon_slurm.states import HELD_REASONS

_JOB = re.compile(r"\d{1,10}(?:[_+]\d{1,10})?")
_REST = re.compile(r"\d{1,10}_\[\d[\d,:-]*\]")


def _word(job: Job) -> str | None:
    """Return the word by which Slurm's tools take exactly this job and nothing more.

    The waiting rest of an array is addressed by its tasks: the array's bare id would also hit the
    tasks that run.
    """
    pattern = _JOB if job.array_tasks is None else _REST
    return job.called if pattern.fullmatch(job.called) else None


def _leader(job: Job) -> str | None:
    """Return the id of the first part of a heterogeneous job, or nothing for other jobs."""
    first, plus, _ = job.id.partition("+")
    return f"{first}+0" if plus else None


def _is_part(job: Job) -> bool:
    return _leader(job) not in (None, job.id)


def _held_in_part(job: Job) -> bool:
    """Whether the job or, of the waiting rest of an array, some tasks are held."""
    reasons = (job.reason or "").split(",")
    return job.state is JobState.HELD or (
        job.state.waiting and not HELD_REASONS.isdisjoint(reasons)
    )


def _admin_held(reason: str | None) -> bool:
    return "JobHeldAdmin" in (reason or "").split(",")


class JobAction(SlurmAction):
    """A verb whose call is a tool and the one word for the job."""

    kind = Kind.JOB
    tool: ClassVar[tuple[str, ...]]

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        """Return the call on exactly this job."""
        word = _word(record) if isinstance(record, Job) else None
        return None if word is None else (*self.tool, word)

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Return why the verb makes no sense on this job, or nothing."""
        return self.refuses_job(record, request) if isinstance(record, Job) else "it is no job"

    def refuses_job(self, job: Job, request: ActionRequest) -> str:
        """Return why the verb makes no sense on this job, or nothing."""
        return ""


class Cancel(JobAction):
    """End jobs, waiting or running."""

    verb = "job.cancel"
    label = "end it, running or waiting"
    effect = Effect.KILL_JOBS
    tier = Tier.DISRUPTIVE
    tool = ("scancel", "--")
    promise = "the job has ended"
    alike: ClassVar[Mapping[str, str]] = {**WAITS, **RUNS}

    def refuses_job(self, job: Job, request: ActionRequest) -> str:
        """Refuse a job that is over, and a part that Slurm cancels only with the whole."""
        if job.state.ended:
            return f"already ended: {job.state}"
        if job.state.waiting and _is_part(job) and not _leader_asked(job, request):
            return f"Slurm cancels a waiting heterogeneous job only as a whole: {_leader(job)}"
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether the job is over, however it ended."""
        return isinstance(record, Job) and record.state.ended

    def warns(self, record: Record) -> str:
        """Say when more than the one part is hit."""
        if isinstance(record, Job) and _leader(record) == record.id:
            return f"{record.id} leads a heterogeneous job: all its parts end with it"
        return ""

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        """Return the scancel call; a waiting part goes with its leader, when that is meant too."""
        if isinstance(record, Job) and record.state.waiting and _is_part(record):
            return (*self.tool, str(_leader(record))) if _word(record) else None
        return super().argv(record, request)

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job is over or gone."""
        return record is None or (isinstance(record, Job) and record.state.ended)


def _leader_asked(job: Job, request: ActionRequest) -> bool:
    leader = _leader(job)
    return any(isinstance(other, Job) and other.id == leader for other in request.records.values())


class Hold(JobAction):
    """Keep waiting jobs from starting."""

    verb = "job.hold"
    label = "keep it from starting until it is released"
    effect = Effect.HOLD_JOBS
    tier = Tier.REVERSIBLE
    tool = ("scontrol", "hold")
    promise = "the job is held"
    alike: ClassVar[Mapping[str, str]] = {**WAITS, **RUNS}

    def refuses_job(self, job: Job, request: ActionRequest) -> str:
        """Refuse a job that does not wait, or is held."""
        if job.state is JobState.HELD:
            return f"already held: {job.reason or 'held'}"
        return "" if job.state.waiting else f"not waiting: its state is {job.state}"

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether the job is held, whoever holds it."""
        return isinstance(record, Job) and record.state is JobState.HELD

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job is held."""
        return isinstance(record, Job) and record.state is JobState.HELD


class Release(JobAction):
    """Let held jobs start when their turn comes."""

    verb = "job.release"
    label = "let it start when its turn comes"
    effect = Effect.RELEASE_JOBS
    tier = Tier.REVERSIBLE
    tool = ("scontrol", "release")
    promise = "the job is not held"

    def refuses_job(self, job: Job, request: ActionRequest) -> str:
        """Refuse a job of which nothing is held."""
        return "" if _held_in_part(job) else f"not held: its state is {job.state}"

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether the job waits for its turn or had it; of one that is over no hold was lifted."""
        return (
            isinstance(record, Job)
            and not _held_in_part(record)
            and (record.state.waiting or record.state.active)
        )

    def hangs_on(self, seen: Mapping[str, str]) -> Mapping[str, str]:
        """Return the state, and whether lifting the hold overrules an operator."""
        hold = "an operator's" if _admin_held(seen.get("reason")) else "its user's"
        return {**super().hangs_on(seen), "hold": hold}

    def warns(self, record: Record) -> str:
        """Say when an operator's hold is lifted."""
        if isinstance(record, Job) and _admin_held(record.reason):
            return f"job {record.id} was held by an operator"
        return ""

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the hold is gone, or the job, as an array's rest is whose tasks all started."""
        return record is None or (isinstance(record, Job) and not _held_in_part(record))


class Requeue(JobAction):
    """End running jobs and put them back into their queue."""

    verb = "job.requeue"
    label = "stop it and start it again from the queue"
    effect = Effect.RESTART_JOBS
    tier = Tier.DISRUPTIVE
    tool = ("scontrol", "requeue")
    promise = "the job waits again or was started anew"

    def refuses_job(self, job: Job, request: ActionRequest) -> str:
        """Refuse a job that waits, and a part that Slurm requeues only with the whole."""
        if job.state.waiting:
            return "it is waiting already"
        if _is_part(job):
            return f"Slurm requeues a heterogeneous job only as a whole: {_leader(job)}"
        return ""

    def warns(self, record: Record) -> str:
        """Say when more than the one part is hit."""
        if isinstance(record, Job) and _leader(record) == record.id:
            return f"{record.id} leads a heterogeneous job: all its parts are restarted with it"
        return ""

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job waits, or runs since another time than when the step was made."""
        if not isinstance(record, Job):
            return False
        before = step.params.get("started_at")
        return record.state.waiting or (
            record.state.active and before is not None and str(record.started_at) != before
        )
