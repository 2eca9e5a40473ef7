"""Commands that act, on the demo: what was done is seen by the next look, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PAR1, SMALL, Andon, Said, configured

REASON = ("--reason", "fan swap", "--yes")


def listed(andon: Andon, view: str, *arguments: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = andon(view, "ls", *PAR1, *arguments, "-o", "json").json["items"]
    return items


def state_of(andon: Andon, node: str) -> str:
    found = listed(andon, "nodes", "-f", f"name={node}")
    return str(found[0]["state"])


@pytest.fixture
def idle(andon: Andon) -> list[str]:
    """Names of nodes in service."""
    return [node["name"] for node in listed(andon, "nodes", "state=idle,mixed,allocated")]


def results(said: Said) -> list[str]:
    return [item["result"] for item in said.json["items"]]


def test_a_drained_node_is_drained_in_the_next_look_until_it_is_undrained(
    andon: Andon, idle: list[str]
) -> None:
    said = andon("nodes", "drain", idle[0], *PAR1, *REASON)
    assert said.code == 0
    assert "confirmed" in said.data.decode()
    assert said.talk.splitlines()[-1] == "DEMO"
    assert state_of(andon, idle[0]) in ("draining", "drained")
    assert listed(andon, "nodes", f"name={idle[0]}")[0]["reason"] == "fan swap"
    assert state_of(andon, idle[1]) not in ("draining", "drained")
    assert andon("nodes", "undrain", idle[0], *PAR1, "--yes").code == 0
    assert state_of(andon, idle[0]) not in ("draining", "drained")


def test_outcomes_are_given_for_each_target_as_json(andon: Andon, idle: list[str]) -> None:
    said = andon("nodes", "drain", *idle[:2], *PAR1, *REASON, "-o", "json")
    document = said.json
    assert document["schema"] == "andon/v1"
    assert document["kind"] == "outcomes"
    assert document["demo"] is True
    assert len(document["plans"]) == 1
    assert document["refused"] == []
    assert [item["target"]["name"] for item in document["items"]] == idle[:2]
    assert results(said) == ["confirmed", "confirmed"]


def test_host_lists_name_nodes(andon: Andon) -> None:
    said = andon("nodes", "drain", "gpu-par1-[001-003]", *PAR1, *REASON, "-o", "json")
    names = [item["target"]["name"] for item in said.json["items"]]
    assert names == ["gpu-par1-001", "gpu-par1-002", "gpu-par1-003"]


def test_a_host_list_may_have_its_site_before_it(andon: Andon) -> None:
    said = andon(
        "nodes", "drain", "par1/gpu-par1-[001-002]", *SMALL, *REASON, "--dry-run", "-o", "json"
    )
    keys = [step["target"]["key"] for step in said.json["items"][0]["plan"]["steps"]]
    assert keys == ["par1/gpu-par1-001", "par1/gpu-par1-002"]


def test_names_listed_by_one_command_are_taken_by_another(andon: Andon) -> None:
    names = andon("nodes", "ls", *SMALL, "state=idle,mixed,allocated", "-o", "name")
    few = b"\n".join(names.data.splitlines()[:2]) + b"\n"
    said = andon("nodes", "drain", "-", *SMALL, *REASON, "-o", "json", stdin=few)
    assert said.code == 0
    assert [item["target"]["key"] for item in said.json["items"]] == few.decode().split()


def test_a_filter_chooses_and_only_what_matches_is_touched(andon: Andon) -> None:
    gpus = listed(andon, "jobs", "state=pending")[0]["gpus"]
    text = f"state=pending & gpus={gpus}"
    waiting = listed(andon, "jobs", text)
    said = andon("jobs", "cancel", *PAR1, "-f", text, *REASON, "-o", "json")
    assert {item["target"]["name"] for item in said.json["items"]} == {job["id"] for job in waiting}
    now = {job["id"]: job["state"] for job in listed(andon, "jobs")}
    assert all(now.get(job["id"], "cancelled") == "cancelled" for job in waiting)
    # The demo's own users cancel jobs too: what was touched is what the journal says was sent.
    sent = {
        entry["target"]["name"]
        for entry in andon("journal", "ls", "-o", "json", "--limit", "5000").json["items"]
        if entry["phase"] == "intent"
    }
    assert sent == {job["id"] for job in waiting}


def test_a_held_job_is_held_until_it_is_released(andon: Andon) -> None:
    job = listed(andon, "jobs", "state=pending")[0]["id"]
    assert andon("jobs", "hold", job, *PAR1, "--yes").code == 0
    assert listed(andon, "jobs", f"id={job}")[0]["state"] == "held"
    assert andon("jobs", "release", job, *PAR1, "--yes").code == 0
    assert listed(andon, "jobs", f"id={job}")[0]["state"] != "held"


def test_a_requeued_job_waits_again(andon: Andon) -> None:
    job = listed(andon, "jobs", "state=running & gpus>0")[0]["id"]
    said = andon("jobs", "requeue", job, *PAR1, *REASON, "-o", "json")
    assert said.code == 0, said.talk
    assert results(said) == ["confirmed"]


def test_a_dry_run_shows_the_plan_and_changes_nothing(andon: Andon, idle: list[str]) -> None:
    said = andon("nodes", "drain", idle[0], *PAR1, "--reason", "look", "--dry-run")
    assert said.code == 0
    text = said.data.decode()
    assert idle[0] in text
    assert "Exact calls" in text
    assert "nothing was sent" in said.talk
    assert state_of(andon, idle[0]) not in ("draining", "drained")
    assert andon("journal", "ls", "-o", "json", "--limit", "5000").json["items"] == []


def test_nothing_is_done_when_nobody_is_there_to_confirm(andon: Andon, idle: list[str]) -> None:
    said = andon("nodes", "drain", idle[0], *PAR1, "--reason", "x", stdin=b"y\ny\n")
    assert said.code == 2
    assert "--yes" in said.talk
    assert said.data == b""
    assert state_of(andon, idle[0]) not in ("draining", "drained")
    assert andon("journal", "ls", "-o", "json", "--limit", "5000").json["items"] == []


def test_a_drain_wants_a_reason(andon: Andon, idle: list[str]) -> None:
    said = andon("nodes", "drain", idle[0], *PAR1, "--yes")
    assert said.code == 2
    assert said.talk.startswith("andon: drain needs a reason\n  → give --reason ")


@pytest.mark.parametrize("verb", ["drain", "undrain"])
def test_no_node_is_touched_by_a_command_that_names_none(andon: Andon, verb: str) -> None:
    for arguments in ((), ("-",), ("--filter", "name=nope")):
        said = andon("nodes", verb, *arguments, *PAR1, *REASON)
        assert said.data == b""
    assert andon("nodes", verb, *PAR1, *REASON).code == 2
    assert andon("journal", "ls", "-o", "json", "--limit", "5000").json["items"] == []


def test_one_unknown_name_keeps_all_from_being_done(andon: Andon, idle: list[str]) -> None:
    said = andon("nodes", "drain", idle[0], "nope", *PAR1, *REASON)
    assert said.code == 2
    assert "nope" in said.talk
    assert state_of(andon, idle[0]) not in ("draining", "drained")


def test_targets_that_cannot_be_acted_on_are_told_from_those_that_can(andon: Andon) -> None:
    waiting = listed(andon, "jobs", "state=pending")[0]["id"]
    running = listed(andon, "jobs", "state=running")[0]["id"]
    said = andon("jobs", "requeue", running, waiting, *PAR1, *REASON, "-o", "json")
    assert said.code == 8
    assert [item["target"]["name"] for item in said.json["items"]] == [running]
    assert [item["target"]["name"] for item in said.json["refused"]] == [waiting]
    alone = andon("jobs", "requeue", waiting, *PAR1, *REASON, "-o", "json")
    assert alone.code == 8
    assert alone.json["items"] == []
    assert waiting in alone.talk


VERBS = (
    ("nodes", "drain"),
    ("nodes", "undrain"),
    ("jobs", "cancel"),
    ("jobs", "hold"),
    ("jobs", "release"),
    ("jobs", "requeue"),
)


@pytest.mark.parametrize(("view", "verb"), VERBS)
def test_read_only_refuses_every_verb_before_anything_is_asked(
    andon: Andon, home: Path, view: str, verb: str
) -> None:
    configured(home, "[policy]\nread_only = true\n")
    name = andon(view, "ls", *PAR1, "-o", "name").lines[0]
    before = sorted(path.name for path in home.rglob("*"))
    said = andon(view, verb, name, *PAR1, *REASON)
    assert said.code == 4
    assert said.data == b""
    assert "read_only = true" in said.talk
    assert sorted(path.name for path in home.rglob("*")) == before


def test_read_only_by_a_variable_says_which_and_what_to_do(
    andon: Andon, idle: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDON_READ_ONLY", "1")
    said = andon("nodes", "drain", idle[0], *PAR1, *REASON)
    assert said.code == 4
    assert "the variable ANDON_READ_ONLY is set" in said.talk
    assert "unset that variable" in said.talk
    assert "file" not in said.talk


def test_read_only_cannot_be_lifted_by_a_later_file(
    andon: Andon, home: Path, idle: list[str]
) -> None:
    configured(home, "[policy]\nread_only = true\n")
    later = home / "later.toml"
    later.write_text("[policy]\nread_only = false\n", encoding="utf-8")
    said = andon("nodes", "drain", idle[0], *PAR1, *REASON, "--config", str(later))
    assert said.code == 4


def test_read_only_still_shows_what_would_be_done(
    andon: Andon, home: Path, idle: list[str]
) -> None:
    configured(home, "[policy]\nread_only = true\n")
    assert andon("nodes", "drain", idle[0], *PAR1, "--reason", "x", "--dry-run").code == 0


def test_waiting_ends_when_the_node_is_empty_or_the_limit_passes(andon: Andon) -> None:
    empty = listed(andon, "nodes", "state=idle")
    busy = listed(andon, "nodes", "state=allocated & jobs>0")
    said = andon("nodes", "drain", empty[0]["name"], *PAR1, *REASON, "--wait")
    assert said.code == 0
    late = andon("nodes", "drain", busy[0]["name"], *PAR1, *REASON, "--wait", "--wait-limit", "0.2")
    assert late.code == 7
    assert "still not empty" in late.talk


def test_the_journal_tells_every_call_and_says_that_it_was_the_demo(
    andon: Andon, idle: list[str]
) -> None:
    andon("nodes", "drain", idle[0], *PAR1, *REASON)
    document = andon("journal", "ls", "-o", "json", "--limit", "5000").json
    assert document["demo"] is True
    phases = [entry["phase"] for entry in document["items"]]
    assert phases == ["plan", "intent", "outcome", "verify", "end"]
    lines = andon("journal", "ls", "-o", "jsonl").lines
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3, 4, 5]
    text = andon("journal", "ls").data.decode()
    assert "fan swap" in text
    assert "DEMO" in text
    plan = document["items"][0]["plan"]
    assert len(andon("journal", "ls", "--plan", plan, "-o", "jsonl").lines) == 5
    assert andon("journal", "ls", "--plan", "other", "-o", "json").json["items"] == []
    assert len(andon("journal", "ls", "--since", "1h", "-o", "jsonl").lines) == 5
    assert andon("journal", "ls", "--since", "soon").code == 2


def test_a_demo_opened_read_only_says_how_not_to(
    andon: Andon, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: dict[str, object] = {}
    monkeypatch.setattr("andon.cli.demo.open_console", lambda _, **how: opened.update(how) or 0)
    assert andon("demo", "--read-only").code == 0
    assert opened["armed"] is False
    assert "--read-only" in str(opened["how_to_arm"])


def test_reset_makes_the_demo_forget(andon: Andon, idle: list[str]) -> None:
    andon("nodes", "drain", idle[0], *PAR1, *REASON)
    said = andon("demo", "--reset")
    assert said.code == 0
    assert said.data == b""
    assert state_of(andon, idle[0]) not in ("draining", "drained")
