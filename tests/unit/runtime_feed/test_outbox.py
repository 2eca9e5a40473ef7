from __future__ import annotations

import pytest

from andon.model import Batch, Coverage, Fault, FaultKind, Job, JobState, Kind, SourceStatus
from andon.runtime.feed import Beat, FaultFrame, Frame, StatusFrame
from andon.runtime.outbox import Outbox
from andon.sdk.errors import SourceGarbled
from andon.store import Snapshot, apply
from tests.unit.runtime_feed.things import (
    NOW,
    SOURCE,
    change,
    job,
    jobs,
    joined,
    node,
    read,
    whole,
)


def outbox() -> Outbox:
    return Outbox(lambda: NOW, lambda: None)


def taken(box: Outbox, limit: int = 10_000) -> list[Frame]:
    """Take what a reader that is ready now would get."""
    frames: list[bytes] = []
    while len(frames) < limit and (frame := box.next_frame()):
        frames.append(frame)
    return read(frames)


def test_the_first_batch_goes_out_whole_and_the_next_as_changes() -> None:
    box = outbox()
    box.put(whole(*jobs(100)))
    (first,) = joined(taken(box))
    assert first.whole == {Kind.JOB}
    assert len(first.records) == 100
    changed = job(5, JobState.FAILED)
    box.put(whole(*(changed if r.id == "5" else r for r in jobs(99)), at=NOW + 10))
    (second,) = joined(taken(box))
    assert not second.whole
    assert second.records == (changed,)
    assert second.removed == ((Kind.JOB, "lab/c/99"),)
    assert second.observed_at == NOW + 10


def test_a_kind_that_is_empty_is_said_to_be_empty() -> None:
    box = outbox()
    box.put(whole())
    (batch,) = joined(taken(box))
    assert batch.whole == {Kind.JOB}
    assert not batch.records


def test_an_unchanged_kind_is_told_of_in_a_few_bytes() -> None:
    box = outbox()
    box.put(whole(*jobs(1000)))
    taken(box)
    box.put(whole(*jobs(1000), at=NOW + 10))
    frame = box.next_frame()
    assert frame is not None
    assert len(frame) < 120
    (batch,) = joined(read([frame]))
    assert (batch.observed, batch.observed_at) == (frozenset({Kind.JOB}), NOW + 10)
    assert box.next_frame() is None


def test_things_reread_before_the_kind_was_ever_whole_do_not_pass_for_all_there_is() -> None:
    box = outbox()
    box.put(change(job(3)))
    (batch,) = joined(taken(box))
    assert not batch.whole
    box.put(whole(*jobs(5)))
    (batch,) = joined(taken(box))
    assert batch.whole == {Kind.JOB}
    assert len(batch.records) == 5


def test_a_reader_that_stood_still_gets_the_newest_state_and_no_backlog() -> None:
    box = outbox()
    box.put(whole(*jobs(100)))
    (first,) = joined(taken(box))
    for tick in range(1, 500):
        state = JobState.FAILED if tick % 2 else JobState.RUNNING
        box.put(whole(*(job(n, state) for n in range(tick % 7, 90)), at=NOW + tick))
    frames = taken(box)
    assert len(frames) == 1
    (late,) = joined(frames)
    status = SourceStatus(name=SOURCE, plugin="fake", site="lab")
    snapshot = apply(apply(Snapshot().with_status(status), first), late)
    said = snapshot.said_by(SOURCE, Kind.JOB)
    newest = {r.key: r for r in (job(n, JobState.FAILED) for n in range(499 % 7, 90))}
    assert said == newest
    assert snapshot.of(Kind.JOB)[SOURCE].observed_at == NOW + 499


def test_a_reader_that_stops_amid_a_batch_gets_that_batch_and_then_the_newest() -> None:
    box = outbox()
    box.put(whole(*jobs(6000)))
    begun = taken(box, limit=1)
    for tick in range(1, 50):
        box.put(whole(*jobs(6000 - tick), at=NOW + tick))
    batches = joined([*begun, *taken(box)])
    assert [len(batch.records) for batch in batches] == [6000, 0]
    assert len(batches[1].removed) == 49
    assert batches[1].observed_at == NOW + 49


