"""`ls`: the screen's tables, for scripts."""

from __future__ import annotations

from collections.abc import Iterable

from andon.cli import diagnostics, output
from andon.cli.filtering import explain_filter
from andon.cli.neighbours import NEIGHBOURS
from andon.cli.session import Session, faults_of
from andon.model import Kind, SourceState
from andon.sdk.errors import EXIT_FINDINGS, EXIT_OK, EXIT_PARTIAL
from andon.store import Snapshot
from andon.views.filters import FilterError
from andon.views.needs import needs
from andon.views.notes import DEMO
from andon.views.page import Cell, Table
from andon.views.registry import UnknownColumn, ViewSpec, view_named
from andon.views.rows import LazyRows
from andon.views.serialize import envelope, is_partial, row_objects
from andon.views.state import ViewState
from andon.views.tables import table


def list_things(
    session: Session,
    view: str,
    *,
    output_format: str,
    columns: str,
    no_headers: bool,
    sort: str | None,
    filter_text: str,
) -> int:
    """Write one view's table and return the exit code.

    Raises:
        UnknownColumn: a column does not exist.
        AndonError: the sources cannot be told.
    """
    spec = view_named(view)
    names = tuple(part for part in (part.strip() for part in columns.split(",")) if part)
    if names == ("help",):
        return _explain_columns(spec)
    state = _state(spec, session, names, output_format, sort, filter_text)
    try:
        kinds = needs(spec, state)
        snapshot = session.observe(NEIGHBOURS if spec.kind is None else kinds)
        now = session.clock()
        shown = table(snapshot, spec, state, now)
    except FilterError as error:
        return explain_filter(filter_text, error)
    if output_format == "table" and not names:
        shown = _with_room(shown, spec)
    write_table(shown, spec, snapshot, session, output_format, headers=not no_headers, now=now)
    say_notes(shown.notes, snapshot, marked=output_format in ("table", "wide"))
    return finish(session, snapshot, spec, now)


def _state(
    spec: ViewSpec,
    session: Session,
    names: tuple[str, ...],
    output_format: str,
    sort: str | None,
    filter_text: str,
) -> ViewState:
    own = session.config.views.get(spec.name)
    if own is not None and output_format == "table":
        # A configured filter is for the screen: a script must not lose rows it does not know of.
        names, sort = names or own.columns, sort or own.sort
    descending: bool | None = None
    if sort:
        descending = sort.startswith("-")
        sort = _column(spec, sort.removeprefix("-"))
    shown = tuple(_column(spec, name) for name in names)
    if not shown and output_format in ("json", "jsonl"):
        shown = spec.every_column
    elif output_format == "name":
        # Nothing is shown but what a thing is called, so nothing more is asked for.
        shown = (spec.columns[0].name,)
    return ViewState(
        view=spec.name,
        filter=filter_text,
        sort=sort,
        descending=descending,
        columns=shown,
        wide=output_format == "wide",
        scope=session.scope,
    )


def _column(spec: ViewSpec, name: str) -> str:
    """Return the name of a column that was named on the command line.

    Raises:
        UnknownColumn: there is none; where none is near, it says how to list them.
    """
    try:
        return spec.column(name).name
    except UnknownColumn as error:
        if not error.hint.startswith("there are"):
            raise
        hint = f"`andon {spec.name} ls --columns help` lists them"
        raise UnknownColumn(error.message, hint=hint) from error


def _explain_columns(spec: ViewSpec) -> int:
    width = max(len(column.name) for column in spec.columns)
    output.write_lines(f"{column.name:<{width}}  {column.explained}" for column in spec.columns)
    return 0


