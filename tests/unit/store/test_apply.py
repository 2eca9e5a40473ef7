from __future__ import annotations

from andon.model import Batch, Fault, FaultKind, Job, JobState, Kind, Node, SourceState
from andon.store import Snapshot, apply
from andon.store.snapshot import LOG_LENGTH
from tests.unit.analysis.factory import NOW, factory, job, node, said, status


def changed(snapshot: Snapshot, revision: int, kind: Kind) -> set[str] | None:
    keys = snapshot.changed_since(revision, kind)
    return None if keys is None else set(keys)


def test_a_whole_report_replaces_only_what_its_own_source_said_of_that_kind() -> None:
    snapshot = factory(node("n1"), node("n2"), job("1"))
    snapshot = said(snapshot, node("n9"), source="nvml")
    snapshot = said(snapshot, node("n2"), whole=[Kind.NODE])
    assert set(snapshot.said_by("slurm", Kind.NODE)) == {"par1/n2"}
    assert set(snapshot.said_by("slurm", Kind.JOB)) == {"par1/c1/1"}
    assert set(snapshot.said_by("nvml", Kind.NODE)) == {"par1/n9"}


def test_a_whole_report_of_nothing_empties_the_kind() -> None:
    snapshot = said(factory(node("n1")), whole=[Kind.NODE])
    assert not snapshot.said_by("slurm", Kind.NODE)
    assert changed(snapshot, snapshot.revision - 1, Kind.NODE) == {"par1/n1"}


def test_a_change_adds_replaces_and_removes() -> None:
    before = factory(job("1"), job("2"), job("3"))
    after = said(before, job("2", JobState.FAILED), job("4"), removed=[(Kind.JOB, "par1/c1/3")])
    assert set(after.said_by("slurm", Kind.JOB)) == {f"par1/c1/{n}" for n in (1, 2, 4)}
    assert changed(after, before.revision, Kind.JOB) == {f"par1/c1/{n}" for n in (2, 3, 4)}
    assert len(before.said_by("slurm", Kind.JOB)) == 3, "the older snapshot is what it was"


def test_removing_what_is_not_there_changes_nothing() -> None:
    before = factory(job("1"))
    after = said(before, removed=[(Kind.JOB, "par1/c1/99")])
    assert after.said_by("slurm", Kind.JOB) is before.said_by("slurm", Kind.JOB)
    assert changed(after, before.revision, Kind.JOB) == set()


def test_a_thing_that_is_reported_the_same_again_stays_the_same_object() -> None:
    before = factory(node("n1"), node("n2"))
    after = said(before, node("n1"), node("n2", gpus_allocated=3), whole=[Kind.NODE])
    old, new = before.said_by("slurm", Kind.NODE), after.said_by("slurm", Kind.NODE)
    assert new["par1/n1"] is old["par1/n1"]
    assert changed(after, before.revision, Kind.NODE) == {"par1/n2"}
    again = said(after, node("n1"), node("n2", gpus_allocated=3), whole=[Kind.NODE])
    assert again.said_by("slurm", Kind.NODE) is new


def test_a_fault_keeps_the_data_and_marks_the_source() -> None:
    before = factory(node("n1"))
    fault = Fault(source="slurm", kind=FaultKind.TIMEOUT, message="no answer", at=NOW)
    after = apply(before, fault)
    assert after.said_by("slurm", Kind.NODE) is before.said_by("slurm", Kind.NODE)
    assert after.state_of("slurm") is SourceState.DOWN
    assert after.sources["slurm"].failures == 1
    denied = Fault(source="slurm", kind=FaultKind.DENIED, message="no", at=NOW)
    assert apply(before, denied).state_of("slurm") is SourceState.DENIED


def test_a_fault_of_an_unknown_source_is_nothing() -> None:
    before = factory(node("n1"))
    fault = Fault(source="nobody", kind=FaultKind.TIMEOUT, message="", at=NOW)
    assert apply(before, fault) is before


def test_nothing_changed_since_now() -> None:
    snapshot = factory(node("n1"))
    assert changed(snapshot, snapshot.revision, Kind.NODE) == set()


def test_the_first_report_of_a_kind_may_have_changed_everything() -> None:
    before = Snapshot().with_status(status("slurm"))
    assert changed(said(before, node("n1"), whole=[Kind.NODE]), 0, Kind.NODE) is None


def test_changes_that_are_no_longer_logged_cannot_be_told() -> None:
    before = factory(node("n1"))
    after = before
    for number in range(LOG_LENGTH + 1):
        after = said(after, node("n1", gpus_allocated=number % 8))
    assert changed(after, before.revision, Kind.NODE) is None
    assert changed(after, after.revision - 3, Kind.NODE) == {"par1/n1"}


def test_a_revision_that_is_half_logged_counts_as_not_logged() -> None:
    # One batch logs a change for each kind; the cut must not fall between them.
    before = factory(node("n1"), job("1"))
    after = said(before, node("n1", gpus_allocated=1), job("1", JobState.FAILED))
    for number in range(LOG_LENGTH - 1):
        after = said(after, job("1", gpus=number))
    assert len(after.log) <= LOG_LENGTH
    for kind in (Kind.NODE, Kind.JOB):
        keys = changed(after, before.revision, kind)
        assert keys is None or keys, f"the change of {kind} was lost"


def test_changes_of_several_steps_add_up() -> None:
    start = factory(job("1"), job("2"), node("n1"))
    later = said(said(said(start, job("1", gpus=2)), node("n1", cpus_total=4)), job("2", gpus=3))
    assert changed(later, start.revision, Kind.JOB) == {"par1/c1/1", "par1/c1/2"}
    assert changed(later, start.revision + 1, Kind.JOB) == {"par1/c1/2"}
    assert changed(later, start.revision, Kind.QUEUE) == set()


def test_a_kind_that_was_observed_again_is_younger_and_unchanged() -> None:
    before = factory(node("n1"))
    batch = Batch(source="slurm", observed_at=NOW + 5, observed=frozenset({Kind.NODE}))
    after = apply(before, batch)
    assert after.of(Kind.NODE)["slurm"].observed_at == NOW + 5
    assert after.said_by("slurm", Kind.NODE) is before.said_by("slurm", Kind.NODE)


def test_a_snapshot_is_a_demo_as_soon_as_one_source_is() -> None:
    assert not factory(node("n1")).demo
    assert factory(node("n1")).with_status(status("fake", demo=True)).demo


def test_what_is_remembered_is_no_part_of_a_snapshots_value() -> None:
    one, other = factory(node("n1")), factory(node("n1"))
    one.memo.keep("something", 1)
    assert one == other


def test_what_is_remembered_is_handed_on_but_not_back() -> None:
    before = factory(node("n1"))
    before.memo.keep("old", "x")
    after = said(before, node("n2"))
    assert after.memo.recall("old", str) == "x"
    assert after.memo.recall("old", int) is None
    after.memo.keep("new", "y")
    assert before.memo.recall("new", str) is None


def test_records_of_both_kinds_may_come_in_one_batch() -> None:
    snapshot = factory(node("n1"), job("1"))
    assert isinstance(snapshot.said_by("slurm", Kind.NODE)["par1/n1"], Node)
    assert isinstance(snapshot.said_by("slurm", Kind.JOB)["par1/c1/1"], Job)
