"""Queues that stand still, jobs that wait too long or can never start."""

from __future__ import annotations

from collections import Counter

from andon.analysis.joins import Joins
from andon.analysis.reasons import reason_code, reason_words
from andon.analysis.tally import JobCell, job_ledger
from andon.analysis.trouble.problem import SHOWN, Problem
from andon.analysis.trouble.told import Told
from andon.analysis.watch import oldest_waiting, waiting_since
from andon.analysis.words import DAY, clock_text, duration_text, plural, sentence, several
from andon.model import Kind, QueueState, Severity

LONG_SECONDS = DAY
"""A job that could have started longer ago than this waits long."""
LONGEST_SHOWN = 5
NEVER = {
    "DependencyNeverSatisfied": "their dependency can no longer come true",
    "BadConstraints": "no node can ever fit them",
    "ReservationDeleted": "their reservation is gone",
    "ReservationInvalid": "their reservation cannot be used",
    "InvalidAccount": "their account does not exist",
    "InvalidQOS": "their QOS does not exist",
    "JobHoldMaxRequeue": "they were requeued too often and are held",
}
"""Reasons that do not go away by waiting."""


def queue_problems(joins: Joins, now: float, told: Told) -> list[Problem]:
    """Return the queues that start no work although jobs wait in them, and no incident says so."""
    problems = []
    for queue in joins.queues.values():
        if queue.state not in (QueueState.STOPPED, QueueState.CLOSED):
            continue
        waiting = joins.jobs_of_queue(queue.key).pending or queue.jobs_pending or 0
        if not waiting or told.tells_standstill(queue):
            continue
        held = list(joins.waiting_in(queue.site, queue.cluster, queue.name))
        tenants = sorted({job.tenant for job in held if job.tenant})
        gpus = sum((job.gpus or 0) * job.count for job in held)
        oldest = min((since for job in held if (since := waiting_since(job))), default=None)
        detail = sentence(
            [
                f"the oldest since {clock_text(oldest, now)}" if oldest else "",
                f"they ask for {plural(gpus, 'GPU')}" if gpus else "",
                f"of {several(tenants, SHOWN)}" if tenants else "",
            ]
        )
        problems.append(
            Problem(
                severity=Severity.WARNING,
                site=queue.site,
                title=f"Queue {queue.name} is {queue.state.value} with {plural(waiting, 'job')}"
                " waiting",
                detail=detail,
                kind=Kind.QUEUE,
                key=queue.key,
                since=None,
                gpus=gpus,
                jobs=tuple(job.id for job in held),
                tenants=tuple(tenants),
            )
        )
    return problems


def hopeless_problems(joins: Joins) -> list[Problem]:
    """Return, for each site and reason, the jobs that can never start as they are."""
    counts: Counter[tuple[str, str]] = Counter()
    tenants: dict[tuple[str, str], set[str]] = {}
    for cell, amounts in job_ledger(joins.snapshot).items():
        if not isinstance(cell, JobCell):
            continue
        for code in NEVER:
            count = amounts.get(("reason", code), 0)
            if count:
                counts[cell.site, code] += count
                tenants.setdefault((cell.site, code), set()).update([cell.tenant or ""])
    return [
        Problem(
            severity=Severity.INFO,
            site=site,
            title=f"{plural(count, 'job')} at {site} can never start: {code}",
            detail=sentence(
                [NEVER[code], f"of {several(sorted(filter(None, tenants[site, code])), SHOWN)}"]
            ),
            kind=Kind.JOB,
            key="",
            tenants=tuple(sorted(filter(None, tenants[site, code]))),
        )
        for (site, code), count in counts.items()
    ]


def waiting_problems(joins: Joins, now: float) -> list[Problem]:
    """Return the jobs that wait longest, one for each queue, when they wait too long."""
    problems: list[Problem] = []
    queues: set[tuple[str, str | None, str | None]] = set()
    for job in oldest_waiting(joins.snapshot):
        since = waiting_since(job)
        place = (job.site, job.cluster, job.queue)
        if since is None or now - since <= LONG_SECONDS or len(problems) == LONGEST_SHOWN:
            break
        if place in queues or reason_code(job.reason) in NEVER:
            continue
        queues.add(place)
        owner = job.tenant or job.user
        where = f" in queue {job.queue}" if job.queue else ""
        problems.append(
            Problem(
                severity=Severity.INFO,
                site=job.site,
                title=f"Job {job.id} waits longest{where}: {duration_text(now - since)}",
                detail=sentence(
                    [
                        reason_words(job.reason),
                        f"asks for {plural(job.gpus, 'GPU')}" if job.gpus else "",
                        f"of {owner}" if owner else "",
                    ]
                ),
                kind=Kind.JOB,
                key=job.key,
                since=since,
                gpus=job.gpus or 0,
                jobs=(job.id,),
                tenants=(job.tenant,) if job.tenant else (),
            )
        )
    return problems
