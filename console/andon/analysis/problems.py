"""What is wrong, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from andon.analysis.holdings import Holdings, holdings, is_owned
from andon.analysis.joins import joins
from andon.analysis.merge import merged
from andon.analysis.summary import Scope
from andon.analysis.trouble.cards import card_problems
from andon.analysis.trouble.incidents import incident_problems
from andon.analysis.trouble.nodes import node_problems
from andon.analysis.trouble.problem import Problem
from andon.analysis.trouble.sources import contradiction_problems, source_problems
from andon.analysis.trouble.tenants import residency_problems
from andon.analysis.trouble.told import Told
from andon.analysis.trouble.work import hopeless_problems, queue_problems, waiting_problems
from andon.model import Kind, SourceStatus
from andon.store import Snapshot

__all__ = ["Problem", "problems", "problems_about", "problems_in"]


@dataclass(frozen=True, slots=True)
class _Found:
    revision: int
    sources: Mapping[str, SourceStatus]
    now: float
    of: frozenset[str]
    problems: tuple[Problem, ...]


def problems(snapshot: Snapshot, now: float) -> tuple[Problem, ...]:
    """Return what is wrong in the factory, worst first (`Problem.rank` says how).

    Things that are wrong together are one problem: a rack, a minute, a reason, a tenant. What an
    incident of a source tells is told by it alone, with what was seen of it here. The cost grows
    with what is wrong and what changed, not with the factory; several calls for one moment
    cost one.
    """
    return _found(snapshot, now, frozenset())


def _found(snapshot: Snapshot, now: float, sources: frozenset[str]) -> tuple[Problem, ...]:
    """Return what is wrong, with nothing left to incidents that none of some sources reports.

    Args:
        snapshot: The state.
        now: Seconds since the epoch.
        sources: Whose incidents count; empty means everybody's.
    """
    # Everything and one part of it are looked at side by side.
    name = "problems-of-sources" if sources else "problems"
    found = snapshot.memo.recall(name, _Found)
    if (
        found is not None
        and found.revision == snapshot.revision
        and found.sources is snapshot.sources
        and found.now == now
        and found.of == sources
    ):
        return found.problems
    neighbours = joins(snapshot)
    told = Told(snapshot, now, sources)
    every = [
        *source_problems(snapshot, now),
        *node_problems(neighbours, now, told),
        *card_problems(neighbours, now, told),
        *queue_problems(neighbours, now, told),
        *residency_problems(snapshot),
        *hopeless_problems(neighbours),
        *waiting_problems(neighbours, now),
        *incident_problems(neighbours, now, told),
        *contradiction_problems(snapshot),
    ]
    ranked = tuple(sorted(every, key=lambda problem: problem.rank))
    snapshot.memo.keep(name, _Found(snapshot.revision, snapshot.sources, now, sources, ranked))
    return ranked


def problems_in(snapshot: Snapshot, now: float, scope: Scope) -> tuple[Problem, ...]:
    """Return what is wrong with the things in a scope, worst first.

    Of sources it is what touches the things that they report; what an incident of another source
    tells of these is told as it was found here. Of tenants or a user it is what touches their jobs
    or the nodes and GPUs that those hold. A source that is not heard is a problem of whoever may
    have something at its site.
    """
    names = frozenset(scope.sources)
    found = _found(snapshot, now, names)
    if scope.sites:
        found = tuple(one for one in found if not one.site or one.site in scope.sites)
    if names:
        found = tuple(one for one in found if not names.isdisjoint(_sources(one, snapshot)))
    if is_owned(scope):
        held = holdings(snapshot, scope)
        found = tuple(one for one in found if _concerns(one, scope, held))
    return found


def _sources(problem: Problem, snapshot: Snapshot) -> Iterable[str]:
    """Return which sources tell of a problem, or of the things it is about."""
    if problem.kind is None:
        return (problem.key,)
    if not problem.key:
        # It counts jobs and names none.
        return (name for name, status in snapshot.sources.items() if status.site == problem.site)
    reported = merged(snapshot, problem.kind)
    if problem.kind is Kind.INCIDENT:
        # Nodes may have the keys of incidents.
        return reported.sources(problem.key)
    members = merged(snapshot, Kind.JOB) if problem.kind is Kind.TENANT else reported
    told = (name for key in problem.members for name in members.sources(key))
    return chain(reported.sources(problem.key), told)


def _concerns(problem: Problem, scope: Scope, held: Holdings) -> bool:
    """Return whether a problem touches what belongs to some owners."""
    if problem.kind is None:
        return True
    if any((problem.site, id) in held.ids for id in problem.jobs):
        return True
    if scope.user is None and not set(scope.tenants).isdisjoint(problem.tenants):
        return True
    keys = (problem.key, *problem.members)
    return any(key in held.nodes or key in held.cards or key in held.jobs for key in keys)


def problems_about(snapshot: Snapshot, kind: Kind, key: str, now: float) -> tuple[Problem, ...]:
    """Return the problems that one thing has or is among, worst first."""
    return tuple(problem for problem in problems(snapshot, now) if problem.touches(kind, key))
