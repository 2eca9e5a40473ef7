"""The feed as bytes: length-framed msgpack, read incrementally, in slices and with caps.

Each frame is a 4-byte big-endian length and that many bytes of msgpack. No I/O but `read_frames`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from andon.model import RECORD_TYPES, Batch, Coverage, Fault, Kind, Record, SourceStatus
from andon.runtime.frames import (
    FEED_FORMAT,
    FEED_VERSION,
    PART_RECORDS,
    Beat,
    Bye,
    Change,
    Control,
    FaultFrame,
    Frame,
    Hello,
    Interest,
    Keyframe,
    KeyframePlease,
    Open,
    Part,
    PluginPath,
    Quit,
    Refresh,
    Reread,
    StatusFrame,
)
from andon.sdk.errors import SourceGarbled, SourceUnsupported

__all__ = [
    "FEED_FORMAT",
    "FEED_VERSION",
    "PART_RECORDS",
    "Assembler",
    "Beat",
    "Bye",
    "Change",
    "Control",
    "ControlReader",
    "Delivery",
    "FaultFrame",
    "Frame",
    "FrameReader",
    "Hello",
    "Interest",
    "Keyframe",
    "KeyframePlease",
    "KindDelta",
    "Open",
    "PluginPath",
    "Quit",
    "Refresh",
    "Report",
    "Reread",
    "StatusFrame",
    "check_records",
    "encode",
    "parts",
    "read_frames",
    "read_reports",
]

FRAME_LIMIT_BYTES: Final = 32 << 20
BATCH_LIMIT_RECORDS: Final = 5_000_000
_LENGTH = struct.Struct(">I")
_CHUNK_BYTES = 1 << 18
_NO_RECORDS = msgspec.Raw(b"\x90")

Report = Batch | Fault | SourceStatus
"""What a reader of the feed gets."""

_encoder = msgspec.msgpack.Encoder()
_frame_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)
_control_decoder: msgspec.msgpack.Decoder[Control] = msgspec.msgpack.Decoder(Control)
_record_decoders: Mapping[Kind, msgspec.msgpack.Decoder[list[Record]]] = {
    kind: msgspec.msgpack.Decoder(list[record])  # type: ignore[valid-type]
    for kind, record in RECORD_TYPES.items()
}


def encode(message: Frame | Control) -> bytes:
    """Return one message with its length before it."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


_M = TypeVar("_M")


class _Reader(Generic[_M]):
    """Cuts a stream of bytes into messages."""

    def __init__(
        self, decoder: msgspec.msgpack.Decoder[_M], limit_bytes: int = FRAME_LIMIT_BYTES
    ) -> None:
        self._decoder = decoder
        self._limit_bytes = limit_bytes
        self._buffer = bytearray()

    @property
    def unfinished(self) -> bool:
        """Whether the bytes so far end within a message."""
        return bool(self._buffer)

    def push(self, data: bytes) -> Iterator[_M]:
        """Take `data` in and return the messages that are complete now, decoded one by one.

        Raises:
            SourceGarbled: while iterating, when the bytes are no message.
        """
        self._buffer += data
        return self._messages()

    def _messages(self) -> Iterator[_M]:
        while len(self._buffer) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._buffer)
            if size > self._limit_bytes:
                raise _garbled(f"it announces a frame of {size} bytes")
            end = _LENGTH.size + size
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            try:
                message = self._decoder.decode(body)
            except msgspec.MsgspecError as error:
                raise _garbled(str(error)) from error
            yield message


class FrameReader(_Reader[Frame]):
    """Reads a feed: a `Hello` of our version, then frames."""

    def __init__(self, limit_bytes: int = FRAME_LIMIT_BYTES) -> None:
        super().__init__(_frame_decoder, limit_bytes)
        self._greeted = False

    def _messages(self) -> Iterator[Frame]:
        for frame in super()._messages():
            if not self._greeted:
                _check_hello(frame)
                self._greeted = True
            yield frame


class ControlReader(_Reader[Control]):
    """Reads what a reader of the feed asks for."""

    def __init__(self) -> None:
        super().__init__(_control_decoder)


def _check_hello(frame: Frame) -> None:
    if not isinstance(frame, Hello) or frame.format != FEED_FORMAT:
        raise _garbled("it does not begin with a greeting")
    if frame.version != FEED_VERSION:
        raise SourceUnsupported(
            f"the feed has version {frame.version}, this Andon reads version {FEED_VERSION}",
            hint="run the same version of Andon at both ends; restart this one if it was upgraded",
        )


def _garbled(detail: str) -> SourceGarbled:
    return SourceGarbled(
        f"this is no readable Andon feed: {detail}",
        hint="something else wrote into the stream, or it was cut; see `--debug FILE`",
    )


