"""What changed between two snapshots, as few events as tell it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from andon.analysis.freshness import reported_state, state_now
from andon.analysis.job_index import NO_COUNTS, job_index
from andon.analysis.merge import changed_keys, merged, records_of
from andon.analysis.trouble.about import places_of
from andon.analysis.watch import FAILING_XIDS
from andon.analysis.words import plural, several
from andon.model import (
    Accelerator,
    AcceleratorState,
    Event,
    Incident,
    Kind,
    Node,
    NodeState,
    Queue,
    QueueState,
    Record,
    Severity,
    SourceState,
)
from andon.store import Snapshot

R = TypeVar("R", bound=Record)

FOLD_FROM = 4
"""So many nodes of one site that changed alike are one event."""
BIG_MOVE = 50
"""A queue that gained or lost so many jobs at once is worth an event."""
BIG_SHARE = 0.2
OPENED = "Opened: "
"""What an event begins with that tells of a new incident in the incident's own words."""
_SHOWN = 3
_BAD_SOURCE = frozenset(
    {SourceState.DOWN, SourceState.STALE, SourceState.DENIED, SourceState.QUARANTINED}
)
_LIKE_WORKING = frozenset({NodeState.IDLE, NodeState.MIXED, NodeState.ALLOCATED, NodeState.UNKNOWN})
"""States between which a node moves without news. One that has not answered for a moment, as after
it was returned to service, works on or is called down by its scheduler, which is news."""


def transitions(before: Snapshot, after: Snapshot, now: float) -> tuple[Event, ...]:
    """Return what changed that an operator would want to hear of, the worst first.

    What is new in the whole (a source's first report) is no change. Work is proportional to what
    changed.

    Args:
        before: An earlier snapshot, an ancestor of `after`.
        after: The later one.
        now: When the change was seen.
    """
    events = [
        *_sources(before, after, now),
        *_nodes(before, after, now),
        *_accelerators(before, after, now),
        *_incidents(before, after, now),
        *_queues(before, after, now),
        *_moves(before, after, now),
    ]
    return tuple(sorted(events, key=lambda event: -event.severity.rank))


def _pairs(
    before: Snapshot, after: Snapshot, type_: type[R]
) -> Iterable[tuple[str, R | None, R | None]]:
    """Return the things of a kind that may have changed, as they were and are."""
    old, new = merged(before, type_.kind), merged(after, type_.kind)
    if old is new or not old.records:
        return
    was, now = records_of(old, type_), records_of(new, type_)
    for key in changed_keys(after, old, new):
        one, other = was.get(key), now.get(key)
        if one is not other:
            yield key, one, other


def _event(
    now: float,
    severity: Severity,
    site: str,
    topic: str,
    text: str,
    thing: tuple[Kind | None, str],
    of: str | None = None,
) -> Event:
    """Return an event about a thing; `of` is the key of what it happened to, if that is another."""
    kind, key = thing
    return Event(
        site=site,
        id=f"{topic}:{of or key}:{now:.3f}",
        at=now,
        severity=severity,
        topic=topic,
        text=text,
        object_kind=kind,
        object_key=key,
    )


def _sources(before: Snapshot, after: Snapshot, now: float) -> Iterable[Event]:
    if before.sources is after.sources:
        return
    for name, status in after.sources.items():
        earlier = before.sources.get(name)
        if earlier is None or earlier is status:
            continue
        was, state = reported_state(earlier), state_now(status, now)
        if was is state or SourceState.LATE in (was, state):
            continue
        if was is SourceState.CONNECTING and state.trusted:
            continue
        severity = Severity.CRITICAL if state in _BAD_SOURCE else Severity.INFO
        why = f": {status.fault.message}" if status.fault and state in _BAD_SOURCE else ""
        text = f"Source {name} is {state.value}, was {was.value}{why}"
        yield _event(now, severity, status.site, "source", text, (None, name))


def _nodes(before: Snapshot, after: Snapshot, now: float) -> Iterable[Event]:
    groups: defaultdict[tuple[str, str, str], list[Node]] = defaultdict(list)
    for _, was, node in _pairs(before, after, Node):
        if node is None:
            if was is not None:
                groups[was.site, was.state.value, "gone"].append(was)
        elif was is None:
            groups[node.site, "new", node.state.value].append(node)
        elif was.state is not node.state and not {was.state, node.state} <= _LIKE_WORKING:
            groups[node.site, was.state.value, node.state.value].append(node)
    for (site, was_word, word), nodes in groups.items():
        nodes.sort(key=lambda node: node.name)
        severity = _node_severity(word)
        if len(nodes) >= FOLD_FROM:
            names = several([node.name for node in nodes], _SHOWN)
            text = f"{plural(len(nodes), 'node')} went {was_word} → {word}: {names}"
            yield _event(now, severity, site, "node", text, (Kind.NODE, nodes[0].key))
            continue
        for node in nodes:
            reason = f" (“{node.reason}”)" if node.reason and word != "gone" else ""
            text = f"Node {node.name} went {was_word} → {word}{reason}"
            yield _event(now, severity, site, "node", text, (Kind.NODE, node.key))


