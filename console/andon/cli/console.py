"""Opening the console from a command. The only command that imports the screen."""

from __future__ import annotations

import sys

from andon.cli.options import Settings
from andon.cli.session import Session
from andon.runtime.config_problems import allowed_text, closest
from andon.runtime.themes import theme_names
from andon.sdk.errors import UsageError


def open_console(
    settings: Settings,
    *,
    armed: bool,
    theme: str | None,
    view: str = "overview",
    how_to_arm: str = "",
) -> int:
    """Open the console on the session's sources and return its exit code.

    `how_to_arm` is said to who would act in one that is not armed.

    Raises:
        UsageError: there is no such theme; stdin or stdout is no terminal.
    """
    if theme is not None and theme not in (known := theme_names()):
        raise UsageError(
            f"--theme: there is no “{theme}”", hint=allowed_text(closest(theme, known))
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the console needs a terminal",
            hint="in a script use `andon status` or `andon nodes ls`; `andon --help` lists more",
        )
    session = Session(settings, every_plugin=True)
    from andon.tui.run import run_tui

    return run_tui(
        config=session.config,
        resolution=session.resolution,
        discovery=session.discovery,
        paths=session.paths,
        environ=session.environ,
        armed=armed,
        theme=theme,
        view=view,
        scope=session.scope,
        demo=session.demo_request,
        config_file=settings.config_file,
        specs=session.specs if session.resolution.specs else None,
        debug=settings.debug_file is not None,
        how_to_arm=how_to_arm,
    )
