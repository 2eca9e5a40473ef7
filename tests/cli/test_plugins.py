"""Plugins that are installed wrongly are said by every command that looks at plugins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Andon, configured


@pytest.fixture
def twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second package that registers a plugin named `slurm`."""
    folder = tmp_path / "site"
    about = folder / "andon_twin-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: andon-twin\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[andon.plugins.v1]\nslurm = twin_of_slurm:plugin\n")
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.usefixtures("twin")
def test_a_name_that_two_plugins_have_is_a_finding_of_the_list(andon: Andon) -> None:
    said = andon("plugins")
    assert said.code == 1
    rows = [line for line in said.lines if line.startswith("slurm")]
    assert len(rows) == 2
    assert all("two plugins have this name" in row for row in rows)
    items = andon("plugins", "ls", "-o", "json").json["items"]
    assert all(bool(item["problem"]) == (item["name"] == "slurm") for item in items)


@pytest.mark.usefixtures("twin")
def test_the_doctor_finds_two_plugins_of_one_name_once_and_calls_neither_fine(
    andon: Andon,
) -> None:
    said = andon("doctor")
    assert said.code == 1
    check = andon("plugins", "check", "slurm")
    assert check.code == 1
    assert check.lines[0] == "FAIL  It can be loaded."
    assert "two plugins have this name" in check.lines[1]
    about = [line for line in said.lines if "slurm" in line]
    assert len(about) == 1
    assert about[0].startswith("!!  plugin slurm (andon, andon-twin): two plugins have this name")


@pytest.mark.usefixtures("twin")
def test_that_nothing_was_found_is_said_with_the_plugin_that_could_not_look(
    andon: Andon,
) -> None:
    said = andon("nodes", "ls")
    assert said.code == 5
    assert "plugin slurm: two plugins have this name" in said.talk


def test_a_name_that_no_plugin_has_is_answered_with_those_that_there_are(
    andon: Andon, home: Path
) -> None:
    near = andon("plugins", "check", "slrum")
    assert near.code == 2
    assert "did you mean slurm?" in near.talk
    far = andon("plugins", "check", "nosuch")
    assert "no plugin “nosuch” is installed" in far.talk
    assert "known: demo, slurm" in far.talk
    configured(home, '[[sources]]\nplugin = "nosuch"\n')
    configured_wrong = andon("nodes", "ls")
    assert configured_wrong.code == 5
    assert "known: demo, slurm" in configured_wrong.talk


def test_the_list_of_plugins_has_its_format_before_and_after_its_name(andon: Andon) -> None:
    expected = andon("plugins", "ls", "-o", "json")
    assert expected.json["kind"] == "plugins"
    assert andon("plugins", "-o", "json") == expected
    assert andon("plugins", "-o", "json", "ls") == expected
    assert andon("plugins", "-o", "json", "ls", "-o", "table").data == andon("plugins").data


def test_the_list_does_not_claim_what_it_did_not_try(andon: Andon) -> None:
    assert all(line.endswith("installed") for line in andon("plugins").lines[1:])
