"""However the console ends or stops, the shell gets its terminal back and no process is left."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from pathlib import Path

import pytest

from tests.terminal.factory import ANDON, DEMO, NARROW, console
from tests.terminal.session import Session, Size, children, state_of, wait_until

TURNED_ON = (1000, 1003, 1004, 1006, 1015, 1049, 2004)
"""Private modes that the console turns on: mouse, focus, the other screen, bracketed paste."""


def last_setting(written: bytes, mode: int) -> str:
    """Return `h` or `l`: how a private mode was left."""
    on, off = written.rfind(b"\x1b[?%dh" % mode), written.rfind(b"\x1b[?%dl" % mode)
    return "h" if on > off else "l"


def is_given_back(session: Session, written: bytes | None = None) -> None:
    """Assert that the terminal is as it was found."""
    written = bytes(session.written) if written is None else written
    assert {mode: last_setting(written, mode) for mode in TURNED_ON} == dict.fromkeys(
        TURNED_ON, "l"
    )
    assert last_setting(written, 25) == "h", "the cursor is hidden"
    assert last_setting(written, 7) == "h", "long lines are not wrapped"
    assert written.count(b"\x1b[>25u") == written.count(b"\x1b[<u"), "the keyboard protocol stays"
    assert session.attributes == session.cooked


def after_the_screen(session: Session) -> str:
    """Return what was written after the other screen was left, without control sequences."""
    text = bytes(session.written).rpartition(b"\x1b[?1006l")[2]
    return text.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("keys", [b"q", b"\x03"], ids=["q", "ctrl-c"])
def test_a_key_that_leaves_gives_the_terminal_back(tmp_path: Path, keys: bytes) -> None:
    with console(tmp_path) as session:
        collectors = children(session.pid)
        session.send(keys)
        assert session.ends() == 0
        is_given_back(session)
        assert after_the_screen(session) == ""
        assert collectors
        assert [state_of(pid) for pid in collectors] == [""] * len(collectors)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_that_ends_gives_the_terminal_back(tmp_path: Path, name: str) -> None:
    number = signal.Signals[name]
    with console(tmp_path) as session:
        collectors = children(session.pid)
        session.kill(number)
        assert session.ends() == 128 + number
        is_given_back(session)
        assert [state_of(pid) for pid in collectors] == [""] * len(collectors)


def test_a_signal_during_the_start_gives_the_terminal_back(tmp_path: Path) -> None:
    with console(tmp_path, drawn=False) as session:
        session.until(lambda: b"\x1b[?1049h" in session.written, "the other screen")
        session.kill(signal.SIGTERM)
        assert session.ends() == 128 + signal.SIGTERM
        is_given_back(session)


def test_a_terminal_that_hangs_up_ends_the_console_and_its_collector(tmp_path: Path) -> None:
    with console(tmp_path) as session:
        collectors = children(session.pid)
        session.hang_up()
        session.ends(10)
        assert wait_until(lambda: not any(map(state_of, collectors)), 5)


def test_a_collector_does_not_outlive_a_console_that_was_killed(tmp_path: Path) -> None:
    with console(tmp_path) as session:
        collectors = children(session.pid)
        session.kill(signal.SIGKILL)
        assert session.ends() == -signal.SIGKILL
        assert wait_until(lambda: all(state_of(pid) in ("", "Z") for pid in collectors), 10)


CRASHING = """
import sys
import andon.tui.screens.main as main_screen
usual = main_screen.handler
def broken(key):
    if key.id != "pause":
        return usual(key)
    raise ValueError("boom \\x1b]0;EVIL\\x07 [/evil] [@click=app.quit]x[/]")
main_screen.handler = broken
from andon.cli.main import main
main()
"""


def test_a_crash_gives_the_terminal_back_and_says_one_clean_line(tmp_path: Path) -> None:
    argv = (sys.executable, "-P", "-c", CRASHING, *DEMO[len(ANDON) :])
    with console(tmp_path, argv=argv) as session:
        collectors = children(session.pid)
        session.send("p")
        assert session.ends() == 70
        is_given_back(session)
        said = after_the_screen(session)
        assert said.count("\n") == 1
        assert "internal error: ValueError: boom ␛]0;EVIL␇ [/evil] [@click=app.quit]x[/]" in said
        log = tmp_path / "state" / "andon" / "crash.log"
        assert str(log) in said
        assert "Traceback" in log.read_text()
        assert log.stat().st_mode & 0o777 == 0o600
        assert not session.findings
        assert [state_of(pid) for pid in collectors] == [""] * len(collectors)


SHELL = ("/bin/sh", "-i")


def started_from_a_shell(session: Session, command: tuple[str, ...] = DEMO) -> None:
    """Type the command at a shell's prompt and wait for the console."""
    session.send(shlex.join(command) + "\n")
    session.shows("Problems", "running")


def test_ctrl_z_gives_the_shell_its_terminal_and_fg_brings_the_screen_back(tmp_path: Path) -> None:
    with console(tmp_path, argv=SHELL, drawn=False) as session:
        started_from_a_shell(session)
        [andon] = children(session.pid)
        [collector] = children(andon)
        session.send(b"\x1a")
        session.shows("Stopped")
        is_given_back(session)
        assert state_of(andon) == "T"
        session.press("echo six-times-seven-is-$((6*7))\n", "six-times-seven-is-42")
        session.resize(Size(100, 30))
        start = len(session.written)
        session.send("fg\n")
        session.shows("Andon", "Problems", "running", "q quit")
        assert b"\x1b[?1049h" in session.written[start:]
        session.until(lambda: len(session.lines[0].rstrip()) > NARROW.columns, "the new width")
        session.press("4", " Jobs  ")
        assert children(andon) == [collector]
        session.send("qq")
        session.until(lambda: not state_of(andon), "its end")
        session.press("echo it-ended-with-$?\n", "it-ended-with-0")
        is_given_back(session)


def test_a_continue_that_no_ctrl_z_preceded_keeps_the_terminals_own_settings(
    tmp_path: Path,
) -> None:
    """As after `kill -STOP`: nobody told the console before."""
    with console(tmp_path) as session:
        session.kill(signal.SIGSTOP)
        assert wait_until(lambda: state_of(session.pid) == "T", 5)
        goes_on(session)
        session.press("2", " Nodes  18")
        threads = len(os.listdir(f"/proc/{session.pid}/task"))
        goes_on(session)
        session.press("4", " Jobs  ")
        assert len(os.listdir(f"/proc/{session.pid}/task")) <= threads
        session.send(b"\x03")
        assert session.ends() == 0
        is_given_back(session)


def goes_on(session: Session) -> None:
    """Continue it, stopped or not, and wait until it has taken the terminal once more."""
    taken = session.written.count(b"\x1b[?1049h")
    session.kill(signal.SIGCONT)
    session.until(lambda: session.written.count(b"\x1b[?1049h") > taken, "the screen")


def test_bg_leaves_the_terminal_to_the_shell(tmp_path: Path) -> None:
    with console(tmp_path, argv=SHELL, drawn=False) as session:
        started_from_a_shell(session)
        [andon] = children(session.pid)
        session.send(b"\x1a")
        session.shows("Stopped")
        session.send("bg\n")
        assert wait_until(lambda: state_of(andon) == "T", 5)
        session.press("echo still-$((40+2))\n", "still-42")
        is_given_back(session)
        session.send("fg\n")
        session.until(lambda: last_setting(bytes(session.written), 1049) == "h", "the screen")
        session.shows("Problems", "running")
