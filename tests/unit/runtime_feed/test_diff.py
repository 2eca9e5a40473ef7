from __future__ import annotations

from andon.model import Batch, JobState, Kind, Record
from andon.runtime.diff import differences
from tests.unit.runtime_feed.things import NOW, SOURCE, change, job, jobs, node, whole


def known(*records: Record) -> dict[Kind, dict[str, Record]]:
    by_kind: dict[Kind, dict[str, Record]] = {}
    for record in records:
        by_kind.setdefault(record.kind, {})[record.key] = record
    return by_kind


def test_a_whole_kind_says_what_is_new_what_differs_and_what_went() -> None:
    (found,) = differences(
        known(job(1), job(2), job(3)), whole(job(1), job(2, JobState.FAILED), job(4))
    )
    assert found.changed == ("lab/c/2", "lab/c/4")
    assert found.removed == ("lab/c/3",)
    assert list(found.records) == ["lab/c/1", "lab/c/2", "lab/c/4"]


def test_equal_records_are_no_change() -> None:
    (found,) = differences(known(*jobs(10)), whole(*jobs(10)))
    assert not found.changed
    assert not found.removed


def test_a_change_touches_only_what_it_names() -> None:
    batch = change(job(2, JobState.FAILED), removed=[(Kind.JOB, "lab/c/3")])
    (found,) = differences(known(*jobs(5)), batch)
    assert found.changed == ("lab/c/2",)
    assert found.removed == ("lab/c/3",)
    assert sorted(found.records) == ["lab/c/0", "lab/c/1", "lab/c/2", "lab/c/4"]


def test_a_change_that_changes_nothing_keeps_the_very_mapping() -> None:
    before = known(*jobs(5))
    (found,) = differences(before, change(job(2), removed=[(Kind.JOB, "lab/c/99")]))
    assert found.records is before[Kind.JOB]


def test_a_record_both_removed_and_reported_is_there() -> None:
    (found,) = differences(known(job(1)), change(job(1), removed=[(Kind.JOB, "lab/c/1")]))
    assert list(found.records) == ["lab/c/1"]
    assert not found.removed


def test_a_whole_kind_without_records_removes_them_all_and_leaves_other_kinds_alone() -> None:
    (found,) = differences(known(job(1), node(1)), whole(kinds=[Kind.JOB]))
    assert found.kind is Kind.JOB
    assert found.removed == ("lab/c/1",)


def test_a_kind_that_was_only_observed_is_told_of() -> None:
    batch = Batch(source=SOURCE, observed_at=NOW, observed=frozenset({Kind.NODE}))
    (found,) = differences({}, batch)
    assert (found.kind, found.whole, found.changed) == (Kind.NODE, False, ())
