"""Sources that are not heard, and contradictions between them."""

from __future__ import annotations

from collections import defaultdict

from andon.analysis.freshness import state_now
from andon.analysis.merge import merged
from andon.analysis.trouble.problem import SHOWN, Problem
from andon.analysis.words import age_text, clock_text, plural, sentence, several
from andon.model import Kind, Severity, SourceState, SourceStatus
from andon.store import Snapshot

_SEVERITIES = {
    SourceState.DOWN: Severity.CRITICAL,
    SourceState.QUARANTINED: Severity.CRITICAL,
    SourceState.STALE: Severity.CRITICAL,
    SourceState.DENIED: Severity.CRITICAL,
    SourceState.PARTIAL: Severity.WARNING,
    SourceState.LATE: Severity.INFO,
    SourceState.SLOW: Severity.INFO,
}
_WORDS = {
    SourceState.DOWN: "does not answer",
    SourceState.QUARANTINED: "is kept out: its plugin ended the collector",
    SourceState.STALE: "has gone silent",
    SourceState.DENIED: "refuses to answer us",
    SourceState.PARTIAL: "answers for a part only",
    SourceState.LATE: "is late",
    SourceState.SLOW: "is slow",
}
_LIVE = frozenset({SourceState.PARTIAL, SourceState.SLOW})
"""What is heard all the same: when it was heard last is no news."""
_NOUNS = {
    Kind.NODE: "node",
    Kind.ACCELERATOR: "GPU",
    Kind.JOB: "job",
    Kind.QUEUE: "queue",
    Kind.TENANT: "tenant",
}


def source_problems(snapshot: Snapshot, now: float) -> list[Problem]:
    """Return the sources that cannot be taken at their word now."""
    return [
        _source(snapshot, status, state, now)
        for status in snapshot.sources.values()
        if (state := state_now(status, now)) in _SEVERITIES
    ]


def _source(snapshot: Snapshot, status: SourceStatus, state: SourceState, now: float) -> Problem:
    since = status.observed_at
    gaps = [
        f"{one.reported:,} of {plural(one.expected, _NOUNS.get(one.kind, one.kind.value))}"
        + (f" ({one.note})" if one.note else "")
        for one in status.coverage
        if one.reported < one.expected
    ]
    if state is SourceState.PARTIAL:
        why = [several(gaps, SHOWN)]
    elif state is SourceState.SLOW:
        why = [f"its last poll took {status.slow_seconds or 0.0:.1f} s"]
    else:
        fault = status.fault
        why = [fault.message + (f" ({fault.hint})" if fault.hint else "")] if fault else []
    if since is None:
        why.append("never heard")
    elif state not in _LIVE:
        why.append(f"last heard {clock_text(since, now)}, {age_text(now - since)} ago")
    if state not in _LIVE and state is not SourceState.LATE:
        why.append(_hidden(snapshot, status))
    return Problem(
        severity=_SEVERITIES[state],
        site=status.site,
        title=f"Source {status.name} {_WORDS[state]}",
        detail=sentence(why),
        kind=None,
        key=status.name,
        since=None if state in _LIVE else since,
        source=status.name,
    )


def _hidden(snapshot: Snapshot, status: SourceStatus) -> str:
    """Return what is not known while a source is silent."""
    counts = [
        plural(len(found), noun)
        for kind, noun in _NOUNS.items()
        if (found := snapshot.said_by(status.name, kind))
    ]
    return f"unknown now: its {', '.join(counts)}" if counts else ""


def contradiction_problems(snapshot: Snapshot) -> list[Problem]:
    """Return where sources contradict each other, folded by site and fact."""
    problems = []
    for kind, noun in ((Kind.NODE, "node"), (Kind.ACCELERATOR, "GPU"), (Kind.JOB, "job")):
        found = merged(snapshot, kind)
        groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for key, clashes in found.clashes.items():
            for clash in clashes:
                groups[found.records[key].site, clash.field].append(key)
        for (site, fact), keys in groups.items():
            keys.sort()
            said = next(one for one in found.clashes[keys[0]] if one.field == fact).said
            problems.append(
                Problem(
                    severity=Severity.INFO,
                    site=site,
                    title=f"Sources disagree about the {fact.replace('_', ' ')} of"
                    f" {plural(len(keys), noun)} at {site}",
                    detail=sentence(
                        [
                            keys[0].removeprefix(f"{site}/")
                            + ": "
                            + ", ".join(f"{source} says {word}" for source, word in said)
                        ]
                    ),
                    kind=kind,
                    key=keys[0],
                    members=tuple(keys) if len(keys) > 1 else (),
                )
            )
    return problems
