from __future__ import annotations

from typing import Any

import msgspec
import pytest

from andon.model import Effect, Kind, Outcome, Plan, Refusal, Result, Step, Target, Tier
from andon.views.page import Block, Facts, Table, Text, Tone
from andon.views.plan import (
    confirm_word,
    confirming,
    doing,
    outcomes_table,
    plan_page,
    question_page,
)
from tests.unit.views.things import HOSTILE, NOW


def target(name: str = "gpu01", **changes: Any) -> Target:
    fields: dict[str, Any] = {
        "kind": Kind.NODE,
        "key": f"par1/{name}",
        "name": name,
        "site": "par1",
        "source": "slurm@par1",
        "before": {"state": "mixed", "reason": ""},
    }
    return Target(**{**fields, **changes})


def step(name: str = "gpu01", promise: str = "draining or drained", **changes: Any) -> Step:
    return Step(
        id=f"s-{name}",
        verb="node.drain",
        target=target(name, **changes),
        call=("scontrol", "update", f"nodename={name}", "state=drain", "reason=ib link"),
        promise=promise,
    )


def plan(**changes: Any) -> Plan:
    fields: dict[str, Any] = {
        "id": "p1",
        "verb": "node.drain",
        "title": "Stop new work on 2 nodes",
        "effect": Effect.STOP_NEW_WORK,
        "effect_text": "2 jobs keep running, the last ends 14:20",
        "tier": Tier.DISRUPTIVE,
        "steps": (step("gpu01"), step("gpu02")),
        "refusals": (Refusal(target=target("gpu03"), why="already drained by root: NHC"),),
        "warnings": ("gpu02 is the last node of queue main",),
        "tenants": ("health", "physics"),
        "jobs": ("101", "102"),
        "gpu_hours_at_risk": 31.5,
        "expected_seconds": 7_200.0,
        "reason": "ib link",
        "actor": "alice",
        "created_at": NOW,
        "expires_at": NOW + 60,
        "reads": {"slurm@par1": NOW - 3},
    }
    return Plan(**{**fields, **changes})


def block(name: str, shown: Plan, now: float = NOW) -> Any:
    found: list[Block] = [one for one in plan_page(shown, now).blocks if one.name == name]
    return found[0] if found else None


def facts(shown: Plan, now: float = NOW) -> dict[str, str]:
    made = block("facts", shown, now)
    assert isinstance(made, Facts)
    return {label: cell.text for label, cell in made.items}


def texts(made: Text) -> list[str]:
    return ["".join(cell.text for cell in line) for line in made.lines]


def test_a_plan_says_its_effect_in_words_and_numbers() -> None:
    assert texts(block("effect", plan())) == [
        "Stop new work on 2 nodes",
        "2 jobs keep running, the last ends 14:20",
    ]
    said = facts(plan())
    assert said["Jobs"] == "2 jobs: 101, 102"
    assert said["Tenants"] == "2 tenants: health, physics"
    assert said["GPU-hours at risk"].startswith("32 (")
    assert said["Expires"] == "in 1m00s"
    assert said["Rests on"] == "slurm@par1 3s ago"
    assert said["Reason"] == "ib link"


def test_the_exact_calls_are_shown_as_they_would_be_typed() -> None:
    assert texts(block("calls", plan()))[0] == (
        "$ scontrol update nodename=gpu01 state=drain 'reason=ib link'"
    )


def test_targets_show_their_state_before_and_refusals_their_reason() -> None:
    targets: Table = block("targets", plan())
    assert [cell.text for cell in targets.rows.cells(0)] == [
        "gpu01",
        "par1",
        "mixed",
        "slurm@par1",
    ]
    assert facts(plan())["Done when"] == "draining or drained"
    refusals: Table = block("refusals", plan())
    assert refusals.rows.cells(0)[2].text == "already drained by root: NHC"
    assert texts(block("warnings", plan())) == ["! gpu02 is the last node of queue main"]


def test_what_is_as_asked_already_is_no_refusal_in_a_plan() -> None:
    already = Refusal(target=target("gpu04"), why="already drained by me: ib link", already=True)
    shown = plan(refusals=(already,))
    unchanged: Table = block("unchanged", shown)
    assert unchanged.title == "Already so"
    assert unchanged.rows.cells(0)[2].text == "already drained by me: ib link"
    assert "refusals" not in {one.name for one in plan_page(shown, NOW).blocks}


def test_targets_that_are_promised_different_states_say_which() -> None:
    shown = plan(steps=(step("gpu01"), step("gpu02", promise="its pods are gone")))
    targets: Table = block("targets", shown)
    assert [column.title for column in targets.columns][2:4] == ["NOW", "THEN"]
    assert targets.rows.cells(1)[3].text == "its pods are gone"
    assert "Done when" not in facts(shown)


def test_jobs_are_shown_with_the_names_their_users_gave_them() -> None:
    before = {"state": "running", "name": "llm-70b", "user": "ada"}
    shown = plan(steps=(step("7", kind=Kind.JOB, before=before), step("8", kind=Kind.JOB)))
    targets: Table = block("targets", shown)
    assert [cell.text for cell in targets.rows.cells(0)][:4] == [
        "7",
        "par1",
        "llm-70b",
        "running, ada",
    ]
    assert targets.rows.cells(1)[2].text == "–"


