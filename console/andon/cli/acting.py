"""Commands that change something: choose, plan, confirm, hand to the runner, follow, say."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from andon.cli import diagnostics, output
from andon.cli.choosing import chosen_keys, typed_words
from andon.cli.session import Session, faults_of
from andon.cli.waiting import wait_for_effect
from andon.model import Kind, Outcome, Plan
from andon.runtime.clock import SystemClock
from andon.runtime.launch import follow, launch
from andon.runtime.offers import offers_of
from andon.runtime.origin import origin_of
from andon.runtime.outcomes import exit_code, final_outcomes
from andon.runtime.plan_file import PlanFile, encode_plan, plan_file
from andon.runtime.planning import NothingToDo, Request, propose
from andon.runtime.policy import Arming, may_act, policy_of, refusal
from andon.runtime.settle import settle_unknown
from andon.sdk.errors import EXIT_NOT_CONFIRMED, EXIT_OK, AndonError, UsageError
from andon.views.plan import confirm_word, confirming, outcomes_table, plan_page
from andon.views.registry import view_named
from andon.views.serialize import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How an acting command was called."""

    dry_run: bool
    yes: bool
    reason: str
    wait: bool
    wait_seconds: float
    output_format: str


def act(
    session: Session,
    view: str,
    verb: str,
    arguments: Sequence[str],
    filter_text: str,
    asked: Asked,
) -> int:
    """Carry one verb through from words to exit code."""
    spec = view_named(view)
    kind = spec.kind or Kind.NODE
    policy = policy_of(session.config)
    if policy.read_only and not asked.dry_run:
        raise refusal(policy, may_act(policy, Arming.CALL) or "")
    if not arguments and not filter_text:
        raise UsageError("nothing was named", hint="name targets, give --filter, or `-` for stdin")
    words = typed_words(arguments, kind)
    _settle(session)
    snapshot = session.observe(spec.interest)
    keys = chosen_keys(session, snapshot, spec, words, filter_text)
    faults = faults_of(snapshot)
    if not keys:
        code = diagnostics.source_exit(faults, reported=len(snapshot.sources) - len(faults))
        diagnostics.say(f"andon: no {view} match; nothing was done")
        return code
    origin = origin_of(session.environ)
    try:
        plans = propose(
            Request(
                verb=verb,
                keys=keys,
                reason=asked.reason,
                actor=origin.actor,
                sources=tuple(session.settings.sources),
            ),
            snapshot,
            offers_of(session.specs, session.discovery.plugins),
            policy=policy,
            arming=Arming.DRY_RUN if asked.dry_run else Arming.CALL,
            now=session.clock(),
        )
    except NothingToDo as error:
        return _nothing(error, asked)
    if asked.dry_run:
        return _show(session, plans, asked)
    if not _confirmed(session, plans, asked):
        diagnostics.say("andon: not confirmed; nothing was sent")
        return 130
    return _run(session, plans, asked)


def _settle(session: Session) -> None:
    """Say what became of calls whose runner died before it could."""
    from andon.runtime.journal import journal_of

    try:
        found = asyncio.run(
            settle_unknown(journal_of(session.paths), session.paths, session.environ, SystemClock())
        )
    except AndonError as error:
        diagnostics.report(error)
        return
    for outcome in found:
        diagnostics.say(
            f"andon: {outcome.target.name}: an earlier call ended without an answer; "
            f"its state now is {outcome.observed or 'not known'}"
        )


def _nothing(error: NothingToDo, asked: Asked) -> int:
    if asked.output_format == "json":
        _write_outcomes((), error.refusals, ())
    return diagnostics.report(error)


def _files(session: Session, plans: Sequence[Plan], arming: Arming) -> list[PlanFile]:
    origin = origin_of(session.environ)
    return [
        plan_file(
            plan,
            session.specs,
            arming=arming,
            origin=origin,
            demo=session.demo_request,
            config=session.settings.config_file,
        )
        for plan in plans
    ]


def _show(session: Session, plans: Sequence[Plan], asked: Asked) -> int:
    if asked.output_format == "json":
        files = _files(session, plans, Arming.DRY_RUN)
        output.write_json(
            {
                "schema": "andon/v1",
                "kind": "plans",
                "demo": any(plan.demo for plan in plans),
                "items": [json.loads(encode_plan(file)) for file in files],
            }
        )
        return EXIT_OK
    for plan in plans:
        output.write_lines(_plan_lines(plan, session))
    diagnostics.say("andon: dry run; nothing was sent")
    return EXIT_OK


def _plan_lines(plan: Plan, session: Session) -> list[str]:
    shown = plan_page(plan, session.clock())
    return [shown.title, "", *output.page_lines(shown, colour=output.wants_colour())]


def _confirmed(session: Session, plans: Sequence[Plan], asked: Asked) -> bool:
    """Show the plans where somebody can answer; say what would be lifted or lost in any case."""
    for plan in plans:
        if not asked.yes:
            for line in _plan_lines(plan, session):
                diagnostics.say(line)
        else:
            for warning in plan.warnings:
                diagnostics.say(f"andon: note: {warning}")
    if asked.yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            "nobody is there to confirm it; nothing was sent",
            hint="add --yes, or look at it first with --dry-run",
        )
    for plan in plans:
        answer = click.prompt(
            f"{plan.title}: {confirming(plan)}", default="", show_default=False, err=True
        )
        if answer.strip() != confirm_word(plan):
            return False
    return True


def _run(session: Session, plans: Sequence[Plan], asked: Asked) -> int:
    files = _files(session, plans, Arming.CALL)
    outcomes: list[Outcome] = []
    for file in files:
        outcomes += asyncio.run(_follow(session, file))
    final = final_outcomes(outcomes)
    refusals = tuple(item for plan in plans for item in plan.refusals)
    code = exit_code(final, refusals)
    if asked.wait and code in (EXIT_OK, EXIT_NOT_CONFIRMED):
        code = wait_for_effect(session, plans, asked.wait_seconds)
    if asked.output_format == "json":
        _write_outcomes(final, refusals, plans)
    else:
        lines = output.table_lines(outcomes_table(final, title=""), colour=output.wants_colour())
        output.write_lines(lines)
        for item in refusals:
            diagnostics.say(f"andon: {item.target.name}: left out: {item.why}")
    return code


async def _follow(session: Session, file: PlanFile) -> list[Outcome]:
    run = launch(
        file,
        paths=session.paths,
        policy=policy_of(session.config),
        environ=session.environ,
        now=session.clock(),
    )
    return [outcome async for outcome in follow(run)]


def _write_outcomes(
    outcomes: Sequence[Outcome], refusals: Sequence[Any], plans: Sequence[Plan]
) -> None:
    output.write_json(
        {
            "schema": "andon/v1",
            "kind": "outcomes",
            "demo": any(plan.demo for plan in plans),
            "plans": [plan.id for plan in plans],
            "items": [plain(outcome) for outcome in outcomes],
            "refused": [plain(item) for item in refusals],
        }
    )
