from __future__ import annotations

from andon.analysis.merge import Disagreement, merged, things
from andon.model import (
    Accelerator,
    AcceleratorState,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Record,
    SourceState,
)
from andon.store import Snapshot
from tests.unit.analysis.factory import NOW, card, factory, job, node, said, status


def two(one: Record, other: Record, **more: SourceState) -> Snapshot:
    """A scheduler `slurm` that says one thing and a driver `nvml` that says another."""
    snapshot = factory(one, job("1"))
    snapshot = snapshot.with_status(status("nvml", kinds=(Kind.NODE, Kind.ACCELERATOR)))
    for name, state in more.items():
        snapshot = snapshot.with_status(status(name, state=state))
    return said(snapshot, other, source="nvml")


def only(snapshot: Snapshot, kind: Kind) -> Record:
    records = merged(snapshot, kind).records
    assert len(records) == 1
    return next(iter(records.values()))


def bare(host: str, index: int, **more: object) -> Accelerator:
    return card(host, index, uuid=None, **more)  # type: ignore[arg-type]


def test_the_records_of_one_source_are_its_own_mapping() -> None:
    snapshot = factory(job("1"), job("2"))
    found = merged(snapshot, Kind.JOB)
    assert found.records is snapshot.said_by("slurm", Kind.JOB)
    assert found.sources("par1/c1/1") == ("slurm",)
    assert found.sources("par1/c1/9") == ()
    assert found.disagreements("par1/c1/1") == ()


def test_a_kind_that_nobody_reports_has_no_records() -> None:
    assert dict(merged(Snapshot(), Kind.NODE).records) == {}
    assert things(Snapshot(), Node) == {}


def test_what_one_source_does_not_say_the_other_fills_in() -> None:
    snapshot = two(
        node("n1", NodeState.MIXED, rack="r1"),
        Node(site="par1", name="n1", driver_version="570", power_draw_watts=400.0),
    )
    found = only(snapshot, Kind.NODE)
    assert isinstance(found, Node)
    assert (found.state, found.rack, found.driver_version, found.power_draw_watts) == (
        NodeState.MIXED,
        "r1",
        "570",
        400.0,
    )
    assert merged(snapshot, Kind.NODE).sources("par1/n1") == ("slurm", "nvml")


def test_the_scheduler_decides_what_state_a_node_is_in_and_the_contradiction_is_kept() -> None:
    # By name nvml would come first; slurm reports jobs and so is the scheduler.
    snapshot = two(node("n1", NodeState.DOWN), node("n1", NodeState.IDLE))
    found = only(snapshot, Kind.NODE)
    assert isinstance(found, Node)
    assert found.state is NodeState.DOWN
    assert merged(snapshot, Kind.NODE).disagreements("par1/n1") == (
        Disagreement("state", (("slurm", "down"), ("nvml", "idle"))),
    )


def test_a_lost_scheduler_gives_way_to_a_live_source() -> None:
    snapshot = two(node("n1", NodeState.IDLE), node("n1", NodeState.DOWN), slurm=SourceState.DOWN)
    found = only(snapshot, Kind.NODE)
    assert isinstance(found, Node)
    assert found.state is NodeState.DOWN


def test_idle_and_mixed_are_no_contradiction_but_different_counts_are() -> None:
    snapshot = two(
        node("n1", NodeState.MIXED, gpus_total=8), node("n1", NodeState.IDLE, gpus_total=7)
    )
    clashes = merged(snapshot, Kind.NODE).disagreements("par1/n1")
    assert [clash.field for clash in clashes] == ["gpus_total"]


def test_one_model_under_two_names_is_no_contradiction() -> None:
    snapshot = two(node("n1", gpu_model="h100"), node("n1", gpu_model="NVIDIA H100 80GB HBM3"))
    assert merged(snapshot, Kind.NODE).disagreements("par1/n1") == ()
    other = two(node("n1", gpu_model="a100"), node("n1", gpu_model="NVIDIA H100 80GB HBM3"))
    assert merged(other, Kind.NODE).disagreements("par1/n1") != ()


def test_an_accelerator_that_anyone_calls_faulty_is_faulty() -> None:
    snapshot = two(
        card("n1", 0, AcceleratorState.ALLOCATED, job="1"), card("n1", 0, AcceleratorState.FAULTY)
    )
    found = only(snapshot, Kind.ACCELERATOR)
    assert isinstance(found, Accelerator)
    assert found.state is AcceleratorState.FAULTY
    assert found.job == "1"


def test_busy_refines_allocated_and_contradicts_free() -> None:
    refined = two(
        card("n1", 0, AcceleratorState.ALLOCATED), card("n1", 0, AcceleratorState.IDLE_HELD)
    )
    found = only(refined, Kind.ACCELERATOR)
    assert isinstance(found, Accelerator)
    assert found.state is AcceleratorState.IDLE_HELD
    assert merged(refined, Kind.ACCELERATOR).clashes == {}
    ghost = two(card("n1", 0, AcceleratorState.FREE), card("n1", 0, AcceleratorState.BUSY))
    assert list(merged(ghost, Kind.ACCELERATOR).clashes) == ["par1/GPU-n1-0"]


