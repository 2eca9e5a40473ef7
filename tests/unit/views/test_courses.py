"""Shares over time: of what is known, and only while that is nearly all."""

from __future__ import annotations

from andon.model import Coverage, Kind, Node, NodeState, SourceState
from andon.views import courses
from tests.unit.views.things import NOW, snapshot_of, source


def _node(name: str, held: int | None) -> Node:
    return Node(site="par1", name=name, state=NodeState.MIXED, gpus_total=8, gpus_allocated=held)


def test_one_silent_node_does_not_empty_the_course_and_is_not_counted_in_it() -> None:
    part = Coverage(kind=Kind.NODE, reported=95, expected=96, note="1 node silent")
    status = source(state=SourceState.PARTIAL, coverage=(part,))
    nodes = [_node(f"gpu{at}", 6) for at in range(95)]
    for more in ([], [_node("silent", None)]):
        sampled = courses.sample(snapshot_of([*nodes, *more], status=status), NOW)
        assert sampled[courses.GPUS_HELD] == 75.0
        assert sampled[courses.POWER] is None


def test_a_source_that_is_down_leaves_no_share_of_the_others() -> None:
    held = snapshot_of([_node(f"gpu{at}", 8) for at in range(8)])
    both = snapshot_of(
        [Node(site="ber1", name="x", state=NodeState.IDLE, gpus_total=8, gpus_allocated=0)],
        status=source("slurm@ber1", site="ber1"),
        base=held,
    )
    assert round(courses.sample(both, NOW)[courses.GPUS_HELD] or 0) == 89
    lost = both.with_status(source("slurm@ber1", site="ber1", state=SourceState.DOWN))
    assert courses.sample(lost, NOW)[courses.GPUS_HELD] is None


def test_where_most_nodes_are_silent_there_is_no_share() -> None:
    part = Coverage(kind=Kind.NODE, reported=3, expected=128)
    status = source(state=SourceState.PARTIAL, coverage=(part,))
    snapshot = snapshot_of([_node(f"gpu{at}", 0) for at in range(3)], status=status)
    assert courses.sample(snapshot, NOW)[courses.GPUS_HELD] is None
