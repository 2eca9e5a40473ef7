from __future__ import annotations

import asyncio

import pytest

from andon.model import Batch, Coverage, Fault, FaultKind, Kind, SourceState
from andon.runtime.oneshot import collect
from andon.sdk.errors import SourceDenied
from tests.unit.runtime_feed.things import (
    NOW,
    SOURCE,
    Scripted,
    Stubborn,
    fails,
    hangs,
    job,
    node,
    says,
    spec,
)

JOBS = frozenset({Kind.JOB})


def clock() -> float:
    return NOW


async def test_what_every_source_says_is_in_the_snapshot() -> None:
    sources = [Scripted(says(job(1), name="a"), name="a"), Scripted(says(name="b"), name="b")]
    snapshot = await collect(
        sources, [spec("a"), spec("b")], JOBS, 5.0, clock, verbs={"a": ("job.cancel",)}
    )
    assert snapshot.said_by("a", Kind.JOB) == {"lab/c/1": job(1)}
    assert snapshot.state_of("a") is SourceState.LIVE
    assert snapshot.sources["a"].verbs == ("job.cancel",)
    assert snapshot.sources["a"].observed_at == NOW


async def test_only_the_kinds_asked_for_are_asked_of_those_who_report_them() -> None:
    both = Scripted(says(), intervals={Kind.JOB: 10.0, Kind.NODE: 30.0})
    other = Scripted(says(node(1), name="b"), name="b", intervals={Kind.NODE: 30.0})
    snapshot = await collect([both, other], [spec(), spec("b")], JOBS, 5.0, clock)
    assert both.asked == [JOBS]
    assert other.asked == []
    assert set(snapshot.sources) == {SOURCE}


async def test_a_source_that_fails_becomes_a_status_beside_the_data_of_the_others() -> None:
    sources = [
        Scripted(fails(SourceDenied("no", hint="ask")), name="a"),
        Scripted(fails(SystemExit(1)), name="b"),
        Scripted(says(job(1), name="c"), name="c"),
    ]
    snapshot = await collect(sources, [spec("a"), spec("b"), spec("c")], JOBS, 5.0, clock)
    assert snapshot.state_of("a") is SourceState.DENIED
    assert snapshot.state_of("b") is SourceState.DOWN
    fault = snapshot.sources["a"].fault
    assert fault
    assert (fault.kind, fault.message, fault.hint) == (FaultKind.DENIED, "no", "ask")
    assert len(snapshot.said_by("c", Kind.JOB)) == 1


async def test_partial_data_is_said_to_be_partial() -> None:
    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        coverage = (Coverage(kind=Kind.JOB, reported=1, expected=2),)
        return Batch(source=SOURCE, observed_at=NOW, whole=kinds, coverage=coverage)

    snapshot = await collect([Scripted(answer)], [spec()], JOBS, 5.0, clock)
    assert snapshot.state_of(SOURCE) is SourceState.PARTIAL


@pytest.mark.parametrize("stubborn", [False, True])
async def test_a_source_that_hangs_costs_the_timeout_and_not_more(stubborn: bool) -> None:
    stuck = Stubborn()
    sources = [
        Scripted(stuck if stubborn else hangs, name="a"),
        Scripted(says(job(1), name="b"), name="b"),
    ]
    async with asyncio.timeout(5):
        snapshot = await collect(sources, [spec("a"), spec("b")], JOBS, 0.05, clock)
    fault = snapshot.sources["a"].fault
    assert fault
    assert fault.kind is FaultKind.TIMEOUT
    assert len(snapshot.said_by("b", Kind.JOB)) == 1
    stuck.let_go.set()


async def test_a_source_that_could_not_be_opened_is_in_the_snapshot_with_the_reason() -> None:
    fault = Fault(source="a", kind=FaultKind.CRASHED, message="no such option", at=NOW)
    snapshot = await collect([], [spec("a")], JOBS, 1.0, clock, unopened={"a": fault})
    assert snapshot.sources["a"].fault == fault
    assert snapshot.state_of("a") is SourceState.DOWN
