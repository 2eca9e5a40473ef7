"""Large reports are taken in by what differs, and mean the same."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from andon.model import Batch, Kind, Record
from andon.store import Snapshot, apply
from andon.tui.intake import LARGE, thinned
from tests.tui.world import NOW, SOURCE, batch, jobs, nodes


def taken(snapshot: Snapshot, *batches: Batch) -> dict[str, Record]:
    for one in batches:
        snapshot = apply(snapshot, one)
    return dict(snapshot.said_by(SOURCE, Kind.JOB))


async def test_a_large_report_is_taken_in_by_what_differs() -> None:
    many = jobs(LARGE + 10)
    before = apply(Snapshot(), batch([*nodes(), *many]))
    second = [replace(many[0], name="renamed"), *many[2:], replace(many[5], name="last counts")]
    report = batch(second, at=NOW + 5)
    small = await thinned(before, report)
    assert [record.key for record in small.records] == [many[0].key, many[5].key]
    assert small.removed == ((Kind.JOB, many[1].key),)
    assert not small.whole
    assert taken(before, small) == taken(before, report)
    after = apply(before, small)
    assert after.of(Kind.JOB)[SOURCE].observed_at == NOW + 5
    assert after.of(Kind.NODE)[SOURCE].observed_at == NOW, "of nodes it did not speak"


async def test_the_first_large_report_is_taken_in_whole() -> None:
    report = batch([*nodes(), *jobs(LARGE)])
    small = await thinned(Snapshot(), report)
    assert taken(Snapshot(), small) == taken(Snapshot(), report)


async def test_a_small_report_stays_the_object_it_is() -> None:
    report = batch(jobs(3))
    assert await thinned(Snapshot(), report) is report


async def test_other_tasks_have_their_turn_while_a_large_report_is_taken_in() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await thinned(Snapshot(), batch(jobs(3 * LARGE)))
    counting.cancel()
    assert turns > 5
