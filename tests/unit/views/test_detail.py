from __future__ import annotations

import msgspec
import pytest

from andon.model import (
    Accelerator,
    Coverage,
    Fault,
    FaultKind,
    Incident,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Process,
    SourceState,
)
from andon.store import Snapshot
from andon.views.detail import detail, source_detail
from andon.views.page import Page
from andon.views.pages import page
from andon.views.state import ViewState
from tests.unit.views.reading import block, column, facts, lines, rows
from tests.unit.views.things import NOW, changed, factory, filled, snapshot_of, source

FACTORY = snapshot_of(factory())


def show(view: str, key: str, snapshot: Snapshot = FACTORY) -> Page:
    return page(snapshot, ViewState(view=view, subject=key), NOW)


def test_a_node_is_shown_with_its_gpus_jobs_tenants_and_problems() -> None:
    shown = show("nodes", "par1/gpu1")
    said = facts(shown)
    assert (said["State"], said["GPUs"], said["Tenants"]) == ("mixed", "1/2", "physics")
    assert said["Reported by"] == "slurm@par1 1s ago"
    assert column(block(shown, "gpus"), "index") == ["0", "1"]
    assert column(block(shown, "jobs"), "id") == ["101"]
    assert "idle" in lines(block(shown, "problems"))[0]


def test_a_node_whose_gpus_nobody_reports_says_so() -> None:
    node = Node(site="par1", name="cpu1", gpus_total=4)
    shown = show("nodes", node.key, changed(FACTORY, [node]))
    assert block(shown, "gpus").empty == "4 GPUs, but no source reports them one by one"
    assert block(shown, "jobs").empty


def test_sources_that_contradict_each_other_are_shown_with_both_values() -> None:
    said_up = snapshot_of(
        [Node(site="par1", name="gpu3", state=NodeState.IDLE, gpus_total=4)],
        status=source("nvml@par1", plugin="nvml"),
        base=FACTORY,
    )
    shown = block(show("nodes", "par1/gpu3", said_up), "disagreements")
    assert {row[1] for row in rows(shown)} == {"slurm@par1", "nvml@par1"}
    assert {"2", "4"} <= {row[2] for row in rows(shown)}
    assert [row[3] for row in rows(shown)].count("shown") == len(
        [row for row in rows(shown) if row[0]]
    )
    assert block(show("nodes", "par1/gpu3"), "disagreements") is None


def test_a_waiting_job_says_why_with_numbers_and_what_is_computed() -> None:
    why = lines(block(show("jobs", "par1/c1/103"), "why"))
    assert "higher priority" in why[0]
    assert any("(computed)" in line for line in why)
    assert block(show("jobs", "par1/c1/103"), "nodes") is None


def test_a_running_job_is_shown_with_its_nodes_and_the_gpus_it_is_known_to_hold() -> None:
    shown = show("jobs", "par1/c1/101")
    assert block(shown, "why") is None
    assert column(block(shown, "nodes"), "name") == ["gpu1"]
    assert rows(block(shown, "gpus"))[0][:3] == ["gpu1", "0", "idle-held"]
    other = show("jobs", "par1/c1/102")
    assert block(other, "gpus").empty == "1 GPUs, but no source says which"


def test_a_gpu_is_shown_with_its_job_node_and_processes() -> None:
    key = "par1/GPU-gpu1-0"
    process = Process(
        site="par1", node="gpu1", pid=4242, user="alice", accelerator=key, command="python"
    )
    shown = show("gpus", key, changed(FACTORY, [process]))
    assert facts(shown)["Job"] == "101"
    assert column(block(shown, "jobs"), "id") == ["101"]
    assert column(block(shown, "nodes"), "name") == ["gpu1"]
    assert column(block(shown, "processes"), "user") == ["alice"]
    free = show("gpus", "par1/GPU-gpu2-0")
    assert block(free, "jobs").empty == "No job is known to hold it"


def test_a_queue_is_shown_with_its_jobs_in_the_order_of_attention() -> None:
    shown = show("queues", "par1/c1/main")
    assert facts(shown)["Pending"] == "2"
    assert column(block(shown, "jobs"), "id") == ["102", "101", "104", "103", "99"]


