"""What a batch may hold. Pure: each function yields what is wrong, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import msgspec

from andon.model import RECORD_TYPES, Accelerator, Batch, Job, Kind, Node, Process, Record
from andon.model.base import canonical_host
from andon.sdk.clean import clean
from andon.sdk.source import Source

SENTINELS = frozenset(
    {"", "-", "--", "n/a", "na", "[n/a]", "none", "null", "(null)", "nan", "unknown", "undefined"}
)
"""What backends write where they mean "not reported"."""

_FREE_TEXT = frozenset(
    {
        "name",
        "comment",
        "reason",
        "command",
        "description",
        "text",
        "evidence",
        "backend_state",
        "recovery_action",
    }
)
"""Fields that people or backends fill with words of their own."""
_SIGNED = frozenset({"priority", "exit_code", "temperature_celsius", "thermal_margin_celsius"})
_TEXT_LIMIT = 10_000


def wrong_in_batch(batch: object, source: Source, kinds: frozenset[Kind]) -> Iterator[str]:
    """Yield what is wrong with a whole poll's batch as such."""
    if not isinstance(batch, Batch):
        yield f"poll returned {type(batch).__name__} instead of a Batch"
        return
    if batch.source != source.name:
        yield f"the batch names the source {batch.source!r} instead of {source.name!r}"
    if not math.isfinite(batch.observed_at) or batch.observed_at <= 0:
        yield f"observed_at is {batch.observed_at}"
    unasked = (batch.whole | {record.kind for record in batch.records}) - kinds
    if unasked:
        yield f"it reports {', '.join(sorted(unasked))}, which was not asked for"
    silent = kinds - batch.whole - batch.observed - {record.kind for record in batch.records}
    if silent:
        yield f"asked for {', '.join(sorted(silent))}, it neither reports it whole nor a change"
    for record in batch.records:
        if type(record) is not RECORD_TYPES.get(record.kind):
            yield f"a record is a {type(record).__name__}"
        elif record.site != source.site:
            yield f"{record.kind} {record.key} is at {record.site!r}, the source at {source.site!r}"


def wrong_in_keys(batch: Batch) -> Iterator[str]:
    """Yield keys that stand for two things."""
    seen: set[tuple[Kind, str]] = set()
    for record in batch.records:
        identity = (record.kind, record.key)
        if identity in seen:
            yield f"two records are {record.kind} {record.key}"
        seen.add(identity)


def wrong_in_types(batch: Batch) -> Iterator[str]:
    """Yield values that are not of their field's declared type."""
    for record in batch.records:
        try:
            msgspec.convert(msgspec.to_builtins(record), type(record))
        except (msgspec.ValidationError, TypeError) as error:
            yield f"{record.kind} {record.key}: {error}"


def wrong_in_unknowns(batch: Batch) -> Iterator[str]:
    """Yield values that stand for "not reported" and are not `None`."""
    for record in batch.records:
        for name, value in _fields(record):
            where = f"{record.kind} {record.key}: {name} is {value!r}"
            if type(value) is str:  # a word of the model, such as a state, is a subclass
                if name not in _FREE_TEXT and value.strip().lower() in SENTINELS:
                    yield f"{where}; not reported is None"
            elif isinstance(value, bool):
                continue
            elif isinstance(value, int | float) and not math.isfinite(value):
                yield f"{where}; not reported is None"
            elif isinstance(value, int | float) and value < 0 and name not in _SIGNED:
                yield f"{where}, below zero; not reported is None"


def wrong_in_texts(batch: Batch) -> Iterator[str]:
    """Yield texts that were not cleaned where they came in."""
    for record in batch.records:
        for name, value in _fields(record):
            for text in _texts(value):
                if clean(text, limit=_TEXT_LIMIT) != text:
                    shown = clean(text, limit=60)
                    yield f"{record.kind} {clean(record.key)}: {name} is not clean: {shown}"
    for name, said in (("identity", batch.identity), ("version", batch.version)):
        if said is not None and clean(said) != said:
            yield f"{name} is not clean: {clean(said)}"


def wrong_in_hosts(batch: Batch) -> Iterator[str]:
    """Yield host names that other sources would not know under that name."""
    for record in batch.records:
        names: Iterable[str] = ()
        if isinstance(record, Node):
            names = (record.name,)
        elif isinstance(record, Accelerator | Process):
            names = (record.node,)
        elif isinstance(record, Job):
            names = record.nodes
        for name in names:
            if canonical_host(name) != name:
                yield f"{record.kind} {record.key}: {name!r} is not canonical"


def _fields(record: Record) -> Iterator[tuple[str, object]]:
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if value is not None:
            yield name, value


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
