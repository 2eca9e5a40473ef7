"""`ls` and `show`: the screen's tables and detail pages, for scripts."""

from __future__ import annotations

import shutil
import sys

from andon.cli import diagnostics, output
from andon.cli.filtering import explain_filter
from andon.cli.session import Session, faults_of
from andon.model import Kind, SourceState
from andon.runtime.targets import keys_named
from andon.sdk.errors import EXIT_FINDINGS, UsageError
from andon.store import Snapshot
from andon.views.filters import FilterError
from andon.views.page import Cell, Table, Tone
from andon.views.pages import page, table_of
from andon.views.registry import ViewSpec, view_named
from andon.views.serialize import envelope, row_objects, source_object, thing_object
from andon.views.state import ViewState

EVERYTHING = frozenset(
    {Kind.SITE, Kind.NODE, Kind.ACCELERATOR, Kind.JOB, Kind.QUEUE, Kind.TENANT, Kind.INCIDENT}
)
"""What a thing's neighbours can be."""


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
    """Write one view's table and return the exit code."""
    spec = view_named(view)
    names = tuple(part for part in (part.strip() for part in columns.split(",")) if part)
    if names == ("help",):
        return _explain_columns(spec)
    state = _state(spec, session, names, output_format, sort, filter_text)
    snapshot = session.observe(spec.interest or EVERYTHING)
    now = session.clock()
    try:
        table = table_of(page(snapshot, state, now))
    except FilterError as error:
        return explain_filter(filter_text, error)
    if table is None:
        raise UsageError(f"{view} is no table")
    write_table(table, spec, snapshot, session, output_format, headers=not no_headers, now=now)
    return _finish(session, snapshot, spec)


def _state(
    spec: ViewSpec,
    session: Session,
    names: tuple[str, ...],
    output_format: str,
    sort: str | None,
    filter_text: str,
) -> ViewState:
    descending: bool | None = None
    if sort:
        descending = sort.startswith("-")
        sort = spec.column(sort.removeprefix("-")).name
    shown = tuple(spec.column(name).name for name in names)
    if not shown and output_format in ("json", "jsonl"):
        shown = spec.every_column
    return ViewState(
        view=spec.name,
        filter=filter_text,
        sort=sort,
        descending=descending,
        columns=shown,
        wide=output_format == "wide",
        scope=session.scope,
    )


def _explain_columns(spec: ViewSpec) -> int:
    width = max(len(column.name) for column in spec.columns)
    output.write_lines(
        f"{column.name:<{width}}  {column.column.summary}" for column in spec.columns
    )
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
        for item in row_objects(table):
            output.write_json(item, indent=False)
    elif output_format == "name":
        output.write_lines(names_of(table, snapshot, spec))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        colour = output.wants_colour()
        if not len(table.rows):
            diagnostics.say(table.empty or f"no {spec.name}")
            return
        output.write_lines(output.table_lines(table, headers=headers, colour=colour, width=width))
        for note in table.notes:
            diagnostics.say(note.text)


def names_of(table: Table, snapshot: Snapshot, spec: ViewSpec) -> list[str]:
    """Return what to call each row: its name, with `site/` before it where there are several.

    What this prints, the acting commands read from stdin.
    """
    keys = [table.rows.key(index) for index in range(len(table.rows))]
    if spec.kind is None:
        return keys
    sites = {status.site for status in snapshot.sources.values()}
    if len(sites) > 1:
        return keys
    return [key.rpartition("/")[2] for key in keys]


def _finish(session: Session, snapshot: Snapshot, spec: ViewSpec) -> int:
    for problem in session.resolution.problems:
        diagnostics.say(f"andon: {problem.source}: {problem.message}")
    if spec.name == "sources":
        states = [status.state for status in snapshot.sources.values()]
        return 0 if all(state is SourceState.LIVE for state in states) else EXIT_FINDINGS
    reported = sum(1 for status in snapshot.sources.values() if status.fault is None)
    return diagnostics.source_exit(faults_of(snapshot), reported=reported)


def show_thing(session: Session, view: str, name: str, *, output_format: str) -> int:
    """Write one thing and its neighbours; return the exit code."""
    spec = view_named(view)
    if spec.kind is None:
        return _show_source(session, name, output_format)
    snapshot = session.observe(EVERYTHING | spec.interest)
    now = session.clock()
    named = keys_named(snapshot, spec.kind, [name], sites=session.settings.sites)
    key = named.keys[0] if named.keys else _key_of_name(snapshot, spec.kind, name)
    if key is None:
        code = _finish(session, snapshot, spec)
        if named.ambiguous:
            options = ", ".join(named.ambiguous[name])
            raise UsageError(f"{name!r} may be {options}", hint="give the whole name, or --site")
        if code:
            return code
        raise UsageError(f"no {spec.kind.value} {name!r}", hint=f"`andon {view} ls` lists them")
    if output_format == "json":
        thing = thing_object(snapshot, spec.kind, key, now)
        output.write_json(envelope(spec.kind.value, [thing], snapshot, now, reports=spec.kind))
    else:
        _write_page(page(snapshot, ViewState(view=spec.name, subject=key), now))
    return _finish(session, snapshot, spec)


def _key_of_name(snapshot: Snapshot, kind: Kind, name: str) -> str | None:
    """Return the one key that ends in `/name`, for kinds whose things nobody acts on."""
    keys = {
        key
        for facets in snapshot.of(kind).values()
        for key in facets.records
        if key == name or key.endswith(f"/{name}")
    }
    return keys.pop() if len(keys) == 1 else None


def _show_source(session: Session, name: str, output_format: str) -> int:
    snapshot = session.observe(EVERYTHING)
    now = session.clock()
    status = snapshot.sources.get(name)
    if status is None:
        raise UsageError(
            f"no source {name!r}", hint=f"there are {', '.join(sorted(snapshot.sources))}"
        )
    if output_format == "json":
        output.write_json(envelope("source", [source_object(status, now)], snapshot, now))
    else:
        _write_page(page(snapshot, ViewState(view="sources", subject=name), now))
    return 0 if status.state is SourceState.LIVE else EXIT_FINDINGS


def _write_page(shown: object) -> None:
    from andon.views.page import Page

    assert isinstance(shown, Page)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    colour = output.wants_colour()
    output.write_line(output.paint(Cell("", Tone.STRONG), shown.title, colour))
    output.write_line("")
    output.write_lines(output.page_lines(shown, colour=colour, width=width))
    for note in shown.notes:
        diagnostics.say(note.text)
