"""The views there are: their names, keys, columns and order, for the screen and the commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from andon.model import Kind
from andon.sdk import UsageError
from andon.views import scoping
from andon.views.columns import (
    ACCELERATORS,
    JOBS,
    NODES,
    QUEUES,
    SOURCES,
    TENANTS,
    ColumnSpec,
    Shown,
    column_names,
)
from andon.views.ordering import natural, natural_id


class UnknownView(UsageError):
    """There is no view of that name; the hint says which there are."""


class UnknownColumn(UsageError):
    """There is no column of that name; the hint names the closest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSpec:
    """One view."""

    name: str
    digit: int
    """The key that opens it."""
    title: str
    kind: Kind | None
    """What its rows are; `None` for the overview and for sources, which are no records."""
    summary: str
    aliases: tuple[str, ...] = ()
    interest: frozenset[Kind] = frozenset()
    """Kinds that must be polled while it is looked at."""
    columns: tuple[ColumnSpec[Any], ...] = ()
    """Empty for the overview, which is no table."""
    core: tuple[str, ...] = ()
    """Columns of the narrow set by what they are worth, for a screen that has no room for all."""
    worth: tuple[str, ...] = ()
    """Columns of the wide set by what they are worth, for a screen with room for some of them."""
    sort: str = ""
    """The column it is sorted by when none is asked for."""
    tie: Callable[[Any], str] = field(default=str)
    """What decides between equals."""
    tenants: scoping.Owners = field(default=scoping.nobody)
    users: scoping.Owners = field(default=scoping.nobody)

    def column(self, name: str) -> ColumnSpec[Any]:
        """Return a column by name, alias, name without its unit, or unique beginning.

        Raises:
            UnknownColumn: None is meant, or several are.
        """
        wanted = name.strip().casefold().replace("-", "_")
        for spec in self.columns:
            if wanted == spec.name or wanted in spec.aliases:
                return spec
        begun = [spec for spec in self.columns if wanted and spec.name.startswith(wanted)]
        whole = [spec for spec in begun if spec.name == f"{wanted}_{spec.type.value}"]
        if len(whole) == 1 or len(begun) == 1:
            return (whole or begun)[0]
        if begun:
            names = ", ".join(spec.name for spec in begun)
            raise UnknownColumn(f"column “{name}” may be {names}", hint="write more of the name")
        known = [spec.name for spec in self.columns]
        known += [alias for spec in self.columns for alias in spec.aliases]
        close = get_close_matches(wanted[:64], known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}"
        raise UnknownColumn(f"no column “{name}” in {self.name}", hint=hint)

    def column_names(self, *, wide: bool) -> tuple[str, ...]:
        """Return the names of the narrow (fits 80 cells) or the wide (about 200) set."""
        return column_names(self.columns, wide=wide)

    @property
    def by_worth(self) -> tuple[str, ...]:
        """Names of all columns by what they are worth, what says what a row is called first."""
        first = (*self.core, *self.worth)
        return tuple(dict.fromkeys((*first, *(spec.name for spec in self.columns))))

    @property
    def every_column(self) -> tuple[str, ...]:
        """Names of all columns but those that only say in one what others say apart."""
        return tuple(spec.name for spec in self.columns if spec.shown is not Shown.NARROW)


_SOURCED: Final = frozenset({Kind.SITE})
_TROUBLED: Final = _SOURCED | {Kind.INCIDENT}
"""The page of a thing tells its problems, and an incident must not stay there when it is over."""

_EVERYTHING: Final = _SOURCED | {
    Kind.NODE,
    Kind.ACCELERATOR,
    Kind.JOB,
    Kind.QUEUE,
    Kind.TENANT,
    Kind.INCIDENT,
    Kind.EVENT,
}

