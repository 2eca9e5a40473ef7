"""`andon plan run FILE`: the runner, started by screen and commands in a session of its own."""

from __future__ import annotations

from pathlib import Path

import click

from andon.cli.options import session_options, settings_of
from andon.cli.session import Session
from andon.runtime.runner import run_plan_file


@click.group()
def plan() -> None:
    """Run a plan that a screen or a command made."""


@plan.command("run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@session_options
@click.pass_context
def run(ctx: click.Context, file: Path) -> int:
    """Carry out the confirmed plan in FILE, once; the journal says what happened."""
    session = Session(settings_of(ctx))
    return run_plan_file(file, paths=session.paths, environ=session.environ)