def _node_severity(word: str) -> Severity:
    if word == NodeState.DOWN.value:
        return Severity.CRITICAL
    if word in (NodeState.DRAINED.value, NodeState.DRAINING.value, "gone"):
        return Severity.WARNING
    return Severity.INFO


def _accelerators(before: Snapshot, after: Snapshot, now: float) -> Iterable[Event]:
    faults: defaultdict[tuple[str, str], list[Accelerator]] = defaultdict(list)
    for _, was, card in _pairs(before, after, Accelerator):
        if was is None or card is None:
            continue
        became = card.state is AcceleratorState.FAULTY and was.state is not card.state
        struck = card.xid_last is not None and (
            card.xid_last != was.xid_last or card.xid_last_at != was.xid_last_at
        )
        if struck:
            faults[card.site, f"Xid {card.xid_last}"].append(card)
        elif became:
            faults[card.site, "faulty"].append(card)
    for (site, what), cards in faults.items():
        failing = any(
            card.state is AcceleratorState.FAULTY or card.xid_last in FAILING_XIDS for card in cards
        )
        severity = Severity.CRITICAL if failing else Severity.WARNING
        places = sorted(f"{card.node}:{card.index}" for card in cards)
        text = f"{plural(len(cards), 'GPU')} {what}: {several(places, _SHOWN)}"
        yield _event(now, severity, site, "accelerator", text, (Kind.ACCELERATOR, cards[0].key))


def _incidents(before: Snapshot, after: Snapshot, now: float) -> Iterable[Event]:
    old, new = merged(before, Kind.INCIDENT), merged(after, Kind.INCIDENT)
    if old is new or not before.of(Kind.INCIDENT):
        return
    was, present = records_of(old, Incident), records_of(new, Incident)
    for key in sorted(changed_keys(after, old, new)):
        earlier, incident = was.get(key), present.get(key)
        if earlier is None and incident is not None:
            text = OPENED + incident.text
            thing = (Kind.INCIDENT, key)
            yield _event(now, incident.severity, incident.site, "incident", text, thing)
        elif incident is None and earlier is not None:
            text = f"Closed: {earlier.text}"
            thing = _left_by(earlier, after)
            yield _event(now, Severity.INFO, earlier.site, "incident", text, thing, key)


def _left_by(incident: Incident, snapshot: Snapshot) -> tuple[Kind, str]:
    """Return what of the things that a closed incident was about is there to be looked at."""
    for kind, key in places_of(incident):
        found = merged(snapshot, kind)
        if (known := found.canonical(key)) in found.records:
            return kind, known
    return Kind.INCIDENT, incident.key


def _queues(before: Snapshot, after: Snapshot, now: float) -> Iterable[Event]:
    for key, was, queue in _pairs(before, after, Queue):
        if was is None or queue is None or was.state is queue.state:
            continue
        closed = queue.state in (QueueState.STOPPED, QueueState.CLOSED)
        severity = Severity.WARNING if closed else Severity.INFO
        text = f"Queue {queue.name} went {was.state.value} → {queue.state.value}"
        yield _event(now, severity, queue.site, "queue", text, (Kind.QUEUE, key))


def _moves(before: Snapshot, after: Snapshot, now: float) -> Iterable[Event]:
    """Return queues whose running or waiting jobs jumped."""
    if not merged(before, Kind.JOB).records:
        return
    was, present = job_index(before).by_queue, job_index(after).by_queue
    if was is present:
        return
    for place in sorted(was.keys() | present.keys()):
        old, new = was.get(place, NO_COUNTS), present.get(place, NO_COUNTS)
        site, cluster, name = place
        for what, one, other in (
            ("waiting", old.pending, new.pending),
            ("running", old.running, new.running),
        ):
            change = other - one
            if abs(change) >= max(BIG_MOVE, BIG_SHARE * one):
                text = f"Queue {name}: {one:,} → {other:,} jobs {what}"
                thing = (Kind.QUEUE, f"{site}/{cluster}/{name}")
                yield _event(now, Severity.INFO, site, "queue-move", text, thing)
