"""The columns of nodes."""

from __future__ import annotations

from andon.analysis.freshness import age_seconds
from andon.analysis.tally import TAKES_WORK
from andon.model import Kind, Node, NodeState
from andon.views.columns.clocks import moment, since
from andon.views.columns.make import listing, number, size, state, words
from andon.views.columns.spec import ColumnSpec, Context, Shown
from andon.views.columns.tones import NODE_RANKS, NODE_TONES
from andon.views.filters import FieldType
from andon.views.formats import clock_text, model_text
from andon.views.page import Tone

_JOBS = frozenset({Kind.JOB})
_HOLDERS = frozenset({Kind.JOB, Kind.ACCELERATOR})
_OVERLOAD = 1.5
"""Load per CPU from which a node is called overloaded."""


def gpus_free(node: Node, _context: Context) -> int | None:
    """Return how many GPUs of a node new work could get now; none where it takes no work."""
    if node.gpus_total is None or node.gpus_allocated is None:
        return None
    if node.state not in TAKES_WORK:
        return 0
    return max(0, node.gpus_total - node.gpus_allocated)


def jobs_count(node: Node, context: Context) -> int | None:
    """Return how many jobs hold something of a node; `None` where nobody is heard to list jobs."""
    count = len(context.joins.jobs_on(node.key))
    if count:
        return count
    listed, known = context.snapshot.of(Kind.JOB), context.snapshot.sources
    sites = {known[name].site for name in listed if name in known}
    return 0 if node.site in sites else None


def _load_tone(load: float, node: Node) -> Tone:
    busy = node.cpus_total is not None and load > _OVERLOAD * node.cpus_total
    return Tone.WARN if busy else Tone.NORMAL


def _memory_used(node: Node, _context: Context) -> int | None:
    if node.memory_total_bytes is None or node.memory_free_bytes is None:
        return None
    return node.memory_total_bytes - node.memory_free_bytes


def _source_age(node: Node, context: Context) -> float | None:
    """Return when the newest source of a node observed it."""
    ages = [
        age
        for name in context.merged(Kind.NODE).sources(node.key)
        if (status := context.snapshot.sources.get(name)) is not None
        and (age := age_seconds(status, context.now)) is not None
    ]
    return context.now - min(ages) if ages else None


def _sources(node: Node, context: Context) -> tuple[str, ...]:
    return context.merged(Kind.NODE).sources(node.key)


