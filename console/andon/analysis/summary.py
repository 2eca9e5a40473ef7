"""The factory in numbers: per site and in all, with what is not known beside what is.

What a lost source said last is not counted as if it were so: its nodes are `UNKNOWN`, its GPUs are
missing from the sums and the sums say that they are partial. A lost backend is never zero and
never good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from andon.analysis.adding import ModelCount, ReasonCount, Sum, Summary, Tally, add_up
from andon.analysis.freshness import source_states
from andon.analysis.holdings import holdings, holdings_ledger, is_owned
from andon.analysis.merge import merged
from andon.analysis.tally import JobCell, Ledger, NodeCell, job_ledger, node_ledger
from andon.model import AcceleratorState, Kind, SourceStatus
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
        """Names of tenants: their jobs, and the nodes and GPUs that those hold."""

    @property
    def user(self) -> str | None:
        """Only this user's jobs, and what they hold."""


def summarise(snapshot: Snapshot, now: float, scope: Scope | None = None) -> Summary:
    """Return the factory in numbers, or what belongs to some tenants or a user.

    Args:
        snapshot: The state.
        now: Seconds since the epoch; decides which sources are too old to count.
        scope: What to count; `None` is everything. Of tenants or a user: the nodes that their jobs
            use, the GPUs that those hold and the power of these GPUs; what is free is nobody's and
            so not known, and sites where they have nothing are left out.
    """
    states = source_states(snapshot, now)
    owned = scope is not None and is_owned(scope)
    every = node_ledger(snapshot)
    if scope is not None and owned:
        every = holdings_ledger(snapshot, holdings(snapshot, scope))
    nodes = _in_scope(every, scope)
    jobs = _in_scope(job_ledger(snapshot, scope.user if scope else None), scope)
    sources = _expected(snapshot, scope)

    def tally(site: str | None) -> Tally:
        made = add_up(
            site,
            {cell: sums for cell, sums in nodes.items() if site in (None, cell.site)},
            {cell: sums for cell, sums in jobs.items() if site in (None, cell.site)},
            {name: status for name, status in sources.items() if site in (None, status.site)},
            states,
        )
        return _as_owned(made) if owned else made

    per_site = {site: tally(site) for site in sorted(_sites(snapshot, scope))}
    if owned:
        per_site = {site: one for site, one in per_site.items() if _has_something(one)}
    return Summary(tally(None), per_site)


def _as_owned(tally: Tally) -> Tally:
    """Return the numbers of owners without those that only the whole site has."""
    cards, said = tally.gpus_allocated, tally.gpus_of_jobs
    nobody = replace(cards, value=None)
    held = cards
    states = dict(tally.accelerators)
    if cards.value is not None or tally.jobs_running:
        count = max(int(cards.value or 0), said)
        held = Sum(count, max(cards.reported, said), max(cards.expected, count), cards.missing)
        if more := count - sum(states.values()):
            # Nobody reports these one by one: their jobs hold them, that is all there is to know.
            states[AcceleratorState.ALLOCATED] = states.get(AcceleratorState.ALLOCATED, 0) + more
    return replace(
        tally,
        accelerators=states,
        gpus_total=held,
        gpus_allocated=held,
        gpus_free=nobody,
        free_blocks={},
        models={},
    )


def _has_something(tally: Tally) -> bool:
    """Return whether owners have, or may have, something at a site."""
    return bool(tally.nodes or tally.jobs or tally.untrusted)


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
