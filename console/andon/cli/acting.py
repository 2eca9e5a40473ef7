"""Commands that change something: choose, plan, confirm, then carry out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from andon.cli import diagnostics, output
from andon.cli.carrying import carry_out, write_outcomes
from andon.cli.choosing import NotHeard, among_what_was_heard, chosen_keys, typed_words
from andon.cli.drawing import page_lines
from andon.cli.hearing import exit_of, heard_of, unheard
from andon.cli.looping import run_async
from andon.cli.session import Session
from andon.cli.waiting import wait_until_empty
from andon.model import Effect, Kind, Plan
from andon.runtime.clock import SystemClock
from andon.runtime.journal import journal_of
from andon.runtime.offers import offers_of
from andon.runtime.outcomes import exit_code
from andon.runtime.plan_file import PlanFile, encode_plan, plan_file
from andon.runtime.planning import NothingToDo, ReasonNeeded, Request, propose
from andon.runtime.policy import Arming, may_act, policy_of, refusal
from andon.runtime.settle import settle_unknown
from andon.sdk.errors import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_PARTIAL,
    AndonError,
    UsageError,
)
from andon.store import Snapshot
from andon.views.needs import needs
from andon.views.plan import confirm_word, confirming, plan_page, question_page
from andon.views.registry import view_named
from andon.views.state import ViewState


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
    """Carry one verb through from words to exit code.

    Raises:
        PolicyRefused: read-only.
        UsageError: what was named makes no sense, or nobody is there to confirm it.
        FilterError: the filter cannot be read.
    """
    spec = view_named(view)
    refuse_read_only(session, asked.dry_run)
    if not arguments and not filter_text:
        raise UsageError("nothing was named", hint="name targets, give --filter, or `-` for stdin")
    # A wrong filter is said before anything is asked of a backend.
    kinds = needs(spec, ViewState(view=view, filter=filter_text, scope=session.scope))
    words = typed_words(arguments, spec.kind or Kind.NODE)
    settle(session)
    # The jobs tell what an act does to work.
    snapshot = session.observe(kinds | {Kind.JOB})
    kind = spec.kind or Kind.NODE
    # A name needs its own kind alone, a filter all that it looks at.
    silent = unheard(snapshot, kinds if filter_text else {kind}, session.scope)
    heard = heard_of(snapshot, kind, session.scope)
    try:
        snapshot, keys = chosen_keys(session, snapshot, spec, words, filter_text)
    except NotHeard as error:
        diagnostics.report(among_what_was_heard(error, silent, kind, heard=heard))
        return exit_of(silent, heard=heard) or error.exit_code
    for each in silent if filter_text else ():
        diagnostics.say_silent(each.source, each.message, each.hint)
    if not keys:
        diagnostics.say(f"andon: no {view} match; nothing was done")
        return exit_of(silent, heard=heard)
    code = _plan_and_run(session, snapshot, verb, keys, asked)
    # Who asked for all that match has not got all when some source was not heard.
    return EXIT_PARTIAL if filter_text and silent and code == EXIT_OK else code


def refuse_read_only(session: Session, dry_run: bool) -> None:
    """Refuse before a backend is even asked.

    Raises:
        PolicyRefused: the configuration says read-only, and this is no dry run.
    """
    policy = policy_of(session.config)
    if policy.read_only and not dry_run:
        raise refusal(policy, may_act(policy, Arming.CALL) or "")


def _plan_and_run(
    session: Session, snapshot: Snapshot, verb: str, keys: tuple[str, ...], asked: Asked
) -> int:
    offers = offers_of(session.specs, session.discovery.plugins)
    try:
        plans = propose(
            Request(
                verb=verb,
                keys=keys,
                reason=asked.reason,
                actor=session.origin.actor,
                sources=tuple(session.settings.sources),
            ),
            snapshot,
            offers,
            policy=policy_of(session.config),
            arming=Arming.DRY_RUN if asked.dry_run else Arming.CALL,
            now=session.clock(),
        )
    except ReasonNeeded as error:
        raise UsageError(error.message, hint="give --reason 'why you do it'") from error
    except NothingToDo as error:
        if asked.output_format == "json":
            write_outcomes((), error.refusals, (), demo=snapshot.demo)
        stops = any(action.effect is Effect.STOP_NEW_WORK for action in offers.actions(verb))
        return _nothing_to_do(session, error, asked, stops_new_work=stops)
    if asked.dry_run:
        return _show(session, plans, asked)
    if not confirmed(session, plans, yes=asked.yes):
        diagnostics.say("andon: not confirmed; nothing was sent")
        return EXIT_INTERRUPTED
    return carry_out(
        session,
        _files(session, plans, Arming.CALL),
        wait_seconds=asked.wait_seconds if asked.wait else None,
        output_format=asked.output_format,
    )


def _nothing_to_do(
    session: Session, error: NothingToDo, asked: Asked, *, stops_new_work: bool
) -> int:
    """Say why nothing is sent; what is drained already is waited for as what is drained now."""
    diagnostics.report(error)
    if stops_new_work and error.already and asked.wait and not asked.dry_run:
        drained = [item.target for item in error.refusals]
        return wait_until_empty(session, drained, asked.wait_seconds)
    return exit_code((), error.refusals) if error.refusals else error.exit_code


def settle(session: Session) -> None:
    """Say what became of calls whose runner died before it could."""
    try:
        found = run_async(
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


def _files(session: Session, plans: Sequence[Plan], arming: Arming) -> list[PlanFile]:
    return [
        plan_file(
            plan,
            session.specs,
            arming=arming,
            origin=session.origin,
            demo=session.demo_request,
            config=session.settings.config_file,
            timeout_seconds=session.settings.timeout,
        )
        for plan in plans
    ]


def _show(session: Session, plans: Sequence[Plan], asked: Asked) -> int:
    """Write the plans of a dry run."""
    if asked.output_format == "json":
        files = _files(session, plans, Arming.DRY_RUN)
        output.write_json(
            {
                "schema": output.SCHEMA,
                "kind": "plans",
                "demo": any(plan.demo for plan in plans),
                "items": [json.loads(encode_plan(file)) for file in files],
            }
        )
    else:
        for plan in plans:
            output.write_lines(_plan_lines(plan, session))
    diagnostics.say("andon: dry run; nothing was sent")
    return EXIT_OK


def _plan_lines(plan: Plan, session: Session) -> list[str]:
    shown = plan_page(plan, session.clock())
    colour, width = output.wants_colour(), output.width()
    return [shown.title, "", *page_lines(shown, colour=colour, width=width)]


def confirmed(session: Session, plans: Sequence[Plan], *, yes: bool) -> bool:
    """Return whether somebody confirmed every plan; warnings are said in any case.

    Raises:
        UsageError: nobody is there to confirm them.
    """
    if yes:
        for plan in plans:
            for warning in plan.warnings:
                diagnostics.say(f"andon: note: {warning}")
        return True
    if not sys.stdin.isatty():
        for plan in plans:
            _say_plan(plan, session)
        raise UsageError(
            "nobody is there to confirm it; nothing was sent",
            hint="add --yes, or look at it first with --dry-run",
        )
    for number, plan in enumerate(plans, 1):
        _say_plan(plan, session)
        which = f"plan {number} of {len(plans)}, " if len(plans) > 1 else ""
        if diagnostics.ask(f"{which}{plan.title}: {confirming(plan)}:") != confirm_word(plan):
            return False
    return True


def _say_plan(plan: Plan, session: Session) -> None:
    """Say what is asked about; the effect last, so that it stands above the question."""
    for line in page_lines(question_page(plan, session.clock()), width=diagnostics.width()):
        diagnostics.say(line)
