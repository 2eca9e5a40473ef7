"""What words stand for: names, ids, record keys, and tasks of arrays."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from andon.model import Job, Kind, Record, Target, Tasks, canonical_host, tasks_in
from andon.sdk.errors import UsageError
from andon.store import Snapshot

MOST_TASKS = 100_000
"""More tasks than this in one word are refused before they are counted out."""
_TASKS = re.compile(
    r"(?P<place>(?:[^/]*/)*)(?P<array>\d{1,18})_"
    r"(?:(?P<task>\d{1,18})|\[(?P<tasks>[\d,:-]+)(?:%\d+)?\])",
    re.ASCII,
)
"""`123_4`, `123_[1,4-6]` or `123_[1-99%4]`, also with its site and cluster before it."""


@dataclass(frozen=True, slots=True)
class Named:
    """What words stand for."""

    keys: tuple[str, ...]
    """Record keys in the order of the words, each once."""
    unknown: tuple[str, ...] = ()
    """Words that nothing is called."""
    ambiguous: Mapping[str, tuple[str, ...]] | None = None
    """Words that several things are called, and their keys."""
    unread: tuple[Target, ...] = ()
    """Those of `keys` that no record has yet: tasks that wait with others as one record. Their
    source reports each by itself when it is read again."""


def keys_named(
    snapshot: Snapshot,
    kind: Kind,
    words: Iterable[str],
    *,
    sites: Iterable[str] = (),
    sources: Iterable[str] = (),
) -> Named:
    """Return the record keys that words stand for.

    A word is a record key, a node's name (also with its domain, also as its backend writes it), a
    job's id, or an array's id, which stands for every known task of it. `123_4` and `123_[1,4-6]`
    are tasks of an array; all that wait together are their one record.

    Args:
        snapshot: where to look.
        kind: what kind of thing is meant.
        words: what was typed.
        sites: look at these sites only; empty means all.
        sources: look at what these sources say only; empty means all.

    Raises:
        UsageError: a word stands for more than 100,000 tasks.
    """
    wanted = list(dict.fromkeys(words))
    asked = _tasks_asked(wanted) if kind is Kind.JOB else {}
    spelt: dict[str, list[str]] = defaultdict(list)
    for word in wanted:
        spelt[word].append(word)
        if kind is Kind.NODE and canonical_host(word) != word:
            spelt[canonical_host(word)].append(word)
    exact: dict[str, dict[str, None]] = defaultdict(dict)
    members: dict[str, dict[str, None]] = defaultdict(dict)
    arrays = _Arrays({one.array for one in asked.values()})
    for source, record in _records(snapshot, kind, frozenset(sites), frozenset(sources)):
        for name in _names(record):
            for word in spelt.get(name, ()):
                exact[word][record.key] = None
        if isinstance(record, Job) and record.array_id:
            for word in spelt.get(record.array_id, ()):
                members[word][record.key] = None
            arrays.add(source, record)
    return _sorted_out(wanted, exact, members, asked, arrays)


def _records(
    snapshot: Snapshot, kind: Kind, sites: frozenset[str], sources: frozenset[str]
) -> Iterator[tuple[str, Record]]:
    for source, facets in snapshot.of(kind).items():
        if sources and source not in sources:
            continue
        for record in facets.records.values():
            if not sites or record.site in sites:
                yield source, record


def _names(record: Record) -> set[str]:
    if isinstance(record, Job):
        # People choose job names; only ids stand for jobs.
        if record.array_tasks is None:
            return {record.key, record.id}
        place = record.key.rpartition("/")[0]
        return {record.key, record.id, record.called, f"{place}/{record.called}"}
    own = (getattr(record, field, None) for field in ("name", "id", "backend_name", "uuid"))
    return {record.key, *(name for name in own if name)}


def _sorted_out(
    wanted: Sequence[str],
    exact: Mapping[str, dict[str, None]],
    members: Mapping[str, dict[str, None]],
    asked: Mapping[str, _Asked],
    arrays: _Arrays,
) -> Named:
    keys: dict[str, None] = {}
    unknown: list[str] = []
    ambiguous: dict[str, tuple[str, ...]] = {}
    for word in wanted:
        found, tasks = exact.get(word, {}), members.get(word, {})
        if word in found:
            found, tasks = {word: None}, {}
        # The number of an array may also be the id of one record of it: both are meant.
        clusters = {key.rpartition("/")[0] for key in (*found, *tasks)}
        if len(found) > 1 or len(clusters) > 1:
            ambiguous[word] = tuple({**found, **tasks})
        elif clusters:
            keys.update({**found, **tasks})
        elif word in asked:
            places = arrays.places(asked[word])
            if len(places) > 1:
                ambiguous[word] = tuple(f"{place}/{word.rpartition('/')[2]}" for place in places)
            elif places:
                missing = arrays.take(asked[word], places[0], keys)
                unknown += missing
            else:
                unknown.append(word)
        else:
            unknown.append(word)
    unread = arrays.unread(keys)
    return Named(tuple(keys), tuple(unknown), ambiguous, unread)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Tasks of an array that a word names."""

    place: str
    """Site and cluster as they were typed, with a slash behind them; empty for any."""
    array: str
    tasks: Tasks


