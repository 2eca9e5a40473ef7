"""Tools in trouble: each kind fails alone, rubbish is never data, memory stays bounded."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from andon.sdk import (
    Batch,
    Job,
    JobState,
    Kind,
    Node,
    Source,
    SourceDenied,
    SourceGarbled,
    SourceTimeout,
    SourceTooLarge,
    SourceUnreachable,
    Target,
)
from andon_slurm.cluster import own_user
from tests.contract.slurm_tools import FakeSlurm
from tests.lab.slurm import wait_until

ALL = frozenset({Kind.JOB, Kind.NODE, Kind.ACCELERATOR, Kind.QUEUE, Kind.TENANT})
DEADLINE_S = 4.0
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def slurm(tmp_path: Path) -> FakeSlurm:
    return FakeSlurm(tmp_path)


async def poll(slurm: FakeSlurm, kinds: frozenset[Kind] = ALL) -> Batch:
    return await slurm.open().poll(kinds, DEADLINE_S)


def notes(batch: Batch) -> dict[Kind, str]:
    return {part.kind: part.note for part in batch.coverage}


async def test_a_recorded_cluster_is_reported_whole(slurm: FakeSlurm) -> None:
    batch = await poll(slurm)
    assert batch.whole == ALL
    assert batch.coverage == ()
    assert (batch.identity, batch.version) == (f"{own_user()} (Administrator)", "22.05.8")
    names = {node.name for node in batch.records if isinstance(node, Node)}
    assert names == {"gpu01", "gpu02", "gpu03", "gpu04", "cpu01", "cpu02", "cpu03", "cpu04"}


async def test_hostile_names_are_jobs_like_any_other(slurm: FakeSlurm) -> None:
    batch = await poll(slurm, frozenset({Kind.JOB}))
    names = {job.name for job in batch.records if isinstance(job, Job)}
    assert {"[/evil]", "-all", "␛]0;title␇␛[31m", "two␊lines␍and␉a|tab", "���31m"} <= names
    assert all("\x1b" not in (name or "") for name in names)


@pytest.mark.parametrize("trouble", ["missing", "refused", "garbled", "hanging"])
async def test_a_dead_accounting_database_does_not_take_the_queue_with_it(
    slurm: FakeSlurm, trouble: str
) -> None:
    if trouble == "missing":
        slurm.remove("sacctmgr")
    elif trouble == "refused":
        slurm.says("sacctmgr: error: Sending PersistInit msg: Connection refused", "sacctmgr")
    else:
        body = "echo hello" if trouble == "garbled" else "exec sleep 600"
        slurm.script("sacctmgr", f"#!/bin/sh\n{body}\n")
    began = time.monotonic()
    batch = await poll(slurm)
    assert time.monotonic() - began < DEADLINE_S
    assert batch.whole == ALL - {Kind.TENANT}
    assert notes(batch)[Kind.TENANT].startswith("not read: ")
    assert any(part.reported < part.expected for part in batch.coverage)
    with pytest.raises((SourceUnreachable, SourceGarbled, SourceTimeout)):
        await poll(slurm, frozenset({Kind.TENANT}))


async def test_our_right_is_learnt_when_the_database_answers_again(slurm: FakeSlurm) -> None:
    tool = Path(slurm.environ["PATH"].partition(":")[0]) / "sacctmgr"
    sound = tool.read_text()
    slurm.says("sacctmgr: error: Sending PersistInit msg: Connection refused", "sacctmgr")
    source = slurm.open()
    assert (await source.poll(ALL, DEADLINE_S)).identity == own_user()
    slurm.script("sacctmgr", sound)
    assert (await source.poll(ALL, DEADLINE_S)).identity == f"{own_user()} (Administrator)"


async def test_a_cluster_without_accounting_is_not_partial(slurm: FakeSlurm) -> None:
    slurm.says(" You are not running a supported accounting_storage plugin\n", "sacctmgr")
    batch = await poll(slurm)
    assert Kind.TENANT not in batch.whole
    assert all(part.reported == part.expected for part in batch.coverage)


async def test_a_dead_sinfo_leaves_the_jobs(slurm: FakeSlurm) -> None:
    slurm.says("slurm_load_partitions: Access/permission denied", "sinfo")
    batch = await poll(slurm)
    assert batch.whole == {Kind.JOB, Kind.TENANT}
    assert set(notes(batch)) == {Kind.NODE, Kind.ACCELERATOR, Kind.QUEUE}
    with pytest.raises(SourceDenied):
        await poll(slurm, frozenset({Kind.NODE, Kind.QUEUE}))


async def test_a_garbled_queue_leaves_the_nodes(slurm: FakeSlurm) -> None:
    slurm.script("squeue", "#!/bin/sh\necho Welcome to the cluster\n")
    batch = await poll(slurm)
    assert batch.whole == {Kind.NODE, Kind.QUEUE}
    with pytest.raises(SourceGarbled, match="or printed something else"):
        await poll(slurm, frozenset({Kind.JOB}))


@pytest.mark.parametrize(
    ("tool", "kinds"),
    [("squeue", {Kind.JOB}), ("sinfo", {Kind.NODE}), ("sinfo", {Kind.QUEUE})],
)
async def test_an_answer_that_got_lost_is_not_believed(
    slurm: FakeSlurm, tool: str, kinds: set[Kind]
) -> None:
    slurm.script(tool, "#!/bin/sh\nexit 0\n")
    with pytest.raises(SourceGarbled, match=f"{tool} printed nothing, not even its header"):
        await poll(slurm, frozenset(kinds))
    assert not kinds & (await poll(slurm)).whole


@pytest.mark.parametrize("banner", ["echo Welcome;", "echo; echo Welcome;"])
async def test_a_banner_before_the_answer_is_no_row(slurm: FakeSlurm, banner: str) -> None:
    for tool in ("squeue", "sinfo"):
        text = (Path(slurm.environ["SENT"]).parent / "bin" / tool).read_text()
        slurm.script(tool, text.replace("tool=${", f"{banner}\ntool=${{"))
    for kind in (Kind.JOB, Kind.NODE, Kind.QUEUE):
        with pytest.raises(SourceGarbled):
            await poll(slurm, frozenset({kind}))


async def test_a_missing_tool_is_named(slurm: FakeSlurm) -> None:
    slurm.remove("squeue")
    with pytest.raises(SourceUnreachable, match="squeue cannot be started") as told:
        await poll(slurm, frozenset({Kind.JOB}))
    assert told.value.hint.endswith("is the folder that has squeue")


def test_a_hanging_tool_ends_with_its_deadline_and_is_killed(
    slurm: FakeSlurm, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    slurm.script("squeue", f"#!/bin/sh\necho $$ > {pid_file}\nexec sleep 600\n")
    began = time.monotonic()
    with pytest.raises(SourceTimeout):
        asyncio.run(slurm.open().poll(frozenset({Kind.JOB}), 1.0))
    assert time.monotonic() - began < 1.1 + 0.5
    tool = Path("/proc", pid_file.read_text().strip())
    wait_until(lambda: not tool.exists(), 5.0, "the tool to be killed")


ENDLESS = """
import asyncio, resource, sys
from pathlib import Path
from andon.sdk import Kind, SourceTooLarge
from tests.contract.slurm_tools import FakeSlurm