NODES: tuple[ColumnSpec[Node], ...] = (
    words("name", "NAME", 12, lambda n, _: n.name, "Host name", tone=Tone.STRONG),
    words("site", "SITE", 6, lambda n, _: n.site, "Site it stands at"),
    state(
        "state",
        "STATE",
        11,
        NodeState,
        lambda n: n.state,
        NODE_TONES,
        lambda n: NODE_RANKS[n.state],
        "What it does for the factory, worst first",
    ),
    words(
        "backend_state",
        "BACKEND",
        14,
        lambda n, _: n.backend_state,
        "The scheduler's own words for the state",
        shown=Shown.WIDE,
    ),
    number(
        "gpus_allocated",
        "GPUS",
        5,
        lambda n, _: n.gpus_allocated,
        "GPUs held by jobs, of all",
        of=lambda n, _: n.gpus_total,
        aliases=("gpus_used",),
    ),
    number(
        "gpus_free",
        "FREE",
        4,
        gpus_free,
        "GPUs that new work could get now",
        shown=Shown.WIDE,
        aliases=("free",),
    ),
    number(
        "gpus_total",
        "ALL",
        4,
        lambda n, _: n.gpus_total,
        "GPUs it has",
        shown=Shown.ASKED,
        aliases=("gpus",),
    ),
    words(
        "gpu_model",
        "MODEL",
        9,
        lambda n, _: n.gpu_model,
        "Model of its GPUs",
        aliases=("model",),
        text=model_text,
    ),
    number(
        "cpus_allocated",
        "CPUS",
        7,
        lambda n, _: n.cpus_allocated,
        "CPUs held by jobs, of all",
        of=lambda n, _: n.cpus_total,
        shown=Shown.WIDE,
    ),
    number(
        "cpus_total",
        "ALL CPUS",
        8,
        lambda n, _: n.cpus_total,
        "CPUs it has",
        shown=Shown.ASKED,
        aliases=("cpus",),
    ),
    number(
        "load_1m",
        "LOAD",
        5,
        lambda n, _: n.load_1m,
        "Load average of one minute",
        text=lambda value: f"{value:.1f}",
        tone=_load_tone,
        shown=Shown.WIDE,
        aliases=("load",),
    ),
    size(
        "memory_allocated_bytes",
        "MEM GiB",
        9,
        lambda n, _: n.memory_allocated_bytes,
        "Memory held by jobs, of all",
        of=lambda n, _: n.memory_total_bytes,
        shown=Shown.WIDE,
        aliases=("mem",),
    ),
    size(
        "memory_used_bytes",
        "USED GiB",
        8,
        _memory_used,
        "Memory that is in use",
        shown=Shown.ASKED,
    ),
    size(
        "memory_total_bytes",
        "ALL GiB",
        8,
        lambda n, _: n.memory_total_bytes,
        "Memory it has",
        shown=Shown.ASKED,
    ),
    number(
        "jobs",
        "JOBS",
        4,
        jobs_count,
        "Jobs that hold something of it",
        joined=_JOBS,
    ),
    listing(
        "tenants",
        "TENANTS",
        14,
        lambda n, c: c.joins.tenants_on(n.key),
        "Tenants whose jobs run there",
        shown=Shown.WIDE,
        joined=_HOLDERS,
        aliases=("tenant",),
    ),
    words("reason", "REASON", 17, lambda n, _: n.reason, "Why it is drained or down", grow=True),
    words("reason_by", "BY", 7, lambda n, _: n.reason_by, "Who gave the reason", shown=Shown.WIDE),
    since(
        "since_seconds",
        "SINCE",
        6,
        lambda n, _: n.reason_at,
        "How long ago the reason was given",
        shown=Shown.WIDE,
        aliases=("since",),
    ),
    listing(
        "queues",
        "QUEUES",
        10,
        lambda n, _: n.queues,
        "Queues it belongs to",
        shown=Shown.WIDE,
        aliases=("queue",),
    ),
    number(
        "power_draw_watts",
        "POWER W",
        7,
        lambda n, _: n.power_draw_watts,
        "Power it draws now",
        text=lambda value: f"{value:.0f}",
        type_=FieldType.WATTS,
        shown=Shown.WIDE,
        aliases=("power",),
    ),
    words(
        "driver_version",
        "DRIVER",
        10,
        lambda n, _: n.driver_version,
        "Version of the accelerator driver",
        shown=Shown.WIDE,
        aliases=("driver",),
    ),
    words("rack", "RACK", 5, lambda n, _: n.rack, "Rack", shown=Shown.WIDE),
    since(
        "seen_seconds",
        "SEEN",
        5,
        lambda n, _: n.last_seen_at,
        "How long ago it last answered its scheduler",
        shown=Shown.WIDE,
        aliases=("seen",),
    ),
    since(
        "source_age_seconds",
        "AGE",
        5,
        _source_age,
        "How old what is shown here is",
        shown=Shown.ASKED,
        aliases=("age",),
        restless=True,
    ),
    words("cluster", "CLUSTER", 10, lambda n, _: n.cluster, "Cluster", shown=Shown.ASKED),
    words(
        "backend_name",
        "BACKEND NAME",
        14,
        lambda n, _: n.backend_name,
        "The name the backend uses, where it differs",
        shown=Shown.ASKED,
    ),
    words(
        "agent_version",
        "AGENT",
        8,
        lambda n, _: n.agent_version,
        "Version of the scheduler's daemon on it",
        shown=Shown.ASKED,
    ),
    words("address", "ADDRESS", 15, lambda n, _: n.address, "Network address", shown=Shown.ASKED),
    listing("features", "FEATURES", 14, lambda n, _: n.features, "Features", shown=Shown.ASKED),
    since(
        "up_seconds",
        "UP",
        6,
        lambda n, _: n.booted_at,
        "How long ago it booted",
        shown=Shown.ASKED,
        aliases=("up",),
    ),
    moment(
        "reason_at",
        "REASON AT",
        lambda n, _: n.reason_at,
        "When the reason was given",
        clock=clock_text,
    ),
    moment("booted_at", "BOOTED AT", lambda n, _: n.booted_at, "When it booted", clock=clock_text),
    words("comment", "COMMENT", 20, lambda n, _: n.comment, "Comment", shown=Shown.ASKED),
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
