"""One confirmed plan being carried out, step by step.

Every target is read again first. For each step the intent goes to the journal, the one call that
was shown is made, and what it came to goes to the journal. Each target fails alone. Then the things
are read again until the promised state is there or the time is over.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any

import msgspec

from andon.model import Cause, Outcome, Plan, Refusal, Result, Step, Target
from andon.runtime.clock import Clock, ended_within
from andon.runtime.journal import Journal
from andon.runtime.journal_records import VERSION, Entry, Phase, timestamp
from andon.runtime.outcomes import counted, exit_code
from andon.runtime.plan_file import PlanFile
from andon.runtime.planning import draft_steps
from andon.runtime.policy import may_act
from andon.runtime.reach import Reach
from andon.runtime.targets import is_another, observed_text, spoken, what_changed
from andon.runtime.verify import (
    FIRST_DELAY_SECONDS,
    LOOK_SECONDS,
    Reader,
    next_delay,
    promise_holds,
)
from andon.sdk.action import Action
from andon.sdk.clean import clean
from andon.sdk.errors import SourceDenied, SourceError, SourceUnreachable, SourceUnsupported
from andon.sdk.lengths import seconds_text
from andon.sdk.seen import seen_of

CALL_SECONDS = 30.0
"""How long one call may take where the operator did not say."""
FRESH_SECONDS = 10.0
"""A target that was read longer ago than this is read again before its call."""
_OVERRUN = 1.1
_SENT = frozenset({Result.REQUESTED, Result.UNKNOWN})


class Running:
    """One plan being carried out."""

    def __init__(
        self, file: PlanFile, world: Reach, journal: Journal, clock: Clock, reader: Reader
    ) -> None:
        self.plan: Plan = file.plan
        self.stopped = False
        """Whether `stop` was called."""
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._file = file
        self._world = world
        self._journal = journal
        self._clock = clock
        self._reader = reader
        self._call_seconds = file.timeout_seconds or CALL_SECONDS
        self._look_seconds = file.timeout_seconds or LOOK_SECONDS
        self._stale: dict[str, str] = {}
        self._so: dict[str, str] = {}
        """Why a step has nothing to do any more: its target came to be as asked by itself."""
        self._looked_at = 0.0
        self.outcomes: list[Outcome] = []

    async def run(self) -> int:
        """Carry the plan out and return the exit code.

        Raises:
            JournalUnwritable: nothing further was sent.
        """
        self._note_plan()
        await self._look(self.plan.steps)
        for index, step in enumerate(self.plan.steps):
            if self._clock.monotonic() - self._looked_at > FRESH_SECONDS:
                await self._look(self.plan.steps[index:])
            await self._take(step)
        await self._look_at_unchanged()
        await self._verify()
        code = exit_code(self.outcomes)
        self._note(Phase.END, counts=counted(self.outcomes), exit_code=code)
        return code

    def stop(self) -> None:
        """End after the step in hand; what is left is journalled as skipped.

        For signal handlers: it holds at once, also when a plugin keeps the loop from turning.
        """
        self.stopped = True
        self._loop.call_soon_threadsafe(self._stopping.set)

    async def _look(self, steps: Iterable[Step]) -> None:
        """Read the targets of steps again and find out which of them are not meant any more."""
        steps = tuple(steps)
        self._stale, self._so = {}, {}
        known = self._world.fingerprints
        for source, seen in self._file.sources.items():
            if known.get(source) != seen:
                why = f"the source {source} is configured otherwise than when this was planned"
                self._stale.update({s.id: why for s in steps if s.target.source == source})
        meant = [step for step in steps if step.id not in self._stale]
        await self._reader.look((step.target for step in meant), self._look_seconds)
        self._looked_at = self._clock.monotonic()
        for step in meant:
            action = self._action(step)
            if action is None or step.target.source in self._reader.troubles:
                continue
            changed = what_changed(action, step.target, self._reader.record(step.target))
            if changed:
                self._stale[step.id] = changed
        self._compare_calls(
            step for step in meant if not is_another(step.target, self._reader.record(step.target))
        )

    def _compare_calls(self, steps: Iterable[Step]) -> None:
        """Have the calls drafted afresh: only one that would still be made as shown is made."""
        grouped: dict[tuple[str, Action], list[Step]] = {}
        for step in steps:
            action = self._action(step)
            if action is None:
                self._stale[step.id] = f"{step.target.source} cannot {spoken(step.verb)} any more"
            elif step.target.source not in self._reader.troubles:
                grouped.setdefault((step.target.source, action), []).append(step)
        for (source, action), group in grouped.items():
            targets = tuple({step.target.key: step.target for step in group}.values())
            steps, refused = self._drafted(source, action, targets, group[0].params)
            calls = {(step.target.key, step.call) for step in steps}
            for step in group:
                refusal = refused.get(step.target.key)
                if refusal is not None and refusal.already:
                    self._stale.pop(step.id, None)
                    self._so[step.id] = refusal.why
                elif step.id in self._stale:
                    continue
                elif refusal is not None:
                    self._stale[step.id] = refusal.why
                elif (step.target.key, step.call) not in calls:
                    self._stale[step.id] = "its call would be another one now"

    def _drafted(
        self, source: str, action: Action, targets: tuple[Target, ...], params: Mapping[str, str]
    ) -> tuple[Sequence[Step], Mapping[str, Refusal]]:
        """Return the steps that would be made of the targets as they are now, and the refusals."""
        declared = {option.name for option in action.options}
        steps, refusals, _ = draft_steps(
            action,
            targets,
            self._reader.records(source, targets),
            reason=self.plan.reason,
            actor=self.plan.actor,
            params={name: value for name, value in params.items() if name in declared},
        )
        return steps, {refusal.target.key: refusal for refusal in refusals}

    async def _look_at_unchanged(self) -> None:
        """Tell of each thing that was as asked when this was planned and is not any more."""
        left = {item.target.key: item for item in self.plan.refusals if item.already}
        await self._reader.look((item.target for item in left.values()), self._look_seconds)
        for number, item in enumerate(left.values(), 1):
            why, cause = self._why_not_so(item.target)
            if why:
                outcome = Outcome(
                    step=f"unchanged-{number}",
                    target=item.target,
                    result=Result.SKIPPED,
                    cause=cause,
                    message=f"left alone as “{item.why}”; {why}",
                    at=self._clock.now(),
                )
                self._done(Phase.OUTCOME, outcome)

    def _why_not_so(self, target: Target) -> tuple[str, Cause]:
        """Return why a thing is not known to be as asked, empty when it is."""
        trouble = self._reader.troubles.get(target.source)
        if trouble is not None:
            return f"it cannot be read now: {trouble.message}", Cause.DOWN
        action = self._world.offers.find(target.source, self.plan.verb)
        if action is not None:
            params = self.plan.steps[0].params if self.plan.steps else {}
            _, refused = self._drafted(target.source, action, (target,), params)
            if target.key in refused and refused[target.key].already:
                return "", Cause.NONE
        now = observed_text(self._reader.record(target))
        return f"that is so no more: it is {now} now", Cause.STALE

    def _action(self, step: Step) -> Action | None:
        return self._world.offers.find(step.target.source, step.verb)

    async def _take(self, step: Step) -> None:
        """Do one step, or say why not."""
        kept_back = self._kept_back(step)
        if kept_back is not None:
            self._done(Phase.OUTCOME, kept_back)
            return
        action = self._action(step)
        assert action is not None, "a step without an action is stale"
        record = self._reader.record(step.target)
        before = {} if record is None else seen_of(record)
        self._note(Phase.INTENT, step=step.id, target=step.target, call=step.call, before=before)
        self._done(Phase.OUTCOME, await self._call(action, step))

    def _kept_back(self, step: Step) -> Outcome | None:
        """Return why a step is not sent, or `None` when it is to be."""
        if self.stopped:
            return self._outcome(
                step, Result.SKIPPED, "the run was ended before its turn", Cause.STOPPED
            )
        refused = may_act(self._world.policy(), self._file.arming)
        if refused:
            return self._outcome(step, Result.DENIED, refused, Cause.POLICY)
        if step.id in self._so:
            message = f"{self._so[step.id]}; nothing was sent"
            return self._outcome(step, Result.CONFIRMED, message)
        if step.id in self._stale:
            return self._outcome(step, Result.SKIPPED, self._stale[step.id], Cause.STALE)
        trouble = self._reader.troubles.get(step.target.source)
        if trouble:
            return self._outcome(step, trouble.result, trouble.message, trouble.cause)
        return None

    async def _call(self, action: Action, step: Step) -> Outcome:
        """Make the call of one step; whatever happens becomes an outcome."""
        try:
            async with asyncio.timeout(self._call_seconds * _OVERRUN):
                source = self._reader.source(step.target.source)
                said = await action.run(source, step, self._call_seconds)
        except SourceDenied as error:
            return self._outcome(step, Result.DENIED, error.message)
        except SourceUnreachable as error:
            return self._outcome(step, Result.FAILED, error.message, Cause.DOWN)
        except SourceUnsupported as error:
            return self._outcome(step, Result.FAILED, error.message)
        except (SourceError, TimeoutError) as error:
            lost = getattr(error, "message", f"no answer within {seconds_text(self._call_seconds)}")
            return self._outcome(step, Result.UNKNOWN, f"its answer was lost: {lost}")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - each target fails alone
            said_badly = clean(f"{type(error).__name__}: {error}")
            return self._outcome(
                step, Result.UNKNOWN, f"its plugin failed: {said_badly}", Cause.PLUGIN
            )
        # Whether the promise holds is found out by reading, whatever the plugin believes.
        result = Result.REQUESTED if said.result is Result.CONFIRMED else said.result
        return self._outcome(step, result, clean(said.message), said.cause)

    async def _verify(self) -> None:
        """Read the touched things again until every promise holds or the time is over."""
        steps = {step.id: step for step in self.plan.steps}
        open_steps = {outcome.step: outcome for outcome in self.outcomes if outcome.result in _SENT}
        ends = self._clock.monotonic() + self._file.wait_seconds
        delay = FIRST_DELAY_SECONDS
        while open_steps:
            left = ends - self._clock.monotonic()
            await self._reader.look(
                [steps[name].target for name in open_steps],
                max(min(1.0, self._look_seconds), min(self._look_seconds, left)),
            )
            for name in tuple(open_steps):
                if self._confirmed(steps[name], open_steps[name]):
                    del open_steps[name]
            left = ends - self._clock.monotonic()
            if left <= 0 or self.stopped or not open_steps:
                break
            await ended_within(self._clock, self._stopping.wait(), min(delay, left))
            delay = next_delay(delay)
        for name, outcome in open_steps.items():
            self._not_confirmed(steps[name], outcome)

    def _confirmed(self, step: Step, outcome: Outcome) -> bool:
        action = self._action(step)
        if action is None or step.target.source in self._reader.troubles:
            return False
        record = self._reader.record(step.target)
        if not promise_holds(action, step, record):
            return False
        lost = outcome.result is Result.UNKNOWN
        message = f"{outcome.message}; its effect was read back" if lost else ""
        confirmed = self._outcome(step, Result.CONFIRMED, message)
        self._done(Phase.VERIFY, _observed(confirmed, observed_text(record)))
        return True

    def _not_confirmed(self, step: Step, outcome: Outcome) -> None:
        trouble = self._reader.troubles.get(step.target.source)
        seen = None if trouble else observed_text(self._reader.record(step.target))
        words = ["requested, not confirmed"] if outcome.result is Result.REQUESTED else []
        words += [outcome.message] if outcome.message else []
        words += [f"it could not be read back: {trouble.message}"] if trouble else []
        late = self._outcome(step, outcome.result, "; ".join(words), outcome.cause)
        self._done(Phase.VERIFY, _observed(late, seen))

    def _outcome(
        self, step: Step, result: Result, message: str = "", cause: Cause = Cause.NONE
    ) -> Outcome:
        return Outcome(
            step=step.id,
            target=step.target,
            result=result,
            cause=cause,
            message=message,
            at=self._clock.now(),
        )

    def _done(self, phase: Phase, outcome: Outcome) -> None:
        self._note(
            phase,
            step=outcome.step,
            target=outcome.target,
            result=outcome.result,
            cause=outcome.cause,
            message=outcome.message,
            observed=outcome.observed,
        )
        self.outcomes.append(outcome)

    def _note_plan(self) -> None:
        plan, origin = self.plan, self._file.origin
        self._note(
            Phase.PLAN,
            title=plan.title,
            effect=plan.effect,
            tier=plan.tier,
            targets=len(plan.steps),
            tty=origin.tty,
            ssh_from=origin.ssh_from,
            uid=origin.uid,
            host=origin.host,
            sudo_user=origin.sudo_user,
            arming=self._file.arming.value,
            tool=metadata.version("andon"),
            pid=os.getpid(),
        )

    def _note(self, phase: Phase, **fields: Any) -> None:
        """Put one entry on the disk."""
        self._journal.append(
            Entry(
                v=VERSION,
                seq=0,
                ts=timestamp(self._clock.now()),
                phase=phase,
                plan=self.plan.id,
                actor=self._file.origin.actor,
                verb=self.plan.verb,
                reason=self.plan.reason,
                demo=self.plan.demo,
                **fields,
            )
        )


def _observed(outcome: Outcome, text: str | None) -> Outcome:
    return msgspec.structs.replace(outcome, observed=text)
