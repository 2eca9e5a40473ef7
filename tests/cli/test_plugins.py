"""Plugins that are installed wrongly are said by every command that looks at plugins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Andon, configured
from tests.contract.slurm_tools import FakeSlurm


def package(folder: Path, name: str, plugin: str) -> None:
    """Install the metadata of a package that registers one plugin."""
    about = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    module = name.replace("-", "_")
    (about / "entry_points.txt").write_text(f"[andon.plugins.v1]\n{plugin} = {module}:plugin\n")


@pytest.fixture
def twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second package that registers a plugin named `slurm`."""
    package(tmp_path / "site", "andon-twin", "slurm")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))


@pytest.fixture
def rivals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two packages that each register a plugin named `volta`."""
    package(tmp_path / "site", "volta-one", "volta")
    package(tmp_path / "site", "volta-two", "volta")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))


@pytest.mark.usefixtures("rivals")
def test_a_name_that_two_plugins_have_is_a_finding_of_the_list(andon: Andon) -> None:
    said = andon("plugins")
    assert said.code == 1
    rows = [line for line in said.lines if line.startswith("volta")]
    assert len(rows) == 2
    assert all("not usable" in row for row in rows)
    assert said.talk.count("two plugins have this name") == 2
    items = andon("plugins", "ls", "-o", "json").json["items"]
    assert all(bool(item["problem"]) == (item["name"] == "volta") for item in items)


@pytest.mark.usefixtures("rivals")
def test_the_doctor_finds_two_plugins_of_one_name_once_and_calls_neither_fine(
    andon: Andon,
) -> None:
    said = andon("doctor")
    assert said.code == 1
    check = andon("plugins", "check", "volta")
    assert check.code == 1
    assert check.lines[0] == "FAIL  It can be loaded."
    assert "two plugins have this name" in check.lines[1]
    about = [line for line in said.lines if "volta" in line]
    assert len(about) == 1
    assert about[0].startswith("!!  plugin volta (volta-one, volta-two): two plugins have this")


@pytest.mark.usefixtures("rivals")
def test_that_nothing_was_found_is_said_with_the_plugin_that_could_not_look(
    andon: Andon,
) -> None:
    said = andon("nodes", "ls")
    assert said.code == 5
    assert "plugin volta: two plugins have this name" in said.talk


@pytest.mark.usefixtures("twin")
def test_a_package_cannot_put_a_bundled_plugin_out_of_use_by_its_name(
    andon: Andon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = andon("plugins")
    assert said.code == 1
    states = {line.split()[1]: line for line in said.lines if line.startswith("slurm")}
    assert states["andon"].endswith("installed")
    assert states["andon-twin"].endswith("not usable")
    assert "the slurm that comes with Andon is used instead" in said.talk
    assert "comes with Andon" not in andon("nodes", "ls").talk
    told = [line for line in andon("doctor").lines if "comes with Andon" in line]
    assert len(told) == 1
    assert told[0].startswith("!!  plugin slurm (andon-twin): the slurm that comes with Andon")
    tools = FakeSlurm(tmp_path / "slurm")
    for name, value in tools.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", os.defpath)
    configured(tmp_path, f'[[sources]]\nplugin = "slurm"\nbin = "{tmp_path}/slurm/bin"\n')
    assert andon("nodes", "ls", "-o", "name").code == 0
    assert andon("plugins", "check", "slurm").code == 0


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
