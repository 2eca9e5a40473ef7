"""What repeats is told once, and hides nothing that happened once."""

from __future__ import annotations

from andon.model import Event, Kind, Severity
from andon.store import Snapshot
from andon.store.history import History
from andon.views.changes import newest_events
from andon.views.folding import folded
from andon.views.state import Scope
from tests.unit.views.things import NOW


def _flap(at: float, *, down: bool, name: str = "slurm@par1") -> Event:
    return Event(
        site="par1",
        id=f"{name}:{at}",
        at=at,
        severity=Severity.CRITICAL if down else Severity.INFO,
        topic="source",
        text=f"Source {name} is {'down, was live' if down else 'live, was down'}",
        object_key=name,
    )


def _once(at: float, text: str, severity: Severity = Severity.WARNING) -> Event:
    return Event(
        site="par1",
        id=f"{text}:{at}",
        at=at,
        severity=severity,
        topic="gpu",
        text=text,
        object_kind=Kind.NODE,
        object_key="par1/gpu1",
    )


FLAPS = [_flap(NOW - 60 * (place + 1), down=bool(place % 2)) for place in range(8)]
"""Newest first: back a minute ago, down the minute before, and so on."""


def test_a_source_that_comes_and_goes_is_one_line_at_its_newest_change() -> None:
    told = folded([_once(NOW - 30, "Xid 79"), *FLAPS, _once(NOW - 900, "hot")])
    assert [one.text for one in told] == [
        "Xid 79",
        "Down 4 times in 7m00s: Source slurm@par1 is live, was down",
        "hot",
    ]
    assert told[1].at == NOW - 60
    assert told[1].severity is Severity.WARNING


def test_down_and_back_once_stays_two_lines_and_other_sources_stay_apart() -> None:
    pair = [*FLAPS[:2], _flap(NOW - 300, down=True, name="nvml@par1")]
    assert folded(pair) == pair


def test_the_same_said_again_of_one_thing_is_counted() -> None:
    twice = [_once(NOW - 10, "NVLink errors"), _once(NOW - 20, "hot"), _once(NOW - 70, "hot")]
    assert [one.text for one in folded(twice)] == ["NVLink errors", "2 times in 50s: hot"]


def test_a_flapping_source_does_not_push_out_what_happened_in_the_factory() -> None:
    history = History()
    history.note(_once(NOW - 3_000, "a fire"))
    for place in range(200, 0, -1):
        history.note(_flap(NOW - 10 * place, down=bool(place % 2)))
    told = newest_events(Snapshot(), Scope(), history, 5, NOW)
    assert [one.text.rpartition(": ")[2] for one in told] == [
        "Source slurm@par1 is down, was live",
        "a fire",
    ]