slurm = FakeSlurm(Path(sys.argv[1]))
slurm.script("squeue", "#!/bin/sh\\nexec " + sys.argv[2] + "\\n")
source = slurm.open({"output_limit_mib": 64})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    asyncio.run(source.poll(frozenset({Kind.JOB}), 30.0))
except Exception as error:
    print(type(error).__name__, error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    ("command", "error"),
    [("cat /dev/zero", "SourceTooLarge"), ("head -c 60M /dev/zero", "SourceGarbled")],
)
def test_much_rubbish_is_refused_within_bounded_memory(
    tmp_path: Path, command: str, error: str
) -> None:
    argv = [sys.executable, "-c", ENDLESS, str(tmp_path), command]
    done = subprocess.run(
        argv, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60
    )
    told, grown_kib = done.stdout.strip().splitlines()
    assert told.startswith(error)
    assert int(grown_kib) < 200 << 10


async def test_an_endless_tool_leaves_the_other_kinds(slurm: FakeSlurm) -> None:
    slurm.script("squeue", "#!/bin/sh\nexec cat /dev/zero\n")
    source = slurm.open({"output_limit_mib": 1})
    batch = await source.poll(ALL, DEADLINE_S)
    assert batch.whole == {Kind.NODE, Kind.QUEUE}
    with pytest.raises(SourceTooLarge):
        await source.poll(frozenset({Kind.JOB}), DEADLINE_S)


