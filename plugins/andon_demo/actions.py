"""What the demo can change: the verbs of a scheduler, kept in the user's state folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from andon.sdk import (
    DRAINED,
    IN_SERVICE,
    RUNS,
    UNDRAINED,
    WAITS,
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
    SourceUnsupported,
    Step,
    Target,
    Tier,
)
from andon_demo.deeds import DRAIN, UNDRAIN
from andon_demo.source import DemoSource


class DemoAction(Action):
    """What all verbs of the demo share."""

    word: ClassVar[str]
    promise: ClassVar[str]

    def refuse(self, record: Record) -> str:
        """Return why the verb makes no sense on a thing, nothing where it does."""
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether a thing that is refused is as asked, so that nothing is to be done."""
        return False

    def warn(self, record: Record) -> str:
        """Return what the operator should know before acting on a thing, or nothing."""
        return ""

    def draft(self, request: ActionRequest) -> Draft:
        """Return one call for each target on which the verb makes sense."""
        steps: list[Step] = []
        refusals: list[Refusal] = []
        warnings: list[str] = []
        for number, target in enumerate(request.targets, 1):
            record = request.records.get(target.key)
            why = f"{target.name} is gone" if record is None else self.refuse(record)
            if record is None or why:
                already = record is not None and self.already(record, request)
                refusals.append(Refusal(target=target, why=why, already=already))
                continue
            if warning := self.warn(record):
                warnings.append(warning)
            steps.append(self._step(number, target, record, request))
        return Draft(steps=tuple(steps), refusals=tuple(refusals), warnings=tuple(warnings))

    def _step(self, number: int, target: Target, record: Record, request: ActionRequest) -> Step:
        params = {"by": request.actor, "reason": request.reason}
        call: tuple[str, ...] = ("demo", self.word, target.name)
        if isinstance(record, Job):
            params["started_at"] = f"{record.started_at or 0:.0f}"
        elif self.needs_reason:
            call = (*call, request.reason)
        return Step(
            id=str(number),
            verb=self.verb,
            target=target,
            call=call,
            promise=self.promise,
            params={name: value for name, value in params.items() if value},
        )

    async def run(self, source: Source, step: Step, deadline_s: float) -> Outcome:
        """Write the act down for the whole factory to see, unless its target has moved on."""
        if not isinstance(source, DemoSource):
            raise SourceUnsupported(f"{source.name} is not a demo source")
        batch = await source.reread([step.target], deadline_s)
        record = next((each for each in batch.records if each.key == step.target.key), None)
        why = f"{step.target.name} is gone" if record is None else self.refuse(record)
        if not why:
            source.act(
                self.verb,
                step.target.name,
                reason=step.params.get("reason", ""),
                by=step.params.get("by", ""),
            )
        return Outcome(
            step=step.id,
            target=step.target,
            result=Result.FAILED if why else Result.REQUESTED,
            message=why,
            at=batch.observed_at,
        )


def _is_drained(record: Record | None) -> bool:
    return isinstance(record, Node) and "DRAIN" in (record.backend_state or "")


def _whose(node: Node) -> str:
    return f"by {node.reason_by or 'somebody'}: {node.reason or 'no reason given'}"


class Drain(DemoAction):
    """Keep new work off a node; what runs there goes on."""

    verb = DRAIN
    aliases = ("node.cordon",)
    kind = Kind.NODE
    label = "no new jobs start; running ones go on"
    effect = Effect.STOP_NEW_WORK
    tier = Tier.REVERSIBLE
    needs_reason = True
    word = "drain"
    promise = "the node takes no new work (DRAIN)"
    alike: ClassVar[Mapping[str, str]] = {**UNDRAINED, **DRAINED}

    def refuse(self, record: Record) -> str:
        """Refuse a node that is out of service: its reason is somebody's, and stays."""
        if not isinstance(record, Node):
            return "not a node"
        if _is_drained(record):
            return f"already drained {_whose(record)}"
        if record.state is NodeState.DOWN:
            return f"down, and its reason was set {_whose(record)}"
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether it is drained for the very reason that was given; another one stays."""
        return isinstance(record, Node) and _is_drained(record) and record.reason == request.reason

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the node shows the drain."""
        return _is_drained(record)


