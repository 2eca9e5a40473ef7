from __future__ import annotations

from andon.analysis.job_index import Counts
from andon.analysis.joins import joins
from andon.model import AcceleratorState, JobState, Kind
from tests.unit.analysis.factory import card, factory, job, node, queue, said, tenant


def test_a_node_has_its_active_jobs_oldest_first() -> None:
    found = joins(
        factory(
            node("n1"),
            job("2", nodes=("n1", "n2"), started_at=20.0),
            job("1", nodes=("n1",), started_at=10.0),
            job("3", JobState.COMPLETED, nodes=("n1",)),
            job("4", JobState.PENDING, nodes=("n1",)),
            job("5", site="fra1", nodes=("n1",)),
        )
    )
    assert [one.id for one in found.jobs_on("par1/n1")] == ["1", "2"]
    assert [one.id for one in found.jobs_on("fra1/n1")] == ["5"]
    assert found.jobs_on("par1/n9") == ()


def test_a_job_that_ends_leaves_its_nodes() -> None:
    before = factory(job("1", nodes=("n1",)), job("2", nodes=("n1",)))
    assert len(joins(before).jobs_on("par1/n1")) == 2
    after = said(before, job("1", JobState.COMPLETED, nodes=("n1",)))
    assert [one.id for one in joins(after).jobs_on("par1/n1")] == ["2"]
    gone = said(after, removed=[(Kind.JOB, "par1/c1/2")])
    assert joins(gone).jobs_on("par1/n1") == ()
    assert len(joins(before).jobs_on("par1/n1")) == 2


def test_accelerators_stand_in_order_of_their_index() -> None:
    found = joins(factory(card("n1", 10), card("n1", 9), card("n2", 0), card("n1", 0)))
    assert [one.index for one in found.accelerators_of("par1/n1")] == [0, 9, 10]


def test_an_accelerator_names_its_job_or_the_job_names_it() -> None:
    found = joins(
        factory(
            job("1", nodes=("n1",), gpus=1),
            job("2", nodes=("n1",), gpus=1, gpu_indexes=("n1:3",)),
        )
    )
    by_job = found.job_of(card("n1", 0, job="1"))
    by_index = found.job_of(card("n1", 3))
    assert by_job is not None
    assert by_job.id == "1"
    assert by_index is not None
    assert by_index.id == "2"
    assert found.job_of(card("n1", 4)) is None, "nothing is guessed from counts"
    assert found.job_of(card("n1", 0, job="99")) is None


def test_a_job_without_its_cluster_is_found_when_there_is_only_one() -> None:
    found = joins(factory(job("1"), job("2"), job("2", cluster="c2")))
    assert found.job("par1", None, "1") is not None
    assert found.job("par1", None, "2") is None, "two clusters have a job 2"
    assert found.job("par1", "c2", "2") is not None
    assert found.job("par1", "c3", "1") is None
    assert found.job("fra1", None, "1") is None


def test_a_node_is_found_by_any_form_of_its_name() -> None:
    found = joins(factory(node("n1")))
    for name in ("n1", "N1", "n1.example.org", "n1."):
        assert found.node("par1", name) is not None, name
    assert found.node("fra1", "n1") is None


def test_tenants_of_a_node_come_from_jobs_and_accelerators() -> None:
    found = joins(
        factory(
            job("1", nodes=("n1",), tenant="b"),
            job("2", nodes=("n1",), tenant="a"),
            job("3", nodes=("n1",)),
            card("n1", 0, AcceleratorState.BUSY, tenant="c"),
        )
    )
    assert found.tenants_on("par1/n1") == ("a", "b", "c")


def test_a_tenant_counts_its_running_and_waiting_jobs_and_its_gpus() -> None:
    before = factory(
        tenant("a"),
        job("1", tenant="a", gpus=8, queue="q"),
        job("2", JobState.SUSPENDED, tenant="a", gpus=4, queue="q"),
        job("3", JobState.PENDING, tenant="a", gpus=16, queue="q"),
        job("4", JobState.HELD, tenant="a", queue="q"),
        job("5", JobState.FAILED, tenant="a", gpus=99, queue="q"),
        job("6", tenant="a", gpus=None, queue="q"),
        queue("q"),
    )
    assert joins(before).jobs_of_tenant("par1/c1/a") == Counts(3, 2, 12)
    assert joins(before).jobs_of_queue("par1/c1/q") == (3, 2, 12)
    after = said(before, job("3", JobState.RUNNING, tenant="b", gpus=16, queue="q"))
    assert joins(after).jobs_of_tenant("par1/c1/a") == Counts(3, 1, 12)
    assert joins(after).jobs_of_tenant("par1/c1/b") == Counts(1, 0, 16)
    assert joins(after).jobs_of_tenant("par1/c1/nobody") == Counts(0, 0, 0)


def test_a_tenant_of_the_whole_site_counts_every_cluster() -> None:
    found = joins(
        factory(
            tenant("a", cluster=None),
            job("1", tenant="a", gpus=1),
            job("2", tenant="a", gpus=2, cluster="c2"),
            job("3", tenant="a", gpus=4, site="fra1"),
        )
    )
    assert found.jobs_of_tenant("par1//a") == Counts(2, 0, 3)
    record = found.tenant("par1", "c2", "a")
    assert record is not None
    assert record.cluster is None


def test_the_jobs_that_wait_in_a_queue_are_told() -> None:
    found = joins(
        factory(
            job("1", JobState.PENDING, queue="q"),
            job("2", JobState.RUNNING, queue="q"),
            job("3", JobState.PENDING, queue="other"),
        )
    )
    assert [one.id for one in found.waiting_in("par1", "c1", "q")] == ["1"]
    assert list(found.waiting_in("par1", "c1", "none")) == []
