"""Rows of squeue to jobs. Pure; every text that came from outside is cleaned here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from andon.sdk import Job, SourceGarbled, clean_or_none
from andon_slurm import gres
from andon_slurm.fields import Place, epoch, hosts, limit_seconds, number, text
from andon_slurm.states import job_state

JOB_FIELDS = (
    "JobID",
    "JobArrayID",
    "ArrayJobID",
    "ArrayTaskID",
    "State",
    "ReasonList",
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
    "NumCPUs",
    "tres-alloc",
    "Dependency",
    "Reservation",
    "Licenses",
    "exit_code",
    "Cluster",
    "Comment",
    "Name",
)
_JOB_ID = re.compile(r"\d{1,10}")
_DETAIL = re.compile(r"^     Nodes=(\S+) CPU_IDs=\S* Mem=\d+ GRES=(\S*)$", re.MULTILINE)


def jobs(table: Iterable[Sequence[str]], place: Place) -> list[Job]:
    """Return one record per row of squeue; a job in several partitions is listed once by squeue."""
    return [_job(dict(zip(JOB_FIELDS, row, strict=True)), place) for row in table]


def _job(row: dict[str, str], place: Place) -> Job:
    raw_id = row["JobID"]
    if not _JOB_ID.fullmatch(raw_id):
        raise SourceGarbled(
            f"squeue printed {raw_id!r} where a job id belongs",
            hint="run squeue by hand and compare; a wrapper script must not print to stdout",
        )
    array = text(row["ArrayTaskID"])
    task = array if array and array.isdigit() else None
    array_id = row["ArrayJobID"] if array and _JOB_ID.fullmatch(row["ArrayJobID"]) else None
    # The waiting rest of an array is one record under the array's own id, so that its identity
    # stays while tasks leave it one by one; `array_tasks` says which ones it still stands for.
    job_id = f"{array_id}_{task}" if array_id and task else array_id or raw_id
    tasks = array if array_id and not task else None
    reason = text(row["Reason"])
    state = job_state(row["State"], row["Reason"])
    listed = row["ReasonList"]
    if state.waiting and listed.startswith("(") and listed.endswith(")"):
        reason = text(listed[1:-1]) or reason
    held_gpus = gres.job_gpus(row["tres-alloc"])
    start = epoch(row["StartTime"])
    end = epoch(row["EndTime"])
    cluster = text(row["Cluster"]) or place.cluster
    return Job(
        site=place.site,
        cluster=cluster,
        id=job_id,
        uid=f"{cluster or ''}:{job_id}:{tasks or ''}:{row['SubmitTime']}",
        name=text(row["Name"]),
        user=text(row["UserName"]),
        tenant=text(row["Account"]),
        queue=text(row["Partition"]),
        state=state,
        backend_state=text(row["State"]),
        reason=reason,
        priority=number(row["PriorityLong"]),
        qos=text(row["QOS"]),
        submitted_at=epoch(row["SubmitTime"]),
        eligible_at=epoch(row["EligibleTime"]),
        started_at=None if state.waiting else start,
        estimated_start_at=start if state.waiting else None,
        ended_at=end if state.ended else None,
        ends_at=end if state.active else None,
        time_limit_seconds=limit_seconds(row["TimeLimit"]),
        nodes=hosts(row["NodeList"]),
        nodes_wanted=hosts(row["ReqNodes"]),
        nodes_count=number(row["NumNodes"]),
        cpus=number(row["NumCPUs"]),
        memory_bytes=gres.memory_bytes(gres.tres_value(row["tres-alloc"], "mem")),
        gpus=held_gpus.count,
        gpu_model=clean_or_none(held_gpus.model),
        array_id=array_id,
        array_tasks=tasks,
        dependency=text(row["Dependency"]),
        reservation=text(row["Reservation"]),
        licenses=text(row["Licenses"]),
        comment=text(row["Comment"]),
        exit_code=_exit_code(row["exit_code"]) if state.ended else None,
    )


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
