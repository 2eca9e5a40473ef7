"""Sites, nodes, accelerators, processes, queues, tenants, services and reservations."""

from __future__ import annotations

from typing import ClassVar

from andon.model.base import Kind, Record
from andon.model.states import AcceleratorState, NodeState, QueueState


class Site(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One place with a region, a jurisdiction, a power price and meters."""

    kind: ClassVar[Kind] = Kind.SITE

    region: str | None = None
    jurisdiction: str | None = None
    power_price_per_kwh: float | None = None
    currency: str | None = None
    power_draw_watts: float | None = None
    """Of the whole site, as its meter says."""
    power_limit_watts: float | None = None
    carbon_grams_per_kwh: float | None = None
    pue: float | None = None
    """Power usage effectiveness from facility meters; never derived from GPU power."""


class Node(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One host that a scheduler or a driver knows."""

    kind: ClassVar[Kind] = Kind.NODE

    name: str
    """Canonical host name, see `canonical_host`."""
    backend_name: str | None = None
    """The name the backend uses, where it differs."""
    cluster: str | None = None
    state: NodeState = NodeState.UNKNOWN
    backend_state: str | None = None
    """The backend's own words, for example `MIXED+DRAIN`."""
    reason: str | None = None
    """Why the node is drained or down, in the words of whoever set it."""
    reason_by: str | None = None
    reason_at: float | None = None
    queues: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    rack: str | None = None
    cpus_total: int | None = None
    cpus_allocated: int | None = None
    load_1m: float | None = None
    memory_total_bytes: int | None = None
    memory_allocated_bytes: int | None = None
    memory_free_bytes: int | None = None
    gpus_total: int | None = None
    gpus_allocated: int | None = None
    gpu_indexes_allocated: tuple[int, ...] = ()
    gpu_model: str | None = None
    power_draw_watts: float | None = None
    driver_version: str | None = None
    agent_version: str | None = None
    """Version of the scheduler's daemon on the node."""
    address: str | None = None
    booted_at: float | None = None
    last_seen_at: float | None = None
    """When the node last answered its scheduler."""
    comment: str | None = None

    @property
    def key(self) -> str:
        """`site/name`: nodes of several sources join by canonical name within a site."""
        return f"{self.site}/{self.name}"


class Accelerator(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One GPU, AI chip or slice of one."""

    kind: ClassVar[Kind] = Kind.ACCELERATOR

    node: str
    """Canonical host name."""
    index: int | None = None
    uuid: str | None = None
    pci_address: str | None = None
    parent_uuid: str | None = None
    """UUID of the whole card when this is a slice of one."""
    partition: str | None = None
    """Slice profile, for example `1g.10gb`; `None` for a whole card."""
    vendor: str | None = None
    model: str | None = None
    state: AcceleratorState = AcceleratorState.UNKNOWN
    job: str | None = None
    """`id` of the job that holds it, in the cluster `cluster`."""
    cluster: str | None = None
    tenant: str | None = None
    utilization_percent: float | None = None
    """Share of time at least one kernel was resident; not a measure of efficiency."""
    sm_active_percent: float | None = None
    memory_total_bytes: int | None = None
    memory_used_bytes: int | None = None
    temperature_celsius: float | None = None
    thermal_margin_celsius: float | None = None
    """Distance to the device's own slowdown limit."""
    power_draw_watts: float | None = None
    power_limit_watts: float | None = None
    energy_joules: float | None = None
    clock_sm_mhz: int | None = None
    throttle_reasons: tuple[str, ...] = ()
    ecc_corrected_count: int | None = None
    ecc_uncorrected_count: int | None = None
    nvlink_errors_per_minute: float | None = None
    xid_last: int | None = None
    xid_last_at: float | None = None
    recovery_action: str | None = None
    """The driver's own verdict, for example `none`, `reset`, `reboot`."""
    idle_since: float | None = None
    """Since when it is held and does nothing."""
    driver_version: str | None = None

    @property
    def key(self) -> str:
        """`site/uuid`, else `site/node/index`; `analysis` joins the two within one node."""
        if self.uuid:
            return f"{self.site}/{self.uuid}"
        return f"{self.site}/{self.node}/{self.index}"


class Process(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One operating-system process on an accelerator."""

    kind: ClassVar[Kind] = Kind.PROCESS

    node: str
    pid: int
    started_at: float | None = None
    user: str | None = None
    command: str | None = None
    accelerator: str | None = None
    """Key of the accelerator."""
    job: str | None = None
    tenant: str | None = None
    memory_used_bytes: int | None = None
    sm_percent: float | None = None

    @property
    def key(self) -> str:
        """`site/node/pid/accelerator`: one process may use several accelerators."""
        return f"{self.site}/{self.node}/{self.pid}/{self.accelerator or ''}"


class Queue(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where jobs wait."""

    kind: ClassVar[Kind] = Kind.QUEUE

    name: str
    cluster: str | None = None
    state: QueueState = QueueState.UNKNOWN
    backend_state: str | None = None
    is_default: bool | None = None
    priority: int | None = None
    time_limit_seconds: int | None = None
    nodes: tuple[str, ...] = ()
    nodes_total: int | None = None
    cpus_total: int | None = None
    gpus_total: int | None = None
    gpus_allocated: int | None = None
    jobs_running: int | None = None
    jobs_pending: int | None = None
    tenants_allowed: tuple[str, ...] = ()
    """Empty means everyone."""

    @property
    def key(self) -> str:
        """`site/cluster/name`."""
        return f"{self.site}/{self.cluster or ''}/{self.name}"


class Tenant(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Who owns work and quota at one site."""

    kind: ClassVar[Kind] = Kind.TENANT

    name: str
    cluster: str | None = None
    parent: str | None = None
    description: str | None = None
    sector: str | None = None
    residency: tuple[str, ...] = ()
    """Jurisdictions in which the tenant's work may run; empty means not stated."""
    entitlement_gpu_hours_per_week: float | None = None
    gpus_limit: int | None = None
    gpus_used: int | None = None
    cpus_limit: int | None = None
    cpus_used: int | None = None
    jobs_running: int | None = None
    jobs_pending: int | None = None
    shares: int | None = None
    fair_share: float | None = None
    users: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`site/cluster/name`."""
        return f"{self.site}/{self.cluster or ''}/{self.name}"


class Service(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One inference deployment."""

    kind: ClassVar[Kind] = Kind.SERVICE

    name: str
    cluster: str | None = None
    model: str | None = None
    tenant: str | None = None
    job: str | None = None
    replicas_ready: int | None = None
    replicas_wanted: int | None = None
    requests_running: int | None = None
    requests_waiting: int | None = None
    tokens_per_second: float | None = None
    first_token_p50_seconds: float | None = None
    first_token_p95_seconds: float | None = None
    kv_cache_percent: float | None = None

    @property
    def key(self) -> str:
        """`site/cluster/name`."""
        return f"{self.site}/{self.cluster or ''}/{self.name}"


class Reservation(Record, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nodes set aside for someone or for maintenance."""

    kind: ClassVar[Kind] = Kind.RESERVATION

    name: str
    cluster: str | None = None
    starts_at: float | None = None
    ends_at: float | None = None
    nodes: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    is_maintenance: bool | None = None

    @property
    def key(self) -> str:
        """`site/cluster/name`."""
        return f"{self.site}/{self.cluster or ''}/{self.name}"
