"""Targets: found by name, frozen with what was seen, and compared with what is there now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from andon.model import Kind, Record, Refusal, Target, canonical_host
from andon.runtime.offers import Offers
from andon.sdk.action import Action
from andon.sdk.clean import clean
from andon.sdk.errors import UsageError
from andon.sdk.seen import seen_of
from andon.store import Snapshot


@dataclass(frozen=True, slots=True)
class Named:
    """What words stand for."""

    keys: tuple[str, ...]
    """Record keys in the order of the words, each once."""
    unknown: tuple[str, ...] = ()
    """Words that nothing is called."""
    ambiguous: Mapping[str, tuple[str, ...]] | None = None
    """Words that several things are called, and their keys."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Targets as the operator chose them, and those that cannot be acted on."""

    targets: tuple[Target, ...]
    refusals: tuple[Refusal, ...] = ()


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
    job's id, or an array's id, which stands for every known task of it.

    Args:
        snapshot: where to look.
        kind: what kind of thing is meant.
        words: what was typed.
        sites: look at these sites only; empty means all.
        sources: look at what these sources say only; empty means all.
    """
    wanted = list(dict.fromkeys(words))
    spelt: dict[str, list[str]] = defaultdict(list)
    for word in wanted:
        spelt[word].append(word)
        if kind is Kind.NODE and canonical_host(word) != word:
            spelt[canonical_host(word)].append(word)
    exact: dict[str, dict[str, None]] = defaultdict(dict)
    tasks: dict[str, dict[str, None]] = defaultdict(dict)
    for record in _records(snapshot, kind, frozenset(sites), frozenset(sources)):
        for name in _names(record):
            for word in spelt.get(name, ()):
                exact[word][record.key] = None
        array = getattr(record, "array_id", None)
        for word in spelt.get(array, ()) if array else ():
            tasks[word][record.key] = None
    return _sorted_out(wanted, exact, tasks)


def _sorted_out(
    wanted: list[str], exact: Mapping[str, dict[str, None]], tasks: Mapping[str, dict[str, None]]
) -> Named:
    keys: dict[str, None] = {}
    unknown: list[str] = []
    ambiguous: dict[str, tuple[str, ...]] = {}
    for word in wanted:
        found, array = exact.get(word, {}), tasks.get(word, {})
        if word in found:
            found, array = {word: None}, {}
        # The number of an array may also be the id of one record of it: both are meant.
        clusters = {key.rpartition("/")[0] for key in (*found, *array)}
        if len(found) > 1 or len(clusters) > 1:
            ambiguous[word] = tuple({**found, **array})
        elif clusters:
            keys.update({**found, **array})
        else:
            unknown.append(word)
    return Named(tuple(keys), tuple(unknown), ambiguous)


def _records(
    snapshot: Snapshot, kind: Kind, sites: frozenset[str], sources: frozenset[str]
) -> Iterable[Record]:
    for source, facets in snapshot.of(kind).items():
        if sources and source not in sources:
            continue
        for record in facets.records.values():
            if not sites or record.site in sites:
                yield record


def _names(record: Record) -> set[str]:
    own = (getattr(record, field, None) for field in ("name", "id", "backend_name", "uuid"))
    names = {record.key, *(name for name in own if name)}
    if record.kind is Kind.JOB:
        # People choose job names; only ids stand for jobs.
        names.discard(getattr(record, "name", None) or "")
        names.add(getattr(record, "id", ""))
    return names


def freeze_targets(
    snapshot: Snapshot,
    verb: str,
    keys: Iterable[str],
    offers: Offers,
    *,
    sources: Iterable[str] = (),
) -> Frozen:
    """Freeze things as they are seen now, each with the one source through which to act.

    Args:
        snapshot: what is known.
        verb: what is to be done, for example `node.drain`.
        keys: record keys; repeated ones count once.
        offers: what the sources can do.
        sources: act through these only; empty means all.

    Raises:
        UsageError: no source can do `verb` at all.
    """
    actions = offers.actions(verb)
    if not actions:
        raise UsageError(
            f"no source at hand can {spoken(verb)} {verb.partition('.')[0]}s",
            hint="`andon doctor` lists the sources and what each can do",
        )
    kind = actions[0].kind
    allowed = frozenset(sources)
    able = [name for name in offers.sources(verb) if not allowed or name in allowed]
    targets: list[Target] = []
    refusals: list[Refusal] = []
    for key in dict.fromkeys(keys):
        through = [name for name in able if key in snapshot.said_by(name, kind)]
        if len(through) == 1:
            record = snapshot.said_by(through[0], kind)[key]
            targets.append(_target(record, through[0], snapshot.of(kind)[through[0]].observed_at))
        else:
            why = _why_not(snapshot, kind, key, verb, through)
            refusals.append(Refusal(target=_nameless(kind, key), why=why))
    return Frozen(tuple(targets), tuple(refusals))


def spoken(verb: str) -> str:
    """Return a verb as people type it: `drain` for `node.drain`."""
    return verb.rpartition(".")[2]


def _why_not(snapshot: Snapshot, kind: Kind, key: str, verb: str, through: list[str]) -> str:
    if through:
        return f"{' and '.join(through)} can both do this: name one with --source"
    knowing = [name for name, facets in snapshot.of(kind).items() if key in facets.records]
    if knowing:
        return f"{' and '.join(knowing)} cannot {spoken(verb)} it"
    return f"no source knows such a {kind.value}"


def _nameless(kind: Kind, key: str) -> Target:
    shown = clean(key)
    return Target(
        kind=kind,
        key=shown,
        name=shown.rpartition("/")[2] or shown,
        site=shown.partition("/")[0] if "/" in shown else "",
        source="",
    )


def _target(record: Record, source: str, observed_at: float) -> Target:
    return Target(
        kind=record.kind,
        key=record.key,
        name=name_of(record),
        site=record.site,
        source=source,
        uid=uid_of(record),
        before={**seen_of(record), "observed_at": _iso(observed_at)},
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def name_of(record: Record) -> str:
    """Return what people call a thing: a node's name, a job's id."""
    if record.kind is Kind.JOB:
        return str(getattr(record, "id", record.key))
    return str(getattr(record, "name", None) or getattr(record, "id", None) or record.key)


def uid_of(record: Record) -> str | None:
    """Return the id that its backend never uses twice, where there is one."""
    uid = getattr(record, "uid", None) or getattr(record, "uuid", None)
    return None if uid is None else str(uid)


def observed_text(record: Record | None) -> str:
    """Return the state of a thing in its backend's words, `gone` for one that is not there."""
    if record is None:
        return "gone"
    state = getattr(record, "backend_state", None) or getattr(record, "state", None)
    reason = getattr(record, "reason", None)
    text = str(state) if state else "present"
    return f"{text} ({reason})" if reason else text


