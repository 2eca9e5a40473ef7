"""Which sources did not say what was asked of them: in full, or of one kind only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from andon.model import Kind, SourceState, SourceStatus
from andon.sdk.errors import EXIT_DENIED, EXIT_DOWN, EXIT_OK, EXIT_PARTIAL
from andon.store import Snapshot
from andon.views.notes import reporting
from andon.views.state import Scope

_ALL = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """What one source did not say."""

    source: str
    message: str
    """Why, with what it did not answer."""
    hint: str
    denied: bool = False


def unheard(
    snapshot: Snapshot, kinds: Collection[Kind], scope: Scope = _ALL
) -> tuple[Unheard, ...]:
    """Return what sources did not say, or not all of it, of these kinds.

    Args:
        snapshot: one look; every source that failed in it is named, whatever it reports.
        kinds: what was asked for.
        scope: sites and sources that are looked at.
    """
    found: list[Unheard] = []
    for status in reporting(snapshot, None, scope):
        if status.fault is not None:
            fault, denied = status.fault, status.state is SourceState.DENIED
            found.append(
                Unheard(source=status.name, message=fault.message, hint=fault.hint, denied=denied)
            )
        else:
            found += _parts(status, kinds)
    return tuple(found)


def _parts(status: SourceStatus, kinds: Collection[Kind]) -> Iterator[Unheard]:
    for part in status.coverage:
        if part.kind not in kinds or part.reported >= part.expected:
            continue
        counts = f"{part.reported} of {part.expected} {part.kind.value}s reported"
        if part.note:
            counts = (
                f"{counts}: {part.note}" if part.reported else f"{part.kind.value}s {part.note}"
            )
        hint = f"`andon doctor --source {status.name}` says what it answers"
        yield Unheard(source=status.name, message=counts, hint=hint)


def heard_of(snapshot: Snapshot, kind: Kind, scope: Scope = _ALL) -> bool:
    """Return whether any source in scope told of a kind, be it that there is nothing."""
    told = snapshot.of(kind)
    return any(status.name in told for status in reporting(snapshot, kind, scope))


def exit_of(silent: Sequence[Unheard], *, heard: bool) -> int:
    """Return the exit code: 0 when nothing is missing, 3 when something was heard, else 4 or 5."""
    if not silent:
        return EXIT_OK
    if heard:
        return EXIT_PARTIAL
    return EXIT_DENIED if all(each.denied for each in silent) else EXIT_DOWN


def names_of(silent: Iterable[Unheard]) -> str:
    """Return the names of those sources, as in a sentence."""
    return " and ".join(dict.fromkeys(each.source for each in silent))