VIEWS: Final[tuple[ViewSpec, ...]] = (
    ViewSpec(
        name="overview",
        digit=1,
        title="Overview",
        kind=None,
        summary="What is wrong, what changed, what is free",
        aliases=("home", "ov", "board"),
        interest=_EVERYTHING,
    ),
    ViewSpec(
        name="nodes",
        digit=2,
        title="Nodes",
        kind=Kind.NODE,
        summary="Every host: state, GPUs, jobs and why it is out of service",
        aliases=("node", "no", "hosts", "host"),
        interest=_TROUBLED | {Kind.NODE, Kind.ACCELERATOR, Kind.JOB},
        columns=NODES,
        core=("name", "state", "gpus_allocated", "jobs", "reason", "site", "gpu_model"),
        worth=(
            "gpus_free",
            "since_seconds",
            "cpus_allocated",
            "memory_allocated_bytes",
            "load_1m",
            "reason_by",
            "rack",
            "queues",
            "power_draw_watts",
            "tenants",
        ),
        sort="state",
        tie=lambda node: natural(node.name),
        tenants=scoping.node_tenants,
        users=scoping.node_users,
    ),
    ViewSpec(
        name="gpus",
        digit=3,
        title="GPUs",
        kind=Kind.ACCELERATOR,
        summary="Every accelerator: what it does, for whom, and its health",
        aliases=("gpu", "accelerators", "accelerator", "devices", "device"),
        interest=_TROUBLED | {Kind.ACCELERATOR, Kind.NODE, Kind.JOB},
        columns=ACCELERATORS,
        core=(
            "node",
            "index",
            "state",
            "utilization_percent",
            "memory_used_bytes",
            "job",
            "temperature_celsius",
            "power_draw_watts",
            "tenant",
        ),
        worth=(
            "model",
            "user",
            "idle_seconds",
            "xid_last",
            "throttle_reasons",
            "memory_percent",
            "site",
            "ecc_uncorrected_count",
            "partition",
        ),
        sort="state",
        tie=lambda device: f"{natural(device.node)}\0{device.index or 0:05d}",
        tenants=scoping.accelerator_tenants,
        users=scoping.accelerator_users,
    ),
    ViewSpec(
        name="jobs",
        digit=4,
        title="Jobs",
        kind=Kind.JOB,
        summary="Every job: what runs where, what waits and why",
        aliases=("job", "jo"),
        interest=_TROUBLED | {Kind.JOB, Kind.NODE, Kind.QUEUE, Kind.TENANT},
        columns=JOBS,
        core=("id", "state", "user", "gpus", "time_seconds", "queue", "where", "name"),
        worth=(
            "tenant",
            "site",
            "gpu_model",
            "left_seconds",
            "priority",
            "qos",
            "work",
            "cpus",
            "memory_bytes",
        ),
        sort="state",
        tie=lambda job: natural_id(job.id),
        tenants=scoping.job_tenants,
        users=scoping.job_users,
    ),
    ViewSpec(
        name="queues",
        digit=5,
        title="Queues",
        kind=Kind.QUEUE,
        summary="Where jobs wait: partitions and queues, their load and limits",
        aliases=("queue", "partitions", "partition"),
        interest=_TROUBLED | {Kind.QUEUE, Kind.JOB, Kind.NODE},
        columns=QUEUES,
        core=(
            "name",
            "jobs_pending",
            "jobs_running",
            "gpus_allocated",
            "state",
            "oldest_wait_seconds",
            "nodes_total",
            "site",
        ),
        worth=(
            "time_limit_seconds",
            "cpus_total",
            "priority",
            "tenants_allowed",
            "nodes",
            "backend_state",
        ),
        sort="jobs_pending",
        tie=lambda queue: natural(queue.name),
        tenants=scoping.queue_tenants,
    ),
    ViewSpec(
        name="tenants",
        digit=6,
        title="Tenants",
        kind=Kind.TENANT,
        summary="Who owns work and quota: use, limits, shares and residency",
        aliases=("tenant", "accounts", "account"),
        interest=_SOURCED | {Kind.TENANT, Kind.JOB},
        columns=TENANTS,
        core=(
            "name",
            "gpus_used",
            "jobs_running",
            "jobs_pending",
            "violations",
            "residency",
            "site",
        ),
        worth=(
            "sector",
            "fair_share",
            "shares",
            "entitlement_gpu_hours_per_week",
            "cpus_used",
            "users",
        ),
        sort="gpus_used",
        tie=lambda tenant: natural(tenant.name),
        tenants=scoping.tenant_tenants,
        users=scoping.tenant_users,
    ),
    ViewSpec(
        name="sources",
        digit=7,
        title="Sources",
        kind=None,
        summary="Where it all comes from, how old it is and what is missing",
        aliases=("source", "plugins"),
        # A source that is not asked cannot be seen to work.
        interest=_EVERYTHING,
        columns=SOURCES,
        core=("name", "state", "age_seconds", "error", "coverage_percent", "plugin", "site"),
        worth=(
            "failures",
            "latency_seconds",
            "polls_per_minute",
            "hint",
            "interval_seconds",
            "identity",
        ),
        sort="state",
        tie=lambda source: natural(source.name),
    ),
)
"""In the order of their keys."""


def view_named(text: str) -> ViewSpec:
    """Return a view by name, alias or unique beginning.

    Raises:
        UnknownView: None is meant, or several are.
    """
    wanted = text.strip().casefold()
    for spec in VIEWS:
        if wanted == spec.name or wanted in spec.aliases:
            return spec
    begun = [
        spec
        for spec in VIEWS
        if wanted and any(name.startswith(wanted) for name in (spec.name, *spec.aliases))
    ]
    if len(begun) == 1:
        return begun[0]
    names = ", ".join(spec.name for spec in begun or VIEWS)
    problem = f"“{text}” may be {names}" if begun else f"no view “{text}”"
    raise UnknownView(problem, hint="write more of the name" if begun else f"there are {names}")


def view_of_kind(kind: Kind) -> ViewSpec | None:
    """Return the view whose rows are things of one kind."""
    return next((spec for spec in VIEWS if spec.kind is kind), None)
