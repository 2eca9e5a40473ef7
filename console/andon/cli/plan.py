"""`andon plan`: apply a plan that a dry run saved, or run one that was confirmed.

`plan run` is how screen and commands start the runner: in a session of its own, its output in a
log. It therefore says nothing but what went wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from andon.cli.commands import Group
from andon.cli.options import (
    Settings,
    format_option,
    group_options,
    session_options,
    settings_of,
    wait_options,
)

if TYPE_CHECKING:
    from andon.runtime.plan_file import PlanFile

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group)
@group_options
def plan() -> None:
    """Apply a plan that was saved by --dry-run."""


@plan.command("apply")
@click.argument("file", type=_FILE)
@click.option("--yes", is_flag=True, help="Do it without asking.")
@wait_options
@format_option("table", "json")
@session_options
@click.pass_context
def apply(
    ctx: click.Context, file: Path, yes: bool, wait: bool, wait_seconds: float, output_format: str
) -> int:
    """Carry out the plans that `--dry-run -o json` wrote to FILE.

    Each is refused (exit code 6) when it has expired, was edited or was started before, and each
    target that is not any more what the plan was made for is left out.
    """
    from andon.cli import diagnostics
    from andon.cli.acting import confirmed, refuse_read_only, settle
    from andon.cli.carrying import carry_out, write_refused
    from andon.cli.session import Session
    from andon.runtime.plan_file import load_plans, rearmed, refuse_expired
    from andon.runtime.policy import Arming
    from andon.sdk.errors import EXIT_INTERRUPTED, AndonError

    files: tuple[PlanFile, ...] = ()
    try:
        files = load_plans(file)
        session = Session(_as_planned(settings_of(ctx), files))
        refuse_read_only(session, dry_run=False)
        for each in files:
            refuse_expired(each.plan, session.clock())
    except AndonError as error:
        if output_format == "json":
            write_refused([each.plan for each in files], error)
        raise
    settle(session)
    if not confirmed(session, [each.plan for each in files], yes=yes):
        diagnostics.say("andon: not confirmed; nothing was sent")
        return EXIT_INTERRUPTED
    return carry_out(
        session,
        [
            rearmed(
                each,
                arming=Arming.CALL,
                origin=session.origin,
                timeout_seconds=session.settings.timeout,
            )
            for each in files
        ],
        wait_seconds=wait_seconds if wait else None,
        output_format=output_format,
    )


def _as_planned(settings: Settings, files: tuple[PlanFile, ...]) -> Settings:
    """Look at the same factory that the plans were made for."""
    first = files[0]
    if first.demo is not None:
        settings.demo = True
        settings.seed, settings.demo_nodes = first.demo.seed, first.demo.nodes
        settings.demo_jobs, settings.demo_speed = first.demo.jobs, first.demo.speed
        settings.hostile = first.demo.hostile
    if first.config is not None:
        settings.config_file = Path(first.config)
    return settings


@plan.command("run", short_help="The runner: started by screen and commands, not by hand.")
@click.argument("file", type=_FILE)
@session_options
@click.pass_context
def run(ctx: click.Context, file: Path) -> int:
    """Carry out the confirmed plan in FILE, once; the journal says what happened.

    Screen and commands start this in a session of its own. A plan of a dry run is refused here.
    """
    import os

    from andon.runtime.paths import Paths
    from andon.runtime.runner import run_plan_file

    return run_plan_file(file, paths=Paths.from_environ(os.environ), environ=os.environ)
