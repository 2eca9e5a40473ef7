"""Rows of squeue to jobs: identity, state, times, GPUs, and names that mean harm."""

from __future__ import annotations

import pytest

from andon.sdk import JobState, SourceGarbled, clean
from andon_slurm.parse_jobs import job_detail_indexes
from tests.unit.slurm.rows import ARRAY_REST, RUNNING, WAITING, job


def test_a_running_job_has_its_place_times_and_resources() -> None:
    found = job()
    assert found.key == "par1/lab/3"
    assert found.uid == "lab:3::1795436854"
    assert (found.name, found.user, found.tenant) == ("finetune", "news", "ministry")
    assert (found.queue, found.qos, found.priority) == ("h100", "normal", 1)
    assert (found.state, found.backend_state) == (JobState.RUNNING, "RUNNING")
    assert found.reason is None
    assert found.nodes == ("gpu02",)
    assert (found.cpus, found.gpus, found.gpu_model) == (16, 4, "h100")
    assert found.memory_bytes == 16_000 << 20
    assert found.time_limit_seconds == 43_200
    assert (found.started_at, found.ends_at) == (1795436855.0, 1795480055.0)
    assert found.ended_at is found.estimated_start_at is found.exit_code is None


def test_what_slurm_expects_of_a_waiting_job_is_not_said_to_have_happened() -> None:
    found = job(WAITING)
    assert found.state is JobState.PENDING
    assert found.reason == "Resources"
    assert found.estimated_start_at == 1795480054.0
    assert found.started_at is found.ends_at is found.ended_at is None
    assert found.nodes == ()
    assert found.gpus == 4


@pytest.mark.parametrize(
    ("word", "status"), [("768", 3), ("0", 0), ("15", 143), ("9", 137), ("256", 1), ("N/A", None)]
)
def test_an_ended_job_has_an_exit_status_or_the_signal_that_ended_it(
    word: str, status: int | None
) -> None:
    found = job(State="FAILED", Reason="NonZeroExitCode", exit_code=word)
    assert found.exit_code == status
    assert found.ended_at == 1795480055.0
    assert found.ends_at is None
    assert job(exit_code=word).exit_code is None


def test_a_task_of_an_array_has_its_own_id() -> None:
    found = job(JobID="8", ArrayJobID="2", ArrayTaskID="0")
    assert (found.id, found.array_id, found.array_tasks) == ("2_0", "2", None)


def test_the_waiting_rest_of_an_array_keeps_the_arrays_id() -> None:
    before, after = job(ARRAY_REST), job(ARRAY_REST, ArrayTaskID="3-5%2")
    assert (before.id, before.array_id, before.array_tasks) == ("2", "2", "2-5%2")
    assert before.key == after.key
    # The tasks are part of what an act means: when one starts, the rest is another thing.
    assert before.uid != after.uid


def test_the_tasks_of_a_large_array_are_kept_whole() -> None:
    tasks = ",".join(str(task) for task in range(0, 3000, 2))
    assert job(ARRAY_REST, ArrayTaskID=f"{tasks}%5").array_tasks == f"{tasks}%5"
    assert len(job(ARRAY_REST, ArrayTaskID="1," * 9000).array_tasks or "") == 10_000


def test_the_last_waiting_task_of_an_array_is_that_task() -> None:
    assert job(ARRAY_REST, ArrayTaskID="5").id == "2_5"


@pytest.mark.parametrize(
    ("said", "reason"),
    [("JobArrayTaskLimit,None", "JobArrayTaskLimit"), ("None,None", None), ("None", None)],
)
def test_tasks_that_were_not_looked_at_yet_wait_for_no_reason(
    said: str, reason: str | None
) -> None:
    assert job(ARRAY_REST, Reason=said).reason == reason


def test_an_array_that_is_held_in_part_is_not_held() -> None:
    found = job(ARRAY_REST, Reason="JobArrayTaskLimit,JobHeldAdmin", PriorityLong="0")
    assert found.state is JobState.PENDING
    assert found.reason == "JobArrayTaskLimit,JobHeldAdmin"


@pytest.mark.parametrize(
    ("tasks", "called", "count"),
    [
        ("2-5%2", "2_[2-5]", 4),
        ("0-8:2,11", "2_[0-8:2,11]", 6),
        ("3,6,9%1", "2_[3,6,9]", 3),
        ("1-9999", "2_[1-9999]", 9999),
        ("1,4,...%2", "2_[1,4,...]", None),
    ],
)
def test_the_waiting_rest_tells_its_tasks_and_how_many_they_are(
    tasks: str, called: str, count: int | None
) -> None:
    found = job(ARRAY_REST, ArrayTaskID=tasks)
    assert (found.called, found.tasks_count, found.count) == (called, count, count or 1)
    assert found.gpus == 4  # of each task


