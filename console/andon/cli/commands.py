"""What every command of ours has beyond click's: help in sections, commands in their own order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import click


class Option(click.Option):
    """An option that stands under a heading of its own in the help of every command that has it."""

    def __init__(self, *names: Any, section: str = "Options", **attributes: Any) -> None:
        """Make an option.

        Args:
            *names: as for `click.Option`.
            section: the heading.
            **attributes: as for `click.Option`.
        """
        super().__init__(*names, **attributes)
        self.section = section


def _write_options(
    command: click.Command, ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write the options by their sections; the command's own ones, and `--help`, come first."""
    sections: dict[str, list[tuple[str, str]]] = {"Options": []}
    for parameter in command.get_params(ctx):
        record = None if isinstance(parameter, click.Argument) else parameter.get_help_record(ctx)
        if record is not None:
            sections.setdefault(getattr(parameter, "section", "Options"), []).append(record)
    for title, records in sections.items():
        if records:
            with formatter.section(title):
                formatter.write_dl(records)


class Command(click.Command):
    """A command whose help tells its own options from those that all commands share."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        _write_options(self, ctx, formatter)


class Group(click.Group):
    """A group that lists its commands first, in the order they are declared in."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order they are declared in."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options section by section."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments begin with.

        Raises:
            click.UsageError: there is none; it names the closest.
        """
        name = args[0]
        if name[:1] != "-" and not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            ctx.fail(_unknown(name, self.list_commands(ctx)))
        return super().resolve_command(ctx, args)


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"No such command “{name}”." + (f" Did you mean “{near[0]}”?" if near else "")
