"""`andon journal ls`: what was planned, sent and seen, newest last."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime

import click

from andon.cli import diagnostics, output
from andon.cli.commands import Group
from andon.cli.drawing import table_lines
from andon.cli.options import FORMATS, format_option, group_options, session_options, settings_of
from andon.cli.session import Session
from andon.cli.unanswered import unanswered
from andon.cli.values import count, duration
from andon.runtime.journal import journal_of
from andon.runtime.journal_records import Entry, Phase
from andon.sdk.errors import EXIT_FINDINGS, EXIT_OK
from andon.views.formats import duration_text
from andon.views.page import MISSING, Cell, Column, StaticRows, Table, Tone
from andon.views.serialize import plain

_TONES = {"confirmed": Tone.GOOD, "failed": Tone.BAD, "denied": Tone.BAD, "unknown": Tone.WARN}
_COLUMNS = ("TIME", "PLAN", "PHASE", "VERB", "TARGET", "RESULT", "ACTOR", "SAID")


@click.group(cls=Group)
@group_options
def journal() -> None:
    """Read what was done with this program."""


@journal.command("ls")
@format_option(*[name for name in FORMATS if name not in ("wide", "name")])
@click.option("--plan", metavar="ID", help="Only the entries of one plan.")
@click.option(
    "--since",
    "age_seconds",
    type=duration,
    metavar="AGE",
    help="Only entries not older than this, for example 2h.",
)
@click.option(
    "--limit", type=count, default=200, metavar="N", help="No more than the newest N (200)."
)
@session_options
@click.pass_context
def ls(
    ctx: click.Context,
    output_format: str,
    plan: str | None,
    age_seconds: float | None,
    limit: int,
) -> int:
    """List the newest entries, oldest of them first. Acts on the demo say so."""
    session = Session(settings_of(ctx))
    since = None if age_seconds is None else session.clock() - age_seconds
    reading = journal_of(session.paths).read(plan=plan, since=since, limit=limit)
    entries = reading.entries
    about = {"schema": output.SCHEMA, "kind": "journal"}
    demo = any(entry.demo for entry in entries)
    if output_format == "json":
        output.write_json({**about, "demo": demo, "items": [plain(entry) for entry in entries]})
    elif output_format == "jsonl":
        output.write_json_lines({**about, **plain(entry)} for entry in entries)
    elif not entries:
        diagnostics.say(_nothing(plan, age_seconds))
    else:
        colour, width = output.wants_colour(), output.width()
        table = _table(entries, demo)
        whole = ("plan", "target")
        output.write_lines(table_lines(table, colour=colour, width=width, whole=whole))
    for invented in (False, True):
        for one in unanswered(session, demo=invented):
            mark = "DEMO: " if invented else ""
            age = duration_text(max(0.0, session.clock() - (one.since or 0.0)))
            diagnostics.say(f"andon: {mark}{one.title} {age} ago; {one.detail}")
    for damage in reading.problems:
        diagnostics.say(f"andon: {session.paths.state}: line {damage.line}: {damage.why}")
    return EXIT_FINDINGS if reading.problems else EXIT_OK


def _nothing(plan: str | None, age_seconds: float | None) -> str:
    """Return why no entry is shown."""
    of_plan = "" if plan is None else f" by plan “{plan}”"
    lately = "" if age_seconds is None else f" in the last {duration_text(age_seconds)}"
    if not of_plan and not lately:
        return "nothing has been done yet"
    return f"nothing was done{of_plan}{lately}"


def _table(entries: Sequence[Entry], demo: bool) -> Table:
    names = (*_COLUMNS[:-1], "DEMO", _COLUMNS[-1]) if demo else _COLUMNS
    columns = tuple(
        Column(name=name.lower(), title=name, summary=name, width=12, grow=name == "SAID")
        for name in names
    )
    return Table(
        name="journal",
        title="",
        columns=columns,
        rows=StaticRows(
            [str(entry.seq) for entry in entries], [_row(entry, demo) for entry in entries]
        ),
        total=len(entries),
        sort="time",
    )


def _row(entry: Entry, demo: bool) -> tuple[Cell, ...]:
    when = datetime.fromtimestamp(entry.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    result = entry.result.value if entry.result else ""
    mark = (Cell("demo" if entry.demo else "", Tone.ACCENT),) if demo else ()
    return (
        Cell(when, Tone.MUTED),
        Cell(entry.plan),
        Cell(entry.phase.value),
        Cell(entry.verb) if entry.verb else MISSING,
        Cell(entry.target.name) if entry.target else MISSING,
        Cell(result, _TONES.get(result, Tone.NORMAL)) if result else MISSING,
        Cell(entry.actor),
        *mark,
        Cell(_said(entry)),
    )


def _said(entry: Entry) -> str:
    """Return what one entry has to say: the call, the answer, the sum."""
    match entry.phase:
        case Phase.PLAN:
            return f"{entry.title}: {entry.reason}" if entry.reason else entry.title
        case Phase.INTENT:
            return f"$ {shlex.join(entry.call)}"
        case Phase.END:
            counts = ", ".join(f"{count} {result}" for result, count in entry.counts.items())
            return counts or entry.message or "nothing was done"
        case _:
            return entry.message or entry.observed or ""
