"""A dry run saved today is applied later, or refused."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from andon.cli.session import Session
from andon.runtime.planning import PLAN_LIFE_SECONDS
from tests.cli.conftest import PAR1, Andon, configured

NODES = ("gpu-par1-001", "gpu-par1-002")


@pytest.fixture
def saved(andon: Andon, home: Path) -> Path:
    """A dry run's output in a file."""
    said = andon("nodes", "drain", *NODES, *PAR1, "--reason", "later", "--dry-run", "-o", "json")
    assert said.code == 0
    path = home / "plan.json"
    path.write_bytes(said.data)
    return path


def states(andon: Andon) -> set[str]:
    items = andon("nodes", "ls", *PAR1, f"name={','.join(NODES)}", "-o", "json").json["items"]
    return {item["state"] for item in items}


def test_a_saved_plan_is_carried_out_once(andon: Andon, saved: Path) -> None:
    assert not states(andon) & {"draining", "drained"}
    first = andon("plan", "apply", str(saved), "--yes", "-o", "json")
    assert first.code == 0, first.talk
    assert [item["result"] for item in first.json["items"]] == ["confirmed", "confirmed"]
    assert states(andon) <= {"draining", "drained"}
    again = andon("plan", "apply", str(saved), "--yes")
    assert again.code == 6
    assert "started before" in again.talk


def test_a_saved_plan_is_shown_and_wants_to_be_confirmed(andon: Andon, saved: Path) -> None:
    said = andon("plan", "apply", str(saved), stdin=b"2\n")
    assert said.code == 2
    assert "--yes" in said.talk
    assert NODES[0] in said.talk
    assert not states(andon) & {"draining", "drained"}


def test_an_edited_plan_is_refused(andon: Andon, saved: Path) -> None:
    saved.write_text(saved.read_text().replace("gpu-par1-002", "gpu-par1-003"))
    said = andon("plan", "apply", str(saved), "--yes")
    assert said.code == 6
    assert "changed" in said.talk


def test_an_expired_plan_is_refused(
    andon: Andon, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = json.loads(saved.read_text())["items"][0]["plan"]["created_at"]
    later = made + PLAN_LIFE_SECONDS + 1
    monkeypatch.setattr("andon.cli.session.Session", partial(Session, clock=lambda: later))
    said = andon("plan", "apply", str(saved), "--yes")
    assert said.code == 6
    assert "expired" in said.talk


def test_a_plan_that_is_refused_says_so_as_json_too(andon: Andon, saved: Path, home: Path) -> None:
    configured(home, "[policy]\nread_only = true\n")
    said = andon("plan", "apply", str(saved), "--yes", "-o", "json")
    assert said.code == 4
    document = said.json
    assert (document["kind"], document["items"], len(document["plans"])) == ("outcomes", [], 1)
    assert [item["target"]["name"] for item in document["refused"]] == list(NODES)
    assert "read_only" in document["error"]
    assert document["refused"][0]["why"] == document["error"]


def test_a_plan_that_cannot_be_read_or_was_started_says_so_as_json_too(
    andon: Andon, saved: Path, home: Path
) -> None:
    assert andon("plan", "apply", str(saved), "--yes", "-o", "json").json["error"] is None
    again = andon("plan", "apply", str(saved), "--yes", "-o", "json")
    assert again.code == 6
    assert "started before" in again.json["error"]
    assert [item["target"]["name"] for item in again.json["refused"]] == list(NODES)
    saved.write_text(saved.read_text().replace("gpu-par1-002", "gpu-par1-003"))
    edited = andon("plan", "apply", str(saved), "--yes", "-o", "json")
    assert edited.code == 6
    assert "changed" in edited.json["error"]
    assert edited.json["refused"] == []


def test_a_target_that_changed_since_is_left_alone(andon: Andon, saved: Path) -> None:
    assert andon("nodes", "drain", NODES[0], *PAR1, "--reason", "other", "--yes").code == 0
    said = andon("plan", "apply", str(saved), "--yes", "-o", "json")
    assert said.code == 8
    results = {item["target"]["name"]: item for item in said.json["items"]}
    assert results[NODES[0]]["result"] == "skipped"
    assert results[NODES[0]]["cause"] == "stale"
    assert results[NODES[1]]["result"] == "confirmed"
    reasons = andon("nodes", "ls", *PAR1, f"name={NODES[0]}", "-o", "json").json["items"]
    assert reasons[0]["reason"] == "other"


def test_what_needed_nothing_when_planned_and_would_need_it_now_is_told(
    andon: Andon, home: Path
) -> None:
    drain = partial(andon, "nodes", "drain", *PAR1, "--reason", "mine")
    assert drain(NODES[0], "--yes").code == 0
    path = home / "plan.json"
    path.write_bytes(drain(*NODES, "--dry-run", "-o", "json").data)
    assert andon("nodes", "undrain", NODES[0], *PAR1, "--yes").code == 0
    said = andon("plan", "apply", str(path), "--yes", "-o", "json")
    assert said.code == 8
    results = {item["target"]["name"]: item["result"] for item in said.json["items"]}
    assert results == {NODES[0]: "skipped", NODES[1]: "confirmed"}
    assert said.json["unchanged"] == []


def test_a_plan_is_refused_where_nothing_may_be_done(andon: Andon, saved: Path, home: Path) -> None:
    configured(home, "[policy]\nread_only = true\n")
    said = andon("plan", "apply", str(saved), "--yes")
    assert said.code == 4
    assert "read_only" in said.talk


def test_a_dry_run_cannot_be_given_to_the_runner(andon: Andon, saved: Path, home: Path) -> None:
    plan = home / "one.json"
    plan.write_text(json.dumps(json.loads(saved.read_text())["items"][0]))
    said = andon("plan", "run", str(plan))
    assert said.code == 4
    assert not states(andon) & {"draining", "drained"}


def test_what_is_no_plan_is_not_applied(andon: Andon, home: Path) -> None:
    for content in ("", "[]", '{"items": []}', '{"items": [{}]}', "null"):
        path = home / "no-plan.json"
        path.write_text(content)
        said = andon("plan", "apply", str(path), "--yes")
        assert said.code == 2, (content, said.talk)
        assert str(path) in said.talk