def write_table(
    table: Table,
    spec: ViewSpec,
    snapshot: Snapshot,
    session: Session,
    output_format: str,
    *,
    headers: bool,
    now: float,
) -> None:
    """Write one table in one format."""
    if output_format == "json":
        items = list(row_objects(table))
        output.write_json(
            envelope(spec.name, items, snapshot, now, reports=spec.kind, scope=session.scope)
        )
    elif output_format == "jsonl":
        about = {"schema": output.SCHEMA, "kind": spec.name, "demo": snapshot.demo}
        output.write_json_lines({**about, **item} for item in row_objects(table))
    elif output_format == "name":
        output.write_lines(names_of(table, snapshot, spec))
    else:
        heard = any(status.fault is None for status in snapshot.sources.values())
        # Who asks for all of it gets it whole, however wide that is.
        width = None if output_format == "wide" else output.width()
        _draw(table, spec, headers=headers, heard=heard, width=width)


def _with_room(table: Table, spec: ViewSpec) -> Table:
    """Return a table without the columns that the terminal has no room for, and say which."""
    width = output.width()
    if width is None or not len(table.rows):
        return table
    from andon.cli.drawing import narrowed

    fitted = narrowed(table, width, spec.by_worth)
    kept = {column.name for column in fitted.columns}
    left = [column.title for column in table.columns if column.name not in kept]
    if left:
        diagnostics.say(f"no room for {', '.join(left)}: -o wide has all")
    return fitted


def _draw(table: Table, spec: ViewSpec, *, headers: bool, heard: bool, width: int | None) -> None:
    from andon.cli.drawing import table_lines

    if len(table.rows):
        colour = output.wants_colour()
        output.write_lines(table_lines(table, headers=headers, colour=colour, width=width))
    elif table.total or heard:
        # Where nobody was heard, `finish` says who and why, with what to do next.
        diagnostics.say(table.empty or f"no {spec.name}")


def say_notes(notes: Iterable[Cell], snapshot: Snapshot, *, marked: bool = True) -> None:
    """Say what stands in the screen's footer: DEMO, and who reports only a part or old data.

    Args:
        notes: as the view made them.
        snapshot: faults in it are said by `finish`, with what to do next.
        marked: whether to say DEMO, which JSON says by itself.
    """
    faulty = {name for name, *_ in faults_of(snapshot)}
    for note in notes:
        if note.raw not in faulty and (marked or note != DEMO):
            diagnostics.say(note.text)


def names_of(table: Table, snapshot: Snapshot, spec: ViewSpec) -> list[str]:
    """Return what to call each row, so that the acting commands know which is meant.

    That is the last part of its key, or the whole key where several sites or clusters may have
    things of the same name. The waiting rest of an array is called by its tasks: its bare number
    stands for the tasks that run, too.
    """
    rows = table.rows
    keys = [rows.key(index) for index in range(len(rows))]
    if spec.kind is None:
        return keys
    places = {key.rpartition("/")[0] for key in keys}
    if isinstance(rows, LazyRows) and spec.kind is Kind.JOB:
        jobs = (rows.thing(index) for index in range(len(rows)))
        keys = [
            f"{key.rpartition('/')[0]}/{job.called}" for key, job in zip(keys, jobs, strict=True)
        ]
    sites = {status.site for status in snapshot.sources.values()}
    if len(sites) > 1 or len(places) > 1:
        return keys
    return [key.rpartition("/")[2] for key in keys]


def finish(session: Session, snapshot: Snapshot, spec: ViewSpec, now: float) -> int:
    """Say what is missing and return the exit code."""
    for problem in session.resolution.problems:
        if problem.source not in snapshot.sources:
            diagnostics.say(f"andon: {problem.source}: {problem.message}")
    if spec.name == "sources":
        states = [status.state for status in snapshot.sources.values()]
        return 0 if all(state is SourceState.LIVE for state in states) else EXIT_FINDINGS
    reported = sum(1 for status in snapshot.sources.values() if status.fault is None)
    code = diagnostics.source_exit(faults_of(snapshot), reported=reported)
    if code == EXIT_OK and is_partial(snapshot, spec.kind, session.scope, now):
        return EXIT_PARTIAL
    return code
