from __future__ import annotations

import struct
from pathlib import Path

import msgspec
import pytest

from andon.model import Batch, Coverage, Fault, FaultKind, Job, Kind, SourceState, SourceStatus
from andon.runtime.feed import (
    PART_RECORDS,
    Assembler,
    Beat,
    Change,
    Control,
    ControlReader,
    Delivery,
    FaultFrame,
    FrameReader,
    Hello,
    Interest,
    Keyframe,
    KindDelta,
    Open,
    Quit,
    StatusFrame,
    check_records,
    encode,
    parts,
    read_frames,
    read_reports,
)
from andon.sdk.errors import SourceGarbled, SourceUnsupported
from tests.unit.runtime_feed.things import NOW, SOURCE, hello, job, jobs, joined, node, read


def delivery(*deltas: KindDelta) -> Delivery:
    return Delivery(source=SOURCE, observed_at=NOW, deltas=deltas, identity="alice")


def test_a_batch_survives_the_feed_with_its_types() -> None:
    sent = delivery(
        KindDelta(Kind.NODE, True, [node(1)]),
        KindDelta(Kind.JOB, False, [job(7)], ["lab/c/6"]),
    )
    (batch,) = joined(read(parts(sent)))
    assert batch == Batch(
        source=SOURCE,
        observed_at=NOW,
        records=(node(1), job(7)),
        whole=frozenset({Kind.NODE}),
        removed=((Kind.JOB, "lab/c/6"),),
        observed=frozenset({Kind.NODE, Kind.JOB}),
        identity="alice",
    )


def test_a_large_batch_travels_in_parts_of_at_most_two_thousand_records() -> None:
    frames = read(parts(delivery(KindDelta(Kind.JOB, True, jobs(2 * PART_RECORDS + 1)))))
    assert [len(joined([frame])) for frame in frames] == [0, 0, 1]
    sizes = [
        len(msgspec.msgpack.decode(frame.upserts))
        for frame in frames
        if isinstance(frame, Keyframe)
    ]
    assert sizes == [PART_RECORDS, PART_RECORDS, 1]
    assert len(joined(frames)[0].records) == 2 * PART_RECORDS + 1


def test_removed_keys_are_split_into_parts_too() -> None:
    keys = [str(number) for number in range(PART_RECORDS + 5)]
    frames = read(parts(delivery(KindDelta(Kind.JOB, False, [], keys))))
    assert len(frames) == 2
    (batch,) = joined(frames)
    assert [key for _, key in batch.removed] == keys


def test_a_kind_without_changes_says_that_it_was_observed() -> None:
    (batch,) = joined(read(parts(delivery(KindDelta(Kind.JOB, False)))))
    assert batch.observed == {Kind.JOB}
    assert not batch.records
    assert not batch.whole


def test_parts_of_two_sources_may_be_interleaved() -> None:
    one = list(parts(delivery(KindDelta(Kind.JOB, True, jobs(3))), size=1))
    other = Delivery(source="b", observed_at=NOW, deltas=[KindDelta(Kind.NODE, True, [node(1)])])
    batches = joined(read([one[0], *parts(other), *one[1:]]))
    assert [(batch.source, len(batch.records)) for batch in batches] == [("b", 1), (SOURCE, 3)]


def test_frames_are_read_whatever_the_pieces_they_arrive_in() -> None:
    data = encode(hello()) + b"".join(parts(delivery(KindDelta(Kind.JOB, True, jobs(3)))))
    reader = FrameReader()
    frames = [frame for at in range(len(data)) for frame in reader.push(data[at : at + 1])]
    assert [type(frame) for frame in frames] == [Hello, Keyframe]
    assert not reader.unfinished


@pytest.mark.parametrize(
    "rubbish",
    [
        b"Welcome to login01\n",
        b"\xff" * 64,
        struct.pack(">I", 5) + b"hello",
        struct.pack(">I", 1) + b"\xc0",
        encode(Beat(at=NOW)),
        encode(Quit()),
    ],
)
def test_what_is_no_feed_is_refused(rubbish: bytes) -> None:
    with pytest.raises(SourceGarbled):
        list(FrameReader().push(rubbish))


