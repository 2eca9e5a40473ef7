"""What a terminal may be and may say: few colours, no colours, no Unicode, slow, or none at all."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.factory import DEMO, console, environment, out_of_the_dialog
from tests.terminal.scanner import colours, sequences
from tests.terminal.session import Session, children, state_of, wait_until


def walk(session: Session) -> None:
    """Show a table, a dialog, help and palette: everything that is drawn by somebody else."""
    session.press("2", " Nodes  ")
    # The last rows take work; the first ones are out of service, and there is nothing to drain.
    session.send("Gk ")
    session.shows("1 marked")
    session.press("\r", "State")
    session.press("D", "leave  esc", "Reason", "Exact calls")
    session.until(lambda: "a reason is needed" in session.text, "what it takes")
    out_of_the_dialog(session)
    session.press("?", "Help", "Overview:")
    session.send("q")
    session.hides("Overview:")
    session.press(b"\x10", "earch for commands")
    session.send("\x1b")
    session.hides("earch for commands")
    session.press("/nope=1", "/nope=1", "^ no field")
    session.send(b"\x1b")
    session.hides("no field")


def test_no_color_writes_no_colour(tmp_path: Path) -> None:
    with console(tmp_path, changes={"NO_COLOR": "1"}) as session:
        walk(session)
        written = bytes(session.written)
    assert colours(written) == set()
    assert not any(
        b"39" in each or b"49" in each for each in sequences(written) if each[-1:] == b"m"
    )
    assert b"\x1b[7m" in written, "what the cursor is on is told without colour"


def test_an_empty_no_color_is_none(tmp_path: Path) -> None:
    with console(tmp_path, changes={"NO_COLOR": ""}) as session:
        assert colours(bytes(session.written))


def test_a_terminal_of_sixteen_colours_gets_those_only(tmp_path: Path) -> None:
    with console(tmp_path, changes={"TERM": "linux", "COLORTERM": None}) as session:
        walk(session)
        found = colours(bytes(session.written))
    own = {*range(30, 38), *range(90, 98), *range(40, 48), *range(100, 108)}
    assert found
    assert found <= own
    # Default text on a forced black ground, or black text on the default one, cannot be read on
    # half of all terminals.
    assert 40 not in found


def test_the_ansi_theme_keeps_to_sixteen_colours_in_a_terminal_of_more(tmp_path: Path) -> None:
    with console(tmp_path, "--theme", "andon-ansi") as session:
        walk(session)
        assert colours(bytes(session.written)) <= {
            *range(30, 38),
            *range(90, 98),
            *range(41, 48),
            *range(100, 108),
        }


@pytest.mark.parametrize(
    "changes",
    [
        {"LC_ALL": "C"},
        {"LANG": None},
        {"LANG": "de_DE.ISO-8859-1"},
        {"PYTHONIOENCODING": "iso8859-1"},
    ],
    ids=["C", "none", "ISO-8859-1", "ISO-8859-1 for Python"],
)
def test_without_unicode_everything_is_drawn_in_ascii(
    tmp_path: Path, changes: dict[str, str | None]
) -> None:
    with console(tmp_path, "--hostile", changes=changes) as session:
        walk(session)
        session.press("4", " Jobs  ")
        assert "?" in session.text
        assert bytes(session.written).isascii()
        session.send("q")
        session.shows("Problems")
        session.send("q")
        assert session.ends() == 0


@pytest.mark.parametrize("term", ["dumb", None])
def test_a_terminal_that_shows_no_screen_is_named_and_left_alone(
    tmp_path: Path, term: str | None
) -> None:
    with console(tmp_path, changes={"TERM": term}, drawn=False) as session:
        assert session.ends() == 2
        assert b"\x1b" not in session.written
        first, *hints = bytes(session.written).decode().splitlines()
        assert first.startswith("andon: the terminal says TERM=")
        assert len(hints) == 1


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_without_a_terminal_it_says_so_in_a_line(tmp_path: Path, stream: str) -> None:
    """One stream is a file or pipe, the others the terminal."""
    ours, theirs = os.openpty()
    to_it = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    to_it[stream] = subprocess.DEVNULL if stream == "stdin" else subprocess.PIPE
    with subprocess.Popen(
        DEMO,
        stdin=to_it["stdin"],
        stdout=to_it["stdout"],
        stderr=to_it["stderr"],
        env=environment(tmp_path),
        start_new_session=True,
    ) as process:
        os.close(theirs)
        piped, errors = process.communicate(timeout=30)
        said = b"".join(filter(None, (piped, errors)))
        while select.select([ours], [], [], 0)[0]:
            try:
                said += os.read(ours, 4096)
            except OSError:
                break
        os.close(ours)
        assert process.returncode == 2
        assert b"terminal" in said
        assert b"Traceback" not in said
        assert b"\x1b" not in said
        assert said.count(b"\n") <= 3


def test_a_killed_collector_is_told_and_replaced_while_keys_work(tmp_path: Path) -> None:
    with console(tmp_path) as session:
        session.press("2", " Nodes  18")
        [collector] = children(session.pid)
        os.kill(collector, signal.SIGKILL)
        session.until(lambda: "stale" in session.lines[1], "the header's word")
        for row in range(2, 6):
            session.press("j", f" {row}/18")
        session.until(lambda: children(session.pid) not in ([], [collector]), "another collector")
        session.until(lambda: "stale" not in session.lines[1], "fresh data")
        [second] = children(session.pid)
        session.send(b"\x03")
        assert session.ends() == 0
        assert state_of(second) == ""


def test_pause_holds_the_picture_while_data_arrives(tmp_path: Path) -> None:
    with console(tmp_path, "--speed", "120") as session:
        session.press("4", " Jobs  ")
        before = session.lines[2:]
        session.until(lambda: session.lines[2:] != before, "new data")
        session.press("p", "PAUSED 1s")
        held = session.lines[2:]
        session.until(lambda: "PAUSED 3s" in session.text, "three seconds")
        assert session.lines[2:] == held
        session.press("j", " 2/")
        session.send("k")
        session.shows(" 1/")
        assert session.lines[3:-1] == held[1:-1], "moving the cursor changes no data"
        session.send("p")
        session.hides("PAUSED")
        session.until(lambda: session.lines[2:] != held, "the data that arrived meanwhile")


def test_ctrl_r_asks_every_source_now(tmp_path: Path) -> None:
    with console(tmp_path) as session:
        session.press("7", " Sources  4")
        session.until(lambda: " 2s" in session.lines[1] or " 3s" in session.lines[1], "some age")
        session.press(b"\x12", "every source is asked now")
        session.until(
            lambda: session.lines[1].count(" 0s") >= 2 and " 4s" not in session.lines[1],
            "fresh ages",
        )


def slowly(session: Session, condition: Callable[[], bool], seconds: float) -> bool:
    """Read two thousand bytes a second until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        session.read(0.1, 200)
        wait_until(lambda: False, 0.1)
    return True


def test_a_line_of_two_kilobytes_a_second_delays_no_key_and_piles_nothing_up(
    tmp_path: Path,
) -> None:
    with console(tmp_path) as session:
        session.press("6", " Tenants  ")
        session.quiet(1)
        for row in range(2, 5):
            session.send("j")
            assert slowly(session, lambda row=row: f" {row}/" in session.text, 8)  # type: ignore[misc]
        # Many keys at once are drawn once, not one after another.
        session.send("jk" * 40 + "2")
        assert slowly(session, lambda: " Nodes  18" in session.text, 15)
        assert not session.findings


def test_bytes_that_are_no_letters_do_not_end_it(tmp_path: Path) -> None:
    with console(tmp_path) as session:
        session.send(b"\xe9\xff\xc3(\xed\xa0\x80\xf5")
        session.press("4", " Jobs  ")
        session.send(b"/\xe9\xff\n")
        session.shows(" /")
        assert session.status is None
        assert not session.findings
