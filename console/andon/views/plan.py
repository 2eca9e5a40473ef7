"""A plan before it is confirmed, and what came of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from andon.model import Effect, Kind, Outcome, Plan, Refusal, Step, Target, Tier
from andon.sdk import clean
from andon.views.columns.tones import RESULT_TONES
from andon.views.formats import age_text, clock_text, duration_text, hours_text, plural, several
from andon.views.notes import DEMO
from andon.views.page import (
    MISSING,
    Block,
    Cell,
    Column,
    Facts,
    Page,
    StaticRows,
    Table,
    Text,
    Tone,
)

_CALL_LIMIT = 4_000
"""Characters shown of one call; the whole is in the plan's own JSON."""
QUESTION_LINES = 3
"""Targets, and calls, that are shown above a question: all of it must fit the screen with them."""
_THEN = "The state that is read back to confirm it"
_DOING = {
    Effect.STOP_NEW_WORK: "stop new work",
    Effect.ALLOW_NEW_WORK: "allow new work",
    Effect.KILL_JOBS: "kill",
    Effect.HOLD_JOBS: "hold",
    Effect.RELEASE_JOBS: "release",
    Effect.RESTART_JOBS: "restart",
}


def confirm_word(plan: Plan) -> str:
    """Return what has to be typed to confirm a plan.

    `y` for a small reversible one; the number of what it hits for one that disrupts; the name of
    the only target, the number of the only array, else the name of the site, for one that destroys.
    """
    if plan.tier is Tier.REVERSIBLE:
        return "y"
    if plan.tier is Tier.DISRUPTIVE:
        return str(_hits(plan))
    names = {step.target.name for step in plan.steps}
    sites = sorted({step.target.site for step in plan.steps})
    if len(names) > 1:
        return ",".join(sites)
    # Nobody types all the tasks of an array.
    return names.pop().partition("_[")[0] if _hits(plan) > 1 else names.pop()


def _hits(plan: Plan) -> int:
    """Return how many things it hits, each waiting task of an array for itself."""
    return sum(step.target.count for step in plan.steps)


def confirming(plan: Plan) -> str:
    """Return in words what confirming a plan takes."""
    word = confirm_word(plan)
    if plan.tier is Tier.REVERSIBLE:
        return "type y"
    if plan.tier is Tier.DISRUPTIVE:
        what = "targets" if _hits(plan) == len(plan.steps) else "jobs"
        return f"type the number of {what}: {word}"
    return f"type {_whose(plan)}: {word}" + ("" if plan.reason else ", and a reason is needed")


def _whose(plan: Plan) -> str:
    """Return what the word that confirms the end of something names."""
    targets = {step.target.name: step.target for step in plan.steps}
    if len(targets) == 1:
        (target,) = targets.values()
        if target.count > 1:
            return "the array's id"
        what = "id" if target.kind is Kind.JOB else "name"
        return f"the {target.kind.value}'s {what}"
    sites = {step.target.site for step in plan.steps}
    return "the site's name" if len(sites) == 1 else "the sites' names"


def doing(plan: Plan) -> str:
    """Return in a few words what confirming does, for a button: `kill 3 jobs`."""
    words = _DOING[plan.effect]
    if plan.effect in (Effect.STOP_NEW_WORK, Effect.ALLOW_NEW_WORK):
        return words
    kinds = {step.target.kind for step in plan.steps}
    return f"{words} {plural(_hits(plan), 'job') if kinds == {Kind.JOB} else 'the jobs'}"


def plan_page(plan: Plan, now: float) -> Page:
    """Return what a plan would do: effect, targets, exact calls, refusals, and what it takes."""
    blocks: list[Block] = [_effect(plan), _facts(plan, now)]
    if plan.warnings:
        blocks.append(
            Text(
                name="warnings",
                title="Warnings",
                lines=tuple((Cell(f"! {text}", Tone.WARN, text),) for text in plan.warnings),
            )
        )
    blocks.append(_targets(plan.steps))
    left_out = [_left_out(plan.refusals, already=already) for already in (False, True)]
    blocks += [table for table in left_out if table.total]
    blocks.append(_calls(plan.steps))
    return Page(
        name="plan", title=plan.title, blocks=tuple(blocks), notes=(DEMO,) if plan.demo else ()
    )


def question_page(plan: Plan, now: float, most: int = QUESTION_LINES) -> Page:
    """Return a plan to be asked about under it: what weighs most stands last, next to the question.

    Args:
        plan: What would be done.
        now: Seconds since the epoch.
        most: So many targets and calls are shown, and how many more there are.
    """
    shown = {block.name: block for block in plan_page(plan, now).blocks}
    last = [shown.pop(name) for name in ("facts", "warnings", "effect") if name in shown]
    blocks = [_bounded(block, most) for block in shown.values()]
    return Page(name="question", title=plan.title, blocks=(*blocks, *last))


