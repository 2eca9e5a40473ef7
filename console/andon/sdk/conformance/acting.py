"""The clauses on what a plugin changes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from andon.model import Batch, Step, Target
from andon.sdk.action import Action, ActionRequest, Draft
from andon.sdk.conformance.subject import (
    ClauseBroken,
    NotApplicable,
    Subject,
    opened,
    polled,
    refuse,
    target_of,
)
from andon.sdk.conformance.watching import watched
from andon.sdk.seen import seen_of
from andon.sdk.source import Source


async def plans_are_pure_and_send_nothing(subject: Subject) -> None:
    """Drafting a plan touches nothing, answers the same twice and shows exact calls."""
    if not subject.plugin.actions:
        raise NotApplicable("it declares no action")
    async with opened(subject) as source:
        batch = await polled(subject, source, frozenset(source.intervals_seconds))
        sent = list(subject.sent()) if subject.sent else []
        for action in subject.plugin.actions:
            request = _request(action, batch, source)
            with watched() as events:
                first, second = action.draft(request), action.draft(request)
                for step in first.steps:
                    action.holds(step, request.records.get(step.target.key))
                    action.holds(step, None)
                for record in request.records.values():
                    action.hangs_on(seen_of(record))
                action.hangs_on({})
            refuse(f"{action.verb}: planning does {event}" for event in events)
            if first != second:
                raise ClauseBroken(f"{action.verb}: two drafts of one request differ")
            refuse(_wrong_in_draft(action, request, first))
        if subject.sent and list(subject.sent()) != sent:
            raise ClauseBroken("planning sent something to the backend")


async def what_is_shown_is_what_is_sent(subject: Subject) -> None:
    """Running a step makes exactly the call that the step shows, once."""
    if subject.sent is None:
        raise NotApplicable("nobody records the calls that reach the backend")
    for action in subject.plugin.actions:
        async with opened(subject) as source:
            batch = await polled(subject, source, frozenset(source.intervals_seconds))
            steps = action.draft(_request(action, batch, source)).steps
            if not steps:
                raise ClauseBroken(f"{action.verb}: the recording has nothing it could act on")
            before = len(subject.sent())
            outcome = await action.run(source, steps[0], subject.deadline_s)
            made = [tuple(call) for call in subject.sent()[before:]]
        if made != [steps[0].call]:
            raise ClauseBroken(f"{action.verb}: it shows {steps[0].call} and sends {made}")
        if outcome.step != steps[0].id:
            raise ClauseBroken(f"{action.verb}: the outcome is of step {outcome.step!r}")


def _request(action: Action, batch: Batch, source: Source) -> ActionRequest:
    records = {record.key: record for record in batch.records if record.kind is action.kind}
    gone = Target(
        kind=action.kind, key=f"{source.site}//gone", name="gone", site=source.site,
        source=source.name,
    )  # fmt: skip
    return ActionRequest(
        verb=action.verb,
        targets=(*(target_of(record, source) for record in records.values()), gone),
        records=records,
        reason="a check of the contract",
        actor="check",
        params={option.name: _any_value(option.choices) for option in action.options},
    )


def _is_as_promised(action: Action, request: ActionRequest, draft: Draft, target: Target) -> bool:
    """Whether a thing shows what a step on it would promise."""
    record = request.records.get(target.key)
    if record is None:
        return False
    params = dict(request.params)
    bare = Step(
        id="1", verb=action.verb, target=target, call=(action.verb,), promise="", params=params
    )
    like = replace(draft.steps[0], target=target, params=params) if draft.steps else bare
    return action.holds(like, record)


def _any_value(choices: tuple[str, ...]) -> str:
    return choices[0] if choices else "1"


def _wrong_in_draft(action: Action, request: ActionRequest, draft: Draft) -> Iterator[str]:
    known = {target.key for target in request.targets}
    stepped = [step.target.key for step in draft.steps]
    refused = [refusal.target.key for refusal in draft.refusals]
    for key in {*stepped, *refused} - known:
        yield f"{action.verb}: it plans for {key}, which nobody asked for"
    for key in known - {*stepped, *refused}:
        yield f"{action.verb}: it neither plans nor refuses {key}"
    if len({step.id for step in draft.steps}) != len(draft.steps):
        yield f"{action.verb}: two steps have one id"
    for step in draft.steps:
        if not step.call or not all(isinstance(word, str) and word for word in step.call):
            yield f"{action.verb}: a step shows no call"
        if step.verb not in (action.verb, *action.aliases) or not step.promise:
            yield f"{action.verb}: a step is of {step.verb!r} or promises nothing"
    for refusal in draft.refusals:
        if not refusal.why.strip():
            yield f"{action.verb}: {refusal.target.name} is refused without saying why"
        if refusal.already and not _is_as_promised(action, request, draft, refusal.target):
            yield f"{action.verb}: {refusal.target.name} is called as asked already, and is not"
    if request.targets[-1].key in stepped:
        yield f"{action.verb}: it would act on a thing that is gone"
