"""Which tenants have work where they may not have it.

A tenant's residency names jurisdictions or regions; work of it, and of the tenants below it, that
runs at a site in none of them is a violation. What is not stated is none: neither of a tenant that
states no residency, nor at a site that states no jurisdiction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from andon.analysis.merge import Merged, merged, records_of, things
from andon.analysis.picking import picked
from andon.model import Job, Kind, Site, Tenant
from andon.store import Snapshot

_Place = tuple[str, str, str]
"""Site, cluster and name of a tenant."""


@dataclass(frozen=True, slots=True, eq=False)
class _Stated:
    """What tenants state, by place and by name."""

    tenants: Merged
    at: Mapping[_Place, Tenant]
    anywhere: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Outside:
    tenants: Merged
    sites: Merged
    at: Mapping[_Place, str]
    """By place the key of the tenant that states the residency which its site is outside of."""


def residency_of(snapshot: Snapshot, tenant: Tenant) -> tuple[str, ...]:
    """Return where a tenant's work may run: as stated here, at another site, or of one above it."""
    return _statement(_stated(snapshot), tenant)[0]


def may_run_at(allowed: tuple[str, ...], site: Site | None) -> bool | None:
    """Return whether work with a residency may run at a site; `None` where it cannot be told."""
    if not allowed or site is None or not site.jurisdiction:
        return None
    return not {site.jurisdiction, site.region}.isdisjoint(allowed)


def jobs_outside(snapshot: Snapshot) -> Mapping[str, list[Job]]:
    """Return the jobs that run outside their residency, by the key of the tenant that states it.

    The cost grows with the jobs that changed; without any tenant outside it is nothing.
    """
    places = _outside(snapshot).at
    if not places:
        return {}
    jobs = picked(
        snapshot,
        Job,
        "jobs-outside",
        lambda job: job.state.active and _place_of(job, places) is not None,
        frozenset(places),
    )
    found: dict[str, list[Job]] = {}
    for job in jobs.values():
        place = _place_of(job, places)
        if place is not None:
            found.setdefault(places[place], []).append(job)
    return found


def _place_of(job: Job, places: Mapping[_Place, str]) -> _Place | None:
    if job.tenant is None:
        return None
    for cluster in dict.fromkeys((job.cluster or "", "")):
        if (job.site, cluster, job.tenant) in places:
            return (job.site, cluster, job.tenant)
    return None


def _stated(snapshot: Snapshot) -> _Stated:
    found = merged(snapshot, Kind.TENANT)
    kept = snapshot.memo.recall("residency-stated", _Stated)
    if kept is not None and kept.tenants is found:
        return kept
    at: dict[_Place, Tenant] = {}
    anywhere: dict[str, tuple[str, ...]] = {}
    for tenant in records_of(found, Tenant).values():
        at[tenant.site, tenant.cluster or "", tenant.name] = tenant
        if tenant.residency:
            anywhere.setdefault(tenant.name, tenant.residency)
    made = _Stated(found, at, anywhere)
    snapshot.memo.keep("residency-stated", made)
    return made


def _statement(stated: _Stated, tenant: Tenant) -> tuple[tuple[str, ...], Tenant]:
    """Return a residency with the tenant, this one or one above it, that states it."""
    seen: set[str] = set()
    one: Tenant | None = tenant
    while one is not None and one.name not in seen:
        allowed = one.residency or stated.anywhere.get(one.name, ())
        if allowed or one.parent is None:
            return allowed, one
        seen.add(one.name)
        one = stated.at.get((one.site, one.cluster or "", one.parent))
    return (), tenant


def _outside(snapshot: Snapshot) -> _Outside:
    tenants, sites = merged(snapshot, Kind.TENANT), merged(snapshot, Kind.SITE)
    kept = snapshot.memo.recall("residency-outside", _Outside)
    if kept is not None and kept.tenants is tenants and kept.sites is sites:
        return kept
    stated = _stated(snapshot)
    at: dict[_Place, str] = {}
    if stated.anywhere:
        known = things(snapshot, Site)
        for place, tenant in stated.at.items():
            allowed, one = _statement(stated, tenant)
            if may_run_at(allowed, known.get(tenant.site)) is False:
                at[place] = one.key
    made = _Outside(tenants, sites, at)
    snapshot.memo.keep("residency-outside", made)
    return made
