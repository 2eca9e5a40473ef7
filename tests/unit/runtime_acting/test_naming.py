"""What words stand for where arrays are: single tasks, the waiting rest, all of it."""

from __future__ import annotations

import pytest

from andon.model import Batch, Job, JobState, Kind
from andon.runtime.naming import Named, keys_named
from andon.sdk import UsageError
from andon.store import Snapshot, apply

HERE = "par1/lab"


def job(id: str, state: JobState = JobState.RUNNING, **fields: object) -> Job:
    array = id.partition("_")[0] if "_" in id else None
    return Job(site="par1", cluster="lab", id=id, state=state, array_id=array, **fields)  # type: ignore[arg-type]


def rest(array: str, tasks: str, count: int, cluster: str = "lab") -> Job:
    return Job(
        site="par1",
        cluster=cluster,
        id=array,
        state=JobState.PENDING,
        array_id=array,
        array_tasks=tasks,
        tasks_count=count,
    )


def snapshot(*jobs: Job) -> Snapshot:
    kinds = frozenset({Kind.JOB})
    return apply(Snapshot(), Batch(source="s", observed_at=1.0, records=jobs, whole=kinds))


ARRAY = snapshot(job("22_0"), job("22_1"), rest("22", "2-5,8%2", 5), job("7", JobState.PENDING))


def named(*words: str, where: Snapshot = ARRAY) -> Named:
    return keys_named(where, Kind.JOB, words)


@pytest.mark.parametrize("word", ["22_[2-5,8]", "22_[2-5,8%2]", f"{HERE}/22_[2-5,8]", f"{HERE}/22"])
def test_the_tasks_that_wait_together_are_their_one_record_and_nothing_that_runs(word: str) -> None:
    found = named(word)
    assert (found.keys, found.unread, found.unknown) == ((f"{HERE}/22",), (), ())


def test_the_number_of_an_array_stands_for_all_of_it() -> None:
    assert set(named("22").keys) == {f"{HERE}/22", f"{HERE}/22_0", f"{HERE}/22_1"}


@pytest.mark.parametrize("word", ["22_3", "22_[3]", f"{HERE}/22_3"])
def test_one_task_that_waits_with_others_is_to_be_read_by_itself(word: str) -> None:
    found = named(word)
    assert found.keys == (f"{HERE}/22_3",)
    (target,) = found.unread
    assert (target.key, target.name, target.source) == (f"{HERE}/22_3", "22_3", "s")


def test_a_range_takes_what_runs_and_what_waits() -> None:
    found = named("22_[1-3]")
    assert set(found.keys) == {f"{HERE}/22_1", f"{HERE}/22_2", f"{HERE}/22_3"}
    assert [target.name for target in found.unread] == ["22_2", "22_3"]


def test_a_range_around_all_that_waits_takes_it_as_one() -> None:
    found = named("22_[1-5]", "22_8")
    assert set(found.keys) == {f"{HERE}/22_1", f"{HERE}/22"}
    assert found.unread == ()


def test_no_task_is_taken_twice() -> None:
    for words in (("22_3", "22"), ("22_[2-5,8]", "22_3"), ("22_3", "22_[3-4]", "22_4")):
        found = named(*words)
        assert len(set(found.keys)) == len(found.keys)
        tasks = {target.key for target in found.unread}
        assert not (f"{HERE}/22" in found.keys and tasks)


def test_tasks_that_nobody_knows_are_told_one_by_one() -> None:
    assert named("22_[5-7]").unknown == ("22_6", "22_7")
    assert named("22_9", "7_0", "99_[1-3]").unknown == ("22_9", "7_0", "99_[1-3]")
    assert named("22_[3-1]", "22_[]", "22_[x]").unknown == ("22_[3-1]", "22_[]", "22_[x]")


def test_tasks_at_two_clusters_are_asked_about() -> None:
    both = snapshot(rest("22", "1-9", 9), rest("22", "1-9", 9, cluster="old"))
    found = named("22_3", where=both)
    assert found.keys == ()
    assert found.ambiguous == {"22_3": ("par1/lab/22_3", "par1/old/22_3")}
    assert named("par1/old/22_3", where=both).keys == ("par1/old/22_3",)
    assert named("par1/old/22_[1-9]", where=both).keys == ("par1/old/22",)


def test_an_array_of_which_not_all_is_told_is_named_whole() -> None:
    cut = snapshot(rest("22", "1,3,5…", 1), job("22_0"))
    assert named("22_[1,3,5…]", where=cut).keys == (f"{HERE}/22",)
    assert named("22_1", where=cut).unknown == ("22_1",)


def test_millions_of_tasks_are_not_counted_out() -> None:
    with pytest.raises(UsageError, match="stands for too many tasks"):
        named("22_[0-99999999]")