def _bounded(block: Block, most: int) -> Block:
    """Return the beginning of a long block, with how much there is."""
    if isinstance(block, Table) and len(block.rows) > most:
        rows = StaticRows(
            [block.rows.key(index) for index in range(most)],
            [block.rows.cells(index) for index in range(most)],
        )
        return replace(block, title=_first(block.title, most, len(block.rows)), rows=rows)
    if isinstance(block, Text) and len(block.lines) > most:
        title = _first(block.title, most, len(block.lines))
        return replace(block, title=title, lines=block.lines[:most])
    return block


def _first(title: str, most: int, count: int) -> str:
    return f"{title}: the first {most}, and {count - most} more; --dry-run shows all"


def outcomes_table(outcomes: Sequence[Outcome], *, title: str = "Outcome") -> Table:
    """Return what really happened to each target."""
    columns = (
        _column("target", "TARGET", 16, "What was acted on"),
        _column("site", "SITE", 6, "Its site"),
        _column("result", "RESULT", 10, "What really happened"),
        _column("cause", "CAUSE", 8, "Why, where it was not done"),
        _column("observed", "NOW", 16, "State read back, in the backend's words"),
        _column("message", "MESSAGE", 24, "What was said", grow=True),
        _column("at", "AT", 19, "When"),
    )
    made = [
        (
            Cell(one.target.name, Tone.STRONG, one.target.name),
            _text(one.target.site),
            Cell(one.result.value, RESULT_TONES[one.result], one.result.value),
            _text(None if one.cause.value == "none" else one.cause.value),
            _text(one.observed),
            _text(one.message),
            Cell(clock_text(one.at), Tone.MUTED, one.at),
        )
        for one in outcomes
    ]
    keys = [one.target.key for one in outcomes]
    return _table("outcomes", title, columns, keys, made, "Nothing was done")


def _effect(plan: Plan) -> Text:
    lines: list[tuple[Cell, ...]] = [
        (Cell(plan.title, Tone.STRONG, plan.title),),
        (Cell(plan.effect_text, Tone.NORMAL, plan.effect_text),),
    ]
    if plan.demo:
        lines.append((DEMO, Cell(" nothing real is touched", Tone.MUTED)))
    return Text(name="effect", title="Effect", lines=tuple(lines))


def _facts(plan: Plan, now: float) -> Facts:
    left = plan.expires_at - now
    expiry = (
        Cell(f"in {duration_text(left)}", Tone.NORMAL, plan.expires_at)
        if left > 0
        else Cell(f"expired {age_text(-left)} ago: make it anew", Tone.BAD, plan.expires_at)
    )
    promises = _promises(plan.steps)
    ages = [f"{name} {age_text(max(0.0, now - at))} ago" for name, at in plan.reads.items()]
    rows = [
        ("Targets", Cell(str(len(plan.steps)), Tone.STRONG, len(plan.steps))),
        ("Effect", Cell(plan.effect.value, Tone.NORMAL, plan.effect.value)),
        ("Jobs", _hit(plan, plan.jobs, "job", _jobs_count(plan))),
        ("Tenants", _hit(plan, plan.tenants, "tenant", len(plan.tenants))),
        ("GPU-hours at risk", _risk(plan)),
        ("Takes", _takes(plan)),
        *([("Done when", _text(promises[0]))] if len(promises) == 1 else ()),
        ("Reason", _text(plan.reason)),
        ("By", _text(plan.actor)),
        ("Rests on", Cell(", ".join(ages), Tone.NORMAL, tuple(plan.reads)) if ages else MISSING),
        ("Expires", expiry),
        ("To confirm", Cell(confirming(plan), Tone.ACCENT, confirm_word(plan))),
        ("Plan", Cell(plan.id, Tone.MUTED, plan.id)),
    ]
    return Facts(name="facts", title="Plan", items=tuple(rows))


def _jobs_count(plan: Plan) -> int:
    of_jobs = all(step.target.kind is Kind.JOB for step in plan.steps)
    return max(_hits(plan), len(plan.jobs)) if of_jobs else len(plan.jobs)


def _hit(plan: Plan, names: tuple[str, ...], noun: str, count: int) -> Cell:
    if not plan.jobs and plan.gpu_hours_at_risk is None:
        # No jobs are no risk; where that is not known, neither are the jobs.
        return Cell("not known", Tone.WARN, None)
    if not names:
        return Cell("none", Tone.MUTED, ())
    return Cell(f"{plural(count, noun)}: {several(names, 6)}", Tone.NORMAL, names)


