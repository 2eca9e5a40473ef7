"""What can be changed in Slurm: one `scontrol` or `scancel` call for each target.

DRAIN lets running jobs finish; UNDRAIN clears only the drain, where RESUME would also clear DOWN
and a pending reboot (scontrol(1), State). An operator's hold is an admin hold, which only operators
release.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from andon.sdk import (
    Action,
    ActionRequest,
    Draft,
    Effect,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Outcome,
    Record,
    Refusal,
    Result,
    Source,
    SourceDenied,
    SourceUnsupported,
    Step,
    Target,
    Tier,
    clean,
)
from andon_slurm.commands import complaint
from andon_slurm.source import SlurmSource

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_JOB = re.compile(r"\d{1,10}(_\d{1,10})?")
_TASKS = re.compile(r"[\d,\-:]{1,2000}")
_DRAIN_FLAGS = ("DRAIN", "DRAINED", "DRAINING")
REASON_LIMIT = 200
"""Characters of a reason; longer ones are cut by some of Slurm's tools."""


class SlurmAction(Action):
    """An action whose step is one call of a Slurm tool."""

    promise: ClassVar[str]

    def draft(self, request: ActionRequest) -> Draft:
        """Return one call for each target on which the verb makes sense."""
        steps: list[Step] = []
        refusals: list[Refusal] = []
        warnings: list[str] = []
        for target in request.targets:
            record = request.records.get(target.key)
            why = "it is gone" if record is None else self.refuses(record, request)
            argv = None if record is None else self.argv(record, request)
            if why or argv is None:
                refusals.append(
                    Refusal(target=target, why=why or "Slurm cannot address it by name")
                )
                continue
            if record is not None and (warning := self.warns(record)):
                warnings.append(warning)
            steps.append(self._step(request, target, argv, record))
        return Draft(steps=tuple(steps), refusals=tuple(refusals), warnings=tuple(warnings))

    def _step(
        self, request: ActionRequest, target: Target, argv: Sequence[str], record: Record | None
    ) -> Step:
        started = getattr(record, "started_at", None)
        return Step(
            id=target.key,
            verb=self.verb,
            target=target,
            call=tuple(argv),
            promise=self.promise,
            params={"started_at": str(started)} if started else {},
        )

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Return why the verb makes no sense on this record, or nothing."""
        return ""

    def warns(self, record: Record) -> str:
        """Return what whoever confirms should know about this record, or nothing."""
        return ""

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        """Return the exact call, or `None` when the record's name is not one Slurm could have."""
        return None

    async def run(self, source: Source, step: Step, deadline_s: float) -> Outcome:
        """Make the call and say whether Slurm took it."""
        if not isinstance(source, SlurmSource):
            raise SourceUnsupported(f"{source.name} is not a Slurm source")
        finished = await source.tools.run(step.call, deadline_s)
        result, message = Result.REQUESTED, ""
        if finished.returncode != 0:
            error = complaint(finished)
            denied = isinstance(error, SourceDenied)
            result, message = (Result.DENIED if denied else Result.FAILED), error.message
        return Outcome(
            step=step.id,
            target=step.target,
            result=result,
            message=message,
            at=source.clock(),
        )


def _node_name(record: Record) -> str | None:
    if not isinstance(record, Node):
        return None
    name = record.backend_name or record.name
    return name if _HOST.fullmatch(name) else None


def _is_drained(node: Node) -> bool:
    words = (node.backend_state or "").split("+")
    return node.state in (NodeState.DRAINING, NodeState.DRAINED) or any(
        flag in words for flag in _DRAIN_FLAGS
    )


def _whose(node: Node) -> str:
    """Return by whom and why a node was taken out of service."""
    return f"by {node.reason_by or 'someone'}: {node.reason or 'no reason given'}"


