"""Which tone and which rank a state has. Colour is kept for what asks for attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from andon.model import (
    AcceleratorState,
    JobState,
    NodeState,
    QueueState,
    Result,
    Severity,
    SourceState,
)
from andon.views.page import Tone

NODE_TONES: Final[Mapping[NodeState, Tone]] = {
    NodeState.DOWN: Tone.BAD,
    NodeState.DRAINING: Tone.WARN,
    NodeState.DRAINED: Tone.WARN,
    NodeState.UNKNOWN: Tone.MUTED,
    NodeState.MAINTENANCE: Tone.INFO,
    NodeState.RESERVED: Tone.INFO,
    NodeState.STARTING: Tone.INFO,
    NodeState.POWERED_OFF: Tone.MUTED,
    NodeState.IDLE: Tone.GOOD,
}
"""Worst first is the order of `NODE_RANKS`; a state that is not here is normal."""

NODE_RANKS: Final[Mapping[NodeState, int]] = {
    state: rank
    for rank, state in enumerate(
        (
            NodeState.DOWN,
            NodeState.DRAINING,
            NodeState.DRAINED,
            NodeState.UNKNOWN,
            NodeState.MAINTENANCE,
            NodeState.STARTING,
            NodeState.RESERVED,
            NodeState.POWERED_OFF,
            NodeState.MIXED,
            NodeState.ALLOCATED,
            NodeState.IDLE,
        )
    )
}

ACCELERATOR_TONES: Final[Mapping[AcceleratorState, Tone]] = {
    AcceleratorState.FAULTY: Tone.BAD,
    AcceleratorState.IDLE_HELD: Tone.WARN,
    AcceleratorState.UNAVAILABLE: Tone.MUTED,
    AcceleratorState.UNKNOWN: Tone.MUTED,
    AcceleratorState.FREE: Tone.GOOD,
}

ACCELERATOR_RANKS: Final[Mapping[AcceleratorState, int]] = {
    AcceleratorState.FAULTY: 0,
    AcceleratorState.IDLE_HELD: 1,
    AcceleratorState.UNAVAILABLE: 2,
    AcceleratorState.UNKNOWN: 3,
    AcceleratorState.FREE: 4,
    # Both do their work: ranking them apart would make rows jump with every lull.
    AcceleratorState.BUSY: 5,
    AcceleratorState.ALLOCATED: 5,
}

JOB_TONES: Final[Mapping[JobState, Tone]] = {
    JobState.RUNNING: Tone.GOOD,
    JobState.STARTING: Tone.INFO,
    JobState.COMPLETING: Tone.INFO,
    JobState.SUSPENDED: Tone.WARN,
    JobState.HELD: Tone.INFO,
    JobState.FAILED: Tone.BAD,
    JobState.NODE_FAILED: Tone.BAD,
    JobState.TIMEOUT: Tone.BAD,
    JobState.PREEMPTED: Tone.WARN,
    JobState.CANCELLED: Tone.MUTED,
    JobState.COMPLETED: Tone.MUTED,
    JobState.UNKNOWN: Tone.MUTED,
}

JOB_RANKS: Final[Mapping[JobState, int]] = {
    JobState.STARTING: 0,
    JobState.RUNNING: 0,
    JobState.COMPLETING: 0,
    JobState.SUSPENDED: 1,
    JobState.PENDING: 2,
    JobState.HELD: 3,
    JobState.NODE_FAILED: 4,
    JobState.FAILED: 4,
    JobState.TIMEOUT: 4,
    JobState.PREEMPTED: 4,
    JobState.CANCELLED: 5,
    JobState.COMPLETED: 5,
    JobState.UNKNOWN: 6,
}
"""What holds resources, then what waits, then what ended."""

QUEUE_TONES: Final[Mapping[QueueState, Tone]] = {
    QueueState.CLOSED: Tone.WARN,
    QueueState.STOPPED: Tone.WARN,
    QueueState.DRAINING: Tone.WARN,
    QueueState.UNKNOWN: Tone.MUTED,
}

QUEUE_RANKS: Final[Mapping[QueueState, int]] = {
    QueueState.STOPPED: 0,
    QueueState.CLOSED: 1,
    QueueState.DRAINING: 2,
    QueueState.UNKNOWN: 3,
    QueueState.OPEN: 4,
}

SOURCE_TONES: Final[Mapping[SourceState, Tone]] = {
    SourceState.CONNECTING: Tone.INFO,
    SourceState.LIVE: Tone.GOOD,
    SourceState.SLOW: Tone.WARN,
    SourceState.PARTIAL: Tone.WARN,
    SourceState.LATE: Tone.WARN,
    SourceState.STALE: Tone.BAD,
    SourceState.DENIED: Tone.BAD,
    SourceState.DOWN: Tone.BAD,
    SourceState.QUARANTINED: Tone.BAD,
}

SOURCE_RANKS: Final[Mapping[SourceState, int]] = {
    SourceState.QUARANTINED: 0,
    SourceState.DOWN: 1,
    SourceState.DENIED: 2,
    SourceState.STALE: 3,
    SourceState.LATE: 4,
    SourceState.PARTIAL: 5,
    SourceState.SLOW: 6,
    SourceState.CONNECTING: 7,
    SourceState.LIVE: 8,
}

SEVERITY_TONES: Final[Mapping[Severity, Tone]] = {
    Severity.CRITICAL: Tone.BAD,
    Severity.WARNING: Tone.WARN,
    Severity.INFO: Tone.INFO,
}

RESULT_TONES: Final[Mapping[Result, Tone]] = {
    Result.CONFIRMED: Tone.GOOD,
    Result.REQUESTED: Tone.WARN,
    Result.SKIPPED: Tone.MUTED,
    Result.DENIED: Tone.BAD,
    Result.FAILED: Tone.BAD,
    Result.UNKNOWN: Tone.WARN,
}
