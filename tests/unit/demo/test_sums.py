"""Every sum of the factory adds up, at any time, for any seed, whatever was done to it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from andon.sdk import JobState, NodeState
from tests.unit.demo.factory import START, Clock, Seen, act, open_source, see

_RUNS = JobState.RUNNING


def check(seen: Seen) -> None:
    running = [job for job in seen.jobs.values() if job.state is _RUNS]
    held_by_job = Counter(place for job in running for place in job.gpu_indexes)
    assert all(count == 1 for count in held_by_job.values()), "two jobs on one accelerator"
    held = {
        f"{accelerator.node}:{accelerator.index}": accelerator
        for accelerator in seen.accelerators.values()
        if accelerator.job is not None
    }
    assert held.keys() == held_by_job.keys()
    for job in running:
        assert len(job.gpu_indexes) == job.gpus
        assert {held[place].job for place in job.gpu_indexes} <= {job.id}
        assert {held[place].tenant for place in job.gpu_indexes} <= {job.tenant}
    for node in seen.nodes.values():
        mine = [place for place in held if place.startswith(f"{node.name}:")]
        assert node.gpus_allocated == len(mine) == len(node.gpu_indexes_allocated)
        assert node.cpus_allocated is not None and node.cpus_total is not None
        assert 0 <= node.cpus_allocated <= node.cpus_total
        on_it = [job for job in running if node.name in job.nodes]
        assert node.cpus_allocated == sum((job.cpus or 0) // len(job.nodes) for job in on_it)
        if node.state in (NodeState.DRAINED, NodeState.IDLE, NodeState.DOWN):
            assert not on_it
        if node.state in (NodeState.MIXED, NodeState.ALLOCATED, NodeState.DRAINING):
            assert on_it
    for tenant in seen.tenants.values():
        own = [job for job in running if job.tenant == tenant.name]
        assert tenant.gpus_used == sum(job.gpus or 0 for job in own)
        assert tenant.jobs_running == len(own)
        assert tenant.gpus_limit is not None and tenant.gpus_used <= tenant.gpus_limit
    for queue in seen.queues.values():
        own = [job for job in seen.jobs.values() if job.queue == queue.name]
        assert queue.jobs_running == sum(job.state is _RUNS for job in own)
        assert queue.jobs_pending == sum(job.count for job in own if job.state.waiting)
        assert queue.gpus_allocated == sum(job.gpus or 0 for job in own if job.state is _RUNS)
        assert queue.gpus_total is not None and queue.gpus_allocated <= queue.gpus_total
    check_reasons(seen)


def check_reasons(seen: Seen) -> None:
    """Each reason why a job waits is true of the factory."""
    nodes = {node.name: node for node in seen.nodes.values()}
    tenants = {tenant.name: tenant for tenant in seen.tenants.values()}
    queues = {queue.name: queue for queue in seen.queues.values()}
    ids = {job.id: job for job in seen.jobs.values()}
    for job in seen.jobs.values():
        reason = job.reason or ""
        if not job.state.waiting:
            continue
        assert reason
        assert (job.state is JobState.HELD) == reason.startswith("JobHeld")
        if reason.startswith("ReqNodeNotAvail, UnavailableNodes:"):
            node = nodes[reason.partition(":")[2]]
            assert node.state in (NodeState.DRAINED, NodeState.DRAINING, NodeState.DOWN)
            assert job.nodes_wanted == (node.name,)
        if reason == "AssocGrpGRES":
            tenant = tenants[job.tenant or ""]
            assert (tenant.gpus_used or 0) + (job.gpus or 0) > (tenant.gpus_limit or 0)
        if reason == "PartitionInactive":
            assert queues[job.queue or ""].backend_state == "INACTIVE"
        if reason == "Dependency":
            assert job.dependency is not None
            before = ids.get(job.dependency.partition(":")[2])
            assert before is None or not before.state.ended or before.ended_at is not None
        if reason == "Licenses":
            assert job.licenses


@pytest.mark.parametrize("seed", [1, 7, 23])
@pytest.mark.parametrize("site", ["par1", "nrt1", "iad1"])
async def test_the_sums_of_a_site_add_up_at_any_time(site: str, seed: int) -> None:
    clock = Clock()
    source = open_source(site, clock, seed=seed)
    for hours in (0, 1, 5, 29, 200, 1_000):
        clock.now = START + hours * 3_571
        check(await see(source))


@pytest.mark.parametrize(("nodes", "jobs"), [(3, 3), (4, 2_000), (300, 10), (60, 400)])
async def test_odd_sizes_add_up_too(nodes: int, jobs: int) -> None:
    total = 0
    for site in ("par1", "nrt1", "iad1"):
        seen = await see(open_source(site, nodes=nodes, jobs=jobs))
        check(seen)
        total += len(seen.nodes)
    assert total == nodes


@pytest.mark.parametrize("site", ["par1", "nrt1", "iad1"])
async def test_the_sums_add_up_after_acts(tmp_path: Path, site: str) -> None:
    clock = Clock()
    source = open_source(site, clock, tmp_path)
    for step in range(40):
        clock.now += 97
        seen = await see(source)
        check(seen)
        running = [job for job in seen.jobs.values() if job.state is _RUNS]
        waiting = [job for job in seen.jobs.values() if job.state is JobState.PENDING]
        held = [job for job in seen.jobs.values() if job.state is JobState.HELD]
        await act("job.requeue", running[step * 7 % len(running)], source)
        await act("job.cancel", running[step * 5 % len(running) - 1], source)
        await act("job.hold", waiting[step * 11 % len(waiting)], source)
        if held and step % 3 == 0:
            await act("job.release", held[step % len(held)], source)
        free = [node for node in seen.nodes.values() if node.state is NodeState.MIXED]
        drained = [
            node
            for node in seen.nodes.values()
            if node.state in (NodeState.DRAINED, NodeState.DRAINING)
        ]
        if free and step % 4 == 0:
            await act("node.drain", free[0], source)
        if drained and step % 5 == 0:
            await act("node.undrain", drained[0], source)


async def test_the_default_factory_is_about_as_large_as_it_says() -> None:
    nodes = jobs = 0
    models = set()
    for site in ("par1", "nrt1", "iad1"):
        seen = await see(open_source(site))
        nodes += len(seen.nodes)
        jobs += sum(not job.state.ended for job in seen.jobs.values())
        models |= {accelerator.model for accelerator in seen.accelerators.values()}
    assert nodes == 96
    assert 800 <= jobs <= 1_000
    assert len(models) == 6
