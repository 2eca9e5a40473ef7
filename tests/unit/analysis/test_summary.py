from __future__ import annotations

import pytest

from andon.analysis.summary import Sum, summarise
from andon.model import (
    AcceleratorState,
    Coverage,
    JobState,
    Kind,
    NodeState,
    Site,
    SourceState,
)
from andon.store import Snapshot
from andon.views.state import Scope
from tests.unit.analysis.factory import NOW, card, factory, job, node, said, status

A = AcceleratorState


def test_without_single_accelerators_gpus_come_from_the_nodes() -> None:
    total = summarise(
        factory(
            node("n1", NodeState.MIXED, gpus_total=8, gpus_allocated=6, gpu_model="h100"),
            node("n2", NodeState.IDLE, gpus_total=4, gpus_allocated=0, gpu_model="a100"),
            node("n3", NodeState.DRAINED, gpus_total=8, gpus_allocated=0, gpu_model="h100"),
        ),
        NOW,
    ).total
    assert total.gpus_total == Sum(20, 20, 20)
    assert total.gpus_allocated.value == 6
    assert total.gpus_free.value == 6, "a drained node has nothing free"
    assert total.accelerators == {A.ALLOCATED: 6, A.FREE: 6, A.UNAVAILABLE: 8}
    assert total.largest_free_block == 4
    assert total.free_blocks == {2: 1, 4: 1}
    assert (total.models["h100"].total, total.models["h100"].free) == (16, 2)
    assert not total.partial


def test_single_accelerators_count_where_they_are_reported() -> None:
    total = summarise(
        factory(
            node("n1", NodeState.MIXED, gpus_total=8, gpus_allocated=8),
            *[card("n1", index, A.BUSY if index else A.FREE) for index in range(4)],
            node("n2", NodeState.IDLE, gpus_total=2, gpus_allocated=0),
        ),
        NOW,
    ).total
    assert total.gpus_total.value == 6, "n1 by its four accelerators, n2 by its own number"
    assert total.gpus_free.value == 3
    assert total.accelerators == {A.BUSY: 3, A.FREE: 3}


def test_a_free_accelerator_of_a_drained_node_is_not_free() -> None:
    total = summarise(factory(node("n1", NodeState.DRAINED), card("n1", 0, A.FREE)), NOW).total
    assert total.gpus_free.value == 0
    assert total.accelerators == {A.UNAVAILABLE: 1}


def test_a_driver_that_cannot_know_who_holds_a_card_leaves_it_to_the_scheduler() -> None:
    snapshot = factory(
        node("n1", NodeState.MIXED, gpus_total=4, gpus_allocated=3),
        *[card("n1", index, A.UNKNOWN) for index in range(4)],
    )
    total = summarise(snapshot, NOW).total
    assert total.gpus_free == Sum(1, 4, 4)
    alone = summarise(factory(card("n1", 0, A.UNKNOWN)), NOW).total
    assert alone.gpus_total.value == 1
    assert alone.gpus_free == Sum(None, 0, 1), "not known is not zero"


def test_a_card_that_is_cut_counts_as_its_slices() -> None:
    total = summarise(
        factory(
            node("n1", NodeState.MIXED),
            card("n1", 0, A.UNKNOWN, uuid="GPU-whole"),
            card("n1", 0, A.BUSY, uuid="MIG-a", parent_uuid="GPU-whole", partition="3g"),
            card("n1", 0, A.FREE, uuid="MIG-b", parent_uuid="GPU-whole", partition="3g"),
        ),
        NOW,
    ).total
    assert total.accelerators == {A.BUSY: 1, A.FREE: 1}
    assert total.gpus_total.value == 2


def two_sites(**of_b: object) -> Snapshot:
    snapshot = factory(
        node("n1", NodeState.IDLE), job("1", JobState.PENDING, gpus=4, reason="Priority")
    )
    snapshot = snapshot.with_status(status("b", site="fra1", **of_b))
    return said(
        snapshot,
        node("m1", NodeState.IDLE, site="fra1", gpus_total=4),
        job("1", JobState.PENDING, site="fra1", gpus=2, reason="Priority"),
        source="b",
    )


@pytest.mark.parametrize(
    "state", [SourceState.DOWN, SourceState.STALE, SourceState.DENIED, SourceState.QUARANTINED]
)
def test_a_lost_source_is_unknown_and_never_zero_and_never_good(state: SourceState) -> None:
    summary = summarise(two_sites(state=state), NOW)
    lost, total = summary.sites["fra1"], summary.total
    assert lost.nodes == {NodeState.UNKNOWN: 1}
    assert lost.accelerators == {A.UNKNOWN: 4}
    assert lost.jobs == {JobState.UNKNOWN: 1}
    assert lost.gpus_total.value is None
    assert lost.gpus_free.value is None
    assert lost.largest_free_block is None
    assert lost.gpus_wanted.value is None
    assert lost.partial
    assert lost.untrusted == ("b",)
    assert total.gpus_total == Sum(8, 8, 12, missing=True)
    assert total.gpus_free.partial
    assert total.gpus_wanted.value == 4
    assert total.gpus_wanted.partial
    assert not summary.sites["par1"].partial


def test_a_source_that_was_never_heard_makes_its_site_unknown() -> None:
    snapshot = factory(node("n1")).with_status(
        status("b", site="fra1", state=SourceState.DOWN, observed_at=None)
    )
    summary = summarise(snapshot, NOW)
    assert summary.sites["fra1"].gpus_total.value is None
    assert summary.total.gpus_total.partial
    assert summary.total.gpus_total.value == 8


