"""The factory in numbers: per site and in all, with what is not known beside what is.

What a lost source said last is not counted as if it were so: its nodes are `UNKNOWN`, its GPUs are
missing from the sums and the sums say that they are partial. A lost backend is never zero and
never good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from andon.analysis.adding import ModelCount, ReasonCount, Sum, Summary, Tally, add_up
from andon.analysis.freshness import source_states
from andon.analysis.merge import merged
from andon.analysis.tally import JobCell, Ledger, NodeCell, job_ledger, node_ledger
from andon.model import Kind, SourceStatus
from andon.store import Snapshot

__all__ = ["ModelCount", "ReasonCount", "Scope", "Sum", "Summary", "Tally", "summarise"]


class Scope(Protocol):
    """What the viewer looks at; empty means everything."""

    @property
    def sites(self) -> tuple[str, ...]:
        """Names of sites."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of sources."""

    @property
    def tenants(self) -> tuple[str, ...]:
        """Names of tenants; jobs only, as nodes belong to everyone."""

    @property
    def user(self) -> str | None:
        """Only this user's jobs."""


def summarise(snapshot: Snapshot, now: float, scope: Scope | None = None) -> Summary:
    """Return the factory in numbers.

    Args:
        snapshot: The state.
        now: Seconds since the epoch; decides which sources are too old to count.
        scope: What to count; `None` is everything.
    """
    states = source_states(snapshot, now)
    nodes = _in_scope(node_ledger(snapshot), scope)
    jobs = _in_scope(job_ledger(snapshot, scope.user if scope else None), scope)
    sources = _expected(snapshot, scope)
    per_site: dict[str, Tally] = {}
    for site in sorted(_sites(snapshot, scope)):
        per_site[site] = add_up(
            site,
            {cell: sums for cell, sums in nodes.items() if cell.site == site},
            {cell: sums for cell, sums in jobs.items() if cell.site == site},
            {name: status for name, status in sources.items() if status.site == site},
            states,
        )
    return Summary(add_up(None, nodes, jobs, sources, states), per_site)


def _in_scope(ledger: Ledger, scope: Scope | None) -> dict[Any, Mapping[Any, int]]:
    if scope is None or not (scope.sites or scope.sources or scope.tenants):
        return dict(ledger)
    return {cell: sums for cell, sums in ledger.items() if _wanted(cell, scope)}


def _wanted(cell: Any, scope: Scope) -> bool:
    if scope.sites and cell.site not in scope.sites:
        return False
    if scope.tenants and isinstance(cell, JobCell) and cell.tenant not in scope.tenants:
        return False
    if not scope.sources:
        return True
    known = set(cell.sources)
    if isinstance(cell, NodeCell):
        known.update(cell.gpu_sources)
    return not known.isdisjoint(scope.sources)


def _sites(snapshot: Snapshot, scope: Scope | None) -> set[str]:
    found = {status.site for status in snapshot.sources.values()}
    found.update(merged(snapshot, Kind.SITE).records)
    for ledger in (node_ledger(snapshot), job_ledger(snapshot)):
        found.update(cell.site for cell in ledger if isinstance(cell, (NodeCell, JobCell)))
    if scope is not None and scope.sites:
        found &= set(scope.sites)
    return found


def _expected(snapshot: Snapshot, scope: Scope | None) -> dict[str, SourceStatus]:
    """Return the sources that should report into the numbers."""
    if scope is None:
        return dict(snapshot.sources)
    return {
        name: status
        for name, status in snapshot.sources.items()
        if (not scope.sites or status.site in scope.sites)
        and (not scope.sources or name in scope.sources)
    }
