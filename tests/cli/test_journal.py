"""`journal ls` says why it shows nothing, and takes ages as every command does."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Andon


def test_an_empty_journal_says_so_and_its_json_is_whole(andon: Andon) -> None:
    said = andon("journal", "ls")
    assert (said.code, said.data, said.talk) == (0, b"", "nothing has been done yet\n")
    assert andon("journal", "ls", "-o", "json").json["items"] == []
    assert andon("journal", "ls", "-o", "jsonl").data == b""


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--plan", "nosuch"), "nothing was done by plan “nosuch”\n"),
        (("--since", "90s"), "nothing was done in the last 1m30s\n"),
        (("--plan", "x", "--since", "2h"), "nothing was done by plan “x” in the last 2h00m\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_was_asked_for_is_what_was_not_found(
    andon: Andon, options: tuple[str, ...], why: str
) -> None:
    said = andon("journal", "ls", *options)
    assert (said.code, said.data, said.talk) == (0, b"", why)


def test_an_age_that_is_none_is_said_once(andon: Andon) -> None:
    said = andon("journal", "ls", "--since", "yesterday")
    assert said.code == 2
    assert said.talk.splitlines() == [
        "andon: Invalid value for “--since”: “yesterday” is no duration; "
        "write it like 20s, 2m or 1h30m",
        "  → see `andon journal ls --help`",
    ]
