"""Options that many commands share, declared once.

Each decorator stores what was given on the `Settings` of the invocation, so that an option means
the same before and after the command's name (`andon --demo jobs ls`, `andon jobs ls --demo`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_TIMEOUT_SECONDS = 15.0


@dataclass(slots=True)
class Settings:
    """What the shared options of one invocation said."""

    config_file: Path | None = None
    debug_file: Path | None = None
    demo: bool = False
    seed: int | None = None
    demo_nodes: int | None = None
    demo_jobs: int | None = None
    demo_speed: float | None = None
    hostile: bool = False
    sites: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    tenants: list[str] = field(default_factory=list)
    mine: bool = False
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS


def settings_of(ctx: click.Context) -> Settings:
    """Return the settings of the invocation, made on first use."""
    return ctx.find_root().ensure_object(Settings)


def _store(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
        if value is not None and value is not False and value != ():
            settings = settings_of(ctx)
            current = getattr(settings, name)
            if isinstance(current, list):
                current.extend(value)
            else:
                setattr(settings, name, value)
        return value

    return callback


def _option(*names: str, store: str, **attributes: Any) -> Callable[[F], F]:
    return click.option(*names, expose_value=False, callback=_store(store), **attributes)


def _stack(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


_POSITIVE = click.IntRange(min=1)

session_options = _stack(
    _option(
        "--config",
        store="config_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Read this configuration after the site's and your own.",
    ),
    _option(
        "--demo",
        store="demo",
        is_flag=True,
        help="Use the simulated factory instead of real sources.",
    ),
    _option("--seed", store="seed", type=int, metavar="N", help="Which simulated factory."),
    _option(
        "--nodes", store="demo_nodes", type=_POSITIVE, metavar="N", help="Its number of nodes."
    ),
    _option("--jobs", store="demo_jobs", type=_POSITIVE, metavar="N", help="Its number of jobs."),
    _option(
        "--speed",
        store="demo_speed",
        type=click.FloatRange(min=0.0, max=10_000),
        metavar="X",
        help="Its simulated seconds per second.",
    ),
    _option("--hostile", store="hostile", is_flag=True, hidden=True),
    _option(
        "--debug",
        store="debug_file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Write what the program does, and tracebacks, to this file.",
    ),
)
"""Where data comes from; on every command."""

scope_options = _stack(
    _option("--site", store="sites", multiple=True, metavar="NAME", help="Only this site."),
    _option("--source", store="sources", multiple=True, metavar="NAME", help="Only this source."),
    _option("--tenant", store="tenants", multiple=True, metavar="NAME", help="Only this tenant."),
    _option("--mine", store="mine", is_flag=True, help="Only what belongs to you."),
    _option(
        "--timeout",
        store="timeout_seconds",
        type=click.FloatRange(min=0.1),
        metavar="SECONDS",
        help=f"Give a backend this long to answer ({DEFAULT_TIMEOUT_SECONDS:g}).",
    ),
)
"""What is looked at, and how long one waits for it."""

FORMATS = ("table", "wide", "json", "jsonl", "name")


def format_option(*choices: str, default: str = "table") -> Callable[[F], F]:
    """Return the `-o` option for a command that can write `choices`."""
    return click.option(
        "-o",
        "--output",
        "output_format",
        type=click.Choice(choices or FORMATS),
        default=default,
        show_default=True,
        help="How to write it.",
    )


table_options = _stack(
    format_option(),
    click.option(
        "--columns",
        metavar="A,B,…",
        default="",
        help="Just these columns, in this order; `help` lists them.",
    ),
    click.option("--no-headers", is_flag=True, help="Leave the header line out."),
    click.option("--sort", metavar="COLUMN", help="Sort by this column; `-COLUMN` descending."),
    click.option(
        "-f",
        "--filter",
        "filter_text",
        metavar="EXPRESSION",
        default="",
        help="Keep what matches, for example 'state=down | gpus_free>=4'.",
    ),
)
"""How a list is chosen and written."""
