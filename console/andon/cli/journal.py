"""`andon journal ls`: what was planned, sent and seen, newest last."""

from __future__ import annotations

from datetime import datetime

import click

from andon.cli import diagnostics, output
from andon.cli.options import FORMATS, format_option, session_options, settings_of
from andon.cli.session import Session
from andon.runtime.journal import journal_of
from andon.runtime.journal_records import Entry
from andon.views.page import Cell, Column, StaticRows, Table, Tone
from andon.views.serialize import plain

_TONES = {"confirmed": Tone.GOOD, "failed": Tone.BAD, "denied": Tone.BAD, "unknown": Tone.WARN}


@click.group()
def journal() -> None:
    """Read what was done with this program."""


@journal.command("ls")
@format_option(*[name for name in FORMATS if name not in ("wide", "name")])
@click.option("--plan", metavar="ID", help="Only the entries of one plan.")
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, metavar="N")
@session_options
@click.pass_context
def ls(ctx: click.Context, output_format: str, plan: str | None, limit: int) -> int:
    """List the newest entries, oldest of them first."""
    session = Session(settings_of(ctx))
    reading = journal_of(session.paths).read(plan=plan, limit=limit)
    if output_format == "json":
        items = [plain(entry) for entry in reading.entries]
        output.write_json({"schema": "andon/v1", "kind": "journal", "items": items})
    elif output_format == "jsonl":
        for entry in reading.entries:
            output.write_json(plain(entry), indent=False)
    elif not reading.entries:
        diagnostics.say("nothing has been done yet")
    else:
        output.write_lines(
            output.table_lines(_table(reading.entries), colour=output.wants_colour())
        )
    for damage in reading.problems:
        diagnostics.say(f"andon: the journal is damaged: {plain(damage)}")
    return 1 if reading.problems else 0


def _table(entries: tuple[Entry, ...]) -> Table:
    columns = tuple(
        Column(name=name.lower(), title=name, summary=name, width=12)
        for name in ("TIME", "PLAN", "PHASE", "VERB", "TARGET", "RESULT", "ACTOR", "SAID")
    )
    return Table(
        name="journal",
        title="",
        columns=columns,
        rows=StaticRows([str(entry.seq) for entry in entries], [_row(entry) for entry in entries]),
        total=len(entries),
        sort="time",
    )


def _row(entry: Entry) -> tuple[Cell, ...]:
    when = datetime.fromtimestamp(entry.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    result = entry.result.value if entry.result else ""
    said = entry.message or entry.observed or entry.reason or entry.title
    target = entry.target.name if entry.target else ""
    return (
        Cell(when, Tone.MUTED),
        Cell(entry.plan),
        Cell(entry.phase.value),
        Cell(entry.verb),
        Cell(target),
        Cell(result, _TONES.get(result, Tone.NORMAL)),
        Cell(entry.actor),
        Cell(said),
    )