async def reread(source: Source, kind: Kind, name: str, key: str) -> Batch:
    target = Target(kind=kind, key=key, name=name, site="par1", source=source.name)
    return await source.reread([target], DEADLINE_S)


async def test_a_job_that_slurm_forgot_is_gone(slurm: FakeSlurm) -> None:
    slurm.says("slurm_load_jobs error: Invalid job id specified\n", "squeue")
    batch = await reread(slurm.open(), Kind.JOB, "99", "par1/lab/99")
    assert batch.removed == ((Kind.JOB, "par1/lab/99"),)


async def test_a_controller_in_trouble_does_not_make_a_job_gone(slurm: FakeSlurm) -> None:
    slurm.says("slurm_load_jobs error: Unable to contact slurm controller\n", "squeue")
    with pytest.raises(SourceUnreachable):
        await reread(slurm.open(), Kind.JOB, "99", "par1/lab/99")


async def test_a_task_is_found_among_those_that_wait(slurm: FakeSlurm) -> None:
    batch = await reread(slurm.open(), Kind.JOB, "2_3", "par1/lab/2_3")
    (job,) = batch.records
    assert isinstance(job, Job)
    assert (job.id, job.state.waiting, batch.removed) == ("2_3", True, ())
    assert (job.array_id, job.array_tasks, job.uid) == ("2", None, "lab:2_3::1795439486")


@pytest.mark.parametrize(("task", "held"), [("33_2", False), ("33_8", True)])
async def test_a_waiting_task_has_its_own_state_where_others_are_held(
    slurm: FakeSlurm, task: str, held: bool
) -> None:
    batch = await reread(slurm.open(), Kind.JOB, task, f"par1/lab/{task}")
    (job,) = batch.records
    assert isinstance(job, Job)
    assert (job.state is JobState.HELD) == held


async def test_the_waiting_rest_of_an_array_is_read_by_its_name(slurm: FakeSlurm) -> None:
    batch = await reread(slurm.open(), Kind.JOB, "2_[2-5]", "par1/lab/2")
    (job,) = batch.records
    assert isinstance(job, Job)
    assert (job.called, job.count) == ("2_[2-5]", 4)


@pytest.mark.parametrize("name", ["-all", "3; reboot", "$(x)", "3_[0-9]", "../x", "--help"])
async def test_a_name_that_is_none_never_reaches_a_tool(slurm: FakeSlurm, name: str) -> None:
    source = slurm.open()
    await source.poll(ALL, DEADLINE_S)
    slurm.everywhere(f'printf "%s\\n" "$@" >> {slurm.environ["SENT"]}')
    for kind in (Kind.JOB, Kind.QUEUE):
        target = Target(kind=kind, key=f"par1/lab/{name}", name=name, site="par1", source="x")
        with contextlib.suppress(SourceGarbled):
            await source.raw(target, DEADLINE_S)
    assert name not in [word for call in slurm.sent() for word in call]


async def test_raw_shows_the_very_thing(slurm: FakeSlurm) -> None:
    source = slurm.open()
    job = Target(kind=Kind.JOB, key="par1/lab/3", name="3", site="par1", source="x")
    assert "JobId=3 JobName=finetune" in await source.raw(job, DEADLINE_S)
    node = Target(kind=Kind.NODE, key="par1/gpu01", name="gpu01", site="par1", source="x")
    assert "show node gpu01" in await source.raw(node, DEADLINE_S)
    queue = Target(kind=Kind.QUEUE, key="par1/lab/cpu", name="cpu", site="par1", source="x")
    assert "show partition cpu" in await source.raw(queue, DEADLINE_S)
