"""Tenants with work where they may not have it."""

from __future__ import annotations

from andon.analysis.merge import things
from andon.analysis.residency import jobs_outside, residency_of
from andon.analysis.trouble.problem import SHOWN, Problem
from andon.analysis.words import plural, sentence, several
from andon.model import Job, Kind, Severity, Site, Tenant
from andon.store import Snapshot


def residency_problems(snapshot: Snapshot) -> list[Problem]:
    """Return, for each tenant and site, the jobs that run outside the tenant's residency."""
    tenants = things(snapshot, Tenant)
    return [_outside(tenants[key], jobs, snapshot) for key, jobs in jobs_outside(snapshot).items()]


def _outside(tenant: Tenant, jobs: list[Job], snapshot: Snapshot) -> Problem:
    jobs = sorted(jobs, key=lambda job: (job.started_at or 0.0, job.id))
    ids = tuple(job.id for job in jobs)
    site = things(snapshot, Site)[tenant.site]
    gpus = sum(job.gpus or 0 for job in jobs)
    allowed = ", ".join(residency_of(snapshot, tenant))
    verb = "run" if len(jobs) > 1 else "runs"
    return Problem(
        severity=Severity.WARNING,
        site=tenant.site,
        title=f"{plural(len(jobs), 'job')} of {tenant.name} {verb} outside {allowed}",
        detail=sentence(
            [
                f"{tenant.site} is in {site.jurisdiction}",
                f"{'jobs' if len(jobs) > 1 else 'job'} {several(ids, SHOWN)}",
                f"they hold {plural(gpus, 'GPU')}" if gpus else "",
            ]
        ),
        kind=Kind.TENANT,
        key=tenant.key,
        since=min((job.started_at for job in jobs if job.started_at is not None), default=None),
        gpus=gpus,
        jobs=ids,
        tenants=tuple(sorted({tenant.name, *(job.tenant for job in jobs if job.tenant)})),
        members=tuple(job.key for job in jobs),
    )
