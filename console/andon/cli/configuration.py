"""`andon config`: is the configuration right, and what does it say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from andon.cli import diagnostics, output
from andon.cli.commands import Group
from andon.cli.options import format_option, group_options, session_options, settings_of
from andon.cli.session import Session
from andon.runtime.config import read_config
from andon.runtime.config_problems import allowed_text, closest, hint_of, value_text
from andon.runtime.config_records import Config, ViewConfig
from andon.runtime.sources import resolve
from andon.runtime.themes import theme_names
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
    reading = read_config(
        session.paths, extra=session.settings.config_file, environ=session.environ
    )
    files = reading.config.files
    wrong = [
        *(_Wrong(each.where, each.message, hint_of(each)) for each in reading.problems),
        *_of_sources(session, reading.config),
        *_of_the_screen(reading.config, session.environ),
    ]
    wrong.sort(key=lambda each: _order(each.where, files))
    if output_format == "json":
        items = [asdict(each) for each in wrong]
        output.write_json(
            {"schema": output.SCHEMA, "kind": "problems", "files": list(files), "items": items}
        )
    else:
        _say(files, wrong)
    return EXIT_USAGE if wrong else EXIT_OK


@dataclass(frozen=True, slots=True)
class _Wrong:
    """One mistake."""

    where: str
    """`file:line:column`, a variable, or nothing when it has no place."""
    message: str
    """Begins with the place."""
    hint: str


_PLACE = re.compile(r"(.+):(\d+):(\d+)")


def _order(where: str, files: Sequence[str]) -> tuple[int, int, int]:
    """Return where a place stands among all files, what has none at the end."""
    place = _PLACE.fullmatch(where)
    if place is None or place[1] not in files:
        return len(files), 0, 0
    return files.index(place[1]), int(place[2]), int(place[3])


def _of_sources(session: Session, config: Config) -> Iterator[_Wrong]:
    """Yield what is wrong with sources when their plugins are asked."""
    found = resolve(config, session.discovery, session.demo_request, session.environ)
    for problem in found.problems:
        where, _, _ = problem.message.partition(": ")
        known = _PLACE.fullmatch(where) is not None
        yield _Wrong(where if known else "", problem.message, problem.hint)


def _of_the_screen(config: Config, environ: Mapping[str, str]) -> Iterator[_Wrong]:
    """Yield what is wrong with the theme, `[views]` and `[keys]`, in the console's words."""
    from andon.tui.keys import KEYS, with_overrides
    from andon.tui.opening import opening_states

    def wrong(path: tuple[str, ...], text: str, hint: str = "") -> _Wrong:
        where = _where(config.files, path)
        return _Wrong(where, f"{where}: {text}" if where else text, hint)

    themes = theme_names()
    if config.theme and config.theme not in themes:
        text = f"theme: found {value_text(config.theme)}"
        hint = allowed_text(closest(config.theme, themes))
        if environ.get("ANDON_THEME") == config.theme:
            yield _Wrong("ANDON_THEME", f"ANDON_THEME: {text}", hint)
        else:
            yield wrong(("theme",), text, hint)
    for name, view in config.views.items():
        for field in view.__struct_fields__:
            only = ViewConfig(**{field: getattr(view, field)})
            for text in opening_states({name: only})[1]:
                yield wrong(("views", name, field), text)
    for name, keys in config.keys.items():
        for text in with_overrides(KEYS, {name: keys})[1]:
            yield wrong(("keys", *name.split(".")), text)


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


def _say(files: Sequence[str], wrong: Sequence[_Wrong]) -> None:
    for each in wrong:
        diagnostics.say(f"andon: {each.message}")
        if each.hint:
            diagnostics.say(f"  → {each.hint}")
    if wrong:
        return
    if files:
        output.write_text(f"right: {', '.join(files)}")
    else:
        output.write_text("there is no configuration file; Andon looks around on its own")


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
    for line in _lines(session, sources):
        output.write_text(line)
    return EXIT_OK


def _lines(session: Session, sources: Sequence[dict[str, Any]]) -> list[str]:
    config, policy = session.config, session.config.policy
    lines = ["Files, later ones override earlier ones but lift no guard:"]
    paths = dict.fromkeys([*map(str, session.paths.config_files), *config.files])
    lines += [f"  {path}  {'read' if path in config.files else 'not there'}" for path in paths]
    only = f"yes, by {policy.read_only_from}" if policy.read_only else "no"
    lines += [
        f"State folder: {session.paths.state}",
        f"Read-only: {only}",
        f"Theme: {config.theme or 'andon-dark'}",
        "Sources:",
    ]
    lines += [
        f"  {item['name']}  {item['plugin']} at {item['site']}: {item['problem'] or item['why']}"
        for item in sources
    ] or ["  none"]
    lines += [f"  {note}" for note in session.resolution.notes]
    lines += _entries("Sites", {each.name: each for each in config.sites})
    lines += _entries("Tenants", {each.name: each for each in config.tenants})
    lines += _entries("Views", config.views)
    lines += _entries("Keys", config.keys)
    return lines + _entries("Collector", {"": config.collector})


def _entries(title: str, entries: Mapping[str, object]) -> list[str]:
    """Return a title and one line for each entry that says something; nothing without any."""
    shown = {name: _told(value) for name, value in entries.items()}
    lines = [f"  {name}  {text}" if name else f"  {text}" for name, text in shown.items() if text]
    return [f"{title}:", *lines] if lines else []


def _told(value: object) -> str:
    """Return what was set of an entry, in one line."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if not isinstance(value, msgspec.Struct):
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    fields = {field: getattr(value, field) for field in value.__struct_fields__ if field != "name"}
    said = {field: each for field, each in fields.items() if each not in (None, "", ())}
    return "  ".join(f"{field} {_told(each)}" for field, each in said.items())