class Undrain(DemoAction):
    """Let a node take work again."""

    verb = UNDRAIN
    aliases = ("node.uncordon",)
    kind = Kind.NODE
    label = "jobs may start here again"
    effect = Effect.ALLOW_NEW_WORK
    tier = Tier.REVERSIBLE
    word = "undrain"
    promise = "the node takes work again (no DRAIN)"

    def refuse(self, record: Record) -> str:
        """Refuse a node that has no drain to lift."""
        if not isinstance(record, Node):
            return "not a node"
        if not _is_drained(record):
            return f"not drained: its state is {record.backend_state}"
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether it has no drain, and nothing else keeps it out of service."""
        return isinstance(record, Node) and not _is_drained(record) and record.state in IN_SERVICE

    def warn(self, record: Record) -> str:
        """Name whose drain is lifted, and why it was set."""
        if not isinstance(record, Node):
            return ""
        return f"{record.name} was drained {_whose(record)}"

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the node shows no drain."""
        return isinstance(record, Node) and not _is_drained(record)


def _state_words(job: Job) -> str:
    return f"{job.state.value}" + (f" ({job.reason})" if job.reason else "")


class Cancel(DemoAction):
    """End a job, running or waiting."""

    verb = "job.cancel"
    kind = Kind.JOB
    label = "end it, running or waiting"
    effect = Effect.KILL_JOBS
    tier = Tier.DISRUPTIVE
    word = "cancel"
    promise = "the job is over (CANCELLED)"
    alike: ClassVar[Mapping[str, str]] = {**WAITS, **RUNS}

    def refuse(self, record: Record) -> str:
        """Refuse a job that is over."""
        if isinstance(record, Job) and record.state.ended:
            return f"already over: {_state_words(record)}"
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether the job is over, however it ended."""
        return isinstance(record, Job) and record.state.ended

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job is over."""
        return record is None or (isinstance(record, Job) and record.state.ended)


class Hold(DemoAction):
    """Keep a waiting job from starting."""

    verb = "job.hold"
    kind = Kind.JOB
    label = "keep it from starting until it is released"
    effect = Effect.HOLD_JOBS
    tier = Tier.REVERSIBLE
    word = "hold"
    promise = "the job waits until it is released (JobHeldUser)"
    alike: ClassVar[Mapping[str, str]] = {**WAITS, **RUNS}

    def refuse(self, record: Record) -> str:
        """Refuse a job that does not wait, or is held."""
        if not isinstance(record, Job):
            return "not a job"
        if record.state is JobState.HELD:
            return f"already held: {record.reason}"
        if not record.state.waiting:
            return f"only a waiting job can be held; this one is {_state_words(record)}"
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether the job is held, whoever holds it."""
        return isinstance(record, Job) and record.state is JobState.HELD

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job is held."""
        return isinstance(record, Job) and record.state is JobState.HELD


class Release(DemoAction):
    """Let a held job start."""

    verb = "job.release"
    kind = Kind.JOB
    label = "let it start when its turn comes"
    effect = Effect.RELEASE_JOBS
    tier = Tier.REVERSIBLE
    word = "release"
    promise = "the job is not held any more"

    def refuse(self, record: Record) -> str:
        """Refuse a job that is not held."""
        if not isinstance(record, Job):
            return "not a job"
        if record.state is not JobState.HELD:
            return f"not held: it is {_state_words(record)}"
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether the job waits for its turn or had it."""
        return (
            isinstance(record, Job)
            and record.state is not JobState.HELD
            and (record.state.waiting or record.state.active)
        )

    def hangs_on(self, seen: Mapping[str, str]) -> Mapping[str, str]:
        """Return the state, and whether lifting the hold overrules an operator."""
        hold = "an operator's" if seen.get("reason") == "JobHeldAdmin" else "its user's"
        return {**super().hangs_on(seen), "hold": hold}

    def warn(self, record: Record) -> str:
        """Say when an operator held the job, and not its user."""
        if isinstance(record, Job) and record.reason == "JobHeldAdmin":
            return f"job {record.id} was held by an operator"
        return ""

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job is not held."""
        return isinstance(record, Job) and record.state is not JobState.HELD


class Requeue(DemoAction):
    """Stop a running job and let it start again from the beginning."""

    verb = "job.requeue"
    kind = Kind.JOB
    label = "stop it and start it again from the queue"
    effect = Effect.RESTART_JOBS
    tier = Tier.DISRUPTIVE
    word = "requeue"
    promise = "the job waits again, or has started anew"

    def refuse(self, record: Record) -> str:
        """Refuse a job that does not run."""
        if not isinstance(record, Job):
            return "not a job"
        if not record.state.active:
            return f"only a running job can be requeued; this one is {_state_words(record)}"
        return ""

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the job waits, or started later than when it was chosen."""
        if not isinstance(record, Job):
            return False
        before = float(step.params.get("started_at", "0"))
        return record.state.waiting or (record.started_at or 0.0) > before


ACTIONS: tuple[Action, ...] = (
    Drain(),
    Undrain(),
    Cancel(),
    Hold(),
    Release(),
    Requeue(),
)
"""Everything the demo can change."""
