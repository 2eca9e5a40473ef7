"""`andon config`: is the configuration right, and what does it say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from andon.cli import diagnostics, output
from andon.cli.commands import Group
from andon.cli.options import format_option, group_options, session_options, settings_of
from andon.cli.session import Session
from andon.runtime.config_problems import ConfigError
from andon.runtime.config_records import Config, ViewConfig
from andon.runtime.toml_positions import scan
from andon.sdk.errors import EXIT_OK, EXIT_USAGE
from andon.views.serialize import plain


@click.group(cls=Group)
@group_options
def config() -> None:
    """Check or show the configuration."""


@config.command("check")
@format_option("table", "json")
@session_options
@click.pass_context
def check(ctx: click.Context, output_format: str) -> int:
    """Read every configuration file and say all that is wrong with it."""
    session = Session(settings_of(ctx), every_plugin=True)
    problems = []
    try:
        files = session.config.files
    except ConfigError as error:
        files = ()
        problems = [
            {"where": problem.where, "message": problem.message, "hint": problem.allowed}
            for problem in error.problems
        ]
    else:
        problems = [
            {"where": problem.source, "message": problem.message, "hint": problem.hint}
            for problem in session.resolution.problems
        ]
        for path, text in _of_the_screen(session.config):
            where = _where(files, path)
            said = f"{where}: {text}" if where else text
            problems.append({"where": where, "message": said, "hint": ""})
    if output_format == "json":
        output.write_json(
            {"schema": output.SCHEMA, "kind": "problems", "files": list(files), "items": problems}
        )
    else:
        _say(files, problems)
    return EXIT_USAGE if problems else EXIT_OK


def _of_the_screen(config: Config) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what is wrong with `[views]` and `[keys]`: the key's path and the console's words."""
    from andon.tui.keys import KEYS, with_overrides
    from andon.tui.opening import opening_states

    for name, view in config.views.items():
        for field in view.__struct_fields__:
            only = ViewConfig(**{field: getattr(view, field)})
            for text in opening_states({name: only})[1]:
                yield ("views", name, field), text
    for name, keys in config.keys.items():
        for text in with_overrides(KEYS, {name: keys})[1]:
            yield ("keys", *name.split(".")), text


def _where(files: Sequence[str], path: tuple[str, ...]) -> str:
    """Return file, line and column of a key: in the last file that has it, as that one holds."""
    ways = (path, (path[0], ".".join(path[1:])))
    for file in reversed(files):
        try:
            found = scan(Path(file).read_text(encoding="utf-8")).by_path
        except (OSError, ValueError):
            continue
        for way in ways:
            if way in found:
                return f"{file}:{found[way].line}:{found[way].column}"
    return ""


def _say(files: tuple[str, ...], problems: list[dict[str, str]]) -> None:
    for problem in problems:
        diagnostics.say(f"andon: {problem['message']}")
        if problem["hint"]:
            diagnostics.say(f"  → {problem['hint']}")
    if problems:
        return
    if files:
        output.write_line(f"right: {', '.join(files)}")
    else:
        output.write_line("there is no configuration file; Andon looks around on its own")


@config.command("show")
@format_option("table", "json")
@session_options
@click.pass_context
def show(ctx: click.Context, output_format: str) -> int:
    """Show what all files, the environment and the options come to. Secrets are not shown."""
    session = Session(settings_of(ctx))
    merged = plain(msgspec.to_builtins(session.config, enc_hook=str))
    resolution = session.resolution
    sources: list[dict[str, Any]] = [
        {
            "name": spec.name,
            "plugin": spec.plugin,
            "site": spec.site,
            "demo": spec.demo,
            "why": spec.why,
            "problem": spec.problem or None,
        }
        for spec in resolution.specs
    ]
    if output_format == "json":
        output.write_json(
            {
                "schema": output.SCHEMA,
                "kind": "config",
                "demo": session.demo,
                "config": merged,
                "sources": sources,
                "notes": list(resolution.notes),
                "paths": {
                    "config_files": [str(path) for path in session.paths.config_files],
                    "state": str(session.paths.state),
                },
            }
        )
        return EXIT_OK
    output.write_lines(_lines(session, sources))
    return EXIT_OK


def _lines(session: Session, sources: list[dict[str, Any]]) -> list[str]:
    config = session.config
    lines = ["Files, later ones override earlier ones but lift no guard:"]
    for path in session.paths.config_files:
        read = "read" if str(path) in config.files else "not there"
        lines.append(f"  {path}  {read}")
    lines.append(f"State folder: {session.paths.state}")
    policy = config.policy
    only = f"yes, by {policy.read_only_from}" if policy.read_only else "no"
    lines += [f"Read-only: {only}", f"Theme: {config.theme or 'andon-dark'}", "Sources:"]
    lines += [
        f"  {item['name']}  {item['plugin']} at {item['site']}: {item['problem'] or item['why']}"
        for item in sources
    ] or ["  none"]
    lines += [f"  {note}" for note in session.resolution.notes]
    return lines
