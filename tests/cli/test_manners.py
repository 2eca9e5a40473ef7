"""What shells, terminals and locales do to a command, and how it bears it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import PAR1
from tests.cli.process import COMMAND, DEADLINE_SECONDS, andon, at_terminal, environ, shell

DEMO = " ".join(PAR1)
POSIX = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
CRON = {"LC_ALL": ""}
"""No variable names a locale."""
PLAIN_C = {"LC_ALL": "C"}
LATIN_NAMED = {"LC_ALL": "", "LANG": "de_DE.ISO-8859-1"}
LATIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "iso-8859-1"}
SGR = b"\x1b["


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "name"])
def test_a_reader_that_has_enough_ends_it_quietly(home: Path, form: str) -> None:
    many = "--demo --nodes 300 --jobs 20000"
    said = shell(home, f"$ANDON jobs ls {many} -o {form} | head -n 2; exit ${{PIPESTATUS[0]}}")
    assert said.returncode == 0
    assert len(said.stdout.splitlines()) == 2
    assert b"Broken pipe" not in said.stderr
    assert b"Traceback" not in said.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["nodes ls", "nodes ls -o json", "status", "doctor"])
def test_closed_streams_change_nothing_but_what_is_seen(
    home: Path, closed: str, command: str
) -> None:
    said = shell(home, f"$ANDON {command} {DEMO} {closed}")
    assert said.returncode in (0, 1)
    assert b"Traceback" not in said.stderr
    assert b"internal error" not in said.stderr
    if ">&-" not in closed.replace("2>&-", ""):
        assert said.stdout


def test_nothing_is_written_into_files_that_took_a_closed_streams_place(home: Path) -> None:
    said = shell(home, f"$ANDON nodes drain gpu-par1-001 {DEMO} --yes --reason x <&- >&- 2>&-")
    assert said.returncode == 0
    lines = andon(home, "journal", "ls", "-o", "jsonl").stdout.splitlines()
    assert [json.loads(line)["phase"] for line in lines] == [
        "plan", "intent", "outcome", "verify", "end",
    ]  # fmt: skip


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize(
    "command", [f"nodes ls {DEMO}", f"nodes ls {DEMO} -o json", "--help", f"feed {DEMO}"]
)
def test_a_full_disk_is_said_and_is_no_success(home: Path, command: str) -> None:
    said = shell(home, f"$ANDON {command} > /dev/full")
    assert said.returncode == 3
    assert b"cannot be written: No space left" in said.stderr


@pytest.mark.parametrize(
    "locale",
    [POSIX, PLAIN_C, CRON, LATIN, LATIN_NAMED],
    ids=["posix", "C", "cron", "latin-1", "latin-1 by name"],
)
def test_tables_stay_aligned_where_letters_are_few(home: Path, locale: dict[str, str]) -> None:
    known = andon(home, "nodes", "ls", *PAR1, "--columns", "name,reason,jobs")
    plain = andon(home, "nodes", "ls", *PAR1, "--columns", "name,reason,jobs", **locale)
    assert plain.returncode == 0
    encoding = "latin-1" if locale in (LATIN, LATIN_NAMED) else "ascii"
    few = plain.stdout.decode(encoding).splitlines()
    assert [len(line) for line in few] == [len(line) for line in known.stdout.decode().splitlines()]


@pytest.mark.parametrize("locale", [PLAIN_C, LATIN], ids=["C", "latin-1"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("jobs", "ls", "--help"),
        ("jobs", "ls", "--bogus"),
        ("jobs", "ls", "-f", "gpus>", *PAR1),
        ("status", *PAR1),
        ("gpus", "ls", "-o", "wide", *PAR1),
        ("nodes", "drain", "gpu-par1-001", "--dry-run", "--reason", "x", *PAR1),
    ],
    ids=" ".join,
)
def test_no_command_fails_for_a_letter(
    home: Path, locale: dict[str, str], arguments: tuple[str, ...]
) -> None:
    said = andon(home, *arguments, **locale)
    assert said.returncode in (0, 1, 2, 3)
    for written in (said.stdout, said.stderr):
        written.decode("ascii" if locale is PLAIN_C else "latin-1")
        assert b"\\u" not in written
        assert b"Traceback" not in written


def test_json_is_utf_8_in_every_locale(home: Path) -> None:
    said = andon(home, "jobs", "ls", "--hostile", "-o", "json", *PAR1, **POSIX)
    assert json.loads(said.stdout.decode("utf-8"))["items"]


def test_colour_is_for_terminals_that_want_it(home: Path) -> None:
    listing = ("nodes", "ls", *PAR1)
    assert SGR not in andon(home, *listing, TERM="xterm-256color").stdout
    code, written = at_terminal(listing, environ(home, TERM="xterm-256color"), {})
    assert code == 0
    assert SGR in written
    for more in ({"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}, {}):
        code, written = at_terminal(listing, environ(home, **more), {})
        assert code == 0
        assert b"\x1b" not in written


def test_what_is_asked_at_a_terminal_is_done_when_the_word_is_typed(home: Path) -> None:
    drain = ("nodes", "drain", "gpu-par1-[001-002]", "--reason", "x", *PAR1)
    surroundings = environ(home, TERM="dumb")
    for wrong in (b"\n", b"y\n", b"\x04"):
        code, written = at_terminal(drain, surroundings, {b"targets: 2:": wrong})
        assert code == 130
        assert b"nothing was sent" in written
    assert andon(home, "journal", "ls", "-o", "jsonl").stdout == b""
    code, written = at_terminal(drain, surroundings, {b"targets: 2:": b"2\n"})
    assert code == 0
    assert written.count(b"confirmed") == 2


def test_interrupting_at_the_question_sends_nothing(home: Path) -> None:
    drain = ("nodes", "drain", "gpu-par1-001", "--reason", "x", *PAR1)
    code, written = at_terminal(drain, environ(home), {b"type y:": b"\x03"})
    assert code == 130
    assert b"Traceback" not in written
    assert andon(home, "journal", "ls", "-o", "jsonl").stdout == b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_feed_ends_at_once(home: Path, number: int, code: int) -> None:
    with subprocess.Popen(
        [*COMMAND, "feed", *PAR1],
        env=environ(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as feed:
        assert feed.stdout is not None
        assert feed.stderr is not None
        assert len(feed.stdout.read(64)) == 64
        feed.send_signal(number)
        assert feed.wait(DEADLINE_SECONDS) == code
        assert b"Traceback" not in feed.stderr.read()


def test_a_feed_without_a_reader_ends_quietly(home: Path) -> None:
    said = shell(home, f"$ANDON feed {DEMO} | head -c 64; exit ${{PIPESTATUS[0]}}")
    assert said.returncode == 0
    assert len(said.stdout) == 64
    assert said.stderr == b""


@pytest.mark.parametrize("gone", [">&-", "> /dev/null"])
def test_a_feed_that_nobody_can_read_is_not_begun(home: Path, gone: str) -> None:
    said = shell(home, f"$ANDON feed {DEMO} {gone}")
    assert said.returncode == 2
    assert b"nobody reads the feed" in said.stderr


def test_a_tool_that_hangs_is_ended_with_the_command_that_started_it(home: Path) -> None:
    slow = home / "slurm"
    slow.mkdir()
    started = home / "started"
    for name in ("squeue", "sinfo", "scontrol", "sacctmgr"):
        tool = slow / name
        tool.write_text(f"#!/bin/sh\necho $$ > {started}\nexec /bin/sleep 600\n")
        tool.chmod(0o755)
    config = home / "config.toml"
    config.write_text(f'[[sources]]\nplugin = "slurm"\nbin = "{slow}"\n')
    with subprocess.Popen(
        [*COMMAND, "jobs", "ls", "--config", str(config)],
        env=environ(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        _until(lambda: started.exists() and started.read_text().endswith("\n"))
        tool_pid = int(started.read_text())
        command.send_signal(signal.SIGINT)
        assert command.wait(DEADLINE_SECONDS) == 130
    _until(lambda: not _runs(tool_pid))


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.02)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