def test_a_job_is_called_by_its_id_and_is_one() -> None:
    for one in (job(), job(WAITING), job(JobID="8", ArrayJobID="2", ArrayTaskID="0")):
        assert (one.called, one.tasks_count, one.count) == (one.id, None, 1)


def test_the_parts_of_a_heterogeneous_job_are_told_apart() -> None:
    first = job(JobID="26", ArrayJobID="26", HetJobID="26", HetJobOffset="0")
    second = job(JobID="27", ArrayJobID="27", HetJobID="26", HetJobOffset="1")
    assert (first.id, second.id) == ("26+0", "26+1")
    assert first.array_id is second.array_id is None


@pytest.mark.parametrize("raw", ["", "x", "-all", "1 2", "12345678901", "٣", "3\n4", "Welcome\n3"])
def test_a_row_without_a_job_id_is_garbled(raw: str) -> None:
    with pytest.raises(SourceGarbled, match="where a job id belongs"):
        job(JobID=raw)


def test_gpus_come_from_what_was_asked_where_the_site_does_not_count_them() -> None:
    uncounted = {"tres-alloc": "cpu=16,mem=16000M,node=2,billing=16", "NumNodes": "2"}
    found = job(RUNNING | uncounted, tres_per_node="gres:gpu:h100:4")
    assert (found.gpus, found.gpu_model) == (8, "h100")
    assert job(RUNNING | uncounted, tres_per_node="N/A").gpus == 0


def test_the_model_comes_from_what_was_asked_where_only_the_total_is_counted() -> None:
    counted = {"tres-alloc": "cpu=16,node=1,gres/gpu=4"}
    assert job(RUNNING | counted, tres_per_node="gres:gpu:a100:4").gpu_model == "a100"
    assert job(RUNNING | counted).gpu_model is None


def test_a_job_may_be_called_like_slurms_words_for_nothing() -> None:
    assert job(Name="none").name == "none"
    assert job(Name="N/A").name == "N/A"
    assert job(Name="(null)").name is None


HOSTILE = [
    "[@click=app.drain_all]x[/]",
    "[/evil]",
    "\x1b]0;P\x07",
    "\x9b2J",
    "\x1b]52;c;eA==\x07",
    "\u202ertl",
    "two\nlines\r\n",
    "\x00",
    "\udcff\udcfe",
    "x" * 10_000,
    "-all",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("name", "Name"),
        ("comment", "Comment"),
        ("reason", "Reason"),
        ("user", "UserName"),
        ("tenant", "Account"),
        ("queue", "Partition"),
        ("qos", "QOS"),
        ("licenses", "Licenses"),
        ("dependency", "Dependency"),
        ("reservation", "Reservation"),
        ("cluster", "Cluster"),
        ("backend_state", "State"),
    ],
)
def test_no_field_holds_more_than_cleaned_text(name: str, field: str, column: str) -> None:
    found = job(WAITING, **{column: name})
    value = getattr(found, field)
    assert value is None or value == clean(name)
    for text in (found.id, found.uid or "", found.key):
        assert "\n" not in text
        assert "\x1b" not in text


DETAIL = """JobId=3 JobName=finetune
   NodeList=gpu[02-03]
     Nodes=gpu02 CPU_IDs=0-15 Mem=16000 GRES=gpu:h100:2(IDX:0,3)
     Nodes=gpu03 CPU_IDs=0-15 Mem=16000 GRES=gpu:h100:2(IDX:4-5)
"""


def test_a_job_tells_which_gpus_it_holds() -> None:
    found = job(NodeList="gpu[02-03]")
    held = ("gpu02:0", "gpu02:3", "gpu03:4", "gpu03:5")
    assert job_detail_indexes(DETAIL, found) == held


def test_nodes_alike_are_told_in_one_line() -> None:
    output = "     Nodes=gpu[02-03] CPU_IDs=0 Mem=1 GRES=gpu:h100:2(IDX:0-1)\n"
    found = job(NodeList="gpu[02-03]")
    assert job_detail_indexes(output, found) == ("gpu02:0", "gpu02:1", "gpu03:0", "gpu03:1")


def test_a_name_that_imitates_a_detail_line_gets_nothing() -> None:
    line = "\n     Nodes={} CPU_IDs=0 Mem=1 GRES=gpu:h100:4(IDX:4-7)\n"
    found = job(NodeList="gpu[02-03]")
    assert job_detail_indexes(line.format("gpu99") + DETAIL, found)
    assert job_detail_indexes(line.format("gpu02") + DETAIL, found) == ()
