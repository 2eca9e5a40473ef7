"""Commands in pipes and under ctrl-c."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from tests.terminal.factory import ANDON, NARROW, environment
from tests.terminal.scanner import findings
from tests.terminal.session import Session

DEMO = ("--demo", "--nodes", "18", "--jobs", "3000", "--hostile")


def test_head_takes_what_it_wants_and_nobody_complains(tmp_path: Path) -> None:
    for form in ("table", "json", "jsonl", "name"):
        argv = (*ANDON, "jobs", "ls", *DEMO, "-o", form)
        with subprocess.Popen(
            argv, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as command:
            assert command.stdout
            assert command.stderr
            first = command.stdout.readline()
            command.stdout.close()
            said = command.stderr.read()
            assert command.wait(30) == 0
        assert first
        assert b"Traceback" not in said
        assert b"Broken" not in said


def test_ctrl_c_ends_a_command_quietly_and_leaves_nothing(tmp_path: Path) -> None:
    argv = (*ANDON, "jobs", "ls", *DEMO[:3], "--jobs", "60000")
    session = Session(argv, environment(tmp_path), NARROW)
    try:
        session.quiet(0.8)
        session.send(b"\x03")
        assert session.ends() in (130, -signal.SIGINT)
        assert b"Traceback" not in session.written
        assert session.attributes == session.cooked
    finally:
        session.close()


def test_a_table_in_a_terminal_is_coloured_and_harmless(tmp_path: Path) -> None:
    session = Session((*ANDON, "jobs", "ls", *DEMO[:5], "--hostile"), environment(tmp_path), NARROW)
    try:
        assert session.ends() == 0
        assert not session.findings
        assert b"\x1b[" in session.written
    finally:
        session.close()
    session = Session(
        (*ANDON, "jobs", "ls", *DEMO), environment(tmp_path, {"NO_COLOR": "1"}), NARROW
    )
    try:
        assert session.ends() == 0
        assert not findings(bytes(session.written), known=False)
    finally:
        session.close()
