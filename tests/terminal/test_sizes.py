"""Small, growing and shrinking terminals: never a crash, and something usable at 40x10."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.factory import console, out_of_the_dialog
from tests.terminal.session import Session, Size

VIEWS = {
    "2": "Nodes",
    "3": "GPUs",
    "4": "Jobs",
    "5": "Queues",
    "6": "Tenants",
    "7": "Sources",
}
SMALL = Size(40, 10)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with console(tmp_path_factory.mktemp("small"), size=SMALL, drawn=False) as session:
        session.shows("Andon", "Problems", "q quit")
        yield session


@pytest.mark.parametrize("key", VIEWS)
def test_every_view_is_usable_at_40x10(small: Session, key: str) -> None:
    small.press(key, f" {VIEWS[key]}  ", "? help")
    small.until(lambda: sum(bool(line.strip()) for line in small.lines) >= 6, "its first rows")
    assert small.lines[0].startswith(" Andon ")
    assert "DEMO" in small.lines[0]
    assert small.lines[-1].startswith(" ? help")


def test_a_thing_its_act_and_the_help_can_be_read_at_40x10(small: Session) -> None:
    small.press("2", " Nodes  ")
    small.press("\r", " at ", "State")
    small.send("\x1b")
    small.shows(" Nodes  ")
    # The last node takes work; the first ones may be out of service already.
    small.press("G", "18/18")
    small.press("D", "Stop new work", "Reason", "leave  esc", "stop new work")
    small.until(lambda: "a reason is needed" in small.text, "what it takes")
    out_of_the_dialog(small)
    small.press("?", "Help", "Views", "q back")
    small.send("q")
    small.press("/gpu", " /gpu")
    small.send(b"\x1b")
    small.hides(" /gpu")
    small.press(":job", "jobs")
    small.press("\r", " Jobs  ")
    assert small.status is None


def test_resizing_while_keys_are_pressed_never_ends_it(tmp_path: Path) -> None:
    sizes = [(40, 10), (20, 5), (1, 1), (300, 80), (5, 2), (40, 10), (80, 3), (3, 40), (80, 24)]
    with console(tmp_path) as session:
        session.press("4", " Jobs  ")
        session.press("\r", "Submitted")
        for columns, rows in sizes:
            session.resize(Size(columns, rows))
            for key in ("j", "\t", "G", "w", "l", "k", "g", "2", "?", "q", "4", "\r", ":", "\x1b"):
                session.send(key)
                session.read(0.01)
        session.quiet(0.5)
        session.send("\x1b")
        session.quiet(0.5)
        session.press("1", "Andon", "Problems", "? help")
        assert not session.findings
        session.send("q")
        assert session.ends() == 0
