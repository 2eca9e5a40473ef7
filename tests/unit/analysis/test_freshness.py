from __future__ import annotations

import math

import pytest

from andon.analysis.freshness import age_seconds, stale_age, state_now, usable, worst_state
from andon.model import SourceState, SourceStatus
from andon.store import Snapshot
from tests.unit.analysis.factory import NOW, factory, node, said, status


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (-100, SourceState.LIVE),
        (0, SourceState.LIVE),
        (14.9, SourceState.LIVE),
        (15.1, SourceState.LATE),
        (29.9, SourceState.LATE),
        (30.1, SourceState.STALE),
        (1e9, SourceState.STALE),
    ],
)
def test_a_live_source_becomes_late_and_then_stale_by_age(age: float, state: SourceState) -> None:
    assert state_now(status("slurm"), NOW + age) is state


@pytest.mark.parametrize("age", [0, 2.9])
def test_a_short_interval_does_not_flicker(age: float) -> None:
    assert state_now(status("slurm", interval_seconds=1.0), NOW + age) is SourceState.LIVE


def test_a_slow_poll_is_not_late_by_its_own_slowness() -> None:
    slow = status("slurm", latency_seconds=12.0)
    assert state_now(slow, NOW + 20) is SourceState.LIVE
    assert state_now(slow, NOW + 28) is SourceState.LATE


@pytest.mark.parametrize(
    "state", [SourceState.DOWN, SourceState.DENIED, SourceState.QUARANTINED, SourceState.CONNECTING]
)
def test_a_failed_source_is_what_it_was_when_it_failed(state: SourceState) -> None:
    assert state_now(status("slurm", state=state), NOW) is state


def test_what_the_collector_says_is_not_made_better() -> None:
    assert state_now(status("slurm", state=SourceState.STALE), NOW) is SourceState.STALE
    partial = status("slurm", state=SourceState.PARTIAL)
    assert state_now(partial, NOW) is SourceState.PARTIAL
    assert state_now(partial, NOW + 20) is SourceState.LATE


def test_without_an_interval_nothing_is_overdue() -> None:
    assert state_now(status("file", interval_seconds=None), NOW + 1e9) is SourceState.LIVE


def test_age_is_none_before_the_first_data_and_never_negative() -> None:
    assert age_seconds(status("slurm", observed_at=None), NOW) is None
    assert age_seconds(status("slurm"), NOW - 5) == 0
    assert age_seconds(status("slurm"), NOW + 5) == 5


def test_a_thing_is_stale_only_when_none_of_its_sources_is_trusted() -> None:
    snapshot = said(factory(node("n1")), node("n1"), source="nvml")
    snapshot = snapshot.with_status(status("nvml", state=SourceState.DOWN, observed_at=NOW - 60))
    assert stale_age(snapshot, ["slurm", "nvml"], NOW) is None
    assert stale_age(snapshot, ["nvml"], NOW) == 60
    assert stale_age(snapshot, iter(["nvml"]), NOW) == 60


def test_the_age_of_something_with_several_lost_sources_is_that_of_the_youngest() -> None:
    snapshot = factory(node("n1"), state=SourceState.DOWN, observed_at=NOW - 100)
    snapshot = snapshot.with_status(status("b", state=SourceState.DOWN, observed_at=NOW - 30))
    assert stale_age(snapshot, ["slurm", "b"], NOW) == 30


def test_without_a_status_the_time_of_the_report_counts() -> None:
    snapshot = said(Snapshot(), node("n1"), at=NOW - 40)
    assert stale_age(snapshot, ["slurm"], NOW) == 40
    assert stale_age(snapshot, ["nobody"], NOW) == math.inf


def test_states_have_an_order() -> None:
    assert worst_state([]) is None
    assert worst_state([SourceState.LATE, SourceState.DOWN, SourceState.LIVE]) is SourceState.DOWN
    assert worst_state(list(SourceState)) is SourceState.QUARANTINED


def test_only_what_is_heard_counts_in_sums() -> None:
    counted = {state for state in SourceState if usable(state)}
    assert counted == {
        SourceState.LIVE,
        SourceState.SLOW,
        SourceState.PARTIAL,
        SourceState.LATE,
    }


def test_a_live_source_that_is_slow_is_trusted_until_it_is_late() -> None:
    slow = status("slurm", slow_seconds=8.2)
    assert state_now(slow, NOW) is SourceState.SLOW
    assert state_now(slow, NOW).trusted
    assert state_now(slow, NOW + 20) is SourceState.LATE
    partial = status("slurm", slow_seconds=8.2, state=SourceState.PARTIAL)
    assert state_now(partial, NOW) is SourceState.PARTIAL
    assert state_now(status("file", slow_seconds=8.2, interval_seconds=None), NOW) is (
        SourceState.SLOW
    )


def test_every_state_of_a_source_is_handled() -> None:
    for state in SourceState:
        one: SourceStatus = status("slurm", state=state)
        assert state_now(one, NOW + 1e6) in SourceState
