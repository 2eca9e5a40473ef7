"""Owns stderr and the exit codes: one line for what went wrong, one for what to do next."""

from __future__ import annotations

import logging
import select
import shutil
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

from andon.cli.wrapping import wrapped
from andon.sdk.clean import clean
from andon.sdk.errors import (
    EXIT_BUG,
    EXIT_DENIED,
    EXIT_DOWN,
    EXIT_OK,
    EXIT_PARTIAL,
    AndonError,
)

_LOOK_UP_SECONDS = 0.5
_log = logging.getLogger("andon.cli")
# Without a handler of its own, logging prints to stderr what belongs in the debug file.
logging.getLogger().addHandler(logging.NullHandler())


def width() -> int | None:
    """Return how many cells a line of talk has; `None` when nobody sees it on a terminal."""
    return shutil.get_terminal_size().columns if sys.stderr.isatty() else None


def say(text: str) -> None:
    """Print one line of talk to stderr; on a terminal it goes on between words, set in."""
    try:
        for line in wrapped(clean(text, limit=2_000), width()):
            sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        # Nobody listens: talk is never worth failing for.
        return


def ask(question: str) -> str:
    """Ask on stderr and return the answer from stdin; the end of input is an empty answer."""
    try:
        sys.stderr.write(clean(question, limit=2_000) + " ")
        sys.stderr.flush()
    except (OSError, ValueError):
        return ""
    while sys.stdin.isatty() and not select.select([sys.stdin], [], [], _LOOK_UP_SECONDS)[0]:
        # A ctrl-c that came just before one waits would be noticed only with the next key.
        pass
    return sys.stdin.readline().strip()


def report(error: AndonError) -> int:
    """Print an error and its hint; return its exit code."""
    say(f"andon: {error.message}")
    if error.hint:
        say(f"  → {error.hint}")
    _log.debug("reported", exc_info=error)
    return error.exit_code


def report_bug(error: BaseException, debug_file: Path | None) -> int:
    """Print one line about a fault of ours; the traceback goes to the debug file only."""
    kind = type(error).__name__
    say(f"andon: internal error: {kind}: {error}")
    if debug_file is None:
        say("  → run it again with --debug FILE and report the file")
    else:
        say(f"  → the traceback is in {debug_file}")
    _log.error("bug\n%s", "".join(traceback.format_exception(error)))
    return EXIT_BUG


def say_silent(name: str, message: str, hint: str) -> None:
    """Say why a source did not report, and what to do about it."""
    say(f"andon: {message}" if message.startswith(f"{name}:") else f"andon: {name}: {message}")
    if hint:
        say(f"  → {hint}")


def source_exit(faults: Iterable[tuple[str, str, str, bool]], *, reported: int) -> int:
    """Say which sources did not report and return the exit code that follows.

    Args:
        faults: for each source that failed its name, message, hint and whether it was denied.
        reported: how many sources did report.

    Returns:
        0 without faults, 3 when others reported, else 4 (all denied) or 5.
    """
    all_denied = True
    count = 0
    for name, message, hint, denied in faults:
        count += 1
        all_denied = all_denied and denied
        say_silent(name, message, hint)
    if not count:
        return EXIT_OK
    if reported:
        return EXIT_PARTIAL
    return EXIT_DENIED if all_denied else EXIT_DOWN
