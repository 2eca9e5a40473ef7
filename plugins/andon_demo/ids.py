"""Job ids: whole numbers that grow with the time of submission and tell lane and turn back.

Each rhythm hands out the numbers of its lanes' turns densely; they are stretched so that all
rhythms advance equally fast, and interleaved. The largest numbers wrap, as a scheduler's do.
"""

from __future__ import annotations

from andon_demo.layout import RHYTHMS, Lane, Layout
from andon_demo.tempo import EPOCH

_LEAST_WRAP_SECONDS = 400 * 86_400.0
_WAYS = len(RHYTHMS)


class JobNumbers:
    """The map between (lane, turn) and the number of a job at one site."""

    def __init__(self, layout: Layout) -> None:
        self._seats = layout.seats
        counts = [len(seats) for seats in layout.seats]
        periods = [int(rhythm.period) for rhythm in RHYTHMS]
        busiest = max(range(_WAYS), key=lambda number: counts[number] / periods[number])
        self._stretch = [
            (counts[busiest] * periods[number], periods[busiest] * counts[number])
            for number in range(_WAYS)
        ]
        self._per_second = _WAYS * counts[busiest] / periods[busiest]
        self._early = [
            int(sum(layout.lanes[lane].wait for lane in seats) / len(seats)) if seats else 0
            for seats in layout.seats
        ]
        self._wrap = 100_000_000
        while self._per_second * _LEAST_WRAP_SECONDS > self._wrap:
            self._wrap *= 10

    def number(self, lane: Lane, turn: int) -> int:
        """Return the number of the job of a lane's turn."""
        rhythm = lane.rhythm.number
        dense = (turn - self._early[rhythm]) * len(self._seats[rhythm]) + lane.seat
        by, over = self._stretch[rhythm]
        return ((dense * by // over) * _WAYS + rhythm) % self._wrap

    def find(self, number: int, now: float) -> tuple[int, int] | None:
        """Return (lane index, turn) of a job number as given near the simulated time `now`."""
        if not 0 <= number < self._wrap:
            return None
        at = self._per_second * (now - EPOCH)
        whole = number + self._wrap * round((at - number) / self._wrap)
        stretched, rhythm = divmod(whole, _WAYS)
        seats = self._seats[rhythm]
        if not seats:
            return None
        by, over = self._stretch[rhythm]
        dense = -(-stretched * over // by)
        if dense * by // over != stretched:
            return None
        turn, seat = divmod(dense, len(seats))
        return seats[seat], turn + self._early[rhythm]
