"""Targets: frozen with what was seen, and compared with what is there now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from andon.model import Job, Kind, Record, Refusal, Target
from andon.runtime.offers import Offers
from andon.sdk.action import Action
from andon.sdk.clean import clean
from andon.sdk.errors import UsageError
from andon.sdk.seen import seen_of
from andon.store import Snapshot


@dataclass(frozen=True, slots=True)
class Frozen:
    """Targets as the operator chose them, and those that cannot be acted on."""

    targets: tuple[Target, ...]
    refusals: tuple[Refusal, ...] = ()


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
        count=record.count if isinstance(record, Job) else 1,
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def name_of(record: Record) -> str:
    """Return what people call a thing: a node's name, a job's id, the tasks of an array."""
    if isinstance(record, Job):
        return record.called
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
