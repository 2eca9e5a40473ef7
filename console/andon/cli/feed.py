"""`andon feed`: what the sources report, as a stream that another console or a file can take."""

from __future__ import annotations

import os
import sys

import click

from andon.cli.commands import Command
from andon.cli.debugging import note
from andon.cli.looping import run_async
from andon.cli.options import scope_options, session_options, settings_of
from andon.cli.session import Session
from andon.runtime.child import serve, take_stdout
from andon.runtime.registry import registry_of
from andon.sdk.errors import UsageError


@click.command(cls=Command)
@scope_options
@session_options
@click.pass_context
def feed(ctx: click.Context) -> int:
    """Write the feed to stdout until the reader goes.

    The stream is binary: `andon feed > file` records it, `ssh site andon feed` carries it.
    """
    if sys.stdout.isatty():
        raise UsageError(
            "the feed is binary and stdout is a terminal",
            hint="send it to a file or a pipe: andon feed > recording.feed",
        )
    if os.path.samestat(os.fstat(1), os.stat(os.devnull)):
        # It would run for ever: nobody there can end it by going.
        raise UsageError(
            f"nobody reads the feed: stdout is closed, or {os.devnull}",
            hint="send it to a file or a pipe: andon feed > recording.feed",
        )
    session = Session(settings_of(ctx))
    specs = session.specs
    registry = registry_of(session.config)
    why = run_async(serve(specs, take_stdout(), None, registry=registry, environ=session.environ))
    note("the feed ended: %s", why)
    return 0
