"""Sources that fail: who did not report is said, and the exit code tells a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Andon, configured

GOOD = """
[[sources]]
plugin = "demo"
name = "good"
site = "par1"
place = "par1"
nodes = 24
jobs = 120
"""


def broken(home: Path, complaint: str, *, name: str = "bad", status: int = 1) -> str:
    """Return a Slurm source whose tools complain; without a complaint there are no tools."""
    folder = home / f"slurm-{name}"
    folder.mkdir()
    if complaint:
        for tool in ("squeue", "sinfo", "scontrol", "sacctmgr", "scancel"):
            path = folder / tool
            path.write_text(f"#!/bin/sh\necho '{complaint}' >&2\nexit {status}\n")
            path.chmod(0o755)
    return (
        f'\n[[sources]]\nplugin = "slurm"\nname = "{name}"\nsite = "elsewhere"\nbin = "{folder}"\n'
    )


DENIED = "slurm_load_jobs error: Access/permission denied"


@pytest.mark.usefixtures("frozen")
def test_what_could_be_had_is_shown_when_a_source_is_down(andon: Andon, home: Path) -> None:
    configured(home, GOOD + broken(home, ""))
    said = andon("jobs", "ls")
    assert said.code == 3
    assert len(said.lines) > 10
    assert "andon: bad:" in said.talk
    assert "DEMO" in said.talk
    document = andon("jobs", "ls", "-o", "json").json
    assert document["partial"] is True
    states = {source["name"]: source["state"] for source in document["sources"]}
    assert states == {"good": "live", "bad": "down"}
    failed = next(one for one in document["sources"] if one["name"] == "bad")
    assert failed["error"]["message"]


def test_nothing_but_down_sources_is_down(andon: Andon, home: Path) -> None:
    configured(home, broken(home, ""))
    said = andon("jobs", "ls")
    assert (said.code, said.data) == (5, b"")
    assert "andon: bad:" in said.talk
    assert "→" in said.talk
    assert andon("status").code == 5
    assert andon("jobs", "ls", "-o", "json").json["items"] == []
    assert andon("jobs", "show", "1").code == 5


def test_that_nobody_was_heard_is_said_once(andon: Andon, home: Path) -> None:
    configured(home, broken(home, ""))
    talk = andon("nodes", "ls").talk
    assert talk.count("cannot be started: No such file or directory") == 1
    assert "Errno" not in talk
    assert f"look whether {home / 'slurm-bad'} is the folder that has s" in talk
    assert (
        "The only source does not match “name=nosuch”" in andon("sources", "ls", "name=nosuch").talk
    )


def test_nothing_but_refusals_is_denied(andon: Andon, home: Path) -> None:
    configured(home, broken(home, DENIED))
    said = andon("jobs", "ls")
    assert (said.code, said.data) == (4, b"")
    assert "permission denied" in said.talk.lower()


def test_refused_by_one_and_down_elsewhere_is_down(andon: Andon, home: Path) -> None:
    configured(home, broken(home, DENIED) + broken(home, "", name="gone"))
    assert andon("jobs", "ls").code == 5


def test_a_thing_that_a_silent_source_may_know_is_not_called_unknown(
    andon: Andon, home: Path
) -> None:
    configured(home, GOOD + broken(home, ""))
    said = andon("nodes", "drain", "nope", "--reason", "x", "--yes")
    assert said.code == 3
    assert "andon: bad:" in said.talk
    assert "nope" in said.talk


def test_acting_on_all_that_matches_says_that_not_all_was_heard(andon: Andon, home: Path) -> None:
    configured(home, GOOD + broken(home, ""))
    act = ("nodes", "drain", "-f", "name=gpu-par1-001", "--reason", "x", "--yes")
    said = andon(*act, "-o", "json")
    assert said.code == 3
    assert [item["result"] for item in said.json["items"]] == ["confirmed"]
    assert "andon: bad:" in said.talk
    by_name = andon("nodes", "undrain", "gpu-par1-001", "--yes")
    assert by_name.code == 0


@pytest.mark.usefixtures("frozen")
def test_the_state_of_sources_is_a_finding(andon: Andon, home: Path) -> None:
    configured(home, GOOD + broken(home, ""))
    said = andon("sources", "ls", "--columns", "name,state")
    assert said.code == 1
    assert sorted(line.split() for line in said.lines[1:]) == [["bad", "down"], ["good", "live"]]
    assert andon("sources", "show", "bad").code == 1
    assert andon("sources", "show", "good").code == 0
    assert andon("sources", "show", "nope").code == 2


@pytest.mark.usefixtures("frozen")
def test_the_doctor_explains_each_source(andon: Andon, home: Path) -> None:
    configured(home, GOOD + broken(home, ""))
    said = andon("doctor")
    assert said.code == 1
    text = said.data.decode()
    assert "good: reached" in text
    assert "!!  bad:" in text
    document = andon("doctor", "-o", "json").json
    assert document["kind"] == "findings"
    assert document["demo"] is True
    reached = {item["name"]: item["reached"] for item in document["items"] if item["plugin"]}
    assert reached["good"] is True
    assert reached["bad"] is False


def test_without_any_source_the_demo_is_named_and_never_used(andon: Andon, home: Path) -> None:
    for command in (("jobs", "ls"), ("status",), ("jobs", "show", "1"), ("feed",)):
        said = andon(*command)
        assert said.code == 5
        assert said.data == b""
        assert "--demo" in said.talk
        assert "DEMO" not in said.talk
    said = andon("jobs", "cancel", "1", "--yes", "--reason", "x")
    assert said.code == 5
    assert andon("doctor").code == 1


def test_a_wrongly_configured_source_is_down_with_its_place(andon: Andon, home: Path) -> None:
    path = configured(home, GOOD + '[[sources]]\nplugin = "slurm"\nbin = 7\n')
    said = andon("jobs", "ls")
    assert said.code == 3
    assert f"{path}:" in said.talk
    check = andon("config", "check")
    assert check.code == 2
    assert f"{path}:" in check.talk


def test_the_check_tells_of_views_and_keys_too(andon: Andon, home: Path) -> None:
    path = configured(home, '[views.jobs]\nsort = "nonsense"\n[keys]\nact.fly = ["F"]\n')
    check = andon("config", "check")
    assert check.code == 2
    assert f"{path}:2:1: [views.jobs] no column “nonsense”" in check.talk
    assert f"{path}:4:5: [keys] act.fly: no such action" in check.talk


def test_a_configuration_that_cannot_be_read_names_every_place(andon: Andon, home: Path) -> None:
    path = configured(home, "[policy]\nread_onyl = true\n[nonsense]\n")
    for command in (("jobs", "ls"), ("status",), ("doctor",), ("config", "show")):
        said = andon(*command)
        assert said.code == 2
        assert f"{path}:" in said.talk
        assert said.data == b""
    check = andon("config", "check", "-o", "json")
    assert check.code == 2
    assert len(check.json["items"]) == 2
    assert "read_onyl" in andon("config", "check").talk


@pytest.mark.parametrize("seconds", ["0.3"])
def test_a_slow_backend_costs_no_more_than_the_timeout(
    andon: Andon, home: Path, seconds: str
) -> None:
    text = broken(home, "late")
    folder = home / "slurm-bad"
    for tool in folder.iterdir():
        tool.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    configured(home, GOOD + text)
    said = andon("jobs", "ls", "--timeout", seconds)
    assert said.code == 3
    assert len(said.lines) > 10
    assert "bad" in said.talk