@dataclass(frozen=True, slots=True)
class KindDelta:
    """What is to be sent of one kind."""

    kind: Kind
    whole: bool
    """Whether `upserts` is all there is; then `removed` is empty."""
    upserts: Sequence[Record] = ()
    removed: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One batch on its way: the kinds of a source that were observed at one time."""

    source: str
    observed_at: float
    deltas: Sequence[KindDelta]
    coverage: tuple[Coverage, ...] = ()
    identity: str | None = None
    version: str | None = None


def parts(delivery: Delivery, size: int = PART_RECORDS) -> Iterator[bytes]:
    """Encode one delivery as frames of at most `size` records, one each time it is asked."""
    for at, delta in enumerate(delivery.deltas):
        count = max(len(delta.upserts), len(delta.removed), 1)
        for start in range(0, count, size):
            last = at + 1 == len(delivery.deltas) and start + size >= count
            yield encode(_part(delivery, delta, slice(start, start + size), last))


def _part(delivery: Delivery, delta: KindDelta, cut: slice, last: bool) -> Keyframe | Change:
    records = delta.upserts[cut]
    upserts = msgspec.Raw(_encoder.encode(records)) if records else _NO_RECORDS
    coverage = delivery.coverage if last else ()
    identity = delivery.identity if last else None
    version = delivery.version if last else None
    if delta.whole:
        return Keyframe(
            source=delivery.source,
            kind=delta.kind,
            observed_at=delivery.observed_at,
            upserts=upserts,
            last=last,
            coverage=coverage,
            identity=identity,
            version=version,
        )
    return Change(
        source=delivery.source,
        kind=delta.kind,
        observed_at=delivery.observed_at,
        upserts=upserts,
        last=last,
        coverage=coverage,
        identity=identity,
        version=version,
        removed=tuple(delta.removed[cut]),
    )


def check_records(kind: Kind, records: Sequence[Record]) -> None:
    """Make sure that records survive the feed: a field of a wrong type would garble it.

    Raises:
        SourceGarbled: the plugin put something into a record that its type does not allow.
    """
    decoder = _record_decoders[kind]
    for start in range(0, len(records), PART_RECORDS):
        try:
            decoder.decode(_encoder.encode(records[start : start + PART_RECORDS]))
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
            raise SourceGarbled(
                f"the plugin reported a {kind} that holds what it may not: {error}",
                hint="this is a fault of the plugin; `andon plugins check` shows more",
            ) from error


@dataclass(slots=True)
class _Assembly:
    records: list[Record] = field(default_factory=list)
    whole: set[Kind] = field(default_factory=set)
    observed: set[Kind] = field(default_factory=set)
    removed: list[tuple[Kind, str]] = field(default_factory=list)


class Assembler:
    """Joins the parts of a feed into batches; a batch is given out whole or not at all."""

    def __init__(self) -> None:
        self._open: dict[str, _Assembly] = {}

    def take(self, part: Part) -> Batch | None:
        """Decode one part; return the batch that it completes.

        Raises:
            SourceGarbled: its records cannot be read, or the batch exceeds the cap.
        """
        assembly = self._open.setdefault(part.source, _Assembly())
        try:
            assembly.records += _record_decoders[part.kind].decode(part.upserts)
        except msgspec.MsgspecError as error:
            raise _garbled(f"records of {part.source}: {error}") from error
        if len(assembly.records) + len(assembly.removed) > BATCH_LIMIT_RECORDS:
            raise _garbled(f"one batch of {part.source} exceeds {BATCH_LIMIT_RECORDS} records")
        assembly.observed.add(part.kind)
        if isinstance(part, Keyframe):
            assembly.whole.add(part.kind)
        elif isinstance(part, Change):
            assembly.removed += [(part.kind, key) for key in part.removed]
        if not part.last:
            return None
        del self._open[part.source]
        return Batch(
            source=part.source,
            observed_at=part.observed_at,
            records=tuple(assembly.records),
            whole=frozenset(assembly.whole),
            removed=tuple(assembly.removed),
            observed=frozenset(assembly.observed),
            coverage=part.coverage,
            identity=part.identity,
            version=part.version,
        )


def read_frames(path: Path) -> Iterator[Frame]:
    """Yield the frames of a recording, which is a feed in a file.

    A recording that was cut off within a frame ends with the last whole one.

    Raises:
        SourceGarbled: it is no feed, or is damaged.
        SourceUnsupported: it has another version.
        OSError: it cannot be read.
    """
    reader = FrameReader()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield from reader.push(chunk)


def read_reports(frames: Iterable[Frame]) -> Iterator[tuple[float, Report]]:
    """Yield what a console would have got, each with the time at which it was true.

    The statuses of the greeting come first. Times are seconds since the epoch.
    """
    assembler = Assembler()
    for frame in frames:
        match frame:
            case Hello():
                for status in frame.sources:
                    yield frame.at, status
            case Keyframe() | Change():
                if batch := assembler.take(frame):
                    yield batch.observed_at, batch
            case FaultFrame():
                yield frame.fault.at, frame.fault
            case StatusFrame():
                yield frame.at, frame.status
            case Beat() | Bye():
                pass
