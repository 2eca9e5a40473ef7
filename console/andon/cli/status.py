"""`andon status`: one screen for cron, a login message and people in a hurry."""

from __future__ import annotations

import click

from andon.cli import diagnostics, output
from andon.cli.commands import Command
from andon.cli.drawing import page_lines
from andon.cli.neighbours import NEIGHBOURS
from andon.cli.options import format_option, scope_options, session_options, settings_of
from andon.cli.session import Session, faults_of
from andon.cli.unanswered import unanswered
from andon.model import Kind
from andon.sdk.errors import EXIT_FINDINGS
from andon.views.serialize import envelope, page_object
from andon.views.status import findings, status_page


@click.command(cls=Command)
@format_option("table", "json")
@scope_options
@session_options
@click.pass_context
def status(ctx: click.Context, output_format: str) -> int:
    """Say on one screen what is wrong, what runs and what is free.

    Exit code 0 when nothing is wrong, 1 when something is, 5 when no source answers.
    """
    session = Session(settings_of(ctx))
    snapshot = session.observe(NEIGHBOURS | {Kind.EVENT})
    now = session.clock()
    own = unanswered(session, demo=snapshot.demo)
    page = status_page(snapshot, now, scope=session.scope, own=own)
    if output_format == "json":
        output.write_json(
            envelope("status", [page_object(page)], snapshot, now, scope=session.scope)
        )
    else:
        colour, width = output.wants_colour(), output.width()
        output.write_lines(page_lines(page, colour=colour, width=width))
        for note in page.notes:
            diagnostics.say(note.text)
    faults = faults_of(snapshot)
    if faults and len(faults) == len(snapshot.sources):
        return diagnostics.source_exit(faults, reported=0)
    return EXIT_FINDINGS if own or findings(snapshot, now, scope=session.scope) else 0
