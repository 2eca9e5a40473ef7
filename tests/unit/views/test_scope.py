"""The board and the status of some tenants or a user: what is theirs, and what is everybody's."""

from __future__ import annotations

from typing import Any

import msgspec

from andon.analysis.transitions import transitions
from andon.model import (
    Accelerator,
    AcceleratorState,
    Batch,
    Event,
    Incident,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Severity,
    Tenant,
)
from andon.store import Snapshot, apply
from andon.store.history import History
from andon.views.page import Page
from andon.views.pages import page
from andon.views.serialize import envelope
from andon.views.state import Scope, ViewState
from andon.views.status import findings, status_page
from tests.unit.views.reading import block, column, rows
from tests.unit.views.things import NOW, changed, snapshot_of, source

BUSY = AcceleratorState.BUSY


def card(node: str, index: int, job: str) -> Accelerator:
    return Accelerator(
        site="par1", node=node, index=index, state=BUSY, job=job, power_draw_watts=500.0
    )


def event(id_: str, kind: Kind, key: str) -> Event:
    return Event(
        site="par1",
        id=id_,
        at=NOW - 60,
        severity=Severity.WARNING,
        topic="x",
        text=f"event {id_}",
        object_kind=kind,
        object_key=key,
    )


SNAPSHOT = snapshot_of(
    [
        Node(site="par1", name="n1", state=NodeState.MIXED, gpus_total=4, gpus_allocated=2),
        Node(site="par1", name="n2", state=NodeState.IDLE, gpus_total=8, gpus_allocated=0),
        Node(site="par1", name="n3", state=NodeState.DOWN, reason="fire", gpus_total=8),
        card("n1", 0, "1"),
        card("n1", 1, "2"),
        Job(site="par1", id="1", state=JobState.RUNNING, tenant="health", nodes=("n1",), gpus=1),
        Job(site="par1", id="2", state=JobState.RUNNING, tenant="bank", nodes=("n1",), gpus=1),
        Job(site="par1", id="3", state=JobState.FAILED, tenant="bank"),
        Tenant(site="par1", name="health"),
        event("mine", Kind.NODE, "par1/n1"),
        event("other", Kind.NODE, "par1/n3"),
        event("ended", Kind.JOB, "par1//3"),
    ]
)
HEALTH = Scope(tenants=("health",))


def board(scope: Scope, history: History | None = None) -> Page:
    return page(SNAPSHOT, ViewState(scope=scope), NOW, history=history)


def test_the_status_of_a_tenant_says_whose_it_is_and_leaves_out_what_is_not_its_own() -> None:
    shown = status_page(SNAPSHOT, NOW, scope=HEALTH)
    sites = block(shown, "sites")
    assert sites.title == "Held by tenant health"
    assert [one.name for one in sites.columns] == [
        "site",
        "nodes",
        "nodes_out",
        "gpus_allocated",
        "jobs_running",
        "jobs_pending",
        "power_draw_watts",
        "at_least",
    ]
    assert rows(sites) == [["par1", "1", "0", "1", "1", "0", "500W", ""]]


def test_what_is_free_is_labelled_as_everybodys() -> None:
    shown = status_page(SNAPSHOT, NOW, scope=HEALTH)
    assert block(shown, "free").title == "Free GPUs, of the whole sites"
    assert column(block(shown, "free"), "gpus_free") == column(
        block(status_page(SNAPSHOT, NOW), "free"), "gpus_free"
    )
    assert block(board(HEALTH), "free").title == "Free GPUs, of the whole sites"


def test_a_problem_that_hurts_others_is_no_finding_of_a_tenant() -> None:
    assert findings(SNAPSHOT, NOW) == 1
    assert findings(SNAPSHOT, NOW, scope=HEALTH) == 0
    problems = block(status_page(SNAPSHOT, NOW, scope=HEALTH), "problems")
    assert (problems.title, len(problems.rows)) == ("Problems of tenant health", 0)


def test_a_tenant_that_nobody_knows_is_a_finding_not_a_healthy_tenant() -> None:
    typo = Scope(tenants=("haelth",))
    assert findings(SNAPSHOT, NOW, scope=typo) == 1
    assert "haelth" in block(status_page(SNAPSHOT, NOW, scope=typo), "sites").empty


