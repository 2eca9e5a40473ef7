"""Whatever is done in whatever order, the factory stays one: sums, reasons and past hold."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from andon.sdk import Job, Source
from tests.unit.demo.factory import START, Clock, Seen, act, draft_of, open_source, see
from tests.unit.demo.test_sums import check

_JOB_VERBS = ("job.cancel", "job.hold", "job.release", "job.requeue")
_NODE_VERBS = ("node.drain", "node.undrain")


async def meddle(source: Source, dice: random.Random, requeued: set[str]) -> None:
    """Do a few random acts, as far as they make sense."""
    for _ in range(dice.randrange(5)):
        seen = await see(source)
        if dice.random() < 0.65:
            verb = dice.choice(_JOB_VERBS)
            job = dice.choice(list(seen.jobs.values()))
            if draft_of(verb, job, source).steps:
                await act(verb, job, source)
                if verb == "job.requeue":
                    requeued.add(job.key)
        else:
            verb, node = dice.choice(_NODE_VERBS), dice.choice(list(seen.nodes.values()))
            if draft_of(verb, node, source).steps:
                await act(verb, node, source)


def check_past(before: dict[str, Job], seen: Seen, requeued: set[str]) -> None:
    """Nothing that was over is otherwise now, and nothing that started has started later."""
    for key, job in seen.jobs.items():
        old = before.get(key)
        if old is None:
            continue
        if old.state.ended:
            assert job == old
        if key not in requeued and old.started_at is not None:
            assert job.started_at == old.started_at


@pytest.mark.parametrize("seed", [6, 32, 38, 152])
async def test_random_acts_leave_one_consistent_factory(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    clock = Clock(START + dice.random() * 1e7)
    site = dice.choice(["par1", "nrt1", "iad1"])
    speed = dice.choice([1.0, 7.0, 60.0])

    def opened() -> Source:
        return open_source(site, clock, tmp_path, seed=seed, nodes=40, jobs=400, speed=speed)

    kept = opened()
    before: dict[str, Job] = {}
    requeued: set[str] = set()
    for _ in range(20):
        clock.now += dice.choice([1, 13, 60, 400, 1_500])
        seen = await see(kept)
        check(seen)
        check_past(before, seen, requeued)
        fresh = await see(opened())
        assert fresh.all == seen.all
        before = dict(seen.jobs)
        await meddle(kept, dice, requeued)