def test_of_statuses_and_faults_only_the_newest_waits_and_data_goes_first() -> None:
    box = outbox()
    for failures in range(50):
        box.put(SourceStatus(name=SOURCE, plugin="fake", site="lab", failures=failures))
        box.put(Fault(source=SOURCE, kind=FaultKind.TIMEOUT, message=str(failures), at=NOW))
    box.put(whole(job(1)))
    fault = Fault(source=SOURCE, kind=FaultKind.TIMEOUT, message="after", at=NOW)
    box.put(fault)
    frames = taken(box)
    assert isinstance(frames[1], FaultFrame)
    assert frames[1].fault == fault
    assert isinstance(frames[2], StatusFrame)
    assert frames[2].status.failures == 49
    assert len(frames) == 3


def test_a_fault_that_is_over_before_anybody_saw_it_is_not_told() -> None:
    box = outbox()
    box.put(Fault(source=SOURCE, kind=FaultKind.TIMEOUT, message="slow", at=NOW))
    box.put(whole(job(1)))
    assert not [frame for frame in taken(box) if isinstance(frame, FaultFrame)]


def test_kinds_observed_at_different_times_are_batches_of_their_own() -> None:
    box = outbox()
    box.put(whole(node(1), kinds=[Kind.NODE]))
    box.put(whole(job(1), at=NOW + 5))
    batches = joined(taken(box))
    assert [(batch.observed_at - NOW, batch.whole) for batch in batches] == [
        (0.0, frozenset({Kind.NODE})),
        (5.0, frozenset({Kind.JOB})),
    ]


def test_kinds_observed_together_arrive_together() -> None:
    box = outbox()
    box.put(whole(node(1), job(1), kinds=[Kind.NODE, Kind.JOB]))
    (batch,) = joined(taken(box))
    assert batch.whole == {Kind.NODE, Kind.JOB}


def test_a_small_source_is_not_held_up_by_a_large_one() -> None:
    box = outbox()
    box.put(whole(*jobs(10_000)))
    box.put(Batch(source="b", observed_at=NOW, records=(node(1),), whole=frozenset({Kind.NODE})))
    assert [batch.source for batch in joined(taken(box))] == ["b", SOURCE]


def test_a_keyframe_on_request_tells_everything_again() -> None:
    box = outbox()
    coverage = (Coverage(kind=Kind.JOB, reported=1, expected=2),)
    status = SourceStatus(name=SOURCE, plugin="fake", site="lab")
    box.put(
        Batch(
            source=SOURCE,
            observed_at=NOW,
            records=jobs(3),
            whole=frozenset({Kind.JOB}),
            coverage=coverage,
        )
    )
    box.put(status)
    first = taken(box)
    box.everything_again()
    assert taken(box) == first


def test_a_keyframe_asked_for_amid_a_batch_comes_after_it() -> None:
    box = outbox()
    box.put(whole(*jobs(5000)))
    begun = taken(box, limit=1)
    box.everything_again()
    batches = joined([*begun, *taken(box)])
    assert [(len(batch.records), *batch.whole) for batch in batches] == [(5000, Kind.JOB)] * 2


def test_a_batch_with_one_unfit_record_is_refused_as_a_whole() -> None:
    box = outbox()
    box.put(whole(job(1)))
    taken(box)
    with pytest.raises(SourceGarbled):
        box.put(whole(job(2), Job(site="lab", id="3", gpus="many")))  # type: ignore[arg-type]
    assert not taken(box)


def test_a_beat_is_sent_only_when_nothing_else_is() -> None:
    box = outbox()
    box.beat()
    assert taken(box) == [Beat(at=NOW)]
    box.put(whole(job(1)))
    box.beat()
    assert not [frame for frame in taken(box) if isinstance(frame, Beat)]


def test_of_a_hundred_thousand_jobs_only_the_two_per_cent_that_changed_travel() -> None:
    box = outbox()
    box.put(whole(*jobs(100_000)))
    size = sum(map(len, iter(box.next_frame, None)))
    box.put(
        whole(
            *(job(n, JobState.FAILED if n % 50 == 0 else JobState.RUNNING) for n in range(100_000)),
            at=NOW + 10,
        )
    )
    frames = list(iter(box.next_frame, None))
    (batch,) = joined(read(frames))
    assert len(batch.records) == 2000
    assert sum(map(len, frames)) < 0.025 * size
