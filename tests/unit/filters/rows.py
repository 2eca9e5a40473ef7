"""Rows to filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from andon.views.filters import FieldType, compile_filter
from andon.views.page import Raw

FIELDS: Mapping[str, FieldType] = {
    "name": FieldType.TEXT,
    "state": FieldType.TEXT,
    "user": FieldType.TEXT,
    "queues": FieldType.TEXT,
    "reason": FieldType.TEXT,
    "driver_version": FieldType.TEXT,
    "gpus": FieldType.NUMBER,
    "memory_used_bytes": FieldType.BYTES,
    "memory_total_bytes": FieldType.BYTES,
    "idle_seconds": FieldType.SECONDS,
    "age_seconds": FieldType.SECONDS,
    "submitted_at": FieldType.MOMENT,
    "power_draw_watts": FieldType.WATTS,
    "power_limit_watts": FieldType.WATTS,
    "utilization_percent": FieldType.PERCENT,
    "temperature_celsius": FieldType.CELSIUS,
    "is_default": FieldType.FLAG,
}

Row = Mapping[str, Raw]

ROW: Row = {
    "name": "gpu-01",
    "state": "drained",
    "user": "Alice",
    "queues": ("h100", "debug"),
    "reason": None,
    "driver_version": "570.86.10",
    "gpus": 8,
    "memory_used_bytes": 71 * 2**30,
    "memory_total_bytes": 80 * 2**30,
    "idle_seconds": 2400.5,
    "age_seconds": 7300,
    "submitted_at": 1_800_000_000.0,
    "power_draw_watts": 412.6,
    "power_limit_watts": 700,
    "utilization_percent": 85.3,
    "temperature_celsius": None,
    "is_default": True,
}


def shown(row: Row) -> str:
    return " ".join(str(value) for value in row.values())


def _getter(name: str) -> Callable[[Row], Raw]:
    return lambda row: row[name]


def holds(text: str, row: Row = ROW) -> bool:
    compiled = compile_filter(text, FIELDS)
    one = compiled.matches(row.get, lambda: shown(row))
    many = compiled.predicate(_getter, shown)(row)
    assert one is many, "the two ways to ask must agree"
    return one