def _risk(plan: Plan) -> Cell:
    hours = plan.gpu_hours_at_risk
    if hours is None:
        why = ": no start times or GPU counts" if plan.jobs else ""
        return Cell(f"not known{why}", Tone.MUTED, None)
    if not hours:
        return Cell("none", Tone.NORMAL, hours)
    rule = "GPUs held × hours since start, as no checkpoint is reported"
    return Cell(f"{hours_text(hours)} ({rule})", Tone.WARN, hours)


def _takes(plan: Plan) -> Cell:
    if plan.expected_seconds is None:
        return Cell("not known", Tone.MUTED, None)
    seconds = plan.expected_seconds
    return Cell(
        f"up to {duration_text(seconds)}, by time limits" if seconds else "at once",
        Tone.NORMAL,
        seconds,
    )


def before_text(target: Target) -> str:
    """Return a target's state when it was chosen: `drained, by root: NHC: ib link down`."""
    before = target.before
    state, reason = before.get("state", ""), before.get("reason", "")
    if reason and (author := before.get("reason_by")):
        reason = f"by {author}: {reason}"
    owner = "/".join(word for word in (before.get("user"), before.get("tenant")) if word)
    return ", ".join(word for word in (state, reason, owner) if word)


def _promises(steps: Sequence[Step]) -> list[str]:
    return sorted({step.promise for step in steps})


def _targets(steps: Sequence[Step]) -> Table:
    different = len(_promises(steps)) > 1
    names = [step.target.before.get("name", "") for step in steps]
    columns = (
        _column("target", "TARGET", 16, "What would be acted on"),
        _column("site", "SITE", 6, "Its site"),
        *([_column("name", "NAME", 16, "Its user's name for it")] if any(names) else ()),
        _column("before", "NOW", 20, "Its state when it was chosen", grow=True),
        *([_column("promise", "THEN", 20, _THEN, grow=True)] if different else ()),
        _column("source", "THROUGH", 12, "The source that makes the call"),
    )
    made = [
        (
            Cell(step.target.name, Tone.STRONG, step.target.name),
            _text(step.target.site),
            *([_text(name)] if any(names) else ()),
            _text(before_text(step.target)),
            *([_text(step.promise)] if different else ()),
            _text(step.target.source),
        )
        for step, name in zip(steps, names, strict=True)
    ]
    keys = [step.target.key for step in steps]
    return _table("targets", "Targets", columns, keys, made, "Nothing is left to do")


def _left_out(refusals: Sequence[Refusal], *, already: bool) -> Table:
    """Return the targets to which nothing is sent: as asked already, or refused."""
    name, title = ("unchanged", "Already so") if already else ("refusals", "Left out")
    heading, summary = ("NOW", "How it is now") if already else ("WHY NOT", "Why it is left out")
    name_tone, tone = (Tone.NORMAL, Tone.MUTED) if already else (Tone.STRONG, Tone.WARN)
    columns = (
        _column("target", "TARGET", 16, "What is left out"),
        _column("site", "SITE", 6, "Its site"),
        _column("why", heading, 40, summary, grow=True),
    )
    chosen = [one for one in refusals if one.already is already]
    made = [
        (
            Cell(one.target.name, name_tone, one.target.name),
            _text(one.target.site),
            Cell(one.why, tone, one.why),
        )
        for one in chosen
    ]
    return _table(name, title, columns, [one.target.key for one in chosen], made, "")


def _calls(steps: Sequence[Step]) -> Text:
    lines = []
    for step in steps:
        call = clean(shlex.join(step.call), limit=_CALL_LIMIT)
        lines.append((Cell("$ ", Tone.MUTED), Cell(call, Tone.NORMAL, step.call)))
    return Text(name="calls", title="Exact calls", lines=tuple(lines))


def _text(value: str | None) -> Cell:
    return Cell(value, Tone.NORMAL, value) if value else MISSING


def _column(name: str, title: str, width: int, summary: str, *, grow: bool = False) -> Column:
    return Column(name=name, title=title, summary=summary, width=width, grow=grow)


def _table(
    name: str,
    title: str,
    columns: tuple[Column, ...],
    keys: Sequence[str],
    made: Sequence[tuple[Cell, ...]],
    empty: str,
) -> Table:
    return Table(
        name=name,
        title=title,
        columns=columns,
        rows=StaticRows(keys, made),
        total=len(keys),
        sort=columns[0].name,
        empty="" if keys else empty,
    )
