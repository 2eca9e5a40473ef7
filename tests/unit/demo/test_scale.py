"""A factory of 10,000 nodes and 100,000 jobs, and one full of hostile names."""

from __future__ import annotations

import re

from andon.sdk import CELL_LIMIT, Kind
from tests.unit.demo.factory import Clock, open_source, see

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029]")
_SITES = ("par1", "nrt1", "iad1")


async def test_a_hundred_thousand_jobs_are_told_and_then_only_what_changed() -> None:
    nodes = jobs = 0
    for site in _SITES:
        clock = Clock()
        source = open_source(site, clock, nodes=10_000, jobs=100_000)
        before = await see(source, [Kind.JOB, Kind.NODE])
        jobs += sum(not job.state.ended for job in before.jobs.values())
        nodes += len(before.nodes)
        clock.now += 2
        after = await see(source, [Kind.JOB, Kind.NODE])
        fresh = [key for key, job in after.jobs.items() if job is not before.jobs.get(key)]
        assert 0 < len(fresh) < 0.01 * len(after.jobs)
        changed = [key for key, node in after.nodes.items() if node is not before.nodes[key]]
        assert len(changed) < 0.15 * len(after.nodes)
    assert nodes == 10_000
    assert 90_000 <= jobs <= 110_000


def texts_of(record: object) -> list[str]:
    found: list[str] = []
    for name in record.__struct_fields__:  # type: ignore[attr-defined]
        value = getattr(record, name)
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(each for each in value if isinstance(each, str))
    return found


async def test_hostile_names_come_out_clean_and_still_differ() -> None:
    for site in _SITES:
        seen = await see(open_source(site, hostile=True))
        texts = [text for record in seen.batch.records for text in texts_of(record)]
        assert all(_CONTROL.search(text) is None for text in texts)
        assert all(len(text) <= CELL_LIMIT for text in texts)
        assert any("\N{SYMBOL FOR ESCAPE}" in text for text in texts)
        assert any("[/evil]" in (job.name or "") for job in seen.jobs.values())
        assert any("\N{REPLACEMENT CHARACTER}" in (job.user or "") or "[" in (job.user or "")
                   or "\N{SYMBOL FOR ESCAPE}" in (job.user or "") or len(job.user or "") > 60
                   or " " in (job.user or "")
                   for job in seen.jobs.values())  # fmt: skip
        assert any(node.comment for node in seen.nodes.values())


async def test_hostile_names_change_nothing_but_names() -> None:
    plain, hostile = await see(open_source()), await see(open_source(hostile=True))
    assert plain.jobs.keys() == hostile.jobs.keys()
    assert [job.state for job in plain.jobs.values()] == [
        job.state for job in hostile.jobs.values()
    ]
