"""The fields a filter may name, and how short a name may be."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum

from andon.views.filters.problem import FilterError, either

_NAMED = 12
"""How many fields an error names where none is near."""


class FieldType(StrEnum):
    """What a field's values are, and so which units and comparisons it takes."""

    TEXT = "text"
    """A text, an enum or several texts. `>` and `<` compare naturally: `gpu9` before `gpu10`."""
    NUMBER = "number"
    BYTES = "bytes"
    SECONDS = "seconds"
    MOMENT = "moment"
    """Seconds since the epoch."""
    WATTS = "watts"
    PERCENT = "percent"
    CELSIUS = "celsius"
    MEGAHERTZ = "megahertz"
    JOULES = "joules"
    FLAG = "flag"
    """True or false."""


USUAL: Mapping[str, tuple[str, ...]] = {
    "mem": ("memory_used_bytes", "memory_allocated_bytes", "memory_bytes", "memory_total_bytes"),
    "memory": ("memory_used_bytes", "memory_allocated_bytes", "memory_bytes"),
    "idle": ("idle_seconds",),
    "age": ("age_seconds", "wait_seconds"),
    "wait": ("wait_seconds", "age_seconds"),
    "run": ("run_seconds", "elapsed_seconds"),
    "power": ("power_draw_watts",),
    "util": ("utilization_percent",),
    "temp": ("temperature_celsius",),
    "gpu": ("gpus", "gpus_total", "index"),
    "gpus": ("gpus", "gpus_total", "gpus_used"),
    "free": ("gpus_free",),
    "node": ("node", "nodes", "name"),
    "nodes": ("nodes", "nodes_count"),
    "queue": ("queue", "queues"),
    "partition": ("queue", "queues"),
    "account": ("tenant",),
    "xid": ("xid_last",),
    "limit": ("time_limit_seconds",),
    "prio": ("priority",),
    "id": ("id", "job"),
}
"""What people type, and the fields they mean by it: the first that the view has."""


def field_named(
    name: str, fields: Mapping[str, FieldType], column: int, aliases: Mapping[str, str]
) -> str:
    """Return the field that `name` means: itself, an alias, or the only one it begins.

    A name may be written without its unit (`wait` for `wait_seconds`) and with `-` for `_`.

    Raises:
        FilterError: No field is meant, or more than one; names the closest or all of them.
    """
    wanted = name.casefold().replace("-", "_")
    if wanted in fields:
        return wanted
    if wanted in aliases and aliases[wanted] in fields:
        return aliases[wanted]
    for usual in USUAL.get(wanted, ()):
        if usual in fields:
            return usual
    begun = [field for field in fields if field.startswith(wanted)] if wanted else []
    # `memory_used` is one field although `memory_used_bytes` and `memory_used_percent` begin so.
    whole = [field for field in begun if field == f"{wanted}_{fields[field]}"]
    if len(whole) == 1:
        return whole[0]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise FilterError(
            f"“{name}” may be {_some(sorted(begun))}", column, hint="write more of the name"
        )
    raise FilterError(f"no field “{name}” here", column, hint=_advice(wanted, fields, aliases))


def _advice(wanted: str, fields: Mapping[str, FieldType], aliases: Mapping[str, str]) -> str:
    known = [*fields, *(alias for alias in aliases if aliases[alias] in fields)]
    known += [usual for usual in USUAL if any(field in fields for field in USUAL[usual])]
    close = get_close_matches(wanted[:64], dict.fromkeys(known), n=3, cutoff=0.5)
    close = close or [field for field in fields if wanted and wanted in field][:3]
    if close:
        return f"did you mean {either(close)}?"
    if len(fields) > _NAMED:
        # As the columns stand: the usual ones come first.
        return f"there is {', '.join(list(fields)[:_NAMED])} and {len(fields) - _NAMED} more"
    return f"there is {either(list(fields), 'and')}" if fields else ""


def _some(names: list[str]) -> str:
    return either([*names[:6], "others"] if len(names) > 6 else names)