class Drain(SlurmAction):
    """Stop new jobs on nodes; running jobs finish."""

    verb = "node.drain"
    aliases = ("node.cordon",)
    kind = Kind.NODE
    label = "stop new work"
    effect = Effect.STOP_NEW_WORK
    tier = Tier.REVERSIBLE
    needs_reason = True
    promise = "the node takes no new work (DRAIN)"

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Refuse a node that is drained: its reason is somebody's, and stays."""
        if clean(request.reason, limit=REASON_LIMIT) != request.reason:
            return f"the reason has control characters or more than {REASON_LIMIT} characters"
        if isinstance(record, Node) and _is_drained(record):
            return f"already drained {_whose(record)}"
        return ""

    def warns(self, record: Record) -> str:
        """Say when a node that is down already has a reason, which Slurm replaces."""
        if isinstance(record, Node) and record.reason:
            return f"{record.name} has a reason set {_whose(record)}; it is replaced"
        return ""

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        """Return the scontrol call that drains."""
        name = _node_name(record)
        if name is None:
            return None
        return (
            "scontrol",
            "update",
            f"NodeName={name}",
            "State=DRAIN",
            f"Reason={request.reason}",
        )

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the node shows the drain."""
        return isinstance(record, Node) and _is_drained(record)


class Undrain(SlurmAction):
    """Let nodes take work again, clearing the drain and nothing else."""

    verb = "node.undrain"
    aliases = ("node.uncordon",)
    kind = Kind.NODE
    label = "allow new work"
    effect = Effect.ALLOW_NEW_WORK
    tier = Tier.REVERSIBLE
    promise = "the node takes work again (no DRAIN)"

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Refuse a node that has no drain to lift."""
        if isinstance(record, Node) and not _is_drained(record):
            return f"not drained: its state is {record.backend_state or record.state}"
        return ""

    def warns(self, record: Record) -> str:
        """Name whose drain is lifted."""
        if isinstance(record, Node):
            return f"{record.name} was drained {_whose(record)}"
        return ""

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        """Return the scontrol call that lifts the drain only."""
        name = _node_name(record)
        return None if name is None else ("scontrol", "update", f"NodeName={name}", "State=UNDRAIN")

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the drain is gone."""
        return isinstance(record, Node) and not _is_drained(record)


def _job_word(record: Record) -> str | None:
    """Return the words by which Slurm's tools take exactly this job and nothing more.

    The waiting rest of an array is addressed by its tasks: the array's bare id would also hit the
    tasks that run.
    """
    if not isinstance(record, Job) or not _JOB.fullmatch(record.id):
        return None
    if record.array_tasks is None:
        return record.id
    tasks = record.array_tasks.partition("%")[0]
    return f"{record.id}_[{tasks}]" if _TASKS.fullmatch(tasks) else None


class _JobAction(SlurmAction):
    kind = Kind.JOB
    tool: ClassVar[tuple[str, ...]]

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        word = _job_word(record)
        return None if word is None else (*self.tool, word)


class Cancel(_JobAction):
    """End jobs, waiting or running."""

    verb = "job.cancel"
    label = "kill jobs"
    effect = Effect.KILL_JOBS
    tier = Tier.DISRUPTIVE
    tool = ("scancel", "--")
    promise = "the job has ended"

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Refuse a job that is over."""
        if isinstance(record, Job) and record.state.ended:
            return f"already ended: {record.state}"
        return ""

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job is over or gone."""
        return record is None or (isinstance(record, Job) and record.state.ended)


class Hold(_JobAction):
    """Keep waiting jobs from starting."""

    verb = "job.hold"
    label = "hold jobs"
    effect = Effect.HOLD_JOBS
    tier = Tier.REVERSIBLE
    tool = ("scontrol", "hold")
    promise = "the job is held"

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Refuse a job that does not wait, or is held."""
        if isinstance(record, Job) and record.state is JobState.HELD:
            return f"already held: {record.reason or 'held'}"
        if isinstance(record, Job) and not record.state.waiting:
            return f"not waiting: its state is {record.state}"
        return ""

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job is held."""
        return isinstance(record, Job) and record.state is JobState.HELD


class Release(_JobAction):
    """Let held jobs start when their turn comes."""

    verb = "job.release"
    label = "release jobs"
    effect = Effect.RELEASE_JOBS
    tier = Tier.REVERSIBLE
    tool = ("scontrol", "release")
    promise = "the job is not held"

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Refuse a job that is not held."""
        if isinstance(record, Job) and record.state is not JobState.HELD:
            return f"not held: its state is {record.state}"
        return ""

    def warns(self, record: Record) -> str:
        """Say when an operator's hold is lifted."""
        if isinstance(record, Job) and record.reason == "JobHeldAdmin":
            return f"job {record.id} was held by an operator"
        return ""

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the hold is gone."""
        return isinstance(record, Job) and record.state is not JobState.HELD


class Requeue(_JobAction):
    """End running jobs and put them back into their queue."""

    verb = "job.requeue"
    label = "restart jobs"
    effect = Effect.RESTART_JOBS
    tier = Tier.DISRUPTIVE
    tool = ("scontrol", "requeue")
    promise = "the job waits again or was started anew"

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Refuse a job that is waiting already."""
        if isinstance(record, Job) and record.state.waiting:
            return "it is waiting already"
        return ""

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job waits, or runs since later than when the step was made."""
        if not isinstance(record, Job):
            return False
        before = step.params.get("started_at")
        return record.state.waiting or (
            record.state.active and before is not None and str(record.started_at) != before
        )


ACTIONS: tuple[Action, ...] = (Drain(), Undrain(), Cancel(), Hold(), Release(), Requeue())
