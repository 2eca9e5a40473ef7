"""Rows of squeue to jobs. Pure; every text that came from outside is cleaned here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from andon.sdk import Job, JobState, SourceGarbled, clean, clean_or_none, tasks_in
from andon_slurm import gres
from andon_slurm.fields import Place, epoch, hosts, limit_seconds, number, text
from andon_slurm.gres import Gpus
from andon_slurm.states import job_state

JOB_FIELDS = (
    "JobID",
    "ArrayJobID",
    "ArrayTaskID",
    "HetJobID",
    "HetJobOffset",
    "State",
    "Reason",
    "UserName",
    "Account",
    "Partition",
    "QOS",
    "PriorityLong",
    "SubmitTime",
    "EligibleTime",
    "StartTime",
    "EndTime",
    "TimeLimit",
    "NodeList",
    "ReqNodes",
    "NumNodes",
    "NumTasks",
    "NumCPUs",
    "tres-alloc",
    "tres-per-job",
    "tres-per-node",
    "tres-per-socket",
    "tres-per-task",
    "Dependency",
    "Reservation",
    "Licenses",
    "exit_code",
    "Cluster",
    "Comment",
    "Name",
)
TASKS_LIMIT = 10_000
"""Characters of a task expression; a longer one is cut and cannot be acted on."""
_PHASES = {state: (state.waiting, state.active, state.ended) for state in JobState}
_DETAIL = re.compile(r"^     Nodes=(\S+) CPU_IDs=\S* Mem=\d+ GRES=(\S*)$", re.MULTILINE)


def jobs(table: Iterable[Sequence[str]], place: Place) -> list[Job]:
    """Return one record per row of squeue, which lists a job of several partitions once.

    Raises:
        SourceGarbled: a row has no job id.
    """
    read = _Reader()
    return [_job(_Row(*row), place, read) for row in table]


class _Reader:
    """Readers that remember: of 100,000 jobs most share their nodes, limits and resources."""

    def __init__(self) -> None:
        self.number: Callable[[str], int | None] = cache(number)
        self.text: Callable[[str], str | None] = cache(text)
        self.hosts: Callable[[str], tuple[str, ...]] = cache(hosts)
        self.limit: Callable[[str], int | None] = cache(limit_seconds)
        self.memory: Callable[[str], int | None] = cache(_memory)
        self.gpus: Callable[[str, tuple[str, str, str, str], str, str], Gpus] = cache(_gpus)


class _Row(NamedTuple):
    """One row of squeue, in the order of `JOB_FIELDS`."""

    raw_id: str
    array: str
    task: str
    het: str
    het_offset: str
    state_word: str
    reason: str
    user: str
    account: str
    partition: str
    qos: str
    priority: str
    submitted: str
    eligible: str
    started: str
    ended: str
    limit: str
    node_list: str
    nodes_wanted: str
    nodes_count: str
    tasks_count: str
    cpus: str
    tres: str
    per_job: str
    per_node: str
    per_socket: str
    per_task: str
    dependency: str
    reservation: str
    licenses: str
    exit_code: str
    cluster_name: str
    comment: str
    name: str


def _job(row: _Row, place: Place, read: _Reader) -> Job:
    job_id, array_id, tasks = _identity(row.raw_id, row.array, row.task, row.het, row.het_offset)
    state = job_state(row.state_word, row.reason, None if tasks else number(row.priority))
    waiting, active, over = _PHASES[state]
    start, end = epoch(row.started), epoch(row.ended)
    cluster = read.text(row.cluster_name) or place.cluster
    gpus = read.gpus(
        row.tres,
        (row.per_job, row.per_node, row.per_socket, row.per_task),
        row.nodes_count,
        row.tasks_count,
    )
    return Job(
        site=place.site,
        cluster=cluster,
        id=job_id,
        uid=f"{cluster or ''}:{job_id}:{tasks or ''}:{number(row.submitted) or ''}",
        name=None if row.name == "(null)" else clean_or_none(row.name),
        user=read.text(row.user),
        tenant=read.text(row.account),
        queue=read.text(row.partition),
        state=state,
        backend_state=read.text(row.state_word),
        reason=read.text(_reasons(row.reason) if tasks else row.reason),
        priority=number(row.priority),
        qos=read.text(row.qos),
        submitted_at=epoch(row.submitted),
        eligible_at=epoch(row.eligible),
        started_at=None if waiting else start,
        estimated_start_at=start if waiting else None,
        ended_at=end if over else None,
        ends_at=end if active else None,
        time_limit_seconds=read.limit(row.limit),
        nodes=read.hosts(row.node_list),
        nodes_wanted=read.hosts(row.nodes_wanted),
        nodes_count=read.number(row.nodes_count),
        cpus=read.number(row.cpus),
        memory_bytes=read.memory(row.tres),
        gpus=gpus.count,
        gpu_model=gpus.model,
        array_id=array_id,
        array_tasks=tasks,
        tasks_count=_tasks_count(row.task) if tasks else None,
        dependency=text(row.dependency),
        reservation=read.text(row.reservation),
        licenses=read.text(row.licenses),
        comment=None if row.comment == "(null)" else clean_or_none(row.comment),
        exit_code=_exit_code(row.exit_code) if over else None,
    )


def _identity(
    raw_id: str, array: str, task: str, het: str, het_offset: str
) -> tuple[str, str | None, str | None]:
    """Return the id people type, the array's id and the tasks that one record stands for.

    The waiting rest of an array is one record under the array's own id, so that its key stays
    while tasks leave it one by one. The parts of a heterogeneous job are `12+0`, `12+1`.
    """
    if not _is_id(raw_id):
        raise SourceGarbled(
            f"squeue printed {raw_id[:40]!r} where a job id belongs",
            hint="run squeue by hand and compare; a wrapper script must not print to stdout",
        )
    if _is_id(het) and _is_id(het_offset):
        return f"{het}+{het_offset}", None, None
    if not _is_id(array) or task in ("N/A", ""):
        return raw_id, None, None
    if _is_id(task):
        return f"{array}_{task}", array, None
    # Whole, however long a cell may be: an act on the rest names these tasks.
    return array, array, clean(task, limit=TASKS_LIMIT)


def _reasons(joined: str) -> str:
    """Return the reasons of several tasks without that of those that were not looked at yet."""
    return ",".join(reason for reason in joined.split(",") if reason != "None")


def _tasks_count(expression: str) -> int | None:
    found = tasks_in(expression)
    return len(found) if found is not None else None


def _is_id(field: str) -> bool:
    return field.isascii() and field.isdigit() and len(field) <= 10


def _memory(tres: str) -> int | None:
    return gres.memory_bytes(gres.tres_value(tres, "mem"))


def _gpus(tres: str, asked: tuple[str, str, str, str], nodes: str, tasks: str) -> Gpus:
    """Return the GPUs a job holds or asks for.

    The job's TRES say so only where the site counts `gres/gpu` (AccountingStorageTRES); elsewhere
    what was asked for tells.
    """
    per_job, per_node, per_socket, per_task = asked
    counted = gres.job_gpus(tres)
    if counted.count == 0:
        counted = gres.gpus_asked(
            per_job=per_job,
            per_node=per_node,
            per_socket=per_socket,
            per_task=per_task,
            nodes=number(nodes),
            tasks=number(tasks),
        )
    elif counted.model is None:
        counted = Gpus(counted.count, next(filter(None, map(gres.model_asked, asked)), None))
    return Gpus(counted.count, clean_or_none(counted.model))


def _exit_code(field: str) -> int | None:
    """Return the exit status of a wait(2) word, or 128 plus the signal that ended it."""
    word = number(field)
    if word is None:
        return None
    return word >> 8 if word & 0x7F == 0 else 128 + (word & 0x7F)


def job_detail_indexes(output: str, job: Job) -> tuple[str, ...]:
    """Return `node:index` for each GPU of one job from `scontrol show job -d ID`.

    A job's name stands in the same text and may imitate these lines: nodes the job does not hold
    are dropped, and the caller compares the rest with what the nodes say.
    """
    own = set(job.nodes)
    found: list[str] = []
    for node_list, text_of_gres in _DETAIL.findall(output):
        here = gres.gpus(text_of_gres).indexes
        found += [f"{name}:{index}" for name in hosts(node_list) if name in own for index in here]
    return tuple(dict.fromkeys(found)) if len(set(found)) == (job.gpus or 0) else ()
