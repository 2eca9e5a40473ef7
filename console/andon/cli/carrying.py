"""Hand confirmed plans to their runners, follow them, and say what came of each target."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from andon.cli import diagnostics, output
from andon.cli.debugging import note
from andon.cli.looping import run_async
from andon.cli.session import Session
from andon.cli.waiting import wait_until_empty, waited_for
from andon.model import Outcome, Plan, Refusal
from andon.runtime.launch import follow, launch
from andon.runtime.outcomes import exit_code, final_outcomes
from andon.runtime.plan_file import PlanFile
from andon.runtime.policy import policy_of
from andon.sdk.errors import EXIT_NOT_CONFIRMED, EXIT_OK, EXIT_SOME_FAILED, AndonError
from andon.views.serialize import Json, plain


def carry_out(
    session: Session,
    files: Sequence[PlanFile],
    *,
    wait_seconds: float | None,
    output_format: str,
) -> int:
    """Run plans one after another and return the exit code of all of them.

    A plan whose runner refuses it does not hide what others came to.

    Args:
        session: the invocation.
        files: armed plans.
        wait_seconds: how long to wait for the whole effect, `None` for not at all.
        output_format: `table` or `json`.

    Raises:
        PolicyRefused: the only plan was refused. Likewise PlanStale and the other refusals.
        KeyboardInterrupt: ctrl-c; what was handed to a runner goes on.
    """
    outcomes: list[Outcome] = []
    refused: list[AndonError] = []
    unsent: list[Refusal] = []
    for file in files:
        try:
            outcomes += _followed(session, file)
        except AndonError as error:
            if len(files) == 1:
                if output_format == "json":
                    write_refused([file.plan], error)
                raise
            refused.append(error)
            unsent += _refusals(file.plan, error)
            diagnostics.report(error)
    final = final_outcomes(outcomes)
    plans = [file.plan for file in files]
    told = {outcome.target.key for outcome in final}
    left_out = (item for plan in plans for item in plan.refusals)
    # What was as asked when it was planned, and was found otherwise, is among the outcomes.
    refusals = [*(item for item in left_out if item.target.key not in told), *unsent]
    code = _code(final, refusals, refused)
    if wait_seconds is not None and code in (EXIT_OK, EXIT_NOT_CONFIRMED):
        code = wait_until_empty(session, waited_for(plans), wait_seconds)
    try:
        _write(final, refusals, plans, output_format)
    except output.ReaderGone:
        # Nobody reads the table; the exit code must still say what was done.
        note("the reader of stdout has gone")
    return code


def _code(
    final: Sequence[Outcome], refusals: Sequence[Refusal], refused: Sequence[AndonError]
) -> int:
    if refused and not final:
        codes = {error.exit_code for error in refused}
        return codes.pop() if len(codes) == 1 else EXIT_SOME_FAILED
    return EXIT_SOME_FAILED if refused else exit_code(final, refusals)


def _followed(session: Session, file: PlanFile) -> list[Outcome]:
    try:
        return run_async(_follow(session, file))
    except KeyboardInterrupt:
        diagnostics.say(
            f"andon: interrupted; plan {file.plan.id} goes on if it was started: "
            f"`andon journal ls --plan {file.plan.id}`"
        )
        raise


async def _follow(session: Session, file: PlanFile) -> list[Outcome]:
    run = launch(
        file,
        paths=session.paths,
        policy=policy_of(session.config),
        environ=session.environ,
        now=session.clock(),
    )
    note("plan %s is run by process %s", file.plan.id, run.process.pid if run.process else "?")
    outcomes = []
    async for outcome in follow(run):
        note("%s: %s %s", outcome.target.name, outcome.result.value, outcome.message)
        outcomes.append(outcome)
    return outcomes


def _write(
    final: Sequence[Outcome],
    refusals: Sequence[Refusal],
    plans: Sequence[Plan],
    output_format: str,
) -> None:
    demo = any(plan.demo for plan in plans)
    if output_format == "json":
        write_outcomes(final, refusals, plans, demo=demo)
        return
    from andon.cli.drawing import table_lines
    from andon.views.plan import outcomes_table

    table = outcomes_table(final, title="")
    output.write_lines(table_lines(table, colour=output.wants_colour(), width=output.width()))
    for item in refusals:
        left = "nothing to do" if item.already else "left out"
        diagnostics.say(f"andon: {item.target.name}: {left}: {item.why}")
    if demo:
        diagnostics.say("DEMO")


def write_outcomes(
    outcomes: Sequence[Outcome],
    refusals: Sequence[Refusal],
    plans: Sequence[Plan],
    *,
    demo: bool,
    error: str | None = None,
) -> None:
    """Write what came of each target as JSON; `error` says why nothing could come of any."""
    output.write_json(
        {
            "schema": output.SCHEMA,
            "kind": "outcomes",
            "demo": demo,
            "plans": [plan.id for plan in plans],
            "error": error,
            "items": [plain(outcome) for outcome in outcomes],
            "unchanged": [_left_out(item) for item in refusals if item.already],
            "refused": [_left_out(item) for item in refusals if not item.already],
        }
    )


def write_refused(plans: Sequence[Plan], error: AndonError) -> None:
    """Write as JSON that whole plans were refused: nothing was sent to any of their targets."""
    refusals = [item for plan in plans for item in (*plan.refusals, *_refusals(plan, error))]
    demo = any(plan.demo for plan in plans)
    with contextlib.suppress(output.ReaderGone):
        # Nobody reads it; the exit code must still say that it was refused.
        write_outcomes((), refusals, plans, demo=demo, error=error.message)


def _refusals(plan: Plan, error: AndonError) -> list[Refusal]:
    return [Refusal(target=step.target, why=error.message) for step in plan.steps]


def _left_out(refusal: Refusal) -> dict[str, Json]:
    return {"target": plain(refusal.target), "why": refusal.why}
