from __future__ import annotations

from andon.model import Node, NodeState, SourceState
from andon.store import Snapshot
from andon.views.state import Scope
from andon.views.status import findings, status_page
from tests.unit.views.reading import block, column, rows
from tests.unit.views.test_overview import DOWN
from tests.unit.views.things import NOW, factory, snapshot_of, source

FACTORY = snapshot_of(factory())
HEALTHY = snapshot_of(
    [Node(site="par1", name="gpu1", state=NodeState.IDLE, gpus_total=8, gpus_allocated=0)]
)


def test_a_healthy_factory_has_no_findings() -> None:
    assert findings(HEALTHY, NOW) == 0
    assert block(status_page(HEALTHY, NOW), "problems").empty.startswith("None:")
    assert block(status_page(HEALTHY, NOW), "sources") is None


def test_a_node_that_is_down_is_a_finding() -> None:
    assert findings(FACTORY, NOW) == 1
    first = rows(block(status_page(FACTORY, NOW), "problems"))[0]
    assert first[:2] == ["critical", "par1"]
    assert first[3].startswith("Node")


def test_a_source_that_is_not_live_is_a_finding_and_says_why() -> None:
    assert findings(DOWN, NOW) == 1
    shown = status_page(DOWN, NOW)
    assert rows(block(shown, "sources")) == [["slurm@par1", "down 5m", "", ""]]
    assert block(shown, "sources").title == "Sources: 0 of 1 live"
    first = rows(block(shown, "problems"))[0]
    assert first[3] == "Source slurm@par1 does not answer"
    assert first[4].startswith("no answer in 10s (is slurmctld up?); last heard ")
    for state in SourceState:
        heard = state in (SourceState.LIVE, SourceState.SLOW)
        assert findings(HEALTHY.with_status(source(state=state)), NOW) == int(not heard)


def test_a_slow_source_is_shown_and_is_no_finding() -> None:
    slow = HEALTHY.with_status(source(slow_seconds=8.2))
    assert findings(slow, NOW) == 0
    assert rows(block(status_page(slow, NOW), "sources"))[0][1] == "slow 8.2s"
    assert rows(block(status_page(slow, NOW), "problems"))[0][3:] == [
        "Source slurm@par1 is slow",
        "its last poll took 8.2 s",
    ]


def test_a_monitor_that_sees_nothing_does_not_say_that_all_is_well() -> None:
    assert findings(Snapshot(), NOW) == 1
    shown = status_page(Snapshot(), NOW)
    assert "andon doctor" in block(shown, "sites").empty
    assert block(shown, "problems").empty == "No source is configured, so nothing is known"


def test_old_data_is_a_finding_by_time_alone() -> None:
    assert findings(HEALTHY, NOW + 3_600) == 1


def test_the_sites_are_shown_in_numbers() -> None:
    sites = block(status_page(FACTORY, NOW), "sites")
    assert [cell.text for cell in sites.rows.cells(0)] == [
        "par1",
        "4",
        "2",
        "8",
        "1",
        "3",
        "2",
        "2",
        "–",
        "",
    ]


def test_a_lost_source_shows_no_zeros() -> None:
    sites = block(status_page(DOWN, NOW), "sites")
    for name in ("gpus_total", "gpus_allocated", "gpus_free", "jobs_running", "jobs_pending"):
        assert column(sites, name) == ["–"], name


def test_several_sites_are_added_up() -> None:
    two = snapshot_of(
        [Node(site="ber1", name="x", state=NodeState.IDLE, gpus_total=4, gpus_allocated=0)],
        status=source("slurm@ber1", site="ber1"),
        base=HEALTHY,
    )
    sites = block(status_page(two, NOW), "sites")
    assert column(sites, "site") == ["ber1", "par1", "all"]
    assert column(sites, "gpus_free") == ["4", "8", "12"]
    assert column(block(status_page(two, NOW, scope=Scope(sites=("ber1",))), "sites"), "site") == [
        "ber1"
    ]


def test_a_scope_leaves_out_what_is_wrong_elsewhere() -> None:
    both = snapshot_of(
        [Node(site="ber1", name="x", state=NodeState.IDLE)],
        status=source("slurm@ber1", site="ber1"),
        base=FACTORY,
    )
    assert findings(both, NOW) == 1
    assert findings(both, NOW, scope=Scope(sites=("ber1",))) == 0