def test_a_long_list_of_neighbours_says_how_many_more_there_are() -> None:
    jobs = [
        Job(site="par1", cluster="c1", id=str(n), queue="main", state=JobState.PENDING, priority=n)
        for n in range(1_000, 1_300)
    ]
    shown = block(show("queues", "par1/c1/main", changed(FACTORY, jobs)), "jobs")
    assert (len(shown.rows), shown.total) == (200, 305)
    assert shown.notes[0].text == "and 105 more: see jobs"
    assert column(shown, "id")[2] == "1299"


def test_a_tenant_outside_its_residency_is_told_apart_from_one_inside() -> None:
    assert facts(show("tenants", "par1/c1/physics"))["Outside residency"] == "1 job here"
    assert facts(show("tenants", "par1/c1/health"))["Outside residency"] == "no job"
    unknown = snapshot_of(one for one in factory() if one.kind is not Kind.SITE)
    said = facts(show("tenants", "par1/c1/physics", unknown))["Outside residency"]
    assert said == "not known: no jurisdiction is stated for this site"


def test_a_source_is_shown_with_its_error_hint_and_coverage() -> None:
    broken = source(
        state=SourceState.DOWN,
        failures=3,
        coverage=(Coverage(kind=Kind.NODE, reported=1, expected=4, note="3 silent"),),
        fault=Fault(
            source="slurm@par1",
            kind=FaultKind.TIMEOUT,
            message="no answer",
            hint="look at it",
            at=NOW - 60,
            retry_at=NOW + 5,
        ),
    )
    shown = show("sources", "slurm@par1", FACTORY.with_status(broken))
    said = lines(block(shown, "fault"))
    assert said[0] == "timeout: no answer"
    assert said[2] == "→ look at it"
    assert said[3] == "asked again in 5s"
    assert rows(block(shown, "coverage")) == [["node", "1", "4", "3 silent"]]
    assert facts(shown)["Failures in a row"] == "3"
    assert "No source is called nobody" in lines(
        block(source_detail(FACTORY, "nobody", NOW), "gone")
    )


def test_a_thing_that_is_gone_is_said_to_be_gone_or_out_of_sight() -> None:
    assert lines(block(show("jobs", "par1/c1/7"), "gone")) == [
        "No source reports job par1/c1/7 now"
    ]
    down = FACTORY.with_status(source(state=SourceState.DOWN, observed_at=NOW - 60))
    said = lines(block(show("jobs", "par1/c1/7", down), "gone"))
    assert said[1] == "It may only be out of sight: slurm@par1 down 1m"


def test_a_stale_thing_says_how_old_it_is() -> None:
    down = FACTORY.with_status(source(state=SourceState.DOWN, observed_at=NOW - 60))
    shown = show("nodes", "par1/gpu1", down)
    assert facts(shown)["Reported by"].endswith("stale, 1m")
    assert "slurm@par1 down 1m" in [note.text for note in shown.notes]


def test_a_thing_without_a_view_of_its_own_shows_every_field() -> None:
    incident = filled(Incident, severity="critical", object_kind=Kind.NODE, object_key="par1/gpu3")
    incident = msgspec.convert(msgspec.to_builtins(incident), Incident)
    shown = detail(changed(FACTORY, [incident]), Kind.INCIDENT, incident.key, NOW)
    assert facts(shown)["Severity"] == "critical"
    assert lines(block(shown, "evidence")) == ["word", "word2"]
    assert block(shown, "problems") is not None


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_page_even_when_nothing_is_reported(kind: Kind) -> None:
    shown = detail(Snapshot(), kind, "par1/x", NOW)
    assert block(shown, "gone") is not None


def test_a_gpu_joined_by_index_only_says_so() -> None:
    by_index = snapshot_of(
        [Accelerator(site="par1", node="gpu1", index=0, job="101", cluster="c1")],
        status=source("ray@par1", plugin="ray"),
        base=FACTORY,
    )
    shown = show("gpus", "par1/GPU-gpu1-0", by_index)
    assert facts(shown)["Joined"] == "by index only, within its node"
    assert show("gpus", "par1/gpu1/0", by_index).title == shown.title
