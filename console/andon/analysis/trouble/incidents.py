"""The incidents that sources report as open, each with what was found of it here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from andon.analysis.freshness import stale_age
from andon.analysis.joins import Joins
from andon.analysis.merge import merged, things
from andon.analysis.trouble.about import keys_of
from andon.analysis.trouble.cards import fault_severity, holders
from andon.analysis.trouble.causes import MEMORY_ERRORS, cause_in, evidence_of, says
from andon.analysis.trouble.nodes import absence_severity, absent_since, gpus_of
from andon.analysis.trouble.problem import SHOWN, Problem, hurt_on
from andon.analysis.trouble.told import Found, Told
from andon.analysis.words import age_text, duration_text, plural, sentence, several
from andon.model import Incident, Kind, Node, NodeState, Severity


def incident_problems(joins: Joins, now: float, told: Told) -> list[Problem]:
    """Return the open incidents.

    Args:
        joins: Who is where.
        now: Seconds since the epoch.
        told: Was asked by everything that finds things which incidents may tell.
    """
    reported = merged(joins.snapshot, Kind.INCIDENT)
    return [
        _problem(incident, told, reported.sources(key), joins, now)
        for key, incident in things(joins.snapshot, Incident).items()
    ]


def _problem(
    incident: Incident, told: Told, sources: Sequence[str], joins: Joins, now: float
) -> Problem:
    key = incident.key
    found = told.found(key)
    cards = [*found.faulty, *found.hot, *found.idle]
    jobs, tenants = _hurt(incident, found, joins)
    said = " ".join([incident.text, *incident.evidence])
    named = [name for name in incident.nodes if not says(said, name)]
    detail = sentence(
        [
            "" if told.is_heard(key) else _last_heard(sources, joins, now),
            *_seen(found, said, joins, now),
            _who(jobs, tenants),
            f"on {several(named, SHOWN)}" if named else "",
            several(incident.evidence, SHOWN),
            f"next: {incident.next_step}" if incident.next_step else "",
        ]
    )
    node_gpus = gpus_of(found.nodes, joins)
    about = keys_of(incident, merged(joins.snapshot, Kind.ACCELERATOR))
    things_found = (*cards, *found.nodes, *found.queues)
    return Problem(
        severity=max([incident.severity, *_severities(found, joins, now)], key=_rank),
        site=incident.site,
        title=incident.text,
        detail=detail,
        kind=Kind.INCIDENT,
        key=key,
        since=incident.opened_at,
        source=sources[0] if len(sources) == 1 else None,
        gpus=max(incident.gpus_hit or 0, node_gpus, len({card.key for card in cards})),
        jobs=jobs,
        tenants=tenants,
        members=tuple(dict.fromkeys([*about, *(thing.key for thing in things_found)])),
    )


def _last_heard(sources: Sequence[str], joins: Joins, now: float) -> str:
    age = stale_age(joins.snapshot, sources, now)
    return f"last heard {age_text(age)} ago" if age is not None else ""


def _who(jobs: Sequence[str], tenants: Sequence[str]) -> str:
    whose = f"of {several(tenants, SHOWN)}" if tenants else ""
    if not jobs:
        return whose
    hits = f"hits {'job' if len(jobs) == 1 else 'jobs'} {several(jobs, SHOWN)}"
    return f"{hits} {whose}".rstrip()


def _rank(severity: Severity) -> int:
    return severity.rank


def _severities(found: Found, joins: Joins, now: float) -> Iterable[Severity]:
    if found.faulty:
        yield fault_severity(found.faulty, joins)
    for node in found.nodes:
        yield absence_severity(node.state, [node], absent_since(node), now)
    if found.hot or found.idle or found.queues:
        yield Severity.WARNING


def _hurt(
    incident: Incident, found: Found, joins: Joins
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of the jobs that are hit, as its source says, then as seen; and tenants."""
    ids, tenants = dict.fromkeys(incident.jobs), {*incident.tenants}
    on_nodes, of_nodes = hurt_on((node.key for node in found.nodes), joins)
    held, of_cards = holders([*found.faulty, *found.hot, *found.idle], joins)
    ids.update(dict.fromkeys([*(job.id for job in on_nodes), *held]))
    tenants.update(of_nodes, of_cards)
    for queue in found.queues:
        for job in joins.waiting_in(queue.site, queue.cluster, queue.name):
            tenants.update([job.tenant] if job.tenant else [])
    return tuple(ids), tuple(sorted(tenants))


def _seen(found: Found, said: str, joins: Joins, now: float) -> Iterable[str]:
    """Return in words what was found, less what the incident says itself."""
    evidence = dict.fromkeys(word for card in found.faulty for word in evidence_of(card))
    if "memory" in cause_in(said).classes:
        evidence.pop(MEMORY_ERRORS, None)
    news = [word for word in evidence if not says(said, word)]
    if news:
        cards = plural(len(found.faulty), "GPU")
        yield several(news, SHOWN) + (f" on {cards}" if len(found.faulty) > 1 else "")
    reasons = sorted({reason for card in found.hot for reason in card.throttle_reasons})
    if reasons:
        yield f"{several(reasons, SHOWN)} on {plural(len(found.hot), 'GPU')}"
    starts = [card.idle_since for card in found.idle if card.idle_since is not None]
    if starts:
        hours = sum(now - start for start in starts) / 3600
        yield f"the longest for {duration_text(now - min(starts))}"
        yield f"{hours:,.0f} GPU-hours so far" if hours >= 1 else ""
    for state in (NodeState.DOWN, NodeState.DRAINING, NodeState.DRAINED):
        yield _absent(state, [node for node in found.nodes if node.state is state], said)
    for queue in found.queues:
        waiting = joins.jobs_of_queue(queue.key).pending or queue.jobs_pending or 0
        yield f"it is {queue.state.value} with {plural(waiting, 'job')} waiting"


def _absent(state: NodeState, nodes: Sequence[Node], said: str) -> str:
    """Return that nodes take no work, who keeps them out, and why if that is news."""
    if not nodes:
        return ""
    words = f"{len(nodes)} nodes are {state.value}" if len(nodes) > 1 else state.value
    owners = {node.reason_by for node in nodes}
    owner = owners.pop() if len(owners) == 1 else None
    reasons = {node.reason for node in nodes if node.reason}
    news = sorted(reason for reason in reasons if not says(said, reason))
    quoted = f": “{news[0]}”" if len(news) == 1 else ""
    return words + (f" by {owner}" if owner else "") + quoted
