"""`andon plugins`: what is installed, read from package metadata alone, and the contract check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from andon.cli import diagnostics, output
from andon.cli.commands import Group
from andon.cli.drawing import table_lines
from andon.cli.options import format_option, session_options
from andon.sdk.errors import EXIT_FINDINGS
from andon.views.page import Cell, Column, StaticRows, Table, Tone

if TYPE_CHECKING:
    from andon.sdk.testing import ClauseResult


@click.group(cls=Group, invoke_without_command=True)
@format_option("table", "json")
@session_options
@click.pass_context
def plugins(ctx: click.Context, output_format: str) -> int | None:
    """List plugins, or check one against the contract."""
    if ctx.invoked_subcommand is None:
        return _list(output_format)
    # Said before the command's name, it is meant for the command.
    ctx.default_map = {name: {"output_format": output_format} for name in ("ls", "check")}
    return None


@plugins.command("ls")
@format_option("table", "json")
@session_options
def list_plugins(output_format: str) -> int:
    """List the plugins that are installed; none of them is imported."""
    return _list(output_format)


def _list(output_format: str) -> int:
    from andon.runtime.discovery import listed

    found = listed()
    if output_format == "json":
        from andon.views.serialize import plain

        items = [
            {
                "name": item.name,
                "distribution": item.distribution,
                "version": item.version,
                "contract": item.group,
                "compatible": item.compatible,
                "problem": item.problem or None,
            }
            for item in found
        ]
        output.write_json({"schema": output.SCHEMA, "kind": "plugins", "items": plain(items)})
    else:
        output.write_lines(table_lines(_table(found), colour=output.wants_colour()))
        for item in found:
            if item.problem:
                diagnostics.say(f"andon: plugin {item.name} ({item.distribution}): {item.problem}")
    return EXIT_FINDINGS if any(item.problem for item in found) else 0


def _table(found: object) -> Table:
    columns = tuple(
        Column(name=name, title=name.upper(), summary=name, width=12)
        for name in ("plugin", "distribution", "version", "contract", "state")
    )
    rows = []
    for item in found:  # type: ignore[attr-defined]
        state = Cell("not usable", Tone.BAD) if item.problem else Cell("installed", Tone.GOOD)
        texts = (item.name, item.distribution, item.version, item.group)
        rows.append((*(Cell(str(text or "–")) for text in texts), state))
    return Table(
        name="plugins",
        title="",
        columns=columns,
        rows=StaticRows([item.name for item in found], rows),  # type: ignore[attr-defined]
        total=len(rows),
        sort="plugin",
    )


@plugins.command("check")
@click.argument("name")
@format_option("table", "json")
@session_options
def check(name: str, output_format: str) -> int:
    """Import one plugin and hold it to each clause of the contract.

    NAME: as `andon plugins` has it.
    """
    results = _checked(name)
    failed = [result for result in results if not result.ok]
    if output_format == "json":
        items = [
            {
                "clause": result.clause,
                "ok": result.ok,
                "checked": result.checked,
                "detail": result.detail,
            }
            for result in results
        ]
        output.write_json({"schema": output.SCHEMA, "kind": "clauses", "items": items})
    else:
        for result in results:
            output.write_marked(_mark(result.ok, result.checked), result.clause, hang=6)
            if result.detail:
                output.write_text(f"      {result.detail}")
    if failed:
        diagnostics.say(f"andon: {name}: {len(failed)} of {len(results)} clauses do not hold")
    return EXIT_FINDINGS if failed else 0


def _checked(name: str) -> Sequence[ClauseResult]:
    """Return what came of each clause; one that cannot even be loaded breaks the first.

    Raises:
        PluginUnusable: no plugin of that name is installed.
    """
    from andon.runtime.discovery import PluginUnusable, listed, load
    from andon.sdk.testing import ClauseResult, check_plugin

    try:
        plugin = load(name)
    except PluginUnusable as error:
        if all(item.name != name for item in listed()):
            raise
        detail = f"{error.message}; {error.hint}" if error.hint else error.message
        return (ClauseResult(clause="It can be loaded.", ok=False, detail=detail),)
    return check_plugin(plugin)


def _mark(ok: bool, checked: bool) -> Cell:
    if not ok:
        return Cell("FAIL", Tone.BAD)
    return Cell("ok  ", Tone.GOOD) if checked else Cell("–   ", Tone.MUTED)
