"""States with one meaning across backends; records keep the backend's own word beside them."""

from __future__ import annotations

from enum import StrEnum


class NodeState(StrEnum):
    """What a node does for the factory right now."""

    IDLE = "idle"
    """Takes work and has none."""
    MIXED = "mixed"
    """Takes work and has some."""
    ALLOCATED = "allocated"
    """Full."""
    DRAINING = "draining"
    """Takes no new work; some is still running."""
    DRAINED = "drained"
    """Takes no new work and has none."""
    RESERVED = "reserved"
    """Set aside for a reservation."""
    MAINTENANCE = "maintenance"
    """Out of service on purpose."""
    STARTING = "starting"
    """Booting or being configured."""
    POWERED_OFF = "powered-off"
    """Switched off to save power."""
    DOWN = "down"
    """Does not answer or cannot run work."""
    UNKNOWN = "unknown"
    """The backend does not know, or its word has no meaning known here."""


class AcceleratorState(StrEnum):
    """What an accelerator does for the factory right now."""

    FREE = "free"
    """Nobody holds it and its node takes work."""
    ALLOCATED = "allocated"
    """A job holds it; whether it works is not reported."""
    BUSY = "busy"
    """A job holds it and it works."""
    IDLE_HELD = "idle-held"
    """A job holds it and it does nothing."""
    UNAVAILABLE = "unavailable"
    """Its node takes no work."""
    FAULTY = "faulty"
    """It reported a fault that keeps work away."""
    UNKNOWN = "unknown"
    """Not reported."""


class JobState(StrEnum):
    """Where a job is in its life."""

    PENDING = "pending"
    HELD = "held"
    """Pending and not started before somebody releases it."""
    STARTING = "starting"
    RUNNING = "running"
    SUSPENDED = "suspended"
    COMPLETING = "completing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    PREEMPTED = "preempted"
    NODE_FAILED = "node-failed"
    UNKNOWN = "unknown"

    @property
    def waiting(self) -> bool:
        """Whether the job has not started yet."""
        return self in (JobState.PENDING, JobState.HELD)

    @property
    def active(self) -> bool:
        """Whether the job holds resources now."""
        return self in _ACTIVE_JOBS

    @property
    def ended(self) -> bool:
        """Whether the job is over."""
        return not self.waiting and not self.active and self is not JobState.UNKNOWN


_ACTIVE_JOBS = frozenset(
    {JobState.STARTING, JobState.RUNNING, JobState.SUSPENDED, JobState.COMPLETING}
)


class QueueState(StrEnum):
    """Whether a queue takes and starts work."""

    OPEN = "open"
    DRAINING = "draining"
    """Takes no new jobs, still starts the ones it has."""
    STOPPED = "stopped"
    """Takes jobs, starts none."""
    CLOSED = "closed"
    """Takes none and starts none."""
    UNKNOWN = "unknown"


class WorkClass(StrEnum):
    """What kind of work a job is."""

    TRAINING = "training"
    INFERENCE = "inference"
    HPC = "hpc"
    ANALYTICS = "analytics"
    INTERACTIVE = "interactive"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How bad an event or incident is, least first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info up to 2 for critical."""
        return list(Severity).index(self)


class SourceState(StrEnum):
    """How far a source's data can be trusted."""

    CONNECTING = "connecting"
    LIVE = "live"
    SLOW = "slow"
    """Live, but its polls take too long (`SourceStatus.slow_seconds`)."""
    PARTIAL = "partial"
    """Live, but some of what should have reported did not."""
    LATE = "late"
    """The last poll is overdue; data is younger than three intervals."""
    STALE = "stale"
    """Data is older than three intervals."""
    DENIED = "denied"
    DOWN = "down"
    QUARANTINED = "quarantined"
    """Its plugin ended the collector process and is kept out until asked for again."""

    @property
    def trusted(self) -> bool:
        """Whether what the source last said may be taken for what is."""
        return self in (SourceState.LIVE, SourceState.SLOW, SourceState.PARTIAL)


class FaultKind(StrEnum):
    """Why a source could not report: one word per branch of the `SourceError` tree."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DENIED = "denied"
    GARBLED = "garbled"
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported"
    CRASHED = "crashed"
    """The plugin raised something it promised not to, or ended its process."""


class Tier(StrEnum):
    """How much an act can hurt, and so what confirming it takes."""

    REVERSIBLE = "T1"
    """Reversible and small: `y`."""
    DISRUPTIVE = "T2"
    """Affects running work or several things: the count is typed."""
    DESTRUCTIVE = "T3"
    """Kills much or a whole site: the name is typed and a reason given."""


class Effect(StrEnum):
    """What an act does to work; the words on buttons and in plans come from this."""

    STOP_NEW_WORK = "stop-new-work"
    ALLOW_NEW_WORK = "allow-new-work"
    KILL_JOBS = "kill-jobs"
    HOLD_JOBS = "hold-jobs"
    RELEASE_JOBS = "release-jobs"
    RESTART_JOBS = "restart-jobs"


class Result(StrEnum):
    """What really happened to one step."""

    CONFIRMED = "confirmed"
    """Done, and the promised state was read back."""
    REQUESTED = "requested"
    """The backend took the call; the promised state was not seen before the deadline."""
    SKIPPED = "skipped"
    """Nothing was sent."""
    DENIED = "denied"
    """Policy or the backend said no."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """An intent without an outcome: the runner ended in between."""

    @property
    def ok(self) -> bool:
        """Whether the promised state holds."""
        return self is Result.CONFIRMED


class Cause(StrEnum):
    """Why a step was not done, where that is more than what its result says."""

    NONE = "none"
    STALE = "stale"
    """The thing changed or went since the plan was made."""
    POLICY = "policy"
    """Andon's own policy said no."""
    DOWN = "down"
    """The backend could not be asked."""
    STOPPED = "stopped"
    """The run was ended before its turn came."""
    PLUGIN = "plugin"
    """The plugin raised something it promised not to."""
