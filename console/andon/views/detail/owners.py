"""The pages of one queue and of one tenant."""

from __future__ import annotations

import heapq
from typing import Final

from andon.model import Job, Kind, Queue, Tenant
from andon.views.columns import Context
from andon.views.columns.jobs import attention
from andon.views.columns.tenants import residency, violations
from andon.views.detail.parts import (
    NEIGHBOURS,
    disagreements,
    facts,
    neighbours,
    problems_of,
    shown_columns,
    sources_fact,
)
from andon.views.formats import plural
from andon.views.page import Block, Cell, Tone
from andon.views.registry import view_named

_QUEUE_LABELS: Final = (
    ("State", "state"),
    ("Running", "jobs_running"),
    ("Pending", "jobs_pending"),
    ("GPUs", "gpus_allocated"),
    ("Nodes", "nodes_total"),
    ("Oldest wait", "oldest_wait_seconds"),
    ("Time limit", "time_limit_seconds"),
    ("Backend's word", "backend_state"),
    ("Default", "is_default"),
    ("Priority", "priority"),
    ("CPUs", "cpus_total"),
    ("Node names", "nodes"),
    ("Tenants allowed", "tenants_allowed"),
    ("Cluster", "cluster"),
    ("Site", "site"),
)
_TENANT_LABELS: Final = (
    ("Sector", "sector"),
    ("Residency", "residency"),
    ("GPUs", "gpus_used"),
    ("Running", "jobs_running"),
    ("Pending", "jobs_pending"),
    ("Entitled GPU-h/week", "entitlement_gpu_hours_per_week"),
    ("Fair share", "fair_share"),
    ("Shares", "shares"),
    ("CPUs", "cpus_used"),
    ("Parent", "parent"),
    ("Description", "description"),
    ("Users", "users"),
    ("Cluster", "cluster"),
    ("Site", "site"),
)


def queue_blocks(queue: Queue, key: str, context: Context) -> tuple[Block, ...]:
    """Return a queue with its problems and first jobs."""
    jobs = [
        job
        for job in context.joins.jobs.values()
        if job.site == queue.site and queue.name in job.queues and _same_cluster(job, queue.cluster)
    ]
    return (
        facts(
            view_named("queues"),
            queue,
            context,
            _QUEUE_LABELS,
            always=6,
            more=[sources_fact(Kind.QUEUE, key, context)],
        ),
        *problems_of(context, [(Kind.QUEUE, key)]),
        _first_jobs(jobs, context, "No job of this queue is reported"),
        *disagreements(Kind.QUEUE, key, context),
    )


def tenant_blocks(tenant: Tenant, key: str, context: Context) -> tuple[Block, ...]:
    """Return a tenant with where its work runs, its problems and first jobs."""
    jobs = [
        job
        for job in context.joins.jobs.values()
        if job.site == tenant.site
        and job.tenant == tenant.name
        and _same_cluster(job, tenant.cluster)
    ]
    others = [
        other
        for other in context.joins.tenants.values()
        if other.name == tenant.name and other.key != key
    ]
    more = [("Outside residency", _outside(tenant, context))]
    more.append(sources_fact(Kind.TENANT, key, context))
    tenants = view_named("tenants")
    elsewhere: tuple[Block, ...] = ()
    if others:
        columns = ("site", *(name for name in shown_columns(tenants) if name != "name"))
        elsewhere = (
            neighbours("tenants", "At other sites", tenants, columns, others, context, empty=""),
        )
    return (
        facts(tenants, tenant, context, _TENANT_LABELS, always=5, more=more),
        *problems_of(context, [(Kind.TENANT, key)]),
        *elsewhere,
        _first_jobs(jobs, context, "No job of this tenant is reported here"),
        *disagreements(Kind.TENANT, key, context),
    )


def _outside(tenant: Tenant, context: Context) -> Cell:
    count = violations(tenant, context)
    if count is None:
        why = (
            "no jurisdiction is stated for this site"
            if residency(tenant, context)
            else ("no residency is stated")
        )
        return Cell(f"not known: {why}", Tone.MUTED, None)
    if not count:
        return Cell("no job", Tone.NORMAL, 0)
    return Cell(f"{plural(count, 'job')} here", Tone.BAD, count)


def _same_cluster(job: Job, cluster: str | None) -> bool:
    return not cluster or not job.cluster or job.cluster == cluster


def _first_jobs(jobs: list[Job], context: Context, empty: str) -> Block:
    view = view_named("jobs")
    # Only the first are shown, so only they are sorted out of perhaps 100,000.
    first = heapq.nsmallest(NEIGHBOURS, jobs, key=attention)
    return neighbours(
        "jobs", "Jobs", view, shown_columns(view), first, context, empty=empty, total=len(jobs)
    )
