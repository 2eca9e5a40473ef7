from __future__ import annotations

import random

from andon.analysis.watch import oldest_waiting
from andon.model import Job, JobState, Kind
from andon.store import Snapshot
from tests.unit.analysis.factory import NOW, factory, job, said


def waiting(number: int, since: float) -> Job:
    return job(str(number), JobState.PENDING, eligible_at=since)


def afresh(snapshot: Snapshot) -> Snapshot:
    return Snapshot(snapshot.facets, snapshot.sources, snapshot.revision, snapshot.log)


def test_the_oldest_of_many_stay_right_while_jobs_come_start_and_go() -> None:
    rng = random.Random(4)
    times = {number: NOW - rng.randrange(1_000_000) for number in range(400)}
    snapshot = factory(*[waiting(number, since) for number, since in times.items()])
    for _ in range(300):
        number = rng.randrange(500)
        oldest = oldest_waiting(snapshot)
        # Mostly the oldest start, as in a real queue: the list at hand runs dry and is refilled.
        victim = oldest[rng.randrange(3)] if rng.random() < 0.7 else waiting(number, NOW)
        change = job(victim.id, JobState.RUNNING)
        fresh = waiting(1000 + number, NOW - rng.randrange(1_000_000))
        snapshot = said(snapshot, change, fresh)
        if rng.random() < 0.2:
            snapshot = said(snapshot, removed=[(Kind.JOB, oldest_waiting(snapshot)[0].key)])
        shown = [one.eligible_at for one in oldest_waiting(snapshot)[:10]]
        assert shown == [one.eligible_at for one in oldest_waiting(afresh(snapshot))[:10]]


def test_few_jobs_are_all_there() -> None:
    snapshot = factory(waiting(1, NOW - 10), waiting(2, NOW - 20), job("3"))
    assert [one.id for one in oldest_waiting(snapshot)] == ["2", "1"]
    assert oldest_waiting(factory(job("3"))) == ()