def test_a_source_that_only_grew_old_is_lost_too() -> None:
    snapshot = two_sites()
    assert not summarise(snapshot, NOW).total.partial
    later = summarise(snapshot.with_status(status("slurm", observed_at=NOW + 300)), NOW + 300)
    assert later.sites["fra1"].gpus_free.value is None
    assert later.sites["par1"].gpus_free.value == 8


def test_a_source_that_answers_in_part_makes_its_kind_partial() -> None:
    gap = (Coverage(kind=Kind.NODE, reported=125, expected=128, note="3 silent"),)
    snapshot = factory(node("n1"), state=SourceState.PARTIAL, coverage=gap)
    total = summarise(snapshot, NOW).total
    assert total.partial_kinds == {Kind.NODE}
    assert total.gpus_total.partial
    assert not total.gpus_wanted.partial
    assert total.gpus_total.value == 8


def test_the_drivers_word_is_not_enough_to_call_a_card_free() -> None:
    snapshot = factory(node("n1", NodeState.IDLE), job("1"), state=SourceState.DOWN)
    snapshot = snapshot.with_status(status("nvml", kinds=(Kind.ACCELERATOR,)))
    snapshot = said(snapshot, card("n1", 0, A.FREE, power_draw_watts=90.0), source="nvml")
    total = summarise(snapshot, NOW).total
    assert total.gpus_total.value == 1
    assert total.gpus_free.value is None
    assert total.power_watts.value == 90


def test_power_is_that_of_the_gpus_with_how_many_report_it() -> None:
    cards = [card("n1", 0, power_draw_watts=500.25), card("n1", 1, power_draw_watts=None)]
    total = summarise(factory(node("n1", power_draw_watts=4000.0), *cards), NOW).total
    assert total.power_watts == Sum(500.25, 1, 2)
    assert total.power_watts.partial
    assert total.power_of == "GPUs"


def test_power_is_that_of_the_nodes_where_no_gpu_reports_it() -> None:
    total = summarise(factory(node("n1", power_draw_watts=4000.5), node("n2")), NOW).total
    assert total.power_watts == Sum(4000.5, 1, 2)
    assert total.power_of == "nodes"
    assert summarise(factory(node("n1")), NOW).total.power_watts.value is None


def test_reasons_are_counted_by_their_code_the_commonest_first() -> None:
    pending = JobState.PENDING
    total = summarise(
        factory(
            job("1", pending, reason="Priority", gpus=8),
            job("2", pending, reason="Priority"),
            job("3", pending, reason="ReqNodeNotAvail, UnavailableNodes:n1", gpus=1),
            job("4", pending, reason="ReqNodeNotAvail, UnavailableNodes:n2", gpus=1),
            job("5", pending, reason="ReqNodeNotAvail", gpus=1),
            job("6", pending),
            job("7", JobState.RUNNING, reason="Prolog"),
        ),
        NOW,
    ).total
    assert [(one.reason, one.jobs, one.gpus) for one in total.reasons] == [
        ("ReqNodeNotAvail", 3, 3),
        ("Priority", 2, 8),
        ("None", 1, 0),
    ]
    assert total.jobs_pending == 6
    assert total.jobs_running == 1
    assert total.gpus_wanted.value == 11


def test_every_reason_is_told_and_of_equals_the_one_with_more_gpus_comes_first() -> None:
    wanted = {"BeginTime": None, "Dependency": 1, "Licenses": 1, "Resources": 64, "Prolog": 8}
    jobs = [
        job(code, JobState.PENDING, reason=code, gpus=gpus) for code, gpus in wanted.items()
    ] + [job(f"p{at}", JobState.PENDING, reason="Priority") for at in range(2)]
    told = summarise(factory(*jobs), NOW).total.reasons
    assert [one.reason for one in told] == [
        "Priority",
        "Resources",
        "Prolog",
        "Dependency",
        "Licenses",
        "BeginTime",
    ]


def test_a_site_that_nobody_reports_from_is_there() -> None:
    summary = summarise(factory(Site(site="osl1"), node("n1")), NOW)
    assert list(summary.sites) == ["osl1", "par1"]


def test_a_live_source_without_anything_says_zero() -> None:
    total = summarise(Snapshot().with_status(status("slurm")), NOW).total
    assert total.gpus_total == Sum(0, 0, 0)
    assert total.gpus_wanted.value == 0
    assert summarise(Snapshot(), NOW).total.gpus_total.value is None


def test_a_scope_narrows_to_sites_sources_tenants_and_a_user() -> None:
    snapshot = two_sites()
    snapshot = said(snapshot, job("7", tenant="a", user="u1"), job("8", tenant="b", user="u2"))
    assert summarise(snapshot, NOW, Scope(sites=("fra1",))).total.gpus_total.value == 4
    assert list(summarise(snapshot, NOW, Scope(sites=("fra1",))).sites) == ["fra1"]
    assert summarise(snapshot, NOW, Scope(sources=("slurm",))).total.gpus_total.value == 8
    assert summarise(snapshot, NOW, Scope(tenants=("a",))).total.jobs == {JobState.RUNNING: 1}
    assert summarise(snapshot, NOW, Scope(user="u2")).total.jobs == {JobState.RUNNING: 1}
    assert summarise(snapshot, NOW, Scope(user="nobody")).total.jobs == {}
