"""Consoles on the simulated factory, each with a home of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from andon.tui.screens.dialog import DEAF_SECONDS
from tests.terminal.session import NotSeen, Session, Size

ANDON = (sys.executable, "-P", "-c", "from andon.cli.main import main; main()")
"""The command, as its entry point runs it."""
DEMO = (*ANDON, "demo", "--nodes", "18", "--jobs", "120")
NARROW, WIDE = Size(80, 24), Size(200, 50)


def environment(home: Path, changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return an environment that knows no file outside `home`.

    Args:
        home: where configuration, state and cache go.
        changes: variables to set, or with `None` to leave out.
    """
    environ: dict[str, str | None] = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        **(changes or {}),
    }
    return {name: value for name, value in environ.items() if value is not None}


@contextmanager
def console(
    home: Path,
    *options: str,
    size: Size = NARROW,
    changes: Mapping[str, str | None] | None = None,
    argv: tuple[str, ...] = DEMO,
    drawn: bool = True,
) -> Iterator[Session]:
    """Open a console in a terminal; end it whatever happens.

    Args:
        home: where it keeps its files.
        options: more words for the command.
        size: of the terminal.
        changes: to its environment.
        argv: the command before the options.
        drawn: wait until the first data is on the screen.
    """
    session = Session((*argv, *options), environment(home, changes), size)
    try:
        if drawn:
            session.shows("Andon", "Problems", "Jobs")
            session.until(lambda: "running" in session.text, "the first data")
        yield session
    finally:
        session.close()


def out_of_the_dialog(session: Session) -> None:
    """Leave a dialog by esc, once it takes keys: those typed at once are dropped."""
    session.quiet(DEAF_SECONDS)
    for _ in range(5):
        session.send("\x1b")
        session.quiet(0.2)
        if "leave  esc" not in session.text:
            return
    raise NotSeen(f"the dialog stays; there is:\n{session.text}")


EVIL = Path(__file__).parent / "evil"
EVIL_MODES = ("clean", "denied", "garbled", "crash")


def with_evil_sources(home: Path, modes: tuple[str, ...] = EVIL_MODES) -> dict[str, str | None]:
    """Install the hostile plugin for one home and configure a source of each mode.

    Returns:
        what that changes in the environment.
    """
    installed = home / "installed" / "andon_evil-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: andon-evil\nVersion: 1.0\n")
    points = "[andon.plugins.v1]\nevil = andon_evil:plugin\n"
    (installed / "entry_points.txt").write_text(points)
    config = home / "config" / "andon" / "config.toml"
    config.parent.mkdir(parents=True)
    tables = [
        f'[[sources]]\nplugin = "evil"\nname = "evil-{mode}"\nsite = "s1"\nmode = "{mode}"\n'
        for mode in modes
    ]
    config.write_text('[[sites]]\nname = "s1"\n\n' + "\n".join(tables))
    return {"PYTHONPATH": f"{installed.parent}:{EVIL}"}
