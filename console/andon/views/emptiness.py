"""Why a table is empty. An empty table without a reason reads like "all is well"."""

from __future__ import annotations

from andon.analysis.freshness import age_seconds, state_now
from andon.analysis.holdings import is_owned
from andon.model import Kind, SourceState, SourceStatus
from andon.store import Snapshot
from andon.views.formats import age_text, count_text
from andon.views.notes import reporting, source_label
from andon.views.registry import ViewSpec
from andon.views.state import Scope, ViewState


def why_empty(
    snapshot: Snapshot,
    spec: ViewSpec,
    state: ViewState,
    in_scope: int,
    reported: int,
    now: float,
) -> str:
    """Return why no row is shown, in one line.

    Args:
        snapshot: The state of the factory.
        spec: The view.
        state: What the viewer chose.
        in_scope: How many things there are before filtering.
        reported: How many there are before the scope was applied.
        now: Seconds since the epoch.
    """
    what = spec.title if spec.title.isupper() or spec.title == "GPUs" else spec.title.lower()
    one = what.removesuffix("s")
    if in_scope == 1:
        return f"The only {one} does not match “{state.filter.strip()}”"
    if in_scope:
        return f"None of {count_text(in_scope)} {what} matches “{state.filter.strip()}”"
    if reported == 1:
        return f"The only {one} is not in scope: {scope_text(state.scope)}"
    if reported:
        return f"None of {count_text(reported)} {what} is in scope: {scope_text(state.scope)}"
    if not snapshot.sources or spec.kind is None:
        return "No source is configured: andon doctor says what was looked for"
    return _why_nothing_reported(snapshot, spec.kind, what, state.scope, now)


def owner_text(scope: Scope) -> str:
    """Return whose things a scope keeps, in words: `tenant health`; empty for everybody's."""
    if not is_owned(scope):
        return ""
    return scope_text(Scope(tenants=scope.tenants, user=scope.user))


def scope_text(scope: Scope) -> str:
    """Return a scope in words: `site par1, user alice`."""
    parts = []
    for word, names in (
        ("site", scope.sites),
        ("source", scope.sources),
        ("tenant", scope.tenants),
    ):
        if names:
            parts.append(f"{word}{'s' if len(names) > 1 else ''} {', '.join(names)}")
    if scope.user is not None:
        parts.append(f"user {scope.user}")
    return ", ".join(parts) or "everything"


def _why_nothing_reported(
    snapshot: Snapshot, kind: Kind, what: str, scope: Scope, now: float
) -> str:
    able = reporting(snapshot, kind, scope)
    if not able:
        everyone = reporting(snapshot, None, scope)
        if not everyone:
            return f"No source is in scope: {scope_text(scope)}"
        silent = [one for one in everyone if not one.kinds and one.observed_at is None]
        if silent:
            return _source_reason(silent[0], what, now)
        names = ", ".join(source_label(status) for status in everyone)
        return f"No source reports {what}: {names} cannot"
    reasons = [_source_reason(status, what, now) for status in able]
    hidden = [
        f"{source_label(status)}: {part.note}"
        for status in able
        for part in status.coverage
        if part.kind is kind and part.note
    ]
    return "; ".join(dict.fromkeys([*reasons, *hidden]))


def _source_reason(status: SourceStatus, what: str, now: float) -> str:
    label, state = source_label(status), state_now(status, now)
    if state is SourceState.CONNECTING:
        return f"Waiting for {label} to report"
    fault = status.fault
    if fault is not None and not state.trusted:
        text = f"{label} is {state.value}: {fault.message}"
        return f"{text} ({fault.hint})" if fault.hint else text
    age = age_seconds(status, now)
    if not state.trusted:
        old = f", last heard {age_text(age)} ago" if age is not None else ""
        return f"{label} is {state.value}{old}"
    return f"{label} reports no {what}"
