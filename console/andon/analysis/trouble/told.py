"""What open incidents tell already of the things that the analysis finds by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from andon.analysis.freshness import source_states, usable
from andon.analysis.merge import Merged, merged, records_of
from andon.analysis.trouble.about import Place, places_of
from andon.analysis.trouble.causes import (
    IDLENESS,
    STANDSTILL,
    Cause,
    cause_in,
    cause_of_absence,
    cause_of_fault,
    cause_of_heat,
    says,
)
from andon.model import Accelerator, Incident, Job, Kind, Node, NodeState, Queue
from andon.store import Snapshot

_QUOTED_FROM = 8
"""Shorter reasons, and those of one word, are in texts of anything."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An incident that is open, read once."""

    key: str
    incident: Incident
    cause: Cause
    words: str
    """Everything that it says, to find a reason in."""

    @property
    def is_of_devices(self) -> bool:
        """Whether it is about single devices of a node and not about the node."""
        return self.incident.object_kind is Kind.ACCELERATOR or self.cause.is_of_devices


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    incidents: Merged
    read: Mapping[str, _Open]
    about: Mapping[Place, Sequence[_Open]]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was found that one incident tells of."""

    faulty: list[Accelerator] = field(default_factory=list)
    hot: list[Accelerator] = field(default_factory=list)
    idle: list[Accelerator] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    queues: list[Queue] = field(default_factory=list)


class Told:
    """Says of single findings whether an incident tells them, and keeps those for the incident.

    Told is the same thing, troubled by the same class of cause. Findings are asked for before they
    are folded: of a rack of which incidents name a part, the rest stays a problem of its own. What
    a source that is heard reports is not told by an incident of sources that are not: that may be
    long over, or of another time.
    """

    def __init__(
        self, snapshot: Snapshot, now: float, sources: frozenset[str] = frozenset()
    ) -> None:
        """Read the incidents of a snapshot.

        Args:
            snapshot: The state.
            now: Seconds since the epoch; decides which sources are heard.
            sources: Whose incidents count; empty means everybody's.
        """
        index = _index(snapshot)
        self._about, self._incidents, self._sources = index.about, index.incidents, sources
        self._cards = merged(snapshot, Kind.ACCELERATOR)
        self._nodes = merged(snapshot, Kind.NODE)
        self._queues = merged(snapshot, Kind.QUEUE)
        self._unheard = frozenset(
            name for name, state in source_states(snapshot, now).items() if not usable(state)
        )
        self._found: defaultdict[str, Found] = defaultdict(Found)

    def is_heard(self, incident_key: str) -> bool:
        """Return whether a source that reports an incident is heard, so that it is open still."""
        return not self._unheard.issuperset(self._incidents.sources(incident_key))

    def found(self, incident_key: str) -> Found:
        """Return what was asked for so far and is told by an incident."""
        return self._found.get(incident_key) or Found()

    def tells_fault(self, card: Accelerator) -> bool:
        """Return whether an incident tells that an accelerator is broken."""
        one = self._of_card(card, cause_of_fault(card))
        if one is not None:
            self._found[one.key].faulty.append(card)
        return one is not None

    def tells_heat(self, card: Accelerator) -> bool:
        """Return whether an incident tells that an accelerator is slowed down."""
        one = self._of_card(card, cause_of_heat(card))
        if one is not None:
            self._found[one.key].hot.append(card)
        return one is not None

    def tells_idleness(self, card: Accelerator, job: Job | None) -> bool:
        """Return whether an incident tells that an accelerator is held idle."""
        one = self._of_card(card, IDLENESS)
        if one is None and job is not None:
            places = [(Kind.JOB, job.key), _of_job(job.site, job.id)]
            one = self._first(
                places, (self._cards, card.key), lambda it: it.cause.is_same(IDLENESS)
            )
        if one is not None:
            self._found[one.key].idle.append(card)
        return one is not None

    def tells_absence(self, node: Node) -> bool:
        """Return whether an incident tells why a node takes no work."""
        cause = cause_of_absence(node)

        def fits(one: _Open) -> bool:
            if node.state is NodeState.DOWN and one.is_of_devices:
                # A node does not go down for one of its devices: what is the trouble is more.
                return False
            return _quotes(one, node.reason or "") or one.cause.is_same(cause)

        one = self._first([(Kind.NODE, node.key)], (self._nodes, node.key), fits)
        if one is not None:
            self._found[one.key].nodes.append(node)
        return one is not None

    def tells_standstill(self, queue: Queue) -> bool:
        """Return whether an incident tells that a queue starts nothing."""
        place = (Kind.QUEUE, queue.key)
        one = self._first(
            [place], (self._queues, queue.key), lambda it: it.cause.is_same(STANDSTILL)
        )
        if one is not None:
            self._found[one.key].queues.append(queue)
        return one is not None

    def _of_card(self, card: Accelerator, cause: Cause) -> _Open | None:
        def fits(one: _Open) -> bool:
            return one.cause.is_same(cause)

        def fits_card(one: _Open) -> bool:
            # What is about one accelerator names its node too, but not the ones beside it.
            return one.incident.object_kind is not Kind.ACCELERATOR and fits(one)

        found = (self._cards, card.key)
        # An incident names it by any of its keys.
        places = [(Kind.ACCELERATOR, key) for key in self._cards.keys_of(card.key)]
        exactly = self._first(places, found, fits)
        on_node = [(Kind.NODE, f"{card.site}/{card.node}")]
        return exactly or self._first(on_node, found, fits_card)

    def _first(
        self, places: Iterable[Place], found: tuple[Merged, str], fits: Callable[[_Open], bool]
    ) -> _Open | None:
        """Return the worst of the incidents at some places that fit what was found of a thing."""
        every = [one for place in places for one in self._about.get(place, ())]
        if not every:
            return None
        reported, key = found
        is_old = self._unheard.issuperset(reported.sources(key))
        every = [one for one in every if self._counts(one, is_old=is_old) and fits(one)]
        return min(every, key=_order, default=None)

    def _counts(self, one: _Open, *, is_old: bool) -> bool:
        """Return whether an incident may tell of what is old, or of what is seen now."""
        names = self._incidents.sources(one.key)
        if self._sources:
            names = tuple(name for name in names if name in self._sources)
        return bool(names) and (is_old or not self._unheard.issuperset(names))


def _quotes(one: _Open, reason: str) -> bool:
    """Return whether an incident has a reason's very words, when these are enough to be no luck."""
    return len(reason) >= _QUOTED_FROM and " " in reason and says(one.words, reason)