def test_a_bare_index_joins_the_card_of_that_index_on_the_same_node_and_says_so() -> None:
    snapshot = two(
        bare("n1", 3, state=AcceleratorState.ALLOCATED, job="1"),
        card("n1", 3, AcceleratorState.UNKNOWN, temperature_celsius=60.0),
    )
    found = merged(snapshot, Kind.ACCELERATOR)
    key = "par1/GPU-n1-3"
    record = found.records[key]
    assert isinstance(record, Accelerator)
    assert (record.job, record.temperature_celsius, record.state) == (
        "1",
        60.0,
        AcceleratorState.ALLOCATED,
    )
    assert list(found.records) == [key]
    assert found.sources(key) == ("slurm", "nvml")
    assert found.joined_by(key) == "index"
    assert found.canonical("par1/n1/3") == key
    assert found.sources("par1/n1/3") == ()


def test_the_same_index_on_another_node_is_another_card() -> None:
    snapshot = two(bare("n1", 3), card("n2", 3))
    assert len(merged(snapshot, Kind.ACCELERATOR).records) == 2


def test_equal_pci_addresses_join_whatever_the_index() -> None:
    snapshot = two(
        bare("n1", 0, pci_address="0000:1B:00.0"),
        card("n1", 5, pci_address="00000000:1b:00.0"),
    )
    found = merged(snapshot, Kind.ACCELERATOR)
    assert list(found.records) == ["par1/GPU-n1-5"]
    assert found.joined_by("par1/GPU-n1-5") == "pci"
    assert [clash.field for clash in found.disagreements("par1/GPU-n1-5")] == ["index"]


def test_different_pci_addresses_forbid_the_join_by_index() -> None:
    snapshot = two(
        bare("n1", 0, pci_address="0000:1b:00.0"), card("n1", 0, pci_address="0000:2c:00.0")
    )
    assert len(merged(snapshot, Kind.ACCELERATOR).records) == 2


def test_an_index_that_two_cards_claim_joins_neither() -> None:
    snapshot = said(
        two(bare("n1", 0), card("n1", 0)), card("n1", 0, uuid="GPU-other"), source="dcgm"
    )
    assert len(merged(snapshot, Kind.ACCELERATOR).records) == 3


def test_a_slice_is_never_joined_by_its_index() -> None:
    snapshot = two(bare("n1", 0), card("n1", 0, partition="1g.10gb", parent_uuid="GPU-x"))
    assert len(merged(snapshot, Kind.ACCELERATOR).records) == 2


def test_a_source_that_reports_both_knows_them_as_two() -> None:
    snapshot = factory(bare("n1", 0), card("n1", 0))
    snapshot = said(snapshot, card("n9", 0), source="nvml")
    assert len(merged(snapshot, Kind.ACCELERATOR).records) == 3


def test_a_join_ends_when_the_card_goes() -> None:
    snapshot = two(bare("n1", 0), card("n1", 0))
    merged(snapshot, Kind.ACCELERATOR)
    gone = said(snapshot, source="nvml", removed=[(Kind.ACCELERATOR, "par1/GPU-n1-0")])
    found = merged(gone, Kind.ACCELERATOR)
    assert list(found.records) == ["par1/n1/0"]
    assert found.sources("par1/n1/0") == ("slurm",)


def test_two_sites_share_names_and_nothing_else() -> None:
    snapshot = factory(node("n1"), card("n1", 0))
    other = said(snapshot, node("n1", site="fra1"), card("n1", 0, site="fra1"), source="b")
    assert len(merged(other, Kind.NODE).records) == 2
    assert len(merged(other, Kind.ACCELERATOR).records) == 2


def test_a_source_that_falls_silent_changes_whose_word_counts() -> None:
    snapshot = two(node("n1", NodeState.IDLE), node("n1", NodeState.DOWN))
    first = merged(snapshot, Kind.NODE)
    lost = snapshot.with_status(status("slurm", state=SourceState.DOWN, observed_at=NOW - 99))
    second = merged(lost, Kind.NODE)
    assert first.order == ("slurm", "nvml")
    assert second.order == ("nvml", "slurm")
    record = second.records["par1/n1"]
    assert isinstance(record, Node)
    assert record.state is NodeState.DOWN


def test_a_job_that_two_sources_report_is_one_job() -> None:
    snapshot = said(
        factory(job("1", JobState.RUNNING, gpus=8)),
        job("1", JobState.UNKNOWN, user="u"),
        source="b",
    )
    found = only(snapshot, Kind.JOB)
    assert isinstance(found, Job)
    assert (found.state, found.gpus, found.user) == (JobState.RUNNING, 8, "u")
