"""Incidents of a source that is not heard any more: may be over, and are no news of today."""

from __future__ import annotations

import pytest

from andon.analysis.problems import Problem, problems
from andon.model import AcceleratorState, NodeState, Record, Severity, SourceState
from andon.store import Snapshot
from tests.unit.analysis.factory import HOUR, NOW, card, factory, incident, node, said, status

DAY = 24 * HOUR
OLD = incident(
    "i",
    text="n1: GPU 3 has fallen off the bus (Xid 79)",
    severity=Severity.CRITICAL,
    nodes=("n1",),
    opened_at=NOW - 25 * HOUR,
)
BROKEN = card("n1", 3, AcceleratorState.FAULTY, xid_last=79, xid_last_at=NOW - 60)


def seen(*records: Record, told: Record = OLD, alerts: SourceState = SourceState.DOWN) -> Snapshot:
    """Return what slurm says now, beside what another source told a day ago."""
    lost = status("alerts", state=alerts, observed_at=NOW - DAY)
    return said(factory(*records).with_status(lost), told, source="alerts", at=NOW - DAY)


def about_things(snapshot: Snapshot) -> dict[str, Problem]:
    return {one.title: one for one in problems(snapshot, NOW) if one.kind is not None}


@pytest.mark.parametrize(
    "state", [SourceState.DOWN, SourceState.LIVE, SourceState.DENIED, SourceState.QUARANTINED]
)
def test_what_is_seen_now_is_no_part_of_an_incident_that_nobody_confirms(
    state: SourceState,
) -> None:
    found = about_things(seen(node("n1", NodeState.MIXED), BROKEN, alerts=state))
    assert set(found) == {OLD.text, "GPU 3 of n1 is faulty: Xid 79"}
    assert found["GPU 3 of n1 is faulty: Xid 79"].since == NOW - 60
    assert "last heard 1d ago" in found[OLD.text].detail


def test_the_same_holds_for_nodes_and_queues_and_all_that_incidents_tell() -> None:
    drained = node("n1", NodeState.DRAINED, reason=OLD.text)
    assert set(about_things(seen(drained))) == {OLD.text, "Node n1 is drained"}


def test_an_incident_that_another_source_confirms_is_heard() -> None:
    snapshot = seen(node("n1", NodeState.MIXED), BROKEN, OLD)
    found = about_things(snapshot)
    assert set(found) == {OLD.text}
    assert "last heard" not in found[OLD.text].detail


def test_of_a_source_that_is_lost_with_all_it_said_a_trouble_is_one_still() -> None:
    snapshot = factory(node("n1", NodeState.MIXED), BROKEN, OLD).with_status(
        status("slurm", state=SourceState.DOWN, observed_at=NOW - DAY)
    )
    found = about_things(snapshot)
    assert set(found) == {OLD.text}
    assert "last heard 1d ago" in found[OLD.text].detail


def test_when_its_source_is_heard_again_the_two_are_one() -> None:
    snapshot = seen(node("n1", NodeState.MIXED), BROKEN)
    assert len(about_things(snapshot)) == 2
    assert set(about_things(snapshot.with_status(status("alerts")))) == {OLD.text}
