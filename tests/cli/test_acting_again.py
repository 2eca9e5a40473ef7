"""Asking for what is so already: nothing is sent, and a script need not tell it from a success."""

from __future__ import annotations

from andon.model import JobState
from tests.cli.conftest import PAR1, Andon
from tests.cli.test_acting import REASON, listed


def test_a_node_drained_twice_for_one_reason_is_no_failure(andon: Andon) -> None:
    name = listed(andon, "nodes", "state=idle")[0]["name"]
    assert andon("nodes", "drain", name, *PAR1, *REASON).code == 0
    again = andon("nodes", "drain", name, *PAR1, *REASON, "-o", "json")
    assert again.code == 0
    assert (again.json["items"], again.json["refused"]) == ([], [])
    (unchanged,) = again.json["unchanged"]
    assert unchanged["target"]["name"] == name
    assert unchanged["why"].endswith(": fan swap")
    assert f"nothing to do: {name}: already drained" in again.talk
    sent = andon("journal", "ls", "-o", "json").json["items"]
    assert [entry["phase"] for entry in sent].count("intent") == 1


def test_a_drain_for_another_reason_is_refused_and_the_reason_stays(andon: Andon) -> None:
    name = listed(andon, "nodes", "state=idle")[0]["name"]
    assert andon("nodes", "drain", name, *PAR1, *REASON).code == 0
    other = andon("nodes", "drain", name, *PAR1, "--reason", "mine", "--yes", "-o", "json")
    assert other.code == 8
    assert other.json["unchanged"] == []
    assert f"nothing was done: {name}: already drained" in other.talk
    assert [item["target"]["name"] for item in other.json["refused"]] == [name]
    assert listed(andon, "nodes", f"name={name}")[0]["reason"] == "fan swap"


def test_what_is_so_already_does_not_spoil_what_is_done_beside_it(andon: Andon) -> None:
    first, second = (node["name"] for node in listed(andon, "nodes", "state=idle")[:2])
    assert andon("nodes", "drain", first, *PAR1, *REASON).code == 0
    both = andon("nodes", "drain", first, second, *PAR1, *REASON)
    assert both.code == 0, both.talk
    assert f"andon: {first}: nothing to do: already drained" in both.talk
    assert "left out" not in both.talk


def test_waiting_for_a_drain_waits_also_when_it_was_drained_before(andon: Andon) -> None:
    busy = listed(andon, "nodes", "state=allocated & jobs>0")[0]["name"]
    assert andon("nodes", "drain", busy, *PAR1, *REASON).code == 0
    again = andon("nodes", "drain", busy, *PAR1, *REASON, "--wait", "--wait-limit", "0.2")
    assert again.code == 7
    assert "still not empty" in again.talk


def test_a_job_is_held_and_cancelled_twice_without_a_failure(andon: Andon) -> None:
    job = listed(andon, "jobs", "state=pending")[0]["id"]
    for verb, state in (("hold", JobState.HELD), ("cancel", JobState.CANCELLED)):
        for _ in range(2):
            assert andon("jobs", verb, job, *PAR1, *REASON).code == 0
        assert listed(andon, "jobs", f"id={job}")[0]["state"] == state
    late = andon("jobs", "hold", job, *PAR1, "--yes", "-o", "json")
    assert late.code == 8
    assert late.json["refused"][0]["target"]["name"] == job
