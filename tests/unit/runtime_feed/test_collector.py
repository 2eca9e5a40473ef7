from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from andon.model import Batch, Coverage, Fault, FaultKind, Kind, SourceState, SourceStatus, Target
from andon.runtime.collector import Collector
from andon.runtime.feed import Report
from andon.sdk.errors import SourceDenied, SourceTimeout, SourceUnreachable
from andon.sdk.source import Source
from tests.unit.runtime_feed.things import (
    NOW,
    SOURCE,
    Scripted,
    SteppedClock,
    Stubborn,
    fails,
    hangs,
    job,
    node,
    says,
    settle,
    spec,
    takes,
)


class Run:
    """A running collector and what it reported."""

    def __init__(self, clock: SteppedClock, *sources: Source, **options: object) -> None:
        self.clock = clock
        self.reports: list[Report] = []
        self.collector = Collector(
            sources,
            [spec(source.name, **options) for source in sources],
            clock,
            self.reports.append,
            verbs={SOURCE: ("job.cancel",)},
            chance=lambda: 0.0,
        )

    def batches(self, source: str = SOURCE) -> list[Batch]:
        return [r for r in self.reports if isinstance(r, Batch) and r.source == source]

    def faults(self, source: str = SOURCE) -> list[Fault]:
        return [r for r in self.reports if isinstance(r, Fault) and r.source == source]

    def status(self, source: str = SOURCE) -> SourceStatus:
        return next(
            r for r in reversed(self.reports) if isinstance(r, SourceStatus) and r.name == source
        )


@asynccontextmanager
async def running(clock: SteppedClock, *sources: Source, **options: object) -> AsyncIterator[Run]:
    run = Run(clock, *sources, **options)
    run.collector.start()
    await settle()
    yield run
    closing = asyncio.create_task(run.collector.close())
    await settle()
    await closing


async def test_a_source_is_asked_at_once_and_then_at_its_interval() -> None:
    clock, source = SteppedClock(), Scripted(says(job(1)))
    async with running(clock, source) as run:
        assert len(run.batches()) == 1
        await clock.advance(9.9)
        assert len(source.asked) == 1
        await clock.advance(0.2)
        assert len(source.asked) == 2
    assert source.closed


async def test_a_status_tells_what_the_source_is_and_how_it_does() -> None:
    clock = SteppedClock()
    coverage = (Coverage(kind=Kind.JOB, reported=1, expected=2),)

    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        await clock.sleep(0.25)
        return Batch(
            source=SOURCE,
            observed_at=NOW,
            whole=kinds,
            coverage=coverage,
            identity="alice",
            version="22.05",
        )

    async with running(clock, Scripted(answer)) as run:
        assert run.status().state is SourceState.CONNECTING
        await clock.advance(1)
        status = run.status()
    assert status == SourceStatus(
        name=SOURCE,
        plugin="fake",
        site="lab",
        state=SourceState.PARTIAL,
        kinds=(Kind.JOB,),
        verbs=("job.cancel",),
        interval_seconds=10.0,
        observed_at=NOW,
        latency_seconds=0.25,
        polls_per_minute=1,
        polls_per_minute_limit=12,
        coverage=coverage,
        identity="alice",
        version="22.05",
    )


async def test_a_source_is_slow_from_two_long_polls_on_until_two_quick_ones() -> None:
    clock = SteppedClock()
    lengths = iter([6.0, 6.0, 7.0])

    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        await clock.sleep(next(lengths, 0.1))
        return Batch(source=SOURCE, observed_at=clock.now(), whole=kinds)

    async with running(clock, Scripted(answer)) as run:
        await clock.advance(300)
        told = [one for one in run.reports if isinstance(one, SourceStatus) and one.observed_at]
    slow = [one.slow_seconds for one in told]
    assert slow[:4] == [None, 6.0, 7.0, 7.0]
    assert set(slow[4:]) == {None}


async def test_only_kinds_that_somebody_looks_at_are_asked_for() -> None:
    clock = SteppedClock()
    source = Scripted(says(), intervals={Kind.JOB: 10.0, Kind.NODE: 30.0})
    run = Run(clock, source)
    run.collector.interest(frozenset({Kind.NODE}))
    run.collector.start()
    await clock.advance(25)
    assert source.asked == [{Kind.NODE}]
    run.collector.interest(frozenset({Kind.JOB}))
    await settle()
    assert source.asked == [{Kind.NODE}, {Kind.JOB}]
    run.collector.interest(frozenset())
    await clock.advance(600)
    assert len(source.asked) == 2
    assert run.status().interval_seconds is None
    await run.collector.close()


