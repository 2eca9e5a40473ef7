"""A click group that imports a command only when it is run.

`andon --help` and completion then cost little more than click itself, and a broken plugin or a
missing optional package cannot keep the recovery commands from starting.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from andon.cli.commands import Group

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(Group):
    """A group whose commands are named with their summaries and imported on use."""

    def __init__(
        self, *args: object, lazy: Mapping[str, tuple[str, str]] | None = None, **kwargs: object
    ) -> None:
        """Make a group.

        Args:
            *args: as for `click.Group`.
            lazy: for each command where it is (`module:attribute`) and its one-line summary.
            **kwargs: as for `click.Group`.
        """
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands in the order they are declared in."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        where, _ = self._lazy[cmd_name]
        module_name, _, attribute = where.partition(":")
        command = getattr(importlib.import_module(module_name), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{where} is not a command")
        return command

    def _summaries(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return the commands and what they are for, without importing them."""
        rows = [(name, summary) for name, (_, summary) in self._lazy.items()]
        for name in super().list_commands(ctx):
            command = super().get_command(ctx, name)
            if command and not command.hidden:
                rows.append((name, command.get_short_help_str(80)))
        return rows

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so, without importing them."""
        from click.shell_completion import CompletionItem

        commands = [
            CompletionItem(name, help=summary)
            for name, summary in self._summaries(ctx)
            if name.startswith(incomplete)
        ]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        rows = self._summaries(ctx)
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
