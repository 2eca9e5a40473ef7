"""What is wrong with the things of some sources, tenants or a user, whoever else tells of it."""

from __future__ import annotations

from typing import Any

import pytest

from andon.analysis.problems import problems, problems_about, problems_in
from andon.model import (
    Kind,
    NodeState,
    Record,
    Severity,
    Site,
)
from andon.store import Snapshot
from andon.views.state import Scope
from tests.unit.analysis.factory import (
    NOW,
    card,
    factory,
    incident,
    job,
    node,
    said,
    status,
    tenant,
)


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


@pytest.mark.parametrize(
    "about",
    [
        {"nodes": ("n1.dc.example",)},
        {"nodes": ("N1.DC.Example.",)},
        {"object_kind": Kind.NODE, "object_key": "par1/n1.dc.example"},
    ],
)
def test_an_incident_reaches_a_host_that_it_names_with_its_domain(about: dict[str, Any]) -> None:
    told = incident("i", text="fan is loud", **about)
    running = job("1", tenant="health", nodes=("n1",))
    snapshot = factory(node("n1", NodeState.MIXED), running, told)
    (problem,) = problems(snapshot, NOW)
    assert problems_about(snapshot, Kind.NODE, "par1/n1", NOW) == (problem,)
    assert problems_in(snapshot, NOW, Scope(tenants=("health",))) == (problem,)
    assert problems_in(snapshot, NOW, Scope(tenants=("bank",))) == ()
    silent = incident("s", text="does not respond", **about)
    down = factory(node("n1", NodeState.DOWN, reason="Not responding"), silent)
    assert len(problems(down, NOW)) == 1


def test_an_incident_about_a_host_that_is_an_address_is_about_that_host() -> None:
    told = incident("i", text="fan is loud", nodes=("10.0.0.1",))
    snapshot = factory(node("10.0.0.1"), node("10.0.0.2"), told)
    assert problems_about(snapshot, Kind.NODE, "par1/10.0.0.1", NOW) != ()
    assert problems_about(snapshot, Kind.NODE, "par1/10.0.0.2", NOW) == ()


def test_an_incident_about_a_card_by_its_index_is_found_from_the_card() -> None:
    told = incident("i", text="fan is loud", object_kind=Kind.ACCELERATOR, object_key="par1/n1/3")
    snapshot = two(card("n1", 3, uuid=None), told, second=(card("n1", 3),))
    (problem,) = problems(snapshot, NOW)
    assert problems_about(snapshot, Kind.ACCELERATOR, card("n1", 3).key, NOW) == (problem,)
