"""One thing that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from andon.analysis.joins import Joins
from andon.analysis.words import plural, several
from andon.model import Job, Kind, Severity

SHOWN = 3
"""How many names a sentence gives before it says how many more there are."""
_OF_OTHER_KINDS = frozenset({Kind.INCIDENT, Kind.TENANT})
"""What has members of other kinds than its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, or several that are wrong together."""

    severity: Severity
    site: str
    title: str
    """What, by name, in one line."""
    detail: str = ""
    """Since when, why, and who is hurt."""
    kind: Kind | None
    """Of the thing; `None` when it is a source."""
    key: str
    """Of the thing, or the first of them; the name of a source."""
    since: float | None = None
    source: str | None = None
    """Who says so, where it is one source."""
    gpus: int = 0
    """GPUs out of use, at risk or wasted: ranks it among its like."""
    jobs: tuple[str, ...] = ()
    """Ids of the jobs hurt."""
    tenants: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    """Keys of all the things, when they are several; of an incident, what it is about; of a tenant,
    its jobs."""

    def touches(self, kind: Kind, key: str) -> bool:
        """Return whether a thing is what, or among what, this is about."""
        if self.kind in _OF_OTHER_KINDS and key in self.members:
            return True
        return kind is self.kind and (key == self.key or key in self.members)

    @property
    def rank(self) -> tuple[float | str | bool, ...]:
        """What problems are sorted by, worst first.

        Severity; then a source that is not heard, because it hides everything else; then the GPUs
        and the jobs that are hurt; then the newest.
        """
        return (
            -self.severity.rank,
            self.kind is not None,
            -self.gpus,
            -len(self.jobs),
            -(self.since or 0.0),
            self.title,
        )


def hurt_on(node_keys: Iterable[str], joins: Joins) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """Return the jobs on some nodes, each once, and their tenants."""
    jobs = {job.key: job for key in node_keys for job in joins.jobs_on(key)}
    tenants = sorted({job.tenant for job in jobs.values() if job.tenant})
    return tuple(jobs.values()), tuple(tenants)


def hurt_words(jobs: tuple[Job, ...], tenants: tuple[str, ...], verb: str) -> str:
    """Return who is hurt: `2 jobs (812, 813) of t-health are on it`; empty for no job."""
    if not jobs:
        return ""
    names = several([job.id for job in jobs], SHOWN)
    whose = f" of {several(tenants, SHOWN)}" if tenants else ""
    return f"{plural(len(jobs), 'job')} ({names}){whose} {verb}"
