"""How the waiting rest of an array and a job of several queues are listed, found and confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from andon.model import Batch, Effect, Job, JobState, Kind, Queue, Tier
from andon.store import Snapshot, apply
from andon.views.detail import detail
from andon.views.page import Facts
from andon.views.plan import confirm_word, confirming, doing
from andon.views.registry import view_named
from andon.views.state import ViewState
from andon.views.tables import table
from tests.unit.views.test_plan import block, plan, step
from tests.unit.views.things import NOW


def job(id: str, state: JobState = JobState.PENDING, **more: Any) -> Job:
    return Job(site="par1", cluster="c", id=id, state=state, **more)


def rest(tasks: str, count: int = 2) -> Job:
    return job("22", array_id="22", array_tasks=tasks, tasks_count=count, queue="h100")


def told(*jobs: Job) -> Snapshot:
    queues = tuple(Queue(site="par1", cluster="c", name=name) for name in ("h100", "a100", "cpu"))
    kinds = frozenset({Kind.JOB, Kind.QUEUE})
    return apply(
        Snapshot(), Batch(source="s", observed_at=NOW, records=(*jobs, *queues), whole=kinds)
    )


def listed(
    snapshot: Snapshot, filter: str = "", view: str = "jobs", column: str = "id"
) -> list[str]:
    state = ViewState(view=view, filter=filter, columns=(column,), sort=column)
    rows = table(snapshot, view_named(view), state, NOW).rows
    return [rows.cells(index)[0].text for index in range(len(rows))]


FACTORY = told(
    job("22_0", JobState.RUNNING, array_id="22", queue="h100"),
    rest("1-99%1", 99),
    job("5", queue="h100,a100"),
    job("23", queue="cpu"),
)


def test_the_rest_of_an_array_is_listed_as_the_scheduler_lists_it() -> None:
    assert listed(FACTORY) == ["5", "22_0", "22_[1-99%1]", "23"]


def test_a_long_list_of_tasks_loses_its_middle() -> None:
    tasks = ",".join(str(number) for number in range(1, 999, 2))
    (shown,) = listed(told(rest(f"{tasks}%4", 499)))
    assert shown == "22_[…93,995,997]"


def test_an_array_of_a_long_number_keeps_its_number_and_its_last_task() -> None:
    def shown(tasks: str) -> str:
        rest = job("22015560", array_id="22015560", array_tasks=tasks, tasks_count=2)
        return listed(told(rest))[0]

    assert shown("0-103%8") == "22015560_[0-103]"
    assert shown("40,43-151%8") == "22015560_[…-151]"


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("id=22", ["22_[1-99%1]"]),
        ("id=22_*", ["22_0", "22_[1-99%1]"]),
        ("'22_[1-99%1]'", ["22_[1-99%1]"]),
        ("22_", ["22_0", "22_[1-99%1]"]),
        ("queue=h100", ["5", "22_0", "22_[1-99%1]"]),
        ("queue=a100", ["5"]),
        ("queue=a100,cpu", ["5", "23"]),
        ("queue!=a100", ["22_0", "22_[1-99%1]", "23"]),
        ("queue~^a", ["5"]),
    ],
)
def test_filters_find_them(filter: str, found: list[str]) -> None:
    assert listed(FACTORY, filter) == found


def test_queues_count_and_list_what_waits_in_them_and_elsewhere() -> None:
    state = ViewState(view="queues", columns=("name", "jobs_pending"), sort="name")
    rows = table(FACTORY, view_named("queues"), state, NOW).rows
    shown = {rows.cells(index)[0].text: rows.cells(index)[1].text for index in range(len(rows))}
    assert shown == {"a100": "1", "cpu": "1", "h100": "100"}
    page = detail(FACTORY, Kind.QUEUE, "par1/c/a100", NOW)
    jobs = next(one for one in page.blocks if one.name == "jobs")
    assert [jobs.rows.key(index) for index in range(len(jobs.rows))] == ["par1/c/5"]  # type: ignore[union-attr]


def test_the_page_of_a_rest_is_called_by_its_tasks() -> None:
    assert detail(FACTORY, Kind.JOB, "par1/c/22", NOW).title == "job 22_[1-99] at par1"


def of_rest(count: int, tier: Tier, **more: Any) -> Any:
    steps = (step(f"22_[1-{count}]", kind=Kind.JOB, count=count),)
    return plan(effect=Effect.KILL_JOBS, tier=tier, steps=steps, **more)


def test_confirming_an_act_on_a_rest_takes_the_number_of_its_tasks() -> None:
    disrupts = of_rest(4, Tier.DISRUPTIVE, jobs=("22_[1-4]",))
    assert (confirm_word(disrupts), doing(disrupts)) == ("4", "kill 4 jobs")
    assert confirming(disrupts) == "type the number of jobs: 4"
    facts = block("facts", disrupts)
    assert isinstance(facts, Facts)
    assert dict(facts.items)["Jobs"].text == "4 jobs: 22_[1-4]"


def test_confirming_the_end_of_a_large_array_takes_its_id() -> None:
    destroys = of_rest(9999, Tier.DESTRUCTIVE, reason="x")
    assert confirm_word(destroys) == "22"
    assert confirming(destroys) == "type the array's id: 22"
