"""What is wrong with the things of some sources, tenants or a user, whoever else tells of it."""

from __future__ import annotations

from andon.analysis.problems import problems, problems_in
from andon.model import (
    Kind,
    NodeState,
    Record,
    Severity,
    Site,
)
from andon.store import Snapshot
from andon.views.state import Scope
from tests.unit.analysis.factory import NOW, factory, incident, job, node, said, status, tenant


def titles(snapshot: Snapshot, sources: tuple[str, ...] = ()) -> list[str]:
    return [problem.title for problem in problems_in(snapshot, NOW, Scope(sources=sources))]


def two(*first: Record, second: tuple[Record, ...]) -> Snapshot:
    """Return what slurm says, and what another live source says."""
    snapshot = factory(*first).with_status(status("alerts"))
    return said(snapshot, *second, source="alerts")


def down_and_told() -> Snapshot:
    down = node("n1", NodeState.DOWN, reason="Not responding")
    about = incident("i", text="n1 does not respond", severity=Severity.CRITICAL, nodes=("n1",))
    return two(down, second=(about,))


def test_of_a_source_that_has_no_incident_what_it_found_is_told_by_itself() -> None:
    snapshot = down_and_told()
    assert titles(snapshot) == ["n1 does not respond"]
    assert titles(snapshot, sources=("slurm",)) == ["Node n1 is down"]
    assert titles(snapshot, sources=("alerts",)) == ["n1 does not respond"]
    assert titles(snapshot, sources=("slurm", "alerts")) == ["n1 does not respond"]


def test_an_incident_is_of_its_source_and_of_no_node_that_has_the_same_key() -> None:
    about = incident("n1", text="n1 does not respond", nodes=("n2",))
    snapshot = two(incident("n2", text="a fire"), second=(about,))
    assert titles(snapshot, sources=("slurm",)) == ["a fire"]


def test_work_outside_its_residency_is_a_problem_of_the_source_of_the_work() -> None:
    snapshot = two(
        tenant("bank", residency=("DE",)),
        Site(site="par1", jurisdiction="FR"),
        second=(job("1", tenant="bank"),),
    )
    told = ["1 job of bank runs outside DE"]
    assert titles(snapshot) == told
    assert titles(snapshot, sources=("alerts",)) == told
    assert titles(snapshot, sources=("slurm",)) == told
    other = said(snapshot.with_status(status("other")), node("n9"), source="other")
    assert titles(other, sources=("other",)) == []


def test_looking_at_one_source_leaves_what_is_wrong_in_all_as_it_was() -> None:
    snapshot = down_and_told()
    every = problems(snapshot, NOW)
    some = problems_in(snapshot, NOW, Scope(sources=("slurm",)))
    assert problems_in(snapshot, NOW, Scope(sources=("slurm",))) == some
    assert problems(snapshot, NOW) is every
    assert [one.kind for one in some] == [Kind.NODE]
