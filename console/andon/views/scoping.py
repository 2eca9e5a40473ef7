"""Whose things each kind of thing is: what a scope of tenants or a user keeps."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from andon.model import Accelerator, Job, Kind, Node, Queue, SourceStatus, Tenant
from andon.views.columns import Context
from andon.views.columns.accelerators import tenant_of, user_of
from andon.views.state import Scope

Owners = Callable[[Any, Context], Collection[str | None] | None]
"""Names of those a thing belongs to; `None` where a thing belongs to nobody in particular."""


def job_tenants(job: Job, _context: Context) -> Collection[str | None]:
    """Return the tenant of a job."""
    return (job.tenant,)


def job_users(job: Job, _context: Context) -> Collection[str | None]:
    """Return the user of a job."""
    return (job.user,)


def node_tenants(node: Node, context: Context) -> Collection[str | None]:
    """Return the tenants whose jobs run on a node."""
    return context.joins.tenants_on(node.key)


def node_users(node: Node, context: Context) -> Collection[str | None]:
    """Return the users whose jobs run on a node."""
    return {job.user for job in context.joins.jobs_on(node.key)}


def accelerator_tenants(accelerator: Accelerator, context: Context) -> Collection[str | None]:
    """Return the tenant whose job holds a device."""
    return (tenant_of(accelerator, context),)


def accelerator_users(accelerator: Accelerator, context: Context) -> Collection[str | None]:
    """Return the user whose job holds a device."""
    return (user_of(accelerator, context),)


def queue_tenants(queue: Queue, _context: Context) -> Collection[str | None] | None:
    """Return who may use a queue; everyone when nobody is named."""
    return queue.tenants_allowed or None


def tenant_tenants(tenant: Tenant, _context: Context) -> Collection[str | None]:
    """Return the tenant itself."""
    return (tenant.name,)


def tenant_users(tenant: Tenant, _context: Context) -> Collection[str | None]:
    """Return who belongs to a tenant."""
    return tenant.users


def nobody(_thing: Any, _context: Context) -> None:
    """Return that a thing belongs to nobody, so that every scope keeps it."""
    return


def in_scope(
    scope: Scope, kind: Kind | None, tenants: Owners, users: Owners, context: Context
) -> Callable[[Any], bool] | None:
    """Return the test that a scope makes of things of one kind, or `None` for "all"."""
    checks: list[Callable[[Any], bool]] = []
    if scope.sites:
        sites = frozenset(scope.sites)
        checks.append(lambda thing: thing.site in sites)
    if scope.sources:
        checks.append(_by_source(frozenset(scope.sources), kind, context))
    if scope.tenants:
        checks.append(_by_owner(frozenset(scope.tenants), tenants, context))
    if scope.user is not None:
        checks.append(_by_owner(frozenset((scope.user,)), users, context))
    if not checks:
        return None
    if len(checks) == 1:
        return checks[0]
    return lambda thing: all(check(thing) for check in checks)


def _by_source(names: frozenset[str], kind: Kind | None, context: Context) -> Callable[[Any], bool]:
    if kind is None:
        return lambda thing: isinstance(thing, SourceStatus) and thing.name in names
    reported = context.merged(kind)
    return lambda thing: not names.isdisjoint(reported.sources(thing.key))


def _by_owner(names: frozenset[str], owners: Owners, context: Context) -> Callable[[Any], bool]:
    def belongs(thing: Any) -> bool:
        found = owners(thing, context)
        return found is None or not names.isdisjoint(found)

    return belongs
