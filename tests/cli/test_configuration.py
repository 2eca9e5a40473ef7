"""`config check` names every mistake at its place; `config show` shows all that holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Andon, configured

WRONG = """\
theme = "nosuch"
bogus = 3

[policy]
read_only = "yes"

[[sites]]
name = "a"
[[sites]]
name = "a"

[[sources]]
plugin = "slrm"
site = "x"
timeout = "fast"
[[sources]]
plugin = "slurm"
site = "a"
output_limit_mib = "big"

[views.jbos]
columns = ["id"]
[views.jobs]
columns = ["idd"]
sort = "-gpsu"
filter = "gpus>"
[keys]
refrsh = ["f5"]
"""
PLACES = [
    "1:1", "2:1", "5:1", "10:1", "13:1", "14:1", "15:1", "19:1", "21:1", "24:1", "25:1", "26:1",
    "28:1",
]  # fmt: skip


def test_every_mistake_is_told_at_once_at_its_place_and_in_the_order_of_the_file(
    andon: Andon, home: Path
) -> None:
    path = configured(home, WRONG)
    said = andon("config", "check")
    assert (said.code, said.data) == (2, b"")
    heads = [line for line in said.talk.splitlines() if line.startswith("andon: ")]
    assert [line.removeprefix(f"andon: {path}:").split(": ")[0] for line in heads] == PLACES
    items = andon("config", "check", "-o", "json").json["items"]
    assert [item["where"] for item in items] == [f"{path}:{place}" for place in PLACES]


def test_what_is_allowed_is_said_as_such(andon: Andon, home: Path) -> None:
    configured(home, WRONG)
    hints = [line for line in andon("config", "check").talk.splitlines() if "→" in line]
    assert "  → allowed: true or false" in hints
    assert "  → allowed: a" in hints
    assert "  → did you mean jobs? (known: gpus, jobs, nodes, overview, queues, sources, tenants)" in hints  # fmt: skip  # noqa: E501
    assert not any(hint.strip() in ("→ a", "→ once") for hint in hints)


@pytest.mark.parametrize("option", [True, False], ids=["by option", "by variable"])
def test_a_theme_that_there_is_not_is_a_mistake_wherever_it_is_named(
    andon: Andon, home: Path, monkeypatch: pytest.MonkeyPatch, option: bool
) -> None:
    named = configured(home, 'theme = "andon-drak"\n') if option else "ANDON_THEME"
    if not option:
        monkeypatch.setenv("ANDON_THEME", "andon-drak")
    said = andon("config", "check")
    assert said.code == 2
    place = f"{named}:1:1" if option else str(named)
    assert f'andon: {place}: theme: found "andon-drak"' in said.talk
    assert "did you mean andon-dark?" in said.talk


def test_the_file_of_an_option_and_of_a_variable_are_shown_with_the_others(
    andon: Andon, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = configured(home, "")
    given, named = home / "given.toml", home / "named.toml"
    given.write_text('theme = "andon-light"\n')
    named.write_text("")
    monkeypatch.setenv("ANDON_CONFIG", str(named))
    said = andon("config", "show", "--config", str(given))
    read = [line.split()[0] for line in said.lines if line.endswith("  read")]
    assert read == [str(own), str(named), str(given)]
    assert "Theme: andon-light" in said.lines
    doctor = andon("doctor", "--config", str(given))
    for path in (own, named, given):
        assert f"ok  read {path}" in doctor.lines


def test_all_that_is_configured_is_shown(andon: Andon, home: Path) -> None:
    configured(
        home,
        '[[sites]]\nname = "par1"\npue = 1.2\n[[tenants]]\nname = "ada"\nresidency = ["EU"]\n'
        '[views.jobs]\nsort = "-gpus"\n[keys]\nrefresh = ["f5"]\n[collector]\ntimeout = "20s"\n',
    )
    lines = andon("config", "show").lines
    for title, entry in (
        ("Sites:", "  par1  pue 1.2"),
        ("Tenants:", "  ada  residency EU"),
        ("Views:", "  jobs  sort -gpus"),
        ("Keys:", "  refresh  f5"),
        ("Collector:", "  timeout 20"),
    ):
        assert lines[lines.index(title) + 1] == entry


def test_what_is_not_configured_takes_no_room(andon: Andon) -> None:
    titles = [line for line in andon("config", "show").lines if line.endswith(":")]
    assert titles == ["Files, later ones override earlier ones but lift no guard:", "Sources:"]


def test_a_theme_that_there_is_not_is_refused_on_the_command_line(
    andon: Andon,
) -> None:
    for words in (("--theme", "andon-drak"), ("demo", "--theme", "andon-drak")):
        said = andon(*words)
        assert said.code == 2
        assert "--theme: there is no “andon-drak”" in said.talk
        assert "did you mean andon-dark?" in said.talk
