"""Hostile names, reasons, errors and input in the console: all of it is text, none of it acts.

Two factories: the demo with hostile names, and a backend of a plugin of ours that is hostile in
every field, in its faults, plans, outcomes and raw records, and one more of a plugin that cleans
nothing. Every byte that reaches the terminal is read by a strict scanner.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.factory import (
    ANDON,
    EVIL_MODES,
    NARROW,
    WIDE,
    console,
    out_of_the_dialog,
    with_evil_sources,
)
from tests.terminal.session import NotSeen, Session, Size

TYPED = "[@click=app.quit]x[/] [/evil] %s{0}"
PASTED = "\x1b]0;pwned\x07[/evil]\x9b2J\u202e\ud800"
VIEWS = {"2": "Nodes", "3": "GPUs", "4": "Jobs", "5": "Queues", "6": "Tenants", "7": "Sources"}


CLEAN, DIRTY = (NARROW, EVIL_MODES), (WIDE, ("dirty", "crash"))
on_both = pytest.mark.parametrize(
    "hostile_console", [CLEAN, DIRTY], ids=["clean-80x24", "dirty-200x50"], indirect=True
)
on_one = pytest.mark.parametrize("hostile_console", [CLEAN], ids=["clean-80x24"], indirect=True)


@pytest.fixture(scope="module")
def hostile_console(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """A console on hostile sources, armed; shared: whatever is done in it, it must live on."""
    size, modes = request.param
    home = tmp_path_factory.mktemp("evil")
    changes = with_evil_sources(home, modes)
    argv = (*ANDON, "--write")
    with console(home, size=size, changes=changes, argv=argv, drawn=False) as session:
        session.shows("Andon", "Problems", "pwned")
        yield session
        assert session.status is None
        assert not (home / "state" / "andon" / "crash.log").exists()


def is_harmless(session: Session) -> None:
    """Assert that nothing hostile was more than text, and that the console lives."""
    session.quiet(0.1)
    assert session.status is None
    assert not session.findings
    assert session.lines[0].startswith(" Andon ")


def to_board(session: Session) -> None:
    """Leave whatever is open, one thing after the other, until the overview is shown."""
    for _ in range(8):
        session.send("\x1b")
        session.quiet(0.15)
        session.send("1")
        with contextlib.suppress(NotSeen):
            session.shows("Problems", "? help", seconds=0.4)
            return
    raise NotSeen(f"the overview did not come; there is:\n{session.text}")


@pytest.fixture
def evil(hostile_console: Session) -> Session:
    to_board(hostile_console)
    return hostile_console


def to_view(session: Session, key: str) -> None:
    """Go to a view by its digit."""
    session.send(key)
    session.until(lambda: session.lines[2].startswith(f" {VIEWS[key]} "), f"the view {VIEWS[key]}")


@on_both
def test_tables_details_and_raw_records_show_hostile_text_as_text(evil: Session) -> None:
    for key in VIEWS:
        to_view(evil, key)
        evil.until(lambda: "pwned" in evil.text, "hostile rows")
        evil.send("jjw")
        evil.press("\r", " ─")
        evil.send("\tjjjjjGg\toIwGg")
        if key != "7":
            evil.send("y")
            evil.until(lambda: evil.lines[-1].startswith(" ↑↓ scroll"), "the raw record")
            evil.send("wlllGq")
            evil.until(lambda: evil.lines[0].startswith(" Andon "), "the table")
        evil.send("q")
        is_harmless(evil)


@on_one
def test_clicks_on_hostile_cells_do_what_clicks_on_others_do(evil: Session) -> None:
    for key in ("1", *VIEWS):
        evil.send(key)
        evil.quiet(0.1)
        for row in range(2, evil.size.rows - 1, 3):
            for column in (4, 9, 14, 22, 35, 50, 66, 120, 180):
                if column < evil.size.columns:
                    evil.click(column, row)
        evil.send("\r")
        for row in range(evil.size.rows // 2, evil.size.rows - 1, 3):
            for column in (3, 20, 45):
                evil.click(column, row)
        is_harmless(evil)


@on_both
def test_a_plan_its_toast_and_its_outcome_show_hostile_text_as_text(evil: Session) -> None:
    to_view(evil, "2")
    evil.press("/pwned-click", " /pwned-click")
    evil.send("\r")
    evil.until(lambda: " 1/1" in evil.lines[2], "one row")
    evil.press("D", "leave  esc", "a reason is needed")
    evil.until(lambda: "[@click=app.quit]" in evil.text, "the plan")
    evil.quiet(0.5)
    evil.paste(PASTED)
    evil.send(TYPED)
    evil.shows("[@click=app.quit]x[/] [/evil] %s")
    for row in range(2, evil.size.rows - 5):
        evil.click(30, row)
    assert "leave  esc" in evil.text
    evil.send("\x1b")
    evil.hides("leave  esc")
    # Once more with a reason that can be sent.
    evil.press("D", "leave  esc", "a reason is needed")
    evil.quiet(0.5)
    evil.send("[/evil] [@click=app.quit]x[/]")
    evil.until(lambda: "a reason is needed" not in evil.text, "the reason")
    evil.send("\r")
    evil.send("y")
    evil.hides("leave  esc")
    evil.shows("failed", "[/pwned-close]")
    for row, line in enumerate(evil.lines):
        for column in (line.find("pwned-click"), line.rfind("pwned-click")):
            if column >= 0 and row > evil.size.rows // 2:
                evil.click(column, row)
    is_harmless(evil)


@on_both
def test_many_hostile_targets_in_one_plan_are_text(evil: Session) -> None:
    to_view(evil, "4")
    evil.send("g j j j ")
    evil.shows("marked")
    evil.press("\x04", "leave  esc")
    evil.until(lambda: "pwned" in evil.text, "the plan")
    out_of_the_dialog(evil)
    evil.send("/pwned-close\r")
    evil.until(lambda: " 1/1" in evil.lines[2], "one row")
    evil.send("\x1c")
    evil.press("x", "cancel", "Job [/pwned-close]")
    evil.send("\x1b")
    is_harmless(evil)


@on_one
@pytest.mark.parametrize("opened", [":", "/", "\x10"], ids=["command", "filter", "palette"])
def test_hostile_input_is_shown_as_text(evil: Session, opened: str) -> None:
    to_view(evil, "4")
    for pasted in (PASTED, "two\nlines\r\x00" + "x" * 9_000):
        evil.send(opened)
        evil.quiet(0.1)
        evil.paste(pasted)
        evil.send(TYPED)
        evil.quiet(0.1)
        evil.send("\t\t\r")
        is_harmless(evil)
        to_board(evil)


@on_both
def test_completions_and_errors_of_commands_are_text(evil: Session) -> None:
    to_view(evil, "6")
    for word in ("tenant", "site", "source", "columns", "sort", "theme"):
        evil.press(f":{word} ", f":{word}")
        evil.send("\t\t\t[/evil]\r")
        evil.quiet(0.1)
        evil.send(b"\x15\r")
        is_harmless(evil)


@on_one
def test_help_over_hostile_rows_is_text(evil: Session) -> None:
    to_view(evil, "4")
    evil.press("?", "Help")
    evil.send("q")
    evil.hides("Plain letters look")
    is_harmless(evil)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "200x50"])
def test_the_hostile_demo_can_be_walked_through(tmp_path: Path, size: Size) -> None:
    with console(tmp_path, "--hostile", size=size) as session:
        for key in VIEWS:
            to_view(session, key)
            session.send("jj")
            session.press("\r", "? help")
            session.send("\tjj\tw")
            for row in range(3, size.rows - 2, 3):
                session.click(20, row)
                session.click(45, row)
            session.send("q")
            if key == "4":
                session.press("X", " ─")
                session.send("q")
        to_view(session, "4")
        session.press("/state=pending,running & name~'␛|@click|/evil'\r", " of ")
        session.send("g")
        session.press("\x04", "leave  esc")
        session.quiet(0.5)
        session.send("\t[/evil] why\r")
        session.quiet(0.2)
        assert "leave  esc" in session.text or "kill" in session.text
        session.send("\x1b")
        session.hides("leave  esc")
        is_harmless(session)
