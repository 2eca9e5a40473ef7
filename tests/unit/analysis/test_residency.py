"""Work that runs where its tenant may not have it."""

from __future__ import annotations

from andon.analysis.problems import problems
from andon.analysis.residency import residency_of
from andon.model import JobState, Kind, Record, Severity, Site, Tenant
from andon.store import Snapshot
from tests.unit.analysis.factory import NOW, factory, job, said, tenant

FRANCE = Site(site="par1", region="eu-west", jurisdiction="FR")
HEALTH = tenant("health", residency=("DE", "AT"))


def found(*records: Record) -> list[tuple[str, str]]:
    return [(one.title, one.detail) for one in problems(factory(*records), NOW)]


def test_jobs_outside_their_residency_are_one_problem_of_their_tenant() -> None:
    snapshot = factory(
        FRANCE,
        HEALTH,
        *[job(str(n), tenant="health", gpus=8, started_at=NOW - 60 * n) for n in range(1, 6)],
        job("9", JobState.PENDING, tenant="health"),
        job("8", tenant="other"),
    )
    (problem,) = problems(snapshot, NOW)
    assert problem.title == "5 jobs of health run outside DE, AT"
    assert problem.detail == "par1 is in FR; jobs 5, 4, 3 and 2 more; they hold 40 GPUs"
    assert problem.severity is Severity.WARNING
    assert (problem.kind, problem.key) == (Kind.TENANT, HEALTH.key)
    assert problem.touches(Kind.TENANT, HEALTH.key)
    assert problem.touches(Kind.JOB, "par1/c1/3"), "the page of the job says so too"
    assert problem.jobs == ("5", "4", "3", "2", "1")
    assert problem.tenants == ("health",)
    assert problem.since == NOW - 300


def test_each_site_is_a_problem_of_its_own() -> None:
    snapshot = factory(FRANCE, HEALTH, job("1", tenant="health"))
    there = [
        Site(site="nrt1", jurisdiction="JP"),
        Tenant(site="nrt1", cluster="c1", name="health"),
        job("2", site="nrt1", tenant="health"),
    ]
    snapshot = said(snapshot, *there, source="b")
    assert {(one.site, one.title) for one in problems(snapshot, NOW)} == {
        ("par1", "1 job of health runs outside DE, AT"),
        ("nrt1", "1 job of health runs outside DE, AT"),
    }


def test_a_region_allows_as_a_jurisdiction_does() -> None:
    for allowed in ("FR", "eu-west"):
        assert not found(FRANCE, tenant("health", residency=(allowed,)), job("1", tenant="health"))


def test_what_is_not_stated_is_no_violation() -> None:
    assert not found(FRANCE, tenant("health"), job("1", tenant="health"))
    assert not found(Site(site="par1"), HEALTH, job("1", tenant="health"))
    assert not found(HEALTH, job("1", tenant="health"))


def test_what_belongs_to_a_tenant_is_held_to_its_residency() -> None:
    below = tenant("imaging", parent="health")
    snapshot = factory(FRANCE, HEALTH, below, job("1", tenant="imaging"), job("2", tenant="health"))
    (problem,) = problems(snapshot, NOW)
    assert problem.title == "2 jobs of health run outside DE, AT"
    assert problem.tenants == ("health", "imaging")
    assert residency_of(snapshot, below) == ("DE", "AT")


def test_a_tenant_below_that_states_its_own_is_counted_once() -> None:
    below = tenant("imaging", parent="health", residency=("FR",))
    assert found(FRANCE, HEALTH, below, job("1", tenant="imaging")) == []


def test_tenants_above_each_other_end() -> None:
    ring = [tenant("a", parent="b"), tenant("b", parent="a")]
    assert found(FRANCE, *ring, job("1", tenant="a")) == []


def test_the_problem_follows_what_changes() -> None:
    snapshot = factory(FRANCE, HEALTH, job("1", tenant="health"), job("2", tenant="health"))
    assert [one.jobs for one in problems(snapshot, NOW)] == [("1", "2")]
    snapshot = said(snapshot, job("1", JobState.COMPLETED, tenant="health"))
    assert [one.jobs for one in problems(snapshot, NOW)] == [("2",)]
    snapshot = said(snapshot, tenant("health", residency=("FR",)))
    assert problems(snapshot, NOW) == ()
    snapshot = said(snapshot, HEALTH, job("3", tenant="health"))
    assert [one.jobs for one in problems(snapshot, NOW)] == [("2", "3")]


def test_nobody_and_nothing_is_outside() -> None:
    assert problems(Snapshot(), NOW) == ()
    assert found(FRANCE, HEALTH, job("1")) == []