def test_a_garbled_frame_after_a_good_start_is_refused() -> None:
    reader = FrameReader()
    frames = reader.push(encode(hello()) + struct.pack(">I", 3) + b"abc")
    assert next(frames) == hello()
    with pytest.raises(SourceGarbled):
        next(frames)


def test_a_feed_of_another_version_says_which_and_what_to_do() -> None:
    body = msgspec.msgpack.encode(
        {"is": "hello", "format": "andon-feed", "version": 2, "demo": False, "at": 1, "sources": []}
    )
    with pytest.raises(SourceUnsupported, match="version 2") as caught:
        list(FrameReader().push(struct.pack(">I", len(body)) + body))
    assert "same version" in caught.value.hint


def test_fields_that_a_newer_andon_added_are_ignored() -> None:
    body = msgspec.msgpack.encode({"is": "beat", "at": 1.0, "load": 3})
    reader = FrameReader()
    frames = list(reader.push(encode(hello()) + struct.pack(">I", len(body)) + body))
    assert frames[1] == Beat(at=1.0)


def test_a_record_of_a_wrong_type_is_found_before_it_is_sent() -> None:
    bad = Job(site="lab", id="1", gpus="four")  # type: ignore[arg-type]
    with pytest.raises(SourceGarbled, match=r"job .*gpus"):
        check_records(Kind.JOB, [job(0), bad])


def test_text_that_is_no_unicode_is_found_before_it_is_sent() -> None:
    with pytest.raises(SourceGarbled):
        check_records(Kind.JOB, [Job(site="lab", id="1", name="\udc80")])


def test_records_of_another_kind_than_announced_are_garbled() -> None:
    part = Change(
        source=SOURCE,
        kind=Kind.NODE,
        observed_at=NOW,
        upserts=msgspec.Raw(msgspec.msgpack.encode([{"site": "lab"}])),
        last=True,
    )
    with pytest.raises(SourceGarbled, match=SOURCE):
        Assembler().take(part)


def test_control_messages_come_back_as_they_were_sent() -> None:
    messages: list[Control] = [
        Open(specs=msgspec.Raw(b"\x90"), suspects=("a",), interest=frozenset({Kind.JOB})),
        Interest(kinds=None),
        Quit(),
    ]
    reader = ControlReader()
    assert list(reader.push(b"".join(map(encode, messages)))) == messages


def test_a_recording_is_read_back_as_the_reports_it_was_made_of(tmp_path: Path) -> None:
    status = SourceStatus(name=SOURCE, plugin="fake", site="lab", state=SourceState.LIVE)
    fault = Fault(source=SOURCE, kind=FaultKind.TIMEOUT, message="slow", at=NOW + 5)
    coverage = (Coverage(kind=Kind.JOB, reported=1, expected=2),)
    sent = Delivery(
        source=SOURCE,
        observed_at=NOW + 1,
        deltas=[KindDelta(Kind.JOB, True, [job(1)])],
        coverage=coverage,
    )
    file = tmp_path / "site.feed"
    file.write_bytes(
        encode(hello())
        + b"".join(parts(sent))
        + encode(StatusFrame(at=NOW + 2, status=status))
        + encode(FaultFrame(fault=fault))
    )
    reports = list(read_reports(read_frames(file)))
    assert [at - NOW for at, _ in reports] == [1, 2, 5]
    batch = reports[0][1]
    assert isinstance(batch, Batch)
    assert batch.coverage == coverage
    assert [report for _, report in reports[1:]] == [status, fault]


def test_a_recording_that_was_cut_off_ends_with_its_last_whole_frame(tmp_path: Path) -> None:
    file = tmp_path / "site.feed"
    file.write_bytes(encode(hello()) + encode(Beat(at=NOW)) + encode(Beat(at=NOW + 2))[:-3])
    assert list(read_frames(file))[1:] == [Beat(at=NOW)]
