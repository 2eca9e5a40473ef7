"""The columns of GPUs and other accelerators."""

from __future__ import annotations

from andon.model import Accelerator, AcceleratorState, Kind
from andon.views.columns.clocks import moment, since
from andon.views.columns.make import listing, number, size, state, words
from andon.views.columns.spec import ColumnSpec, Context, Shown
from andon.views.columns.tones import ACCELERATOR_RANKS, ACCELERATOR_TONES
from andon.views.filters import FieldType
from andon.views.formats import clock_text, model_text
from andon.views.page import Tone

_JOBS = frozenset({Kind.JOB})
_NARROW_MARGIN = 3
"""Degrees from its own slowdown limit at which a device is about to throttle."""


def job_id(accelerator: Accelerator, context: Context) -> str | None:
    """Return the id of the job that holds a device."""
    if accelerator.job:
        return accelerator.job
    job = context.joins.job_of(accelerator)
    return job.id if job else None


def tenant_of(accelerator: Accelerator, context: Context) -> str | None:
    """Return the tenant whose job holds a device."""
    if accelerator.tenant:
        return accelerator.tenant
    job = context.joins.job_of(accelerator)
    return job.tenant if job else None


def user_of(accelerator: Accelerator, context: Context) -> str | None:
    """Return the user whose job holds a device."""
    job = context.joins.job_of(accelerator)
    return job.user if job else None


def memory_percent(accelerator: Accelerator, _context: Context) -> float | None:
    """Return the share of a device's memory that is in use."""
    if not accelerator.memory_total_bytes or accelerator.memory_used_bytes is None:
        return None
    return 100.0 * accelerator.memory_used_bytes / accelerator.memory_total_bytes


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _idle_since(accelerator: Accelerator, _context: Context) -> float | None:
    return accelerator.idle_since if accelerator.state is AcceleratorState.IDLE_HELD else None


def _sources(accelerator: Accelerator, context: Context) -> tuple[str, ...]:
    return context.merged(Kind.ACCELERATOR).sources(accelerator.key)