async def test_failures_back_off_and_say_when_the_next_try_is() -> None:
    clock = SteppedClock()
    source = Scripted(fails(SourceUnreachable("nobody answers", hint="start it")))
    async with running(clock, source) as run:
        (fault,) = run.faults()
        assert (fault.kind, fault.message, fault.hint) == (
            FaultKind.UNREACHABLE,
            "nobody answers",
            "start it",
        )
        assert fault.retry_at == NOW + 3.75
        assert run.status().state is SourceState.DOWN
        asked = []
        for _ in range(40):
            await clock.advance(10)
            asked.append(len(source.asked))
        assert run.status().failures == len(source.asked)
        # Six minutes and a bit: five tries while backing off, then one each 45 s.
        assert asked[-1] == 12


async def test_a_source_that_comes_back_is_live_again_without_its_fault() -> None:
    clock = SteppedClock()
    source = Scripted(fails(SourceDenied("no")), says(job(1)))
    async with running(clock, source) as run:
        assert run.status().state is SourceState.DENIED
        await clock.advance(100)
        status = run.status()
    assert (status.state, status.failures, status.fault) == (SourceState.LIVE, 0, None)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (fails(ValueError("\x1b[31mred\nline")), "ValueError: ␛[31mred␊line"),
        (fails(SystemExit(3)), "SystemExit 3"),
        (fails(KeyboardInterrupt()), "KeyboardInterrupt"),
        (says(name="other"), "for the source 'other'"),
    ],
)
async def test_whatever_a_plugin_raises_is_a_fault_and_never_the_end(
    answer: Callable[[frozenset[Kind], float], object], text: str
) -> None:
    clock = SteppedClock()
    async with running(clock, Scripted(answer, says(job(1)))) as run:  # type: ignore[arg-type]
        (fault,) = run.faults()
        assert fault.kind is FaultKind.CRASHED
        assert text in fault.message
        await clock.advance(20)
        assert run.status().state is SourceState.LIVE