def _of_job(site: str, id: str) -> Place:
    """Return where incidents stand that name a job as people do: without its cluster."""
    return Kind.JOB, f"{site}/{id}"


def _order(one: _Open) -> tuple[int, str]:
    return -one.incident.severity.rank, one.key


def _index(snapshot: Snapshot) -> _Index:
    """Return the incidents by what they are about, made again when one changes.

    It depends on nothing else; words are read only of those that changed.
    """
    found = merged(snapshot, Kind.INCIDENT)
    kept = snapshot.memo.recall("told-incidents", _Index)
    if kept is not None and kept.incidents is found:
        return kept
    before = kept.read if kept is not None else {}
    read: dict[str, _Open] = {}
    about: defaultdict[Place, list[_Open]] = defaultdict(list)
    for key, incident in records_of(found, Incident).items():
        one = before.get(key)
        if one is None or one.incident is not incident:
            one = _read(key, incident)
        read[key] = one
        for place in places_of(incident):
            about[place].append(one)
        for id in dict.fromkeys(incident.jobs):
            about[_of_job(incident.site, id)].append(one)
    made = _Index(found, read, about)
    snapshot.memo.keep("told-incidents", made)
    return made


def _read(key: str, incident: Incident) -> _Open:
    words = " ".join([incident.topic, incident.text, *incident.evidence])
    return _Open(key, incident, cause_in(words), words)
