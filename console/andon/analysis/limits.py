"""How far a limit that somebody set is used up, for the job that waits because of it."""

from __future__ import annotations

from andon.analysis.joins import Joins
from andon.analysis.reasons import Limit
from andon.analysis.words import plural
from andon.model import Job, Tenant

_DEPTH = 16
"""Parents above a tenant; more is a circle."""


def limit_lines(job: Job, limit: Limit, joins: Joins) -> tuple[str, ...]:
    """Say how much is used, allowed and asked for, as far as tenants report it."""
    if limit.owner == "account" and limit.resource in ("GPUs", "CPUs"):
        return _account(job, limit, joins)
    if limit.resource in ("GPUs", "running jobs") and limit.span == "most":
        return _user(job, limit, joins)
    if limit.resource == "running jobs" and job.tenant is not None:
        tenant = joins.tenant(job.site, job.cluster, job.tenant)
        counts = joins.jobs_of_tenant(
            tenant.key if tenant else f"{job.site}/{job.cluster or ''}/{job.tenant}"
        )
        return (f"{plural(counts.running, 'job')} of {job.tenant} run now.",)
    return ()


def _account(job: Job, limit: Limit, joins: Joins) -> tuple[str, ...]:
    """Walk up from its account: a limit of a parent holds for all below it."""
    gpus = limit.resource == "GPUs"
    asked = job.gpus if gpus else job.cpus
    lines: list[str] = []
    for tenant in _lineage(job, joins):
        most = tenant.gpus_limit if gpus else tenant.cpus_limit
        used = tenant.gpus_used if gpus else tenant.cpus_used
        if used is None and gpus:
            used = joins.jobs_of_tenant(tenant.key).gpus
        if most is None:
            continue
        parts = [f"Account {tenant.name} may use {most:,} {limit.resource}"]
        if used is not None:
            parts.append(f"uses {used:,}")
        if asked is not None:
            parts.append(f"this job asks for {asked:,}")
        if used is not None and asked is not None and used + asked > most:
            parts.append(f"{used + asked - most:,} too many")
        lines.append(", ".join(parts) + ".")
    return tuple(lines)


def _lineage(job: Job, joins: Joins) -> tuple[Tenant, ...]:
    found: list[Tenant] = []
    name = job.tenant
    while name is not None and len(found) < _DEPTH:
        tenant = joins.tenant(job.site, job.cluster, name)
        if tenant is None:
            break
        found.append(tenant)
        name = tenant.parent
    return tuple(found)


def _user(job: Job, limit: Limit, joins: Joins) -> tuple[str, ...]:
    """Count what its user, or its account, holds now. What a QOS allows is not reported."""
    by_account = limit.per == "account"
    who = job.tenant if by_account else job.user
    if who is None:
        return ()
    mine = [
        other
        for other in joins.jobs.values()
        if other.state.active
        and (other.tenant if by_account else other.user) == who
        and (other.site, other.cluster) == (job.site, job.cluster)
        and (limit.owner != "QOS" or job.qos is None or other.qos in (None, job.qos))
    ]
    qos = f" in QOS {job.qos}" if limit.owner == "QOS" and job.qos else ""
    held = sum(other.gpus or 0 for other in mine)
    asks = f"; this job asks for {job.gpus}" if job.gpus else ""
    return (f"{who} runs {plural(len(mine), 'job')} with {plural(held, 'GPU')}{qos}{asks}.",)
