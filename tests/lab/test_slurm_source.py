"""The source reads a real Slurm: what it reports is what Slurm's own tools say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

import andon_slurm
from andon.sdk import (
    Accelerator,
    AcceleratorState,
    Batch,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Queue,
    Source,
    SourceSettings,
    Target,
    Tenant,
    clean,
)
from tests.lab.slurm import SlurmLab, seed, services, wait_until
from tests.lab.slurm.config import NODES, PARTITIONS

T = TypeVar("T")
ALL = frozenset({Kind.JOB, Kind.NODE, Kind.ACCELERATOR, Kind.QUEUE, Kind.TENANT})
DEADLINE_S = 20.0


def open_source(lab: SlurmLab, **options: object) -> Source:
    settings = SourceSettings(name="slurm@lab", site="lab", options=options, environ=lab.env())
    return andon_slurm.plugin.open(settings)


async def polled(lab: SlurmLab, *kinds: Kind) -> Batch:
    return await open_source(lab).poll(frozenset(kinds) or ALL, DEADLINE_S)


def of(batch: Batch, kind: type[T]) -> list[T]:
    return [record for record in batch.records if isinstance(record, kind)]


async def test_every_kind_is_reported_with_who_we_are(slurm_lab: SlurmLab) -> None:
    batch = await polled(slurm_lab)
    assert batch.whole == ALL
    assert batch.coverage == ()
    assert batch.identity == "root (Administrator)"
    assert batch.version == slurm_lab.run("scontrol", "--version").stdout.split()[1]
    assert {record.site for record in batch.records} == {"lab"}


async def test_jobs_are_those_of_squeue(slurm_lab: SlurmLab) -> None:
    found = {job.id: job for job in of(await polled(slurm_lab, Kind.JOB), Job)}
    # %i may hold anything but the separator; names are compared elsewhere.
    shown = slurm_lab.run("squeue", "-h", "-t", "all", "-o", "%i|%T|%u|%a|%P|%q|%D|%C|%N")
    rows = [line.split("|") for line in shown.stdout.splitlines()]
    assert len(rows) == len(found)
    for job_id, state, user, account, partition, qos, nodes_count, cpus, nodes in rows:
        job = found[re.sub(r"_\[.*", "", job_id)]
        assert (job.backend_state, job.user, job.tenant) == (state, user, account)
        assert (job.queue, job.qos, job.cluster) == (partition, qos, "lab")
        assert (str(job.nodes_count), str(job.cpus)) == (nodes_count, cpus)
        assert job.nodes == tuple(filter(None, nodes.split(",")))


async def test_jobs_wait_for_the_reasons_they_were_made_for(slurm_lab: SlurmLab) -> None:
    found = {job.id: job for job in of(await polled(slurm_lab, Kind.JOB), Job)}
    for spec in seed.PENDING:
        job = found[str(slurm_lab.jobs[spec.name])]
        assert job.name == spec.name
        assert (job.reason or "").partition(",")[0] == spec.reason
        held = spec.reason.startswith("JobHeld")
        assert job.state is (JobState.HELD if held else JobState.PENDING)
        assert job.gpus == spec.gpus * (job.nodes_count or 1)
        assert job.nodes == ()
    rest = found[str(slurm_lab.jobs["embed"])]
    assert (rest.array_tasks, rest.reason) == ("2-5%2", "JobArrayTaskLimit")


async def test_nodes_are_those_of_scontrol(slurm_lab: SlurmLab) -> None:
    found = {node.name: node for node in of(await polled(slurm_lab, Kind.NODE), Node)}
    assert set(found) == {spec.name for spec in NODES}
    for spec in NODES:
        node = found[spec.name]
        said = slurm_lab.node_state(spec.name)
        assert set((node.backend_state or "").split("+")) == set(said.split("+"))
        assert (node.cpus_total, node.gpus_total) == (spec.cpus, spec.gpus)
        assert node.memory_total_bytes == spec.memory_mib << 20
        assert str(node.cpus_allocated) == slurm_lab.node_field(spec.name, "CPUAlloc")
        inside = {one.name for one in PARTITIONS if spec.name in _members(slurm_lab, one.name)}
        assert set(node.queues) == inside
    assert found[seed.DOWN_NODE].state is NodeState.DOWN
    drained = found[seed.DRAINED_NODE]
    assert drained.state is NodeState.DRAINED
    assert (drained.reason, drained.reason_by) == (seed.DRAIN_REASON, "root")
    assert drained.reason_at is not None


async def test_a_node_in_no_partition_is_reported(slurm_lab: SlurmLab) -> None:
    alter = ("scontrol", "update", "partitionname=cpu")
    slurm_lab.run(*alter, "nodes=cpu01,cpu03,cpu04")
    try:
        listed = slurm_lab.run("sinfo", "-hN", "-o", "%N").stdout.split()
        found = {node.name: node for node in of(await polled(slurm_lab, Kind.NODE), Node)}
    finally:
        slurm_lab.run(*alter, "nodes=cpu[01-04]")
    assert seed.DRAINED_NODE not in listed
    node = found[seed.DRAINED_NODE]
    assert (node.state, node.queues) == (NodeState.DRAINED, ())
    assert (node.reason, node.reason_by) == (seed.DRAIN_REASON, "root")


async def test_gpus_have_the_indexes_and_holders_that_slurm_says(slurm_lab: SlurmLab) -> None:
    batch = await polled(slurm_lab)
    gpus = {(gpu.node, gpu.index): gpu for gpu in of(batch, Accelerator)}
    assert len(gpus) == sum(spec.gpus for spec in NODES)
    held: dict[tuple[str, int], str] = {}
    for job in of(batch, Job):
        if not (job.state.active and job.gpus):
            continue
        shown = slurm_lab.run("scontrol", "-d", "show", "job", job.id).stdout
        for node, indexes in re.findall(r"Nodes=(\S+) .*GRES=\S*\(IDX:([\d,-]+)\)", shown):
            held |= {(node, index): job.id for index in _indexes(indexes)}
    assert len(held) == 19
    assert {place: gpu.job for place, gpu in gpus.items() if gpu.job} == held
    allocated = {p for p, gpu in gpus.items() if gpu.state is AcceleratorState.ALLOCATED}
    assert allocated == set(held)
    tenants = {job.id: job.tenant for job in of(batch, Job)}
    for place, job_id in held.items():
        assert gpus[place].tenant == tenants[job_id]
    for job in of(batch, Job):
        mine = {f"{node}:{index}" for (node, index), owner in held.items() if owner == job.id}
        assert set(job.gpu_indexes) == mine


async def test_partitions_and_tenants_are_those_of_slurm(slurm_lab: SlurmLab) -> None:
    batch = await polled(slurm_lab)
    queues = {queue.name: queue for queue in of(batch, Queue)}
    assert set(queues) == {spec.name for spec in PARTITIONS}
    for spec in PARTITIONS:
        queue = queues[spec.name]
        assert queue.is_default is spec.default
        assert set(queue.nodes) == _members(slurm_lab, spec.name)
        gpus = sum(node.gpus for node in NODES if node.name in queue.nodes)
        assert (queue.gpus_total, queue.nodes_total) == (gpus, len(queue.nodes))
    tenants = {tenant.name: tenant for tenant in of(batch, Tenant)}
    assert set(tenants) == {"root", *(tenant.account for tenant in seed.TENANTS)}
    jobs = [job for job in of(batch, Job) if job.state.active]
    for spec_tenant in seed.TENANTS:
        tenant = tenants[spec_tenant.account]
        assert (tenant.gpus_limit, tenant.parent) == (spec_tenant.gpus, "root")
        assert set(tenant.users) == set(spec_tenant.users)
        used = sum(job.gpus or 0 for job in jobs if job.tenant == spec_tenant.account)
        assert tenant.gpus_used == used
    assert tenants["root"].gpus_used == sum(job.gpus or 0 for job in jobs) == 19


async def test_raw_is_what_scontrol_shows_with_times_for_people(slurm_lab: SlurmLab) -> None:
    source = open_source(slurm_lab)
    job = str(slurm_lab.jobs["finetune"])
    shown = await source.raw(target(Kind.JOB, job), DEADLINE_S)
    assert f"JobId={job} JobName=finetune" in shown
    assert re.search(r"SubmitTime=\d{4}-\d\d-\d\dT", shown)
    assert "GRES=gpu:h100:4(IDX:" in shown
    assert "NodeName=gpu01" in await source.raw(target(Kind.NODE, "gpu01"), DEADLINE_S)
    assert "PartitionName=cpu" in await source.raw(target(Kind.QUEUE, "cpu"), DEADLINE_S)
    assert '"gpus_limit": 40' in await source.raw(target(Kind.TENANT, "bank"), DEADLINE_S)


async def test_what_is_gone_is_told_and_what_is_there_is_reread(slurm_lab: SlurmLab) -> None:
    source = open_source(slurm_lab)
    job, node = target(Kind.JOB, str(slurm_lab.jobs["etl"])), target(Kind.NODE, "gpu04")
    no_job, no_node = target(Kind.JOB, "999999"), target(Kind.NODE, "nope")
    both = await source.reread([job, node, no_job, no_node], DEADLINE_S)
    assert {record.key for record in both.records} == {job.key, node.key}
    assert set(both.removed) == {(Kind.JOB, no_job.key), (Kind.NODE, no_node.key)}
    alone = await source.reread([no_job], DEADLINE_S)
    assert alone.removed == ((Kind.JOB, no_job.key),)


HOSTILE = [
    b"\x1b]0;title\x07\x1b[31m",
    b"two\nlines\rand\ta|tab",
    b"[@click=app.drain_all]x[/]",
    b"[/evil]",
    b"\xff\xfe\x9b31m",
    "\u202eright to left".encode(),
    b"<abcdefgh>ijklmnop <field> >row\n99999<",
    b"$(reboot); `reboot` & | > /x",
    b"-all",
    b"x" * 1023,
]


@pytest.fixture(scope="module")
def hostile_jobs(slurm_lab: SlurmLab) -> Iterator[dict[str, bytes]]:
    jobs = {
        str(slurm_lab.submit(name, options=["--hold", b"--comment=" + name])): name
        for name in HOSTILE
    }
    try:
        yield jobs
    finally:
        slurm_lab.run("scancel", *jobs)


async def test_hostile_names_arrive_cleaned_and_nothing_else_changes(
    slurm_lab: SlurmLab, hostile_jobs: dict[str, bytes]
) -> None:
    found = {job.id: job for job in of(await polled(slurm_lab), Job)}
    for job_id, name in hostile_jobs.items():
        expected = clean(name.decode("utf-8", "surrogateescape"))
        job = found[job_id]
        assert (job.name, job.comment) == (expected, expected)
        assert (job.user, job.state) == (seed.DEFAULT_USER, JobState.HELD)
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", job.name or "")


async def test_a_slurmdbd_that_is_down_takes_only_the_tenants(slurm_lab: SlurmLab) -> None:
    slurm_lab.daemons.stop("slurmdbd")
    try:
        batch = await polled(slurm_lab)
    finally:
        services.start_accounting(slurm_lab.layout, slurm_lab.daemons)
    assert batch.whole == ALL - {Kind.TENANT}
    (gap,) = batch.coverage
    assert (gap.kind, gap.reported < gap.expected) == (Kind.TENANT, True)
    assert "Connection refused" in gap.note
    assert batch.identity == "root"


async def test_a_controller_that_hangs_or_comes_back_is_no_empty_cluster(
    slurm_lab: SlurmLab,
) -> None:
    source = open_source(slurm_lab)
    with slurm_lab.suspend_controller(), pytest.raises(Exception, match="did not answer"):
        await source.poll(ALL, 1.0)
    batch = await source.poll(ALL, DEADLINE_S)
    assert batch.whole == ALL
    assert len(of(batch, Node)) == len(NODES)


async def test_what_the_operator_set_for_squeue_narrows_nothing(
    slurm_lab: SlurmLab, tmp_path: Path
) -> None:
    environ = slurm_lab.env() | {
        "SQUEUE_PARTITION": "a100",
        "SQUEUE_FORMAT": "%i",
        "SINFO_PARTITION": "a100",
        "SLURM_CLUSTERS": "lab",
        "SLURM_BITSTR_LEN": "8",
    }
    settings = SourceSettings(name="slurm@lab", site="lab", environ=environ)
    narrowed = await andon_slurm.plugin.open(settings).poll(ALL, DEADLINE_S)
    plain = await polled(slurm_lab)
    assert {record.key for record in narrowed.records} == {record.key for record in plain.records}


async def test_tasks_of_a_large_array_are_all_named(slurm_lab: SlurmLab) -> None:
    job = slurm_lab.submit("sweep", options=["--hold", "--array=0-300:2,401,403-433%2"])
    try:
        wait_until(lambda: slurm_lab.job_state(job) == "PENDING", 20, "the array to be listed")
        found = {one.id: one for one in of(await polled(slurm_lab, Kind.JOB), Job)}
    finally:
        slurm_lab.run("scancel", str(job))
    tasks = found[str(job)].array_tasks or ""
    assert "..." not in tasks
    assert tasks.endswith("401,403-433%2")


def target(kind: Kind, name: str) -> Target:
    key = f"lab/{name}" if kind is Kind.NODE else f"lab/lab/{name}"
    return Target(kind=kind, key=key, name=name, site="lab", source="slurm@lab")


def _members(lab: SlurmLab, partition: str) -> set[str]:
    return set(lab.run("sinfo", "-hN", "-p", partition, "-o", "%N").stdout.split())


def _indexes(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        found += range(int(low), int(high or low) + 1)
    return found