ACCELERATORS: tuple[ColumnSpec[Accelerator], ...] = (
    words("node", "NODE", 10, lambda a, _: a.node, "Host it is in", tone=Tone.STRONG),
    number(
        "index",
        "GPU",
        3,
        lambda a, _: a.index,
        "Index within its node",
        descending=False,
        aliases=("gpu",),
    ),
    words("site", "SITE", 6, lambda a, _: a.site, "Site it stands at", shown=Shown.WIDE),
    words("model", "MODEL", 12, lambda a, _: a.model, "Model", shown=Shown.WIDE, text=model_text),
    state(
        "state",
        "STATE",
        11,
        AcceleratorState,
        lambda a: a.state,
        ACCELERATOR_TONES,
        lambda a: ACCELERATOR_RANKS[a.state],
        "What it does for the factory, faulty and idle-held first",
    ),
    number(
        "utilization_percent",
        "UTIL%",
        5,
        lambda a, _: a.utilization_percent,
        "Share of time at least one kernel was resident; not efficiency",
        text=_whole,
        type_=FieldType.PERCENT,
        aliases=("util",),
    ),
    number(
        "sm_active_percent",
        "SM%",
        4,
        lambda a, _: a.sm_active_percent,
        "Share of multiprocessors that worked",
        text=_whole,
        type_=FieldType.PERCENT,
        shown=Shown.WIDE,
        aliases=("sm",),
    ),
    size(
        "memory_used_bytes",
        "MEM GiB",
        7,
        lambda a, _: a.memory_used_bytes,
        "Device memory in use, of all",
        of=lambda a, _: a.memory_total_bytes,
        aliases=("mem",),
    ),
    number(
        "memory_percent",
        "MEM%",
        4,
        memory_percent,
        "Share of device memory in use",
        text=_whole,
        type_=FieldType.PERCENT,
        shown=Shown.WIDE,
    ),
    size(
        "memory_total_bytes",
        "ALL GiB",
        7,
        lambda a, _: a.memory_total_bytes,
        "Device memory",
        shown=Shown.ASKED,
    ),
    number(
        "temperature_celsius",
        "°C",
        3,
        lambda a, _: a.temperature_celsius,
        "Temperature",
        text=_whole,
        type_=FieldType.CELSIUS,
        aliases=("temp",),
    ),
    number(
        "thermal_margin_celsius",
        "MARGIN°",
        7,
        lambda a, _: a.thermal_margin_celsius,
        "Degrees left to the device's own slowdown limit",
        text=_whole,
        tone=lambda value, _: Tone.WARN if value <= _NARROW_MARGIN else Tone.NORMAL,
        type_=FieldType.CELSIUS,
        descending=False,
        shown=Shown.WIDE,
        aliases=("margin",),
    ),
    number(
        "power_draw_watts",
        "POWER W",
        7,
        lambda a, _: a.power_draw_watts,
        "Power it draws, of its limit",
        text=_whole,
        of=lambda a, _: a.power_limit_watts,
        limit=True,
        type_=FieldType.WATTS,
        aliases=("power",),
    ),
    number(
        "power_limit_watts",
        "LIMIT W",
        7,
        lambda a, _: a.power_limit_watts,
        "Power limit that is in force",
        text=_whole,
        type_=FieldType.WATTS,
        shown=Shown.ASKED,
    ),
    number(
        "clock_sm_mhz",
        "MHz",
        5,
        lambda a, _: a.clock_sm_mhz,
        "Clock of the multiprocessors",
        type_=FieldType.MEGAHERTZ,
        shown=Shown.WIDE,
        aliases=("clock",),
    ),
    words("job", "JOB", 8, job_id, "Job that holds it", joined=_JOBS),
    words("tenant", "TENANT", 8, tenant_of, "Tenant whose job holds it", joined=_JOBS),
    words("user", "USER", 8, user_of, "User whose job holds it", shown=Shown.WIDE, joined=_JOBS),
    since(
        "idle_seconds",
        "IDLE",
        6,
        _idle_since,
        "How long it has been held without doing anything",
        tone=lambda _value, _accelerator: Tone.WARN,
        shown=Shown.WIDE,
        aliases=("idle",),
    ),
    listing(
        "throttle_reasons",
        "THROTTLE",
        12,
        lambda a, _: a.throttle_reasons,
        "Why its clocks are lowered",
        shown=Shown.WIDE,
        aliases=("throttle",),
    ),
    number(
        "ecc_uncorrected_count",
        "ECC",
        4,
        lambda a, _: a.ecc_uncorrected_count,
        "Memory errors that could not be corrected",
        tone=lambda value, _: Tone.BAD if value > 0 else Tone.NORMAL,
        shown=Shown.WIDE,
        aliases=("ecc",),
    ),
    number(
        "ecc_corrected_count",
        "ECC OK",
        8,
        lambda a, _: a.ecc_corrected_count,
        "Memory errors that were corrected",
        shown=Shown.ASKED,
    ),
    number(
        "xid_last",
        "XID",
        4,
        lambda a, _: a.xid_last,
        "Last error number of the driver",
        tone=lambda value, _: Tone.BAD if value > 0 else Tone.NORMAL,
        shown=Shown.WIDE,
        aliases=("xid",),
    ),
    since(
        "xid_age_seconds",
        "XID AGE",
        7,
        lambda a, _: a.xid_last_at,
        "How long ago the last driver error was",
        descending=False,
        shown=Shown.ASKED,
    ),
    words(
        "recovery_action",
        "RECOVERY",
        9,
        lambda a, _: a.recovery_action,
        "What the driver says must be done",
        shown=Shown.ASKED,
        aliases=("recovery",),
    ),
    number(
        "nvlink_errors_per_minute",
        "NVL/min",
        7,
        lambda a, _: a.nvlink_errors_per_minute,
        "Link errors a minute",
        shown=Shown.ASKED,
    ),
    words(
        "partition",
        "SLICE",
        8,
        lambda a, _: a.partition,
        "Slice profile of a divided card",
        shown=Shown.WIDE,
    ),
    number(
        "energy_joules",
        "ENERGY J",
        12,
        lambda a, _: a.energy_joules,
        "Energy since the driver was loaded",
        text=_whole,
        type_=FieldType.JOULES,
        shown=Shown.ASKED,
    ),
    words("vendor", "VENDOR", 8, lambda a, _: a.vendor, "Maker", shown=Shown.ASKED),
    words(
        "driver_version",
        "DRIVER",
        10,
        lambda a, _: a.driver_version,
        "Driver version",
        shown=Shown.ASKED,
        aliases=("driver",),
    ),
    words("pci_address", "PCI", 14, lambda a, _: a.pci_address, "PCI address", shown=Shown.ASKED),
    words(
        "parent_uuid",
        "PARENT",
        12,
        lambda a, _: a.parent_uuid,
        "UUID of the card that a slice belongs to",
        shown=Shown.ASKED,
    ),
    words(
        "cluster", "CLUSTER", 10, lambda a, _: a.cluster, "Cluster of the job", shown=Shown.ASKED
    ),
    words("uuid", "UUID", 13, lambda a, _: a.uuid, "Identity of the device", shown=Shown.WIDE),
    moment(
        "idle_since", "IDLE SINCE", _idle_since, "Since when it is held and idle", clock=clock_text
    ),
    moment(
        "xid_last_at",
        "XID AT",
        lambda a, _: a.xid_last_at,
        "When the last driver error was",
        clock=clock_text,
    ),
    listing(
        "sources",
        "SOURCES",
        12,
        _sources,
        "Sources that report it",
        shown=Shown.ASKED,
        aliases=("source",),
    ),
)
