"""`andon demo`: the console over a simulated factory."""

from __future__ import annotations

import click

from andon.analysis.words import plural
from andon.cli import diagnostics
from andon.cli.commands import Command
from andon.cli.console import open_console
from andon.cli.options import session_options, settings_of
from andon.cli.session import Session

_HOW_TO_ARM = "read-only, as --read-only asked: start andon demo without it to act"


@click.command(cls=Command)
@click.option("--reset", is_flag=True, help="Forget everything that was done to it, and end.")
@click.option("--read-only", is_flag=True, help="Open it read-only, as a real site would be.")
@click.option("--theme", metavar="NAME", help="Colours: andon-dark, andon-light or andon-ansi.")
@session_options
@click.pass_context
def demo(ctx: click.Context, reset: bool, read_only: bool, theme: str | None) -> int:
    """Open a simulated factory: three sites, four sectors, real troubles. Nothing real is touched.

    What you do to it is kept, so that `andon jobs cancel --demo` is seen by the next `andon demo`.
    """
    settings = settings_of(ctx)
    settings.demo = True
    if reset:
        session = Session(settings)
        demos = [plugin for plugin in session.discovery.plugins.values() if plugin.demo]
        count = sum(
            plugin.forget(session.paths.plugin_folder(plugin.name))
            for plugin in demos
            if plugin.forget
        )
        diagnostics.say(f"andon: forgot {plural(count, 'act')} on the demo")
        return 0
    return open_console(settings, armed=not read_only, theme=theme, how_to_arm=_HOW_TO_ARM)