@pytest.mark.parametrize(
    ("effect", "kind", "words"),
    [
        (Effect.STOP_NEW_WORK, Kind.NODE, "stop new work"),
        (Effect.KILL_JOBS, Kind.JOB, "kill 2 jobs"),
        (Effect.KILL_JOBS, Kind.NODE, "kill the jobs"),
        (Effect.HOLD_JOBS, Kind.JOB, "hold 2 jobs"),
    ],
)
def test_what_confirming_does_is_said_in_a_few_words(
    effect: Effect, kind: Kind, words: str
) -> None:
    assert doing(plan(effect=effect, steps=(step("1", kind=kind), step("2", kind=kind)))) == words


def test_confirming_takes_more_the_more_it_hurts() -> None:
    assert confirm_word(plan(tier=Tier.REVERSIBLE)) == "y"
    assert confirm_word(plan()) == "2"
    assert confirm_word(plan(tier=Tier.DESTRUCTIVE, steps=(step("gpu01"),))) == "gpu01"
    assert confirm_word(plan(tier=Tier.DESTRUCTIVE)) == "par1"
    assert confirming(plan()) == "type the number of targets: 2"
    assert "a reason" in confirming(plan(tier=Tier.DESTRUCTIVE, reason=""))


def test_what_is_to_be_typed_is_said_by_what_it_is() -> None:
    def asked(*steps: Step) -> str:
        return confirming(plan(tier=Tier.DESTRUCTIVE, steps=steps))

    one, two = step("gpu01"), step("gpu02")
    elsewhere, job = step("gpu02", site="iad1"), step("17", kind=Kind.JOB)
    assert asked(one) == "type the node's name: gpu01"
    assert asked(job) == "type the job's id: 17"
    assert asked(one, two) == "type the site's name: par1"
    assert asked(one, elsewhere) == "type the sites' names: iad1,par1"


def test_above_a_question_stand_the_effect_last_and_long_lists_by_their_beginnings() -> None:
    steps = tuple(step(f"gpu{number:02}") for number in range(55))
    page = question_page(plan(steps=steps, warnings=("it hurts",)), NOW)
    assert [shown.name for shown in page.blocks] == [
        "targets",
        "refusals",
        "calls",
        "facts",
        "warnings",
        "effect",
    ]
    targets, _, calls = page.blocks[:3]
    assert isinstance(targets, Table)
    assert isinstance(calls, Text)
    assert len(targets.rows) == len(calls.lines) == 3
    assert calls.title == "Exact calls: the first 3, and 52 more; --dry-run shows all"
    whole = question_page(plan(), NOW)
    assert [shown.title for shown in whole.blocks[:3]] == ["Targets", "Left out", "Exact calls"]


def test_an_expired_plan_says_so() -> None:
    said = facts(plan(), NOW + 90)
    assert said["Expires"].startswith("expired 30s ago")


def test_what_is_not_known_is_said_and_not_zero() -> None:
    said = facts(plan(gpu_hours_at_risk=None, expected_seconds=None, jobs=(), tenants=()))
    assert said["GPU-hours at risk"].startswith("not known")
    assert said["Takes"] == "not known"
    assert said["Jobs"] == said["Tenants"] == "not known"
    none = facts(plan(gpu_hours_at_risk=0.0, jobs=(), tenants=()))
    assert none["Jobs"] == "none"


def test_a_demo_plan_says_so_everywhere() -> None:
    page = plan_page(plan(demo=True), NOW)
    assert [note.text for note in page.notes] == ["DEMO"]
    assert "DEMO" in texts(block("effect", plan(demo=True)))[2]


def test_a_plan_with_nothing_left_says_so() -> None:
    assert block("targets", plan(steps=())).empty == "Nothing is left to do"
    assert block("refusals", plan(refusals=())) is None


def test_outcomes_say_what_really_happened_to_each_target() -> None:
    done = Outcome(
        step="s",
        target=target(),
        result=Result.REQUESTED,
        message="not seen in 30s",
        observed="MIXED",
        at=NOW,
    )
    shown = outcomes_table([done])
    by_name = dict(zip([one.name for one in shown.columns], shown.rows.cells(0), strict=True))
    assert by_name["result"].text == "requested"
    assert by_name["result"].tone is Tone.WARN
    assert by_name["observed"].text == "MIXED"
    assert by_name["cause"].raw is None
    assert outcomes_table([]).empty == "Nothing was done"


def test_hostile_names_stay_on_one_line_of_a_plan() -> None:
    for text in HOSTILE:
        hit = msgspec.structs.replace(step(), target=target(text), call=("x", text, "a\nb\x1b[0m"))
        shown = plan(steps=(hit,), reason=text, warnings=(text,), title=text, actor=text)
        for line in texts(block("calls", shown)) + texts(block("effect", shown)):
            assert line.isprintable(), line
        assert all(cell.text.isprintable() for cell in block("targets", shown).rows.cells(0))
