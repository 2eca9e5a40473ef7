"""From what the operator wants to plans: exact calls, effect, risk, tier and expiry."""

from __future__ import annotations

import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from andon.analysis.impact import impact
from andon.analysis.joins import joins
from andon.model import Effect, Intent, JobState, Kind, Plan, Record, Refusal, Step, Target, Tier
from andon.runtime.offers import Offers, checked_params
from andon.runtime.policy import Arming, Policy, may_plan, refusal
from andon.runtime.targets import freeze_targets, spoken
from andon.sdk.action import Action, ActionRequest, Draft
from andon.sdk.clean import clean
from andon.sdk.errors import UsageError
from andon.store import Snapshot

PLAN_LIFE_SECONDS = 300.0
"""How long a plan may be confirmed. The runner re-reads every target, so this may be minutes."""
MANY_TARGETS = 32
"""More things than this make any act destructive."""
REASON_LIMIT = 200
"""Characters of a reason; backends cut longer ones silently."""
_AGE_LIMIT_SECONDS = {Tier.REVERSIBLE: 60.0, Tier.DISRUPTIVE: 15.0, Tier.DESTRUCTIVE: 15.0}
_TIERS = tuple(Tier)
_TITLES: Mapping[Effect, str] = {
    Effect.STOP_NEW_WORK: "Stop new work on {things}",
    Effect.ALLOW_NEW_WORK: "Allow new work on {things}",
    Effect.KILL_JOBS: "Cancel {things}",
    Effect.HOLD_JOBS: "Hold {things}",
    Effect.RELEASE_JOBS: "Release {things}",
    Effect.RESTART_JOBS: "Requeue {things}",
}
_TITLES_ON_PLACES: Mapping[Effect, str] = {
    Effect.KILL_JOBS: "Kill the jobs on {things}",
    Effect.HOLD_JOBS: "Hold the jobs on {things}",
    Effect.RELEASE_JOBS: "Release the jobs on {things}",
    Effect.RESTART_JOBS: "Requeue the jobs on {things}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a face asks for: a verb on things, by key."""

    verb: str
    keys: tuple[str, ...]
    reason: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    actor: str
    sources: tuple[str, ...] = ()
    """Act through these only; empty means whichever one can."""


class NothingToDo(UsageError):
    """Every target was refused, or is as asked already."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        self.already = bool(self.refusals) and all(item.already for item in self.refusals)
        """Whether every target is as asked already."""
        first = sorted(self.refusals, key=lambda item: item.already)[:3]
        said = "; ".join(f"{item.target.name}: {item.why}" for item in first) or "no targets"
        more = len(self.refusals) - len(first)
        lead = "nothing was done: " if self.refusals and not self.already else "nothing to do: "
        super().__init__(
            lead + said + (f"; and {more} more" if more else ""),
            hint="" if first else "name things, or give a filter that matches some",
        )


class ReasonNeeded(UsageError):
    """The act wants a reason and none was given; each face says where it takes one."""

    def __init__(self, act: str) -> None:
        super().__init__(f"{act} needs a reason", hint="say why")


def propose(
    request: Request,
    snapshot: Snapshot,
    offers: Offers,
    *,
    policy: Policy,
    arming: Arming,
    now: float,
) -> tuple[Plan, ...]:
    """Return the plans that would do what is asked, one for each different effect.

    Targets that are refused while others are not are in the first plan's `refusals`.

    Raises:
        PolicyRefused: read-only, or not armed.
        NothingToDo: every target was refused; it says why for each.
        UsageError: no source can do it, a reason is missing, or a parameter is wrong.
    """
    why = may_plan(policy, arming)
    if why:
        raise refusal(policy, why)
    frozen = freeze_targets(snapshot, request.verb, request.keys, offers, sources=request.sources)
    intent = Intent(
        verb=request.verb,
        targets=frozen.targets,
        reason=request.reason,
        params=dict(request.params),
        actor=request.actor,
    )
    return make_plans(
        intent,
        snapshot,
        offers,
        policy=policy,
        arming=arming,
        now=now,
        refusals=frozen.refusals,
    )


def make_plans(
    intent: Intent,
    snapshot: Snapshot,
    offers: Offers,
    *,
    policy: Policy,
    arming: Arming,
    now: float,
    refusals: Iterable[Refusal] = (),
    new_id: Callable[[float], str] | None = None,
) -> tuple[Plan, ...]:
    """Return the plans for targets that are frozen already; see `propose`."""
    why = may_plan(policy, arming)
    if why:
        raise refusal(policy, why)
    intent = msgspec.structs.replace(intent, reason=checked_reason(intent.reason))
    refused = list(refusals)
    drafted: dict[tuple[str, Effect, bool], _Drafted] = {}
    for source, targets in _by_source(intent.targets).items():
        action = offers.find(source, intent.verb)
        if action is None:
            why = f"{source} cannot {spoken(intent.verb)} it"
            refused += [Refusal(target=target, why=why) for target in targets]
            continue
        if action.needs_reason and not intent.reason:
            raise ReasonNeeded(spoken(intent.verb))
        demo = offers.by_source[source].demo
        part = drafted.setdefault((action.verb, action.effect, demo), _Drafted(action, demo))
        _draft(part, intent, source, targets, snapshot)
    refused += [item for part in drafted.values() for item in part.refusals]
    parts = [part for part in drafted.values() if part.steps]
    if not parts:
        raise NothingToDo(refused)
    make_id = new_id or plan_id
    plans = [_plan(part, intent, snapshot, now, make_id(now)) for part in parts]
    plans[0] = msgspec.structs.replace(plans[0], refusals=tuple(refused))
    return tuple(plans)


def plan_id(now: float) -> str:
    """Return a new id that sorts by time and cannot be guessed."""
    return f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def checked_reason(text: str) -> str:
    """Return a reason as it may be sent and shown.

    Raises:
        UsageError: it is too long, or holds characters that would be shown as others.
    """
    # Whether a sign is drawn as an emoji is no part of what it says.
    words = text.replace("\ufe0e", "").replace("\ufe0f", "").split()
    reason = unicodedata.normalize("NFC", " ".join(words))
    if len(reason) > REASON_LIMIT:
        raise UsageError(
            f"the reason has {len(reason)} characters", hint=f"at most {REASON_LIMIT} are kept"
        )
    if clean(reason) != reason:
        raise UsageError(
            f"the reason has characters that cannot be shown: {clean(reason)}",
            hint="use plain text: what is sent must be what is shown",
        )
    return reason


@dataclass(slots=True)
class _Drafted:
    """What will become one plan."""

    action: Action
    demo: bool
    steps: list[Step] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def _by_source(targets: Iterable[Target]) -> dict[str, list[Target]]:
    grouped: dict[str, list[Target]] = defaultdict(list)
    seen: set[tuple[str, Kind, str]] = set()
    for target in targets:
        identity = (target.source, target.kind, target.key)
        if identity not in seen:
            seen.add(identity)
            grouped[target.source].append(target)
    return grouped


def _draft(
    part: _Drafted, intent: Intent, source: str, targets: list[Target], snapshot: Snapshot
) -> None:
    """Add the calls on one source's targets to what becomes a plan."""
    action = part.action
    params = checked_params(action, intent.params)
    said = snapshot.said_by(source, action.kind)
    records = {target.key: said[target.key] for target in targets if target.key in said}
    gone = [target for target in targets if target.key not in records]
    part.refusals += [Refusal(target=target, why=f"{source} no longer has it") for target in gone]
    wanted = tuple(target for target in targets if target.key in records)
    if not wanted:
        return
    steps, refusals, warnings = draft_steps(
        action, wanted, records, reason=intent.reason, actor=intent.actor, params=params
    )
    for step in steps:
        part.steps.append(msgspec.structs.replace(step, id=str(len(part.steps) + 1)))
    part.refusals += refusals
    part.warnings += warnings


def draft_steps(
    action: Action,
    targets: tuple[Target, ...],
    records: Mapping[str, Record],
    *,
    reason: str,
    actor: str,
    params: Mapping[str, str],
) -> tuple[list[Step], list[Refusal], list[str]]:
    """Ask a plugin for its calls and hold it to the contract.

    Returns:
        The steps on targets that were asked for, each under the action's own verb; a refusal for
        every target that got none; warnings.
    """
    request = ActionRequest(
        verb=action.verb,
        targets=targets,
        records=records,
        reason=reason,
        actor=actor,
        params=params,
    )
    try:
        return _held_to_contract(action.draft(request), request, action)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's fault must refuse its targets only
        why = clean(f"its plugin could not plan this: {type(error).__name__}: {error}")
        return [], [Refusal(target=target, why=why) for target in targets], []


def _held_to_contract(
    draft: Draft, request: ActionRequest, action: Action
) -> tuple[list[Step], list[Refusal], list[str]]:
    asked = {target.key: target for target in request.targets}
    drafted = [step for step in draft.steps if step.target.key in asked]
    steps = [
        msgspec.structs.replace(
            step,
            verb=action.verb,
            target=asked[step.target.key],
            promise=clean(step.promise),
            params={**step.params, **request.params},
        )
        for step in drafted
        if _can_be_shown(step.call)
    ]
    refusals = [
        Refusal(target=asked[step.target.key], why="its call holds characters that cannot be shown")
        for step in drafted
        if not _can_be_shown(step.call)
    ]
    refusals += [
        msgspec.structs.replace(item, target=asked[item.target.key], why=clean(item.why))
        for item in draft.refusals
        if item.target.key in asked
    ]
    answered = {step.target.key for step in steps} | {item.target.key for item in refusals}
    refusals += [
        Refusal(target=target, why="its plugin has no call for it")
        for key, target in asked.items()
        if key not in answered
    ]
    return steps, refusals, [clean(text) for text in draft.warnings]


def _can_be_shown(call: Sequence[str]) -> bool:
    """Whether what would be shown of a call is what would be run."""
    return all(clean(word, limit=len(word) + 1) == word for word in call)


def _plan(part: _Drafted, intent: Intent, snapshot: Snapshot, now: float, name: str) -> Plan:
    action, steps = part.action, tuple(part.steps)
    targets = tuple({(s.target.source, s.target.key): s.target for s in steps}.values())
    whole = _whole_sites(targets, snapshot)
    tier = _tier(action, sum(target.count for target in targets), bool(whole))
    if tier is Tier.DESTRUCTIVE and not intent.reason:
        raise ReasonNeeded(f"{spoken(intent.verb)} of {_things(targets)}")
    hit = impact(action.effect, targets, joins(snapshot), now)
    reads = {
        source: facets.observed_at
        for source in sorted({target.source for target in targets})
        if (facets := snapshot.of(action.kind).get(source))
    }
    warnings = [
        *part.warnings,
        *hit.warnings,
        *(f"this is every {action.kind.value} of {source} at {site}" for source, site in whole),
        *_age_warnings(reads, snapshot, tier, now),
    ]
    titles = _TITLES if action.kind is Kind.JOB else {**_TITLES, **_TITLES_ON_PLACES}
    return Plan(
        id=name,
        verb=action.verb,
        title=titles[action.effect].format(things=_things(targets)),
        effect=action.effect,
        effect_text=hit.text,
        tier=tier,
        steps=steps,
        warnings=tuple(dict.fromkeys(warnings)),
        tenants=hit.tenants,
        jobs=hit.jobs,
        gpu_hours_at_risk=hit.gpu_hours_at_risk,
        expected_seconds=hit.expected_seconds,
        reason=intent.reason,
        actor=intent.actor,
        demo=part.demo,
        created_at=now,
        expires_at=now + PLAN_LIFE_SECONDS,
        reads=reads,
    )


def _things(targets: Sequence[Target]) -> str:
    kind, count = targets[0].kind.value, sum(target.count for target in targets)
    if count == 1:
        return f"{kind} {targets[0].name}"
    of = f" ({targets[0].name})" if len(targets) == 1 else ""
    return f"{count} {kind}s{of}"


def _tier(action: Action, count: int, whole_site: bool) -> Tier:
    least = Tier.REVERSIBLE
    if count > 1:
        least = Tier.DISRUPTIVE
    if count > MANY_TARGETS or whole_site:
        least = Tier.DESTRUCTIVE
    return max(action.tier, least, key=_TIERS.index)


def _whole_sites(targets: Sequence[Target], snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return the (source, site) of which every living thing of the kind is a target."""
    chosen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for target in targets:
        chosen[target.source, target.site].add(target.key)
    whole = []
    for (source, site), keys in chosen.items():
        said = snapshot.said_by(source, targets[0].kind).values()
        if len(keys) > 1 and all(
            record.key in keys for record in said if record.site == site and _living(record)
        ):
            whole.append((source, site))
    return whole


def _living(record: Record) -> bool:
    state = getattr(record, "state", None)
    return not (isinstance(state, JobState) and state.ended)


def _age_warnings(
    reads: Mapping[str, float], snapshot: Snapshot, tier: Tier, now: float
) -> list[str]:
    said = []
    for source, observed_at in reads.items():
        age = now - observed_at
        state = snapshot.sources[source].state if source in snapshot.sources else None
        if age > _AGE_LIMIT_SECONDS[tier]:
            said.append(
                f"what {source} said is {age:.0f} s old; everything is read again before it is sent"
            )
        elif state is not None and not state.trusted:
            said.append(f"{source} is {state.value}; everything is read again before it is sent")
    return said
