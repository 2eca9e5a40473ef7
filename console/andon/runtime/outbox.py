"""What the reader of the feed has not been told yet, with bounded memory.

Nothing is queued. Per source and kind the outbox knows the newest records and *which keys* the
reader has not seen; when the reader takes the next frame it gets the newest state of those. A
reader that stops for an hour finds one batch waiting, not a backlog.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from andon.model import Batch, Coverage, Fault, Kind, Record, SourceStatus
from andon.runtime.diff import Difference, differences
from andon.runtime.feed import (
    Beat,
    Delivery,
    FaultFrame,
    KindDelta,
    Report,
    StatusFrame,
    check_records,
    encode,
    parts,
)


class _KindLedger:
    """The newest records of one kind, and what of them is owed to the reader."""

    def __init__(self) -> None:
        self.records: Mapping[str, Record] = {}
        self.complete = False
        """Whether the source ever said everything of this kind."""
        self.owed: set[str] = set()
        self.owes_whole = False
        self.observed_at: float | None = None
        """When it was last observed; `None` when the reader has been told."""

    def take(self, difference: Difference, observed_at: float) -> None:
        if difference.whole and not self.complete:
            self.complete = self.owes_whole = True
        self.records = difference.records
        if not self.owes_whole:
            self.owed.update(difference.changed, difference.removed)
        self.observed_at = observed_at

    def settle(self, kind: Kind) -> KindDelta:
        """Return what is owed, and owe nothing."""
        if self.owes_whole:
            delta = KindDelta(kind, True, list(self.records.values()))
        else:
            found = [(key, self.records.get(key)) for key in self.owed]
            delta = KindDelta(
                kind,
                False,
                [record for _, record in found if record is not None],
                [key for key, record in found if record is None],
            )
        self.owed, self.owes_whole, self.observed_at = set(), False, None
        return delta


class _SourceLedger:
    """What one source said last."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kinds: dict[Kind, _KindLedger] = {}
        self.last_observed: dict[Kind, float] = {}
        self.coverage: dict[Kind, Coverage] = {}
        self.identity: str | None = None
        self.version: str | None = None

    def take(self, batch: Batch) -> None:
        known = {kind: ledger.records for kind, ledger in self.kinds.items()}
        found = differences(known, batch)
        for difference in found:
            check_records(difference.kind, [difference.records[key] for key in difference.changed])
        for difference in found:
            ledger = self.kinds.setdefault(difference.kind, _KindLedger())
            ledger.take(difference, batch.observed_at)
            self.last_observed[difference.kind] = batch.observed_at
            self.coverage.pop(difference.kind, None)
        self.coverage.update({coverage.kind: coverage for coverage in batch.coverage})
        self.identity = batch.identity or self.identity
        self.version = batch.version or self.version

    def owe_everything(self) -> None:
        for kind, ledger in self.kinds.items():
            ledger.owed = set() if ledger.complete else set(ledger.records)
            ledger.owes_whole = ledger.complete
            ledger.observed_at = self.last_observed[kind]

    def settle(self) -> list[Delivery]:
        """Return what is owed, and owe nothing; kinds observed at one time are one batch."""
        by_time: dict[float, list[Kind]] = defaultdict(list)
        for kind, ledger in self.kinds.items():
            if ledger.observed_at is not None:
                by_time[ledger.observed_at].append(kind)
        return [
            Delivery(
                source=self.name,
                observed_at=observed_at,
                deltas=[self.kinds[kind].settle(kind) for kind in kinds],
                coverage=tuple(c for kind, c in self.coverage.items() if kind in kinds),
                identity=self.identity,
                version=self.version,
            )
            for observed_at, kinds in sorted(by_time.items())
        ]


class Outbox:
    """Takes reports in and gives frames out, when the reader is ready for one.

    Args:
        now: seconds since the epoch.
        wake: called when there is something to give out.
    """

    def __init__(self, now: Callable[[], float], wake: Callable[[], None]) -> None:
        self._now = now
        self._wake = wake
        self._ledgers: dict[str, _SourceLedger] = {}
        self._faults: dict[str, Fault] = {}
        self._statuses: dict[str, SourceStatus] = {}
        self._told: dict[str, SourceStatus] = {}
        self._order: deque[str] = deque()
        self._sending: dict[str, Iterator[bytes]] = {}
        self._beat = False

    def put(self, report: Report) -> None:
        """Take in what a source said.

        Raises:
            SourceGarbled: a record would not survive the feed; nothing of the batch was taken.
        """
        match report:
            case Batch():
                name = report.source
                self._ledgers.setdefault(name, _SourceLedger(name)).take(report)
                # A fault that nobody has seen yet is over.
                self._faults.pop(name, None)
            case Fault():
                name = report.source
                self._faults[name] = report
            case SourceStatus():
                name = report.name
                self._statuses[name] = report
        self._queue(name)

    def beat(self) -> None:
        """Tell the reader that the collector lives, unless something else waits anyway."""
        self._beat = True
        self._wake()

    def everything_again(self) -> None:
        """Owe the reader all records and statuses."""
        self._statuses = {**self._told, **self._statuses}
        for ledger in self._ledgers.values():
            ledger.owe_everything()
        for name in {*self._ledgers, *self._statuses}:
            self._queue(name)

    def next_frame(self) -> bytes | None:
        """Return the next frame, or `None` when the reader has been told everything.

        Sources take turns, so that a large one does not hold up the others.
        """
        while self._order:
            name = self._order[0]
            frame = self._frame_of(name)
            if frame is None:
                self._order.popleft()
                continue
            self._order.rotate(-1)
            self._beat = False
            return frame
        if self._beat:
            self._beat = False
            return encode(Beat(at=self._now()))
        return None

    def _queue(self, name: str) -> None:
        if name not in self._order:
            self._order.append(name)
        self._wake()

    def _frame_of(self, name: str) -> bytes | None:
        """Return the next frame about one source: data first, so that a status is not ahead."""
        sending = self._sending.pop(name, None)
        frame = next(sending, None) if sending else None
        if frame is None and (ledger := self._ledgers.get(name)):
            # A batch on its way is finished first: the reader takes it whole or not at all.
            sending = chain.from_iterable(map(parts, ledger.settle()))
            frame = next(sending, None)
        if frame is not None and sending is not None:
            self._sending[name] = sending
            return frame
        if fault := self._faults.pop(name, None):
            return encode(FaultFrame(fault=fault))
        if status := self._statuses.pop(name, None):
            self._told[name] = status
            return encode(StatusFrame(at=self._now(), status=status))
        return None
