"""The command `andon`: opens the console, or runs one scripted command.

Imports nothing but click and the lazy group at start; every command is imported when it runs.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import click

from andon.cli.lazy import LazyGroup
from andon.cli.options import Settings, scope_options, session_options, settings_of
from andon.cli.streams import prepare
from andon.runtime.interrupt import Interrupted

COMMANDS = {
    "status": ("andon.cli.status:status", "One screen of what is wrong; exit 1 when something is."),
    "nodes": ("andon.cli.things:nodes", "List, show, drain and undrain nodes."),
    "gpus": ("andon.cli.things:gpus", "List and show accelerators."),
    "jobs": ("andon.cli.things:jobs", "List, show, cancel, hold, release and requeue jobs."),
    "queues": ("andon.cli.things:queues", "List and show queues."),
    "tenants": ("andon.cli.things:tenants", "List and show tenants."),
    "sources": ("andon.cli.things:sources", "List and show sources."),
    "doctor": ("andon.cli.doctor:doctor", "Explain every source: reached or not, and why."),
    "plugins": ("andon.cli.plugins:plugins", "List plugins, or check one against the contract."),
    "config": ("andon.cli.configuration:config", "Check or show the configuration."),
    "journal": ("andon.cli.journal:journal", "Read what was done with this program."),
    "plan": ("andon.cli.plan:plan", "Apply a plan that was saved by --dry-run."),
    "feed": ("andon.cli.feed:feed", "Write what the sources report, for another console."),
    "demo": ("andon.cli.demo:demo", "Open a simulated factory; nothing real is touched."),
}
_QUOTED = re.compile(r"(?<!\w)'([^']*)'(?!\w)")
_INTERRUPTED = 130


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 findings, 2 usage, 3 partial data, 4 denied, 5 backend down, "
    "6 plan stale, 7 requested but not confirmed, 8 some targets failed, 70 our bug, "
    "130 interrupted.",
)
@click.option("--write", is_flag=True, help="Open the console armed: keys that act may act.")
@click.option("--theme", metavar="NAME", help="Colours: andon-dark, andon-light or andon-ansi.")
@scope_options
@session_options
@click.option("--version", is_flag=True, is_eager=True, help="Show the version and end.")
@click.pass_context
def root(ctx: click.Context, write: bool, theme: str | None, version: bool) -> int | None:
    """Watch and steer an AI factory: GPUs, job queues and tenants of every site.

    Without a command it opens the console. All options but --write and --theme may also stand
    after the command.
    """
    if version:
        from importlib.metadata import version as installed

        from andon.cli import output

        output.write_line(f"andon {installed('andon')}")
        ctx.exit(0)
    if ctx.invoked_subcommand is None:
        from andon.cli.console import open_console

        return open_console(settings_of(ctx), armed=write, theme=theme)
    return None


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one invocation and return its exit code. Raises nothing but what ends the process."""
    settings = Settings()
    given = list(sys.argv[1:] if arguments is None else arguments)
    code = _run(given, settings)
    if settings.debug_file is not None:
        from andon.cli.debugging import note

        note("exit code %d", code)
    return code


def _run(given: list[str], settings: Settings) -> int:
    try:
        result = root.main(args=given, prog_name="andon", standalone_mode=False, obj=settings)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        return _usage(error)
    except (KeyboardInterrupt, click.Abort):
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line, an exit code
        return _failed(error, settings)
    return result if isinstance(result, int) else 0


def _usage(error: click.ClickException) -> int:
    from andon.cli import diagnostics

    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        # What it can be told is the answer; as talk, since a script asked for data.
        for line in error.ctx.get_help().splitlines():
            diagnostics.say(line)
        return 2
    # Click quotes as Python does; outside text has one kind of quotes everywhere.
    message = _QUOTED.sub(r"“\1”", error.format_message())
    diagnostics.say(f"andon: {message}")
    if context is not None:
        diagnostics.say(f"  → see `{context.command_path} --help`")
    return 2


def _failed(error: Exception, settings: Settings) -> int:
    from andon.cli import diagnostics
    from andon.cli.output import ReaderGone, cannot_write
    from andon.sdk.errors import AndonError

    if isinstance(error, ReaderGone):
        return 0
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        # Click writes help by itself.
        error = cannot_write(error)
    if isinstance(error, AndonError):
        return diagnostics.report(error)
    return diagnostics.report_bug(error, settings.debug_file)


def main() -> NoReturn:
    """Run the program and end the process."""
    received: list[int] = []

    def ended(number: int, _frame: FrameType | None) -> None:
        # One way for both, so that tools that were started are ended too. Nothing less: plugins
        # that raise SystemExit or KeyboardInterrupt are contained, and so would this be.
        received.append(number)
        raise Interrupted

    prepare()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ended)
    try:
        code = run()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except SystemExit as leaving:
        # Click's shell completion ends so.
        code = leaving.code if isinstance(leaving.code, int) else 0
    if received and code == _INTERRUPTED:
        code = 128 + received[-1]
    leave(code)


def leave(code: int) -> NoReturn:
    """End the process at once: threads of a plugin that hangs are not waited for."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass  # `| head`: who has read enough wants no noise
    except (OSError, ValueError) as error:
        if code == 0:
            from andon.cli.diagnostics import report
            from andon.cli.output import cannot_write

            code = report(cannot_write(error))
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
