"""What can be changed in Slurm: one `scontrol` or `scancel` call for each target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from andon.sdk import (
    Action,
    ActionRequest,
    Draft,
    Outcome,
    Record,
    Refusal,
    Result,
    Source,
    SourceDenied,
    SourceTimeout,
    SourceUnreachable,
    SourceUnsupported,
    Step,
    Target,
)
from andon_slurm.commands import complaint
from andon_slurm.source import SlurmSource


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
                already = record is not None and bool(why) and self.already(record, request)
                why = why or "Slurm cannot address it by name"
                refusals.append(Refusal(target=target, why=why, already=already))
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

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether a record that is refused is as asked, so that nothing is to be done."""
        return False

    def warns(self, record: Record) -> str:
        """Return what whoever confirms should know about this record, or nothing."""
        return ""

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        """Return the exact call, or `None` when the record's name is not one Slurm could have."""
        return None

    async def run(self, source: Source, step: Step, deadline_s: float) -> Outcome:
        """Make the call and say whether Slurm took it.

        Raises:
            SourceError: Slurm could not be asked, or nobody knows whether it took the call.
        """
        if not isinstance(source, SlurmSource):
            raise SourceUnsupported(f"{source.name} is not a Slurm source")
        finished = await source.tools.run(step.call, deadline_s)
        result, message = Result.REQUESTED, ""
        if finished.returncode != 0:
            error = complaint(finished)
            if isinstance(error, SourceUnreachable | SourceTimeout):
                raise error  # Slurm was not reached, or its answer was lost
            denied = isinstance(error, SourceDenied)
            result, message = (Result.DENIED if denied else Result.FAILED), error.message
        return Outcome(
            step=step.id,
            target=step.target,
            result=result,
            message=message,
            at=source.clock(),
        )
