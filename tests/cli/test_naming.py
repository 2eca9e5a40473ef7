"""Options that name nothing, and names when nobody answers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import PAR1, SMALL, Andon, configured
from tests.cli.test_sources import DENIED, GOOD, broken
from tests.contract.slurm_tools import FakeSlurm

ACT = ("--reason", "fan swap", "--yes")


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        (("--site", "par2"), "no site “par2” (--site)\n  → did you mean par1?\n"),
        (("--site", "zzz"), "no site “zzz” (--site)\n  → there are "),
        (("--source", "zzz"), "no source “zzz” (--source)\n  → there are "),
    ],
)
def test_a_site_or_source_that_is_none_is_answered_with_those_there_are(
    andon: Andon, option: tuple[str, str], hint: str
) -> None:
    said = andon("nodes", "ls", *SMALL, *option)
    assert said.code == 2
    assert said.talk.startswith(f"andon: {hint}")


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("command", [("nodes", "ls"), ("jobs", "ls"), ("gpus", "ls"), ("status",)])
def test_a_tenant_that_nobody_is_is_refused(andon: Andon, command: tuple[str, ...]) -> None:
    said = andon(*command, *PAR1, "--tenant", "nowhere")
    assert (said.code, said.data) == (2, b"")
    assert said.talk.startswith("andon: no tenant “nowhere” (--tenant)\n  → there are ")


@pytest.mark.usefixtures("frozen")
def test_a_tenant_of_the_configuration_is_known_without_work(andon: Andon, home: Path) -> None:
    configured(home, '[[tenants]]\nname = "nowhere"\n')
    said = andon("jobs", "ls", *PAR1, "--tenant", "nowhere")
    assert said.code == 0


@pytest.mark.usefixtures("frozen")
def test_a_tenant_that_a_silent_source_may_know_is_not_refused(andon: Andon, home: Path) -> None:
    configured(home, GOOD + broken(home, DENIED))
    said = andon("jobs", "ls", "--tenant", "nowhere")
    assert said.code == 3
    assert "no tenant" not in said.talk


@pytest.mark.usefixtures("frozen")
def test_when_nobody_answers_no_name_is_called_wrong(andon: Andon, home: Path) -> None:
    configured(home, broken(home, "slurm_load_jobs error: Unable to contact slurm controller"))
    said = andon("nodes", "drain", "gpu01", *ACT)
    assert said.code == 5
    assert "Unable to contact" in said.talk
    assert "nothing was done: bad did not answer" in said.talk
    assert "no node called" not in said.talk
    assert "ls -o name" not in said.talk


@pytest.mark.usefixtures("frozen")
def test_a_name_that_only_a_silent_source_may_have_is_unknown_among_what_was_heard(
    andon: Andon, home: Path
) -> None:
    configured(home, GOOD + broken(home, DENIED))
    said = andon("nodes", "drain", "gpu01", *ACT)
    assert said.code == 3
    assert "no node called gpu01 among what was heard" in said.talk
    assert "bad did not answer" in said.talk


HANGS = "slurm_load error: Socket timed out on send/recv operation"


@pytest.fixture
def half_heard(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Slurm source whose scontrol says that the controller hangs; its other tools answer."""
    tools = FakeSlurm(tmp_path / "slurm")
    tools.says(HANGS, "scontrol")
    for name, value in tools.environ.items():
        monkeypatch.setenv(name, value)
    # The stand-ins are scripts and need a shell's tools.
    monkeypatch.setenv("PATH", os.defpath)
    where = f'name = "bad"\nsite = "elsewhere"\nbin = "{tmp_path}/slurm/bin"'
    return f'[[sources]]\nplugin = "slurm"\n{where}\n'


def test_what_a_source_did_not_read_is_no_wrong_name_though_it_told_other_things(
    andon: Andon, home: Path, half_heard: str
) -> None:
    configured(home, half_heard)
    said = andon("nodes", "drain", "gpu01", *ACT)
    assert said.code == 5
    assert "andon: bad: nodes not read: scontrol: slurm_load error: Socket timed out" in said.talk
    assert "nothing was done: bad did not answer" in said.talk
    assert "no node called" not in said.talk


def test_a_name_of_what_one_source_did_not_read_is_unknown_among_what_another_told(
    andon: Andon, home: Path, half_heard: str
) -> None:
    configured(home, GOOD + half_heard)
    said = andon("nodes", "drain", "gpu01", *ACT)
    assert said.code == 3
    assert "andon: bad: nodes not read: scontrol" in said.talk
    assert "no node called gpu01 among what was heard" in said.talk


def test_what_hangs_for_other_things_makes_no_name_doubtful(
    andon: Andon, home: Path, half_heard: str
) -> None:
    configured(home, half_heard)
    said = andon("jobs", "hold", "99999", "--yes")
    assert said.code == 2
    assert "no job called 99999" in said.talk


@pytest.mark.usefixtures("frozen")
def test_a_filter_over_what_was_not_read_does_not_say_that_nothing_matches(
    andon: Andon, home: Path, half_heard: str
) -> None:
    configured(home, half_heard)
    said = andon("nodes", "drain", "--filter", "state=idle", *ACT)
    assert said.code == 5
    assert "andon: bad: nodes not read: scontrol" in said.talk


def test_a_page_that_cannot_be_had_names_who_did_not_read_it(
    andon: Andon, home: Path, half_heard: str
) -> None:
    configured(home, half_heard)
    said = andon("nodes", "show", "gpu01")
    assert said.code == 3
    assert "scontrol: slurm_load error: Socket timed out" in said.talk
