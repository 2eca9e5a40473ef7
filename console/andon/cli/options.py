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

from andon.cli import completing
from andon.cli.commands import Option
from andon.cli.values import count, duration, factor

F = TypeVar("F", bound=Callable[..., Any])
Completer = Callable[[click.Context, click.Parameter, str], list[str]]

DEFAULT_TIMEOUT_SECONDS = 15.0
DEFAULT_WAIT_SECONDS = 3_600.0


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
    timeout: float | None = None
    """Seconds that a backend may take, where the operator said so."""

    @property
    def timeout_seconds(self) -> float:
        """How long a backend may take to report."""
        return DEFAULT_TIMEOUT_SECONDS if self.timeout is None else self.timeout


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


def _debug(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Open the debug file as soon as it is named, so that all that follows is in it."""
    if ctx.resilient_parsing:
        return value  # the shell asks how the line could go on: nothing is run yet
    if value is not None and settings_of(ctx).debug_file != value:
        from andon.cli.debugging import start_debug_log

        start_debug_log(value)
        settings_of(ctx).debug_file = value
    return value


def _option(*names: str, store: str, **attributes: Any) -> Callable[[F], F]:
    callback = _debug if store == "debug_file" else _store(store)
    return click.option(*names, cls=Option, expose_value=False, callback=callback, **attributes)


def _stack(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


_FROM = "Where it comes from"
_SCOPE = "What is looked at"


def _session(*, hidden: bool) -> Callable[[F], F]:
    return _stack(
        _option(
            "--config",
            store="config_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Read this configuration after the site's and your own.",
            hidden=hidden,
            section=_FROM,
        ),
        _option(
            "--demo",
            store="demo",
            is_flag=True,
            help="Use the simulated factory instead of real sources.",
            hidden=hidden,
            section=_FROM,
        ),
        _demo(hidden=hidden),
        _option(
            "--debug",
            store="debug_file",
            is_eager=True,
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Write what the program does, and tracebacks, to this file.",
            hidden=hidden,
            section=_FROM,
        ),
    )


def _demo(*, hidden: bool) -> Callable[[F], F]:
    return _stack(
        _option(
            "--seed",
            store="seed",
            type=int,
            metavar="N",
            help="Which simulated factory.",
            hidden=hidden,
            section=_FROM,
        ),
        _option(
            "--nodes",
            store="demo_nodes",
            type=count,
            metavar="N",
            help="Its number of nodes.",
            hidden=hidden,
            section=_FROM,
        ),
        _option(
            "--jobs",
            store="demo_jobs",
            type=count,
            metavar="N",
            help="Its number of jobs, about.",
            hidden=hidden,
            section=_FROM,
        ),
        _option(
            "--speed",
            store="demo_speed",
            type=factor,
            metavar="X",
            help="Its simulated seconds per second.",
            hidden=hidden,
            section=_FROM,
        ),
        _option("--hostile", store="hostile", is_flag=True, hidden=True),
    )


def _only(thing: str, complete: Completer, hidden: bool) -> Callable[[F], F]:
    return _option(
        f"--{thing}",
        store=f"{thing}s",
        multiple=True,
        metavar="NAME",
        help=f"Only this {thing}; may be given again.",
        shell_complete=complete,
        hidden=hidden,
        section=_SCOPE,
    )


def _scope(*, hidden: bool) -> Callable[[F], F]:
    return _stack(
        _only("site", completing.sites, hidden),
        _only("source", completing.sources, hidden),
        _only("tenant", completing.tenants, hidden),
        _option(
            "--mine",
            store="mine",
            is_flag=True,
            help="Only what belongs to you.",
            hidden=hidden,
            section=_SCOPE,
        ),
        _option(
            "--timeout",
            store="timeout",
            type=duration,
            metavar="TIME",
            help="Give a backend this long for each answer, and for each call that acts"
            f" ({DEFAULT_TIMEOUT_SECONDS:g}s; 30s for a call).",
            hidden=hidden,
            section=_SCOPE,
        ),
    )


session_options = _session(hidden=False)
"""Where data comes from; on every command."""

scope_options = _scope(hidden=False)
"""What is looked at, and how long one waits for it."""

group_options = _stack(_scope(hidden=True), _session(hidden=True))
"""The same between a group's name and its command's; its help leaves them to the commands."""

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


wait_options = _stack(
    click.option(
        "--wait", is_flag=True, help="Wait until the effect is complete (a drained node is empty)."
    ),
    click.option(
        "--wait-limit",
        "wait_seconds",
        type=duration,
        default=DEFAULT_WAIT_SECONDS,
        metavar="TIME",
        help="Wait this long at most (1h).",
    ),
)
"""How long a command that acts stays."""

table_options = _stack(
    format_option(),
    click.option(
        "--columns",
        metavar="A,B,..",
        default="",
        help="Just these columns, in this order; `help` lists them.",
        shell_complete=completing.columns,
    ),
    click.option("--no-headers", is_flag=True, help="Leave the header line out."),
    click.option(
        "--sort",
        metavar="COLUMN",
        help="Sort by this column; `-COLUMN` descending.",
        shell_complete=completing.sort,
    ),
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