def test_the_board_of_a_tenant_is_its_own() -> None:
    shown = board(HEALTH)
    assert block(shown, "gpus").title == "GPUs held by tenant health: 1"
    assert [cell.text for cell in block(shown, "gpus").cells] == ["1 busy"]
    assert block(shown, "nodes").title == "Nodes in use: 1"
    assert block(shown, "jobs").title == "Jobs: 1 running, 0 pending"
    assert block(shown, "problems").title == "Problems of tenant health"
    assert column(block(shown, "changes"), "text") == ["event mine"]


def test_what_changed_for_a_tenant_includes_its_jobs_that_ended() -> None:
    assert column(block(board(Scope(tenants=("bank",))), "changes"), "text") == [
        "event mine",
        "event ended",
    ]


def changes(scope: Scope, snapshot: Snapshot, *noted: Event) -> list[str]:
    history = History()
    for one in noted:
        history.note(one)
    shown = page(snapshot, ViewState(scope=scope), NOW, history=history)
    return sorted(str(cell) for cell in column(block(shown, "changes"), "text"))


def told(id_: str, **about: Any) -> Incident:
    return Incident(site="par1", id=id_, topic="x", text=f"incident {id_}", **about)


def test_what_changed_for_a_tenant_includes_incidents_that_touch_what_is_its_own() -> None:
    snapshot = changed(
        SNAPSHOT,
        [told("a", nodes=("n1.dc.example",)), told("b", nodes=("n3",)), told("c", jobs=("1",))],
    )
    opened = [event(f"opened {id_}", Kind.INCIDENT, f"par1/{id_}") for id_ in ("a", "b", "c")]
    assert changes(HEALTH, snapshot, *opened) == [
        "event mine",
        "event opened a",
        "event opened c",
    ]
    assert len(changes(Scope(), snapshot, *opened)) == 6


def test_what_changed_for_a_tenant_includes_incidents_on_its_nodes_that_closed() -> None:
    before = changed(SNAPSHOT, [told("a", nodes=("n1.dc.example",)), told("b", nodes=("n3",))])
    gone = Batch(source="slurm@par1", observed_at=NOW, whole=frozenset({Kind.INCIDENT}))
    after = apply(before, gone)
    closed = transitions(before, after, NOW)
    assert len({one.id for one in closed}) == 2
    assert changes(HEALTH, after, *closed) == ["Closed: incident a", "event mine"]


def test_what_changed_for_a_tenant_includes_the_queues_that_its_jobs_are_in() -> None:
    waiting = Job(site="par1", id="4", state=JobState.PENDING, tenant="health", queue="long")
    ended = Job(site="par1", id="5", state=JobState.FAILED, tenant="health", queue="old")
    snapshot = changed(SNAPSHOT, [waiting, ended])
    queues = [event(name, Kind.QUEUE, f"par1//{name}") for name in ("long", "old", "short")]
    assert changes(HEALTH, snapshot, *queues) == ["event long", "event mine"]


def test_what_changed_of_sources_is_everybodys() -> None:
    lost = event("lost", Kind.NODE, "slurm@par1")
    lost = msgspec.structs.replace(lost, object_kind=None)
    vague = msgspec.structs.replace(lost, text="vague", object_key=None)
    assert changes(HEALTH, SNAPSHOT, lost, vague) == ["event lost", "event mine"]


def test_courses_are_of_everything_and_so_not_of_a_scope() -> None:
    history = History()
    history.add("jobs_running", NOW, 2.0)
    assert block(board(Scope(), history), "running_course") is not None
    assert block(board(HEALTH, history), "running_course") is None
    assert block(board(Scope(sites=("par1",)), history), "running_course") is None


def test_json_says_what_was_looked_at() -> None:
    said = envelope("status", [], SNAPSHOT, NOW, scope=Scope(tenants=("health",), user="bob"))
    assert said["scope"] == {"sites": [], "sources": [], "tenants": ["health"], "user": "bob"}
    assert envelope("status", [], SNAPSHOT, NOW)["scope"] is None


def test_a_source_that_is_lost_is_a_finding_in_every_scope() -> None:
    lost = SNAPSHOT.with_status(source(observed_at=NOW - 3600))
    assert findings(lost, NOW, scope=HEALTH) == 1
