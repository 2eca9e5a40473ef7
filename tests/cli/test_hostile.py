"""Names made to drive a terminal come out of every command as text."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest

from andon.views.registry import VIEWS
from tests.cli.conftest import PAR1, Andon, Said

HOSTILE = (*PAR1, "--hostile")
TABLES = [view.name for view in VIEWS if view.columns]
FORMATS = ("table", "wide", "json", "jsonl", "name")
ACTS = ("--reason", "x", "--yes")
_BAD = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def harmless(said: Said) -> None:
    """Check every character that was written: newlines apart, none does anything."""
    for text in (said.data.decode("utf-8"), said.talk):
        bad = {letter for letter in text if unicodedata.category(letter) in _BAD} - {"\n"}
        assert not bad, sorted(map(ascii, bad))
    assert said.code != 70


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("view", TABLES)
def test_lists_hold_no_control(andon: Andon, view: str, form: str) -> None:
    said = andon(view, "ls", *HOSTILE, "-o", form)
    harmless(said)
    assert said.code == 0
    if form == "json":
        assert said.json["items"]
        # Also once decoded: `\\u001b` in JSON would only put the attack off.
        decoded = json.dumps(said.json, ensure_ascii=False)
        assert not re.search(r"\\u00[01][0-9a-f]|\\u[89]", decoded)
        assert not [c for c in decoded if unicodedata.category(c) in _BAD]


def test_there_is_something_hostile_to_see(andon: Andon) -> None:
    """The factory of these tests really tries: else they prove nothing."""
    names = {
        item["name"]
        for item in andon("jobs", "ls", "--demo", "--hostile", "-o", "json").json["items"]
    }
    for sign in ("␛", "�", "[@click", "[/"):
        assert any(sign in name for name in names), sign


@pytest.mark.parametrize("view", TABLES)
def test_details_hold_no_control(andon: Andon, view: str) -> None:
    names = andon(view, "ls", *HOSTILE, "-o", "name").lines
    for name in names[:12]:
        for form in ("table", "json"):
            harmless(andon(view, "show", name, *HOSTILE, "-o", form))


@pytest.mark.parametrize(
    "command",
    [("status",), ("status", "-o", "json"), ("doctor",), ("doctor", "-o", "json"),
     ("config", "show"), ("config", "show", "-o", "json")],
    ids=" ".join,
)  # fmt: skip
def test_overviews_hold_no_control(andon: Andon, command: tuple[str, ...]) -> None:
    harmless(andon(*command, *HOSTILE))


def test_plans_outcomes_and_the_journal_hold_no_control(andon: Andon) -> None:
    nodes = andon("nodes", "ls", *HOSTILE, "-o", "name", "state=idle,mixed,allocated").lines
    jobs = andon("jobs", "ls", *HOSTILE, "-o", "name", "state=pending,running").lines
    for view, verb, name in (
        ("nodes", "drain", nodes[0]),
        ("nodes", "undrain", nodes[0]),
        ("jobs", "cancel", jobs[0]),
        ("jobs", "cancel", jobs[-1]),
    ):
        for form in ("table", "json"):
            harmless(andon(view, verb, name, *HOSTILE, "--reason", "x", "--dry-run", "-o", form))
        harmless(andon(view, verb, name, *HOSTILE, *ACTS))
    for form in ("table", "json", "jsonl"):
        harmless(andon("journal", "ls", "-o", form))


@pytest.mark.parametrize(
    "text",
    ["\x1b]0;owned\x07", "\x9b2J", "\u202eevil", "[@click=app.quit]x[/]", "[/evil]", "a\nb",
     "--yes", "x" * 10_000, "\ud800"],
    ids=ascii,
)  # fmt: skip
def test_what_is_typed_is_said_back_as_text(andon: Andon, text: str) -> None:
    for arguments in (
        ("nodes", "show", text),
        ("nodes", "drain", text, "--reason", "x", "--yes"),
        ("nodes", "drain", "gpu-par1-001", "--reason", text, "--yes"),
        ("nodes", "ls", "--site", text),
        ("nodes", "ls", "--columns", text),
        ("nodes", "ls", "--sort", text),
        ("nodes", "ls", "-f", text),
        ("nodes", text),
        (text,),
    ):
        said = andon(*arguments, *PAR1)
        harmless(said)
        assert len(said.talk) < 8_000


def test_hostile_names_on_stdin_are_said_back_as_text(andon: Andon) -> None:
    for data in (b"\x1b]0;x\x07\n", b"\xff\xfe\n", "\u202ex\n".encode(), b"\x00\n"):
        said = andon("nodes", "drain", "-", *PAR1, *ACTS, stdin=data)
        harmless(said)
        assert said.code == 2
