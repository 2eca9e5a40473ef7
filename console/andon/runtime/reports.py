"""Faults and statuses, made of what is known of a source. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from andon.model import Coverage, Fault, FaultKind, SourceState, SourceStatus
from andon.sdk.clean import clean
from andon.sdk.errors import AndonError, SourceError
from andon.sdk.source import Source

if TYPE_CHECKING:
    from andon.runtime.sources import SourceSpec

_MESSAGE_LIMIT = 500


def fault_of(source: str, error: BaseException, at: float, retry_at: float | None = None) -> Fault:
    """Return the fault for what a source or its plugin raised.

    A `SourceError` says itself what it is; anything else is the plugin's fault and called crashed.
    """
    if isinstance(error, SourceError):
        kind, message, hint = error.fault_kind, error.message, error.hint
    elif isinstance(error, AndonError):
        kind, message, hint = FaultKind.UNSUPPORTED, error.message, error.hint
    else:
        kind = FaultKind.CRASHED
        message = f"the plugin raised {described(error)}"
        hint = "this is a fault of the plugin, not of the backend; see `--debug FILE`"
    return Fault(source=source, kind=kind, message=message, hint=hint, at=at, retry_at=retry_at)


def described(error: BaseException) -> str:
    """Return type and text of an exception, cleaned; survives a `__str__` that raises."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a plugin's exception may do anything
        text = "(its message cannot be shown)"
    name = type(error).__name__
    return clean(f"{name}: {text}" if text else name, limit=_MESSAGE_LIMIT)


def first_status(
    spec: SourceSpec, source: Source | None = None, verbs: tuple[str, ...] = ()
) -> SourceStatus:
    """Return the status of a source that has not reported yet, opened or not."""
    return SourceStatus(
        name=spec.name,
        plugin=spec.plugin,
        site=spec.site,
        demo=spec.demo,
        kinds=tuple(sorted(source.intervals_seconds)) if source else (),
        verbs=verbs,
    )


def state_after(coverages: Iterable[Coverage]) -> SourceState:
    """Return how far a source can be trusted that has just reported with these coverages."""
    if any(coverage.reported < coverage.expected for coverage in coverages):
        return SourceState.PARTIAL
    return SourceState.LIVE
