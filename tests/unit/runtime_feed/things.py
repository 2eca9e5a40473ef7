"""Records and clocks for the tests of the feed."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import Awaitable, Callable, Iterable

from andon.model import Batch, Job, JobState, Kind, Node, Record
from andon.runtime.feed import Assembler, Change, Frame, FrameReader, Hello, Keyframe, encode
from andon.runtime.sources import SourceSpec
from andon.sdk.source import Source

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


def spec(name: str = SOURCE, **options: object) -> SourceSpec:
    return SourceSpec(name=name, plugin="fake", site="lab", options=options)


class Scripted(Source):
    """A source whose polls are given by the test, one after another; the last one repeats."""

    def __init__(
        self,
        *polls: Callable[[frozenset[Kind], float], Awaitable[Batch]],
        name: str = SOURCE,
        intervals: dict[Kind, float] | None = None,
    ) -> None:
        self.name = name
        self.site = "lab"
        self.intervals_seconds = intervals or {Kind.JOB: 10.0}
        self.asked: list[frozenset[Kind]] = []
        self.running = 0
        self.at_once = 0
        self.closed = False
        self._polls = polls

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        answer = self._polls[min(len(self.asked), len(self._polls) - 1)]
        self.asked.append(kinds)
        self.running += 1
        self.at_once = max(self.at_once, self.running)
        try:
            return await answer(kinds, deadline_s)
        finally:
            self.running -= 1

    async def close(self) -> None:
        self.closed = True


def says(*records: Record, name: str = SOURCE) -> Callable[..., Awaitable[Batch]]:
    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        return Batch(source=name, observed_at=NOW, records=records, whole=kinds)

    return answer


def fails(error: BaseException) -> Callable[..., Awaitable[Batch]]:
    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        raise error

    return answer


def takes(clock: SteppedClock, seconds: float, *records: Record) -> Callable[..., Awaitable[Batch]]:
    async def answer(kinds: frozenset[Kind], deadline_s: float) -> Batch:
        await clock.sleep(seconds)
        return Batch(source=SOURCE, observed_at=NOW, records=records, whole=kinds)

    return answer


async def hangs(kinds: frozenset[Kind], deadline_s: float) -> Batch:
    """Never answer; let go when cancelled."""
    await asyncio.Event().wait()
    raise AssertionError


class Stubborn:
    """A poll that does not let itself be cancelled until the test lets it go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()

    async def __call__(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        while not self.let_go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await self.let_go.wait()
        return Batch(source=SOURCE, observed_at=NOW, whole=kinds)
