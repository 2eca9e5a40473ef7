"""What a command says of itself, and how it takes a word that it does not know."""

from __future__ import annotations

import pytest

from tests.cli.conftest import PAR1, Andon
from tests.cli.test_usage import commands

GROUPS = ("nodes", "gpus", "jobs", "queues", "tenants", "sources", "config", "journal", "plan")
VIEWS = GROUPS[:6]


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_alone_says_what_it_can_be_told_and_is_no_success(andon: Andon, group: str) -> None:
    said = andon(group)
    assert said.code == 2
    assert said.data == b""
    assert said.talk == andon(group, "--help").data.decode()


@pytest.mark.parametrize("view", VIEWS)
def test_a_group_lists_first_what_looks_and_then_what_acts(andon: Andon, view: str) -> None:
    lines = andon(view, "--help").lines
    begin = lines.index("Commands:") + 1
    assert [line.split()[0] for line in lines[begin : begin + 2]] == ["ls", "show"]
    assert lines.index("Options:") > begin


def test_names_in_a_summary_keep_their_capitals(andon: Andon) -> None:
    assert "List every host: state, GPUs, jobs" in andon("nodes", "--help").data.decode()
    assert "List every host: state, GPUs, jobs" in andon("nodes", "ls", "--help").data.decode()


@pytest.mark.parametrize("view", VIEWS)
def test_show_says_what_a_thing_is_called_by(andon: Andon, view: str) -> None:
    text = andon(view, "show", "--help").data.decode()
    assert "Show one and" not in text
    assert "  NAME: " in text


@pytest.mark.parametrize("words", [(), ("nodes", "ls"), ("jobs", "cancel"), ("doctor",), ("feed",)])
def test_help_tells_a_commands_own_options_from_those_that_all_share(
    andon: Andon, words: tuple[str, ...]
) -> None:
    lines = andon(*words, "--help").lines
    own = lines.index("Options:")
    scope = lines.index("What is looked at:")
    origin = lines.index("Where it comes from:")
    assert own < scope < origin
    place = {line.split()[0]: index for index, line in enumerate(lines) if line.startswith("  --")}
    assert scope < place["--site"] < place["--timeout"] < origin
    assert origin < place["--config"] < place["--debug"]
    assert any("-h, --help" in line for line in lines[own:scope])


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_no_command_mixes_its_own_options_with_the_shared_ones(
    andon: Andon, words: tuple[str, ...]
) -> None:
    text = andon(*words, "--help").data.decode()
    own = text.partition("Options:\n")[2].partition("\n\n")[0]
    assert "--config" not in own
    assert "--site" not in own
    assert ("  --config FILE" in text) == ("Where it comes from:" in text)


def test_no_help_shows_how_a_bound_is_checked(andon: Andon) -> None:
    for words in (("jobs", "ls"), ("nodes", "drain"), ("journal", "ls"), ("plan", "apply")):
        text = andon(*words, "--help").data.decode()
        assert "x>=" not in text
        assert "3600" not in text
    assert "--limit N  " in andon("journal", "ls", "--help").data.decode()
    assert "newest N (200)" in andon("journal", "ls", "--help").data.decode()


@pytest.mark.parametrize(
    ("arguments", "near"),
    [(("node", "ls"), "nodes"), (("job",), "jobs"), (("jobs", "lst"), "ls")],
)
def test_a_command_that_is_nearly_right_is_offered(
    andon: Andon, arguments: tuple[str, ...], near: str
) -> None:
    said = andon(*arguments)
    assert said.code == 2
    assert f"Did you mean “{near}”?" in said.talk
    assert "--help`" in said.talk.splitlines()[-1]


@pytest.mark.parametrize("span", ["20", "20s", "0.5m", "1m30s"])
def test_a_time_is_written_on_the_command_line_as_in_a_file(andon: Andon, span: str) -> None:
    assert andon("nodes", "ls", *PAR1, "--timeout", span, "-o", "name").code == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--timeout", "soon"), "“soon” is no duration; write it like 20s, 2m or 1h30m"),
        (("--timeout", "0"), "“0” is not 0.1s or longer"),
        (("--timeout", "-5"), "“-5” is not 0.1s or longer"),
        (("--timeout", "nan"), "“nan” is not 0.1s or longer"),
        (("--timeout", "inf"), "“inf” is not 0.1s or longer"),
        (("--nodes", "0"), "“0” is no whole number above 0"),
        (("--jobs", "many"), "“many” is no whole number above 0"),
        (("--speed", "0"), "“0” is no number above 0"),
        (("--speed", "fast"), "“fast” is no number above 0"),
    ],
    ids=" ".join,
)
def test_a_wrong_value_is_said_in_plain_words(
    andon: Andon, arguments: tuple[str, ...], expected: str
) -> None:
    said = andon("nodes", "ls", "--demo", *arguments)
    assert said.code == 2
    assert f"“{arguments[0]}”: {expected}" in said.talk
    assert said.talk.splitlines()[1:] == ["  → see `andon nodes ls --help`"]
