"""The least that a backend is asked for."""

from __future__ import annotations

import pytest

from andon.model import Batch, Coverage, Job, JobState, Kind, Node, NodeState, SourceStatus
from andon.store import Snapshot, apply
from andon.views.needs import everything_of, needs
from andon.views.registry import VIEWS, view_named
from andon.views.state import Scope, ViewState
from andon.views.tables import table

JOBS, NODES, GPUS = view_named("jobs"), view_named("nodes"), view_named("gpus")


def test_a_list_of_jobs_asks_for_jobs_only() -> None:
    assert needs(JOBS, ViewState(view="jobs")) == {Kind.JOB}
    assert needs(JOBS, ViewState(view="jobs", wide=True)) == {Kind.JOB}
    assert everything_of(JOBS) == {Kind.JOB}


def test_a_column_made_from_jobs_asks_for_jobs() -> None:
    assert needs(NODES, ViewState(view="nodes", columns=("name", "state"))) == {Kind.NODE}
    assert needs(NODES, ViewState(view="nodes", columns=("name", "jobs"))) == {Kind.NODE, Kind.JOB}


def test_what_is_sorted_or_filtered_by_counts_as_used() -> None:
    names = ViewState(view="nodes", columns=("name",))
    assert needs(NODES, ViewState(view="nodes", columns=("name",), sort="jobs")) >= {Kind.JOB}
    filtered = ViewState(view="nodes", columns=("name",), filter="jobs>0 & state=idle")
    assert needs(NODES, filtered) == {Kind.NODE, Kind.JOB}
    assert needs(NODES, names) == {Kind.NODE}


def test_a_scope_of_tenants_asks_for_the_jobs_by_which_things_are_theirs() -> None:
    scope = Scope(tenants=("a",))
    assert Kind.JOB in needs(NODES, ViewState(view="nodes", columns=("name",), scope=scope))
    mine = ViewState(view="gpus", columns=("index",), scope=Scope(user="ann"))
    assert needs(GPUS, mine) == {Kind.ACCELERATOR, Kind.JOB}


@pytest.mark.parametrize("view", [view for view in VIEWS if view.columns], ids=lambda v: v.name)
def test_no_table_needs_more_than_the_screen_polls_for_it(view: object) -> None:
    spec = view_named(getattr(view, "name", ""))
    assert everything_of(spec) <= spec.interest | {Kind.ACCELERATOR}


def heard(*kinds: Kind) -> Snapshot:
    """Return what one source said of a site with a node and a job on it, of these kinds only."""
    node = Node(site="x", name="n1", state=NodeState.MIXED)
    job = Job(site="x", id="7", state=JobState.RUNNING, nodes=("n1",))
    records = tuple(record for record in (node, job) if record.kind in kinds)
    status = SourceStatus(name="s", plugin="p", site="x", kinds=(Kind.NODE, Kind.JOB))
    batch = Batch(
        source="s",
        observed_at=1.0,
        records=records,
        whole=frozenset(kinds),
        coverage=(Coverage(kind=Kind.NODE, reported=1, expected=1),),
    )
    return apply(Snapshot().with_status(status), batch)


def test_jobs_of_a_node_are_unknown_and_not_none_where_nobody_lists_jobs() -> None:
    state = ViewState(view="nodes", columns=("name", "jobs"))
    alone = table(heard(Kind.NODE), NODES, state, 1.0)
    both = table(heard(Kind.NODE, Kind.JOB), NODES, state, 1.0)
    assert alone.rows.cells(0)[1].raw is None
    assert both.rows.cells(0)[1].raw == 1
