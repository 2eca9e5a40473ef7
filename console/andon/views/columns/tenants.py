"""The columns of tenants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from andon.analysis.job_index import Counts
from andon.analysis.merge import Merged
from andon.analysis.residency import may_run_at, residency_of
from andon.model import Kind, Site, Tenant
from andon.views.columns.make import listing, number, words
from andon.views.columns.spec import ColumnSpec, Context, Shown
from andon.views.page import Tone

_JOBS = frozenset({Kind.JOB})


def _counts(tenant: Tenant, context: Context) -> Counts | None:
    """Return running, pending and GPUs as counted, or `None` where no jobs are reported.

    Those of the tenants below it are its own too, as they are in what a scheduler says it uses.
    """
    if not context.snapshot.of(Kind.JOB):
        return None
    own = context.joins.jobs_of_tenant(tenant.key)
    found = [own]
    wanted, seen = {tenant.name}, {tenant.name}
    parents = _parents(context)
    while wanted:
        below = [
            one
            for name in wanted
            for one in parents.get((tenant.site, tenant.cluster, name), ())
            if one.name not in seen
        ]
        found += [context.joins.jobs_of_tenant(one.key) for one in below]
        wanted = {one.name for one in below}
        seen |= wanted
    if len(found) == 1:
        return own
    return Counts(*(sum(one[index] for one in found) for index in range(3)))


@dataclass(frozen=True, slots=True)
class _Parents:
    merged: Merged
    below: Mapping[tuple[str, str | None, str], Sequence[Tenant]]


def _parents(context: Context) -> Mapping[tuple[str, str | None, str], Sequence[Tenant]]:
    """Return the tenants directly below each one that has some; kept while none changes."""
    merged = context.merged(Kind.TENANT)
    kept = context.snapshot.memo.recall("tenant-parents", _Parents)
    if kept is not None and kept.merged is merged:
        return kept.below
    below: defaultdict[tuple[str, str | None, str], list[Tenant]] = defaultdict(list)
    for one in merged.records.values():
        if isinstance(one, Tenant) and one.parent is not None:
            below[one.site, one.cluster, one.parent].append(one)
    context.snapshot.memo.keep("tenant-parents", _Parents(merged, below))
    return below


def running(tenant: Tenant, context: Context) -> int | None:
    """Return how many of its jobs run: as the scheduler says, else as counted."""
    if tenant.jobs_running is not None:
        return tenant.jobs_running
    counts = _counts(tenant, context)
    return counts.running if counts else None


def pending(tenant: Tenant, context: Context) -> int | None:
    """Return how many of its jobs wait: as the scheduler says, else as counted."""
    if tenant.jobs_pending is not None:
        return tenant.jobs_pending
    counts = _counts(tenant, context)
    return counts.pending if counts else None


def gpus_held(tenant: Tenant, context: Context) -> int | None:
    """Return how many GPUs its jobs hold: as the scheduler says, else as counted."""
    if tenant.gpus_used is not None:
        return tenant.gpus_used
    counts = _counts(tenant, context)
    return counts.gpus if counts else None


def residency(tenant: Tenant, context: Context) -> tuple[str, ...]:
    """Return where a tenant's work may run."""
    return residency_of(context.snapshot, tenant)


def violations(tenant: Tenant, context: Context) -> int | None:
    """Return how many jobs of a tenant run at a site outside its residency.

    `None` where it cannot be told: no residency is stated, the site's jurisdiction is not, or no
    jobs are reported.
    """
    site = context.merged(Kind.SITE).records.get(tenant.site)
    allowed = may_run_at(residency(tenant, context), site if isinstance(site, Site) else None)
    if allowed is None:
        return None
    return 0 if allowed else running(tenant, context)


def _sources(tenant: Tenant, context: Context) -> tuple[str, ...]:
    return context.merged(Kind.TENANT).sources(tenant.key)


TENANTS: tuple[ColumnSpec[Tenant], ...] = (
    words("name", "NAME", 14, lambda t, _: t.name, "Tenant", tone=Tone.STRONG),
    words("site", "SITE", 6, lambda t, _: t.site, "Site where it has work or quota"),
    words("cluster", "CLUSTER", 10, lambda t, _: t.cluster, "Cluster", shown=Shown.WIDE),
    words("sector", "SECTOR", 12, lambda t, _: t.sector, "Sector it works in", shown=Shown.WIDE),
    number(
        "gpus_used",
        "GPUS",
        9,
        gpus_held,
        "GPUs its jobs hold, of its limit",
        of=lambda t, _: t.gpus_limit,
        limit=True,
        joined=_JOBS,
        aliases=("used",),
    ),
    number(
        "gpus_limit",
        "LIMIT",
        6,
        lambda t, _: t.gpus_limit,
        "GPUs it may hold at once",
        shown=Shown.ASKED,
        aliases=("limit",),
    ),
    number(
        "jobs_running", "RUNNING", 7, running, "Jobs that run", joined=_JOBS, aliases=("running",)
    ),
    number(
        "jobs_pending", "PENDING", 7, pending, "Jobs that wait", joined=_JOBS, aliases=("pending",)
    ),
    number(
        "fair_share",
        "FAIR",
        5,
        lambda t, _: t.fair_share,
        "Fair-share factor: near 0 has used much more than its share",
        text=lambda value: f"{value:.2f}",
        shown=Shown.WIDE,
        aliases=("fair",),
    ),
    number("shares", "SHARES", 6, lambda t, _: t.shares, "Shares it was given", shown=Shown.WIDE),
    number(
        "violations",
        "OUTSIDE",
        7,
        violations,
        "Jobs that run at a site outside its residency",
        tone=lambda value, _: Tone.BAD if value else Tone.NORMAL,
        joined=frozenset({Kind.JOB, Kind.SITE}),
        aliases=("outside",),
    ),
    listing("residency", "RESIDENCY", 12, residency, "Where its work may run", grow=True),
    number(
        "entitlement_gpu_hours_per_week",
        "GPU-h/WEEK",
        10,
        lambda t, _: t.entitlement_gpu_hours_per_week,
        "GPU-hours a week it is entitled to",
        text=lambda value: f"{value:.0f}",
        shown=Shown.WIDE,
        aliases=("entitlement",),
    ),
    number(
        "cpus_used",
        "CPUS",
        11,
        lambda t, _: t.cpus_used,
        "CPUs its jobs hold, of its limit",
        of=lambda t, _: t.cpus_limit,
        limit=True,
        shown=Shown.WIDE,
    ),
    words("parent", "PARENT", 12, lambda t, _: t.parent, "Tenant it belongs to", shown=Shown.WIDE),
    listing(
        "users",
        "USERS",
        20,
        lambda t, _: t.users,
        "Who belongs to it",
        shown=Shown.WIDE,
        aliases=("user",),
    ),
    words(
        "description",
        "DESCRIPTION",
        24,
        lambda t, _: t.description,
        "Description",
        shown=Shown.WIDE,
        grow=True,
    ),
    listing(
        "sources",
        "SOURCES",
        12,
        _sources,
        "Sources that report it",
        shown=Shown.ASKED,
        aliases=("source",),
    ),
)
