"""A call whose runner was killed is told by commands that only look, until it is settled."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from andon.runtime.claim import claim
from andon.runtime.journal import journal_of
from andon.runtime.journal_records import VERSION, Entry, Phase, timestamp
from andon.runtime.paths import Paths
from andon.runtime.plan_file import PlanFile, load_plan, plans_folder, save_plan
from tests.cli.conftest import PAR1, Andon, environment

AGO_SECONDS = 125.0


@pytest.fixture
def killed(andon: Andon, home: Path) -> PlanFile:
    """A drain of two idle nodes whose runner died during the first call."""
    idle = andon("nodes", "ls", *PAR1, "--filter", "state=idle,mixed,allocated", "-o", "name")
    names = idle.data.decode().split()[:2]
    planned = andon("nodes", "drain", *names, *PAR1, "--reason", "x", "--dry-run", "-o", "json")
    file = home / "plan.json"
    file.write_text(json.dumps(planned.json["items"][0], sort_keys=True, separators=(",", ":")))
    file.chmod(0o600)
    plan = load_plan(file)
    paths = Paths.from_environ(environment(home))
    now = time.time()
    save_plan(plan, plans_folder(paths.state))
    claim(plans_folder(paths.state), plan.plan.id, now).release()
    step = plan.plan.steps[0]
    journal_of(paths).append(
        Entry(
            v=VERSION, seq=0, ts=timestamp(now - AGO_SECONDS), phase=Phase.INTENT,
            plan=plan.plan.id, actor="alice", verb="node.drain", demo=True, step=step.id,
            target=step.target, call=step.call,
        )
    )  # fmt: skip
    return plan


def said_of(plan: PlanFile) -> tuple[str, str]:
    first = plan.plan.steps[0].target.name
    return f"node.drain of {first} got no answer", f"andon journal ls --plan {plan.plan.id}"


def test_status_tells_it_as_a_finding(andon: Andon, killed: PlanFile) -> None:
    said = andon("status", *PAR1, "-o", "json")
    assert said.code == 1
    title, command = said_of(killed)
    told = said.json["items"][0]["problems"]
    first = next(one for one in told if one["title"] == title)
    assert not [one for one in told[told.index(first) :] if one["severity"] == "critical"]
    assert first["detail"] == f"its runner was ended; 1 more call not sent: {command}"
    shown = andon("status", *PAR1).data.decode()
    assert title in shown
    assert "2m0" in next(line for line in shown.splitlines() if title in line)


def test_the_journal_tells_it_beside_its_entries(andon: Andon, killed: PlanFile) -> None:
    said = andon("journal", "ls")
    title, command = said_of(killed)
    (line,) = (line for line in said.talk.splitlines() if title in line)
    assert line.startswith("andon: DEMO: ")
    assert "2m0" in line
    assert line.endswith(command)
    assert said.code == 0


def test_lists_are_for_scripts_and_stay_silent(andon: Andon, killed: PlanFile) -> None:
    said = andon("nodes", "ls", *PAR1)
    assert said.code == 0
    assert "no answer" not in said.talk + said.data.decode()


def test_what_was_begun_in_the_demo_is_none_of_a_real_sites(andon: Andon, killed: PlanFile) -> None:
    assert "got no answer" not in andon("status").data.decode()


def test_once_settled_by_an_act_it_is_told_no_more(andon: Andon, killed: PlanFile) -> None:
    name = killed.plan.steps[0].target.name
    settled = andon("nodes", "drain", name, *PAR1, "--yes", "--reason", "again")
    assert "ended without an answer" in settled.talk
    assert "got no answer" not in andon("status", *PAR1).data.decode()
    assert "got no answer" not in andon("journal", "ls").talk


def test_looking_never_removes_a_plan_that_it_cannot_read(
    andon: Andon, home: Path, killed: PlanFile
) -> None:
    file = plans_folder(Paths.from_environ(environment(home)).state) / f"{killed.plan.id}.json"
    file.write_text('{"schema": "andon/plan/v99"}')
    said = andon("status", *PAR1, "-o", "json")
    assert said.code == 1
    told = said.json["items"][0]["problems"]
    (mine,) = [one for one in told if killed.plan.id in one["title"]]
    assert str(file) in mine["detail"]
    assert killed.plan.id in andon("journal", "ls").talk
    andon("nodes", "drain", killed.plan.steps[0].target.name, *PAR1, "--yes", "--reason", "again")
    assert file.exists(), "what it did is not known yet"


def test_only_the_sources_asked_for_are_told_of(andon: Andon, killed: PlanFile) -> None:
    title, _ = said_of(killed)
    mine = killed.plan.steps[0].target.source
    others = [s for s in ("demo@iad1", "demo@nrt1") if s != mine]
    assert title in andon("status", "--demo", "--source", mine).data.decode()
    assert title not in andon("status", "--demo", "--source", others[0]).data.decode()
