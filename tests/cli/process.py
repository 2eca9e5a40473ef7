"""The command as a process of its own, for what a terminal and a shell do to it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.conftest import environment

COMMAND = (sys.executable, "-P", "-m", "andon.cli.main")
DEADLINE_SECONDS = 60.0


def environ(home: Path, **more: str) -> dict[str, str]:
    """Return a small environment in which nothing of the machine is found."""
    return {**environment(home), "PATH": str(home / "bin"), "LC_ALL": "C.UTF-8", **more}


def andon(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run `andon` with pipes and nothing to read."""
    return subprocess.run(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        env=environ(home, **more),
        capture_output=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


def shell(home: Path, line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which `$ANDON` is the command."""
    environment_ = environ(home, **more)
    environment_["PATH"] = os.defpath
    return subprocess.run(
        ["bash", "-c", line.replace("$ANDON", " ".join(COMMAND))],
        env=environment_,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


def at_terminal(
    arguments: Sequence[str], environment_: Mapping[str, str], answers: Mapping[bytes, bytes]
) -> tuple[int, bytes]:
    """Run `andon` in a pseudo-terminal and answer what it asks.

    Args:
        arguments: of the command.
        environment_: the whole environment.
        answers: what to type once a text has been shown, in this order.

    Returns:
        Its exit code and every byte it wrote.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(COMMAND[0], [*COMMAND, *arguments], dict(environment_))
    written = b""
    seen = 0
    waiting = list(answers.items())
    while True:
        try:
            data = os.read(terminal, 65_536)
        except OSError:
            break
        if not data:
            break
        written += data
        while waiting and waiting[0][0] in written[seen:]:
            text, answer = waiting.pop(0)
            seen = written.index(text, seen) + len(text)
            os.write(terminal, answer)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), written
