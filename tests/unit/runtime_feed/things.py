"""Records and clocks for the tests of the feed."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable

from andon.model import Batch, Job, JobState, Kind, Node, Record
from andon.runtime.feed import Assembler, Change, Frame, FrameReader, Hello, Keyframe, encode

NOW = 1_700_000_000.0
SOURCE = "fake@lab"


def job(number: int, state: JobState = JobState.RUNNING) -> Job:
    return Job(site="lab", id=str(number), cluster="c", name=f"job {number}", state=state, gpus=8)


def jobs(count: int) -> tuple[Job, ...]:
    return tuple(job(number) for number in range(count))


def node(number: int) -> Node:
    return Node(site="lab", name=f"gpu{number:03}")


def whole(*records: Record, kinds: Iterable[Kind] = (Kind.JOB,), at: float = NOW) -> Batch:
    return Batch(source=SOURCE, observed_at=at, records=records, whole=frozenset(kinds))


def change(*records: Record, removed: Iterable[tuple[Kind, str]] = (), at: float = NOW) -> Batch:
    return Batch(source=SOURCE, observed_at=at, records=records, removed=tuple(removed))


def hello() -> Hello:
    return Hello(demo=False, at=NOW, sources=())


def read(frames: Iterable[bytes]) -> list[Frame]:
    """Decode frames that have no greeting before them."""
    reader = FrameReader()
    list(reader.push(encode(hello())))
    return list(reader.push(b"".join(frames)))


def joined(frames: Iterable[Frame]) -> list[Batch]:
    """Join the parts among the frames into batches."""
    assembler = Assembler()
    taken = [assembler.take(frame) for frame in frames if isinstance(frame, Keyframe | Change)]
    return [batch for batch in taken if batch]


class SteppedClock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self._count = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return NOW + self.elapsed

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.elapsed + seconds, self._count, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its moment."""
        end = self.elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self.elapsed = max(self.elapsed, at)
            future.set_result(None)
            await settle()
        self.elapsed = end
        await settle()


async def settle() -> None:
    """Let every task run as far as it can without time passing."""
    for _ in range(25):
        await asyncio.sleep(0)
