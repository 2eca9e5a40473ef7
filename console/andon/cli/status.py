"""`andon status`: one screen for cron, a login message and people in a hurry."""

from __future__ import annotations

from typing import Final

import click

from andon.cli import diagnostics, output
from andon.cli.commands import Command
from andon.cli.drawing import page_lines, paint
from andon.cli.neighbours import NEIGHBOURS
from andon.cli.options import format_option, scope_options, session_options, settings_of
from andon.cli.session import Session, faults_of
from andon.cli.unanswered import unanswered
from andon.cli.wrapping import wrapped
from andon.model import Kind
from andon.sdk.errors import EXIT_FINDINGS
from andon.views.page import Cell, Page, Tone
from andon.views.serialize import envelope, page_object
from andon.views.shortening import is_cut, shortened, text_lines
from andon.views.status import BLOCKS, findings, status_page

_PIPE_LINES: Final = 30
_LEAST_LINES: Final = 24
"""A terminal with fewer is written as if it had these."""
_ROOMY_LINES: Final = 28
"""With fewer, blank lines between blocks would cost what there is to say."""


@click.command(cls=Command)
@format_option("table", "wide", "json")
@scope_options
@session_options
@click.pass_context
def status(ctx: click.Context, output_format: str) -> int:
    """Say on one screen what is wrong, what runs and what is free.

    It fits the terminal, and in a pipe it is 30 lines at most; -o wide and -o json leave nothing
    out. Exit code 0 when nothing is wrong, 1 when something is, 5 when no source answers.
    """
    session = Session(settings_of(ctx))
    snapshot = session.observe(NEIGHBOURS | {Kind.EVENT})
    now = session.clock()
    own = unanswered(session, demo=snapshot.demo)
    page = status_page(snapshot, now, scope=session.scope, own=own)
    faults = faults_of(snapshot)
    silent = bool(faults) and len(faults) == len(snapshot.sources)
    if output_format == "json":
        made = page_object(page)
        item = {name: made.get(name, []) for name in BLOCKS}
        output.write_json(envelope("status", [item], snapshot, now, scope=session.scope))
    else:
        # A fault that is said at the end takes a line, and its hint one.
        _write(page, 2 * len(faults) if silent else 0, whole=output_format == "wide")
    if silent:
        return diagnostics.source_exit(faults, reported=0)
    return EXIT_FINDINGS if own or findings(snapshot, now, scope=session.scope) else 0


def _write(page: Page, after: int, *, whole: bool) -> None:
    """Write the page: all of it, or what fits the terminal beside what is said after it.

    Args:
        page: what to write.
        after: lines that the caller says later.
        whole: leave nothing out.
    """
    colour, width, height = output.wants_colour(), output.width(), output.height()
    notes = " · ".join(note.text for note in page.notes)
    lines = _PIPE_LINES
    if height is not None:
        said = len(list(wrapped(notes, diagnostics.width()))) if notes else 0
        # The last line is the prompt's.
        lines = max(_LEAST_LINES, height) - after - said - 1
    apart = True
    if not whole and text_lines(page) > lines:
        lines -= 1
        apart = lines >= _ROOMY_LINES
        page = shortened(page, lines - (len(page.blocks) - 1 if apart else 0))
    output.write_lines(page_lines(page, colour=colour, width=None if whole else width, apart=apart))
    if is_cut(page):
        output.write_line(paint(Cell("", Tone.MUTED), "All of it: andon status -o wide", colour))
    if notes:
        diagnostics.say(notes)
