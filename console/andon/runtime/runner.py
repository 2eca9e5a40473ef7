"""The runner: one process that carries out one confirmed plan, whatever becomes of the terminal.

`andon plan run FILE`, or `python -m andon.runtime.runner FILE`. It opens only sources of the user's
own configuration: a plan file names no code.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from andon.runtime.claim import claim
from andon.runtime.clock import Clock, SystemClock
from andon.runtime.journal import journal_of
from andon.runtime.paths import Paths
from andon.runtime.plan_file import (
    PlanFile,
    PlanStale,
    load_plan,
    plans_folder,
    refuse_expired,
)
from andon.runtime.private import private_folder
from andon.runtime.reach import Reach, reach
from andon.runtime.running import Running
from andon.runtime.verify import Reader
from andon.sdk.errors import EXIT_BUG, EXIT_DENIED, EXIT_USAGE, AndonError

OpenReach = Callable[[PlanFile, Paths, Mapping[str, str]], Reach]
_IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)


def run_plan_file(
    path: Path,
    *,
    paths: Paths,
    environ: Mapping[str, str],
    clock: Clock | None = None,
    open_reach: OpenReach = reach,
) -> int:
    """Carry out the plan in a file and return the exit code.

    A closed terminal and ctrl-c do not end it; SIGTERM ends it after the step in hand.

    Args:
        path: the plan file.
        paths: where journal and claims are kept.
        environ: the process environment, for configuration and sources.
        clock: time; the machine's by default.
        open_reach: how the plan's sources are reached; by configuration by default.

    Raises:
        PlanStale: edited, expired, started before, or another user's.
        JournalUnwritable: nothing, or nothing further, was sent.
        AndonError: the file or the configuration cannot be read.
    """
    file = load_plan(path)
    with _unhurried():
        return asyncio.run(
            run_plan(
                file,
                paths=paths,
                environ=environ,
                clock=clock or SystemClock(),
                open_reach=open_reach,
            )
        )


async def run_plan(
    file: PlanFile,
    *,
    paths: Paths,
    environ: Mapping[str, str],
    clock: Clock,
    open_reach: OpenReach = reach,
) -> int:
    """Carry out a loaded plan; see `run_plan_file`."""
    now = clock.now()
    refuse_expired(file.plan, now)
    if file.origin.uid != os.getuid():
        raise PlanStale(
            f"plan {file.plan.id} was confirmed by {file.origin.actor}",
            hint="plans are run as the user who confirmed them",
        )
    world = open_reach(file, paths, environ)
    journal = journal_of(paths)
    folder = plans_folder(paths.state)
    try:
        held = claim(private_folder(folder), file.plan.id, now)
    except OSError as error:
        raise _NoState(folder, error) from error
    reader = Reader(world.open, clock)
    running = Running(file, world, journal, clock, reader)
    try:
        with _stopping(running):
            code = await running.run()
        # What is finished needs no settling; the claim stays, so that it cannot run again.
        (folder / f"{file.plan.id}.json").unlink(missing_ok=True)
        return code
    finally:
        await reader.close()
        held.release()


class _NoState(AndonError):
    """The state folder cannot be written, so nothing may be sent."""

    exit_code = EXIT_DENIED

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(
            f"the state folder {folder} cannot be written: {error.strerror}",
            hint="nothing was sent; make the folder writable",
        )


@contextlib.contextmanager
def _stopping(running: Running) -> Iterator[None]:
    """Let SIGTERM end the run after the step in hand."""
    if threading.current_thread() is not threading.main_thread():
        # Whoever owns the process owns its signals.
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: running.stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _unhurried() -> Iterator[None]:
    """Ignore what a closing terminal and its keys send, while a plan is carried out."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _IGNORED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(arguments: list[str], open_reach: OpenReach = reach) -> int:
    """Run the one plan file named in `arguments`; complaints go to stderr."""
    os.umask(0o077)
    try:
        if len(arguments) != 1:
            sys.stderr.write("andon: the runner takes one plan file\n")
            return EXIT_USAGE
        return run_plan_file(
            Path(arguments[0]),
            paths=Paths.from_environ(os.environ),
            environ=os.environ,
            open_reach=open_reach,
        )
    except AndonError as error:
        sys.stderr.write(f"andon: {error.message}\n  → {error.hint}\n")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the log is the only place where a bug can be told
        traceback.print_exc()
        sys.stderr.write(f"andon: internal error: {type(error).__name__}\n")
        return EXIT_BUG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