async def test_an_exception_that_cannot_be_shown_is_contained_too() -> None:
    class Nasty(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    async with running(SteppedClock(), Scripted(fails(Nasty()))) as run:
        assert "Nasty" in run.faults()[0].message


@pytest.mark.parametrize(
    "bad",
    [
        None,
        Batch(source=SOURCE, observed_at=float("nan")),
        Batch(source=SOURCE, observed_at=NOW, records=("job",)),  # type: ignore[arg-type]
        Batch(source=SOURCE, observed_at=NOW, identity=7),  # type: ignore[arg-type]
        Batch(
            source=SOURCE,
            observed_at=NOW,
            coverage=(Coverage(kind=Kind.JOB, reported="3", expected=4),),  # type: ignore[arg-type]
        ),
    ],
)
async def test_what_is_no_batch_is_a_fault_of_the_plugin(bad: Batch) -> None:
    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        return bad

    async with running(SteppedClock(), Scripted(answer)) as run:
        assert run.faults()[0].kind is FaultKind.CRASHED
        assert not run.batches()


async def test_a_poll_that_raises_before_it_can_be_awaited_is_contained() -> None:
    class Early(Scripted):
        def poll(self, kinds: frozenset[Kind], deadline_s: float) -> object:  # type: ignore[override]
            raise LookupError("early")

    async with running(SteppedClock(), Early(hangs)) as run:
        assert "LookupError: early" in run.faults()[0].message


async def test_data_is_never_younger_than_now() -> None:
    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        return Batch(source=SOURCE, observed_at=NOW + 3600, whole=kinds)

    async with running(SteppedClock(), Scripted(answer)) as run:
        assert run.batches()[0].observed_at == NOW


async def test_a_source_that_overruns_its_deadline_by_a_tenth_is_cancelled() -> None:
    clock, source = SteppedClock(), Scripted(hangs)
    async with running(clock, source, timeout=4) as run:
        await clock.advance(4.3)
        assert source.running == 1
        await clock.advance(0.2)
        assert source.running == 0
        assert run.faults()[0].kind is FaultKind.TIMEOUT
        assert "4 s" in run.faults()[0].message


async def test_a_source_may_use_the_last_tenth_to_say_itself_what_is_wrong() -> None:
    clock = SteppedClock()

    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        await clock.sleep(deadline_s)
        raise SourceTimeout("slurmctld did not answer")

    async with running(clock, Scripted(answer)) as run:
        await clock.advance(10.5)
        assert run.faults()[0].message == "slurmctld did not answer"


async def test_a_source_that_cannot_be_cancelled_is_left_alone_and_blocks_nobody() -> None:
    clock, stubborn = SteppedClock(), Stubborn()
    stuck = Scripted(stubborn, says(job(1)))
    other = Scripted(says(name="other"), name="other")
    async with running(clock, stuck, other) as run:
        await clock.advance(300)
        assert run.status().state is SourceState.DOWN
        assert "does not stop" in run.faults()[0].message
        assert len(run.batches("other")) == 30 + 1
        assert (len(stuck.asked), stuck.at_once) == (1, 1)
        stubborn.let_go.set()
        await clock.advance(20)
        assert run.status().state is SourceState.LIVE
        assert stuck.at_once == 1


async def test_a_slow_poll_widens_the_interval_and_the_status_says_so() -> None:
    clock = SteppedClock()
    source = Scripted(takes(clock, 3.0, job(1)))
    async with running(clock, source) as run:
        await clock.advance(5)
        assert run.status().interval_seconds == 20
        await clock.advance(12)
        assert len(source.asked) == 1


async def test_the_budget_of_a_source_can_be_set_and_holds() -> None:
    clock, source = SteppedClock(), Scripted(says(job(1)))
    async with running(clock, source, polls_per_minute=3) as run:
        for _ in range(20):
            run.collector.refresh()
            await clock.advance(1)
        assert len(source.asked) == 3
        assert run.status().polls_per_minute == 3
        assert run.status().polls_per_minute_limit == 3


async def test_a_refresh_asks_now_also_while_backing_off() -> None:
    clock = SteppedClock()
    source = Scripted(fails(SourceDenied("no")), says(job(1)))
    async with running(clock, source) as run:
        run.collector.refresh()
        await settle()
        assert run.status().state is SourceState.LIVE


async def test_a_reread_asks_its_source_for_just_those_things() -> None:
    clock = SteppedClock()
    reread: list[list[str]] = []

    class Rereading(Scripted):
        async def reread(self, targets: object, deadline_s: float) -> Batch:
            reread.append([target.key for target in targets])  # type: ignore[attr-defined]
            return Batch(source=SOURCE, observed_at=self_now(), records=(job(1),))

    def self_now() -> float:
        return clock.now()

    target = Target(kind=Kind.JOB, key="lab/c/1", name="1", site="lab", source=SOURCE)
    async with running(clock, Rereading(says())) as run:
        await clock.advance(2)
        run.collector.reread([target, target, replace(target, source="other")])
        await settle()
        assert reread == [["lab/c/1"]]
        assert run.batches()[-1].records == (job(1),)
        # The rest of the source is as old as before.
        assert run.status().observed_at == NOW


async def test_batches_are_completed_from_the_registry_before_they_are_sent() -> None:
    clock = SteppedClock()
    reports: list[Report] = []
    collector = Collector(
        [Scripted(says(job(1)))],
        [spec()],
        clock,
        reports.append,
        enrich=lambda batch: replace(batch, records=(*batch.records, node(1))),
    )
    collector.start()
    await settle()
    assert [r.records for r in reports if isinstance(r, Batch)] == [(job(1), node(1))]
    await collector.close()


async def test_a_batch_that_cannot_be_sent_is_a_fault_of_its_source() -> None:
    clock = SteppedClock()
    reports: list[Report] = []

    def emit(report: Report) -> None:
        if isinstance(report, Batch):
            raise TypeError("unfit")
        reports.append(report)

    collector = Collector([Scripted(says(job(1)))], [spec()], clock, emit)
    collector.start()
    await settle()
    assert [r.kind for r in reports if isinstance(r, Fault)] == [FaultKind.CRASHED]
    await collector.close()


async def test_suspects_are_polled_one_at_a_time_and_others_beside_them() -> None:
    clock = SteppedClock()
    sources = [Scripted(takes(clock, 2.0), name=name) for name in ("a", "b", "c")]
    collector = Collector(
        sources,
        [spec(source.name) for source in sources],
        clock,
        lambda report: None,
        suspects=("a", "b"),
    )
    collector.start()
    await settle()
    assert [source.running for source in sources] == [1, 0, 1]
    await clock.advance(2.1)
    assert [len(source.asked) for source in sources] == [1, 1, 1]
    closing = asyncio.create_task(collector.close())
    await clock.advance(5)
    await closing