def _tasks_asked(words: Iterable[str]) -> dict[str, _Asked]:
    found = {}
    for word in words:
        match = _TASKS.fullmatch(word)
        tasks = tasks_in(match["task"] or match["tasks"]) if match else None
        if match is None or tasks is None:
            continue
        if len(tasks) > MOST_TASKS:
            raise UsageError(f"“{word}” stands for too many tasks", hint="use a filter")
        found[word] = _Asked(match["place"], match["array"], tasks)
    return found


@dataclass(slots=True)
class _Array:
    """What is known of one array at one place."""

    own: dict[int, str] = field(default_factory=dict)
    """The key of each task that is a record of its own."""
    rest: Job | None = None
    """The record of the tasks that wait together."""
    waiting: Tasks | None = None
    source: str = ""
    """Who reports them."""
    picked: dict[int, None] = field(default_factory=dict)
    """The tasks of `waiting` that were named."""


class _Arrays:
    """The arrays of which tasks are named."""

    def __init__(self, wanted: set[str]) -> None:
        self._wanted = wanted
        self._found: dict[tuple[str, str], _Array] = defaultdict(_Array)
        """By place (`site/cluster`) and number."""

    def add(self, source: str, job: Job) -> None:
        """Take note of one record of an array."""
        if job.array_id not in self._wanted:
            return
        array = self._found[job.key.rpartition("/")[0], job.array_id]
        number = job.id.partition("_")[2]
        if job.array_tasks is not None:
            array.rest, array.source = job, source
            array.waiting = tasks_in(job.array_tasks)
        elif number.isascii() and number.isdigit():
            array.own[int(number)] = job.key

    def places(self, asked: _Asked) -> list[str]:
        """Return where any of the tasks is known."""
        return [
            place
            for (place, number), array in self._found.items()
            if number == asked.array
            and asked.place in ("", f"{place}/")
            and any(n in array.own or (array.waiting and n in array.waiting) for n in asked.tasks)
        ]

    def take(self, asked: _Asked, place: str, keys: dict[str, None]) -> list[str]:
        """Add the keys of tasks that are records; note those that wait; return unknown ones."""
        array = self._found[place, asked.array]
        missing = []
        for number in asked.tasks:
            if number in array.own:
                keys[array.own[number]] = None
            elif array.waiting is not None and number in array.waiting:
                array.picked[number] = None
            else:
                missing.append(f"{asked.array}_{number}")
        return missing

    def unread(self, keys: dict[str, None]) -> tuple[Target, ...]:
        """Add the keys of the waiting tasks that were named; return those to be read by itself.

        All tasks that wait together are their one record, which one call hits.
        """
        unread: list[Target] = []
        for (place, number), array in self._found.items():
            rest, waiting = array.rest, array.waiting
            if rest is None or waiting is None or not array.picked or rest.key in keys:
                continue
            if len(array.picked) == len(waiting):
                keys[rest.key] = None
                continue
            for task in array.picked:
                name = f"{number}_{task}"
                key = f"{place}/{name}"
                keys[key] = None
                unread.append(
                    Target(kind=Kind.JOB, key=key, name=name, site=rest.site, source=array.source)
                )
        return tuple(unread)