def is_another(target: Target, record: Record | None) -> bool:
    """Whether what has a target's name now is not the thing that was chosen, or nothing has it."""
    return record is None or (target.uid is not None and uid_of(record) != target.uid)


def what_changed(action: Action, target: Target, record: Record | None) -> str | None:
    """Return why an act on a frozen target is not the one that was confirmed, or `None`.

    It was meant for what was seen: another id is another thing, and what the act's effect hangs on
    is the act's own to say. A plugin that cannot say it has changed as far as anybody knows.
    """
    if record is None:
        return "it is gone"
    if is_another(target, record):
        return "its id now belongs to another " + target.kind.value
    seen = seen_of(record)
    try:
        before, now = action.hangs_on(target.before), action.hangs_on(seen)
        changed = [word for word in {**before, **now} if before.get(word) != now.get(word)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's fault must not send anything
        return clean(f"its plugin could not compare it: {type(error).__name__}: {error}")
    if not changed:
        return None
    word = changed[0]
    if word == "state":
        was, state = target.before.get("state", ""), seen.get("state", "")
        return f"it was {was or 'without a state'} and is {state or 'without a state'} now"
    was, state = before.get(word) or "empty", now.get(word) or "empty"
    return clean(f"its {word} was “{was}” and is “{state}” now")
