"""What can be done to the things of the small factory, and with what effect."""

from __future__ import annotations

from andon.model import Effect, Kind
from andon.tui.backend import Verb

VERBS = {
    Kind.NODE: (
        Verb(name="node.cordon", label="no new jobs start", needs_reason=True),
        Verb(name="node.drain", label="jobs are sent elsewhere", needs_reason=True),
        Verb(name="node.undrain", label="jobs may start here again", aliases=("node.uncordon",)),
    ),
    Kind.JOB: (
        Verb(name="job.cancel", label="end it"),
        Verb(name="job.hold", label="keep it from starting"),
        Verb(name="job.release", label="let it start"),
    ),
}
EFFECTS = {
    "node.cordon": Effect.STOP_NEW_WORK,
    "node.drain": Effect.STOP_NEW_WORK,
    "node.undrain": Effect.ALLOW_NEW_WORK,
    "job.cancel": Effect.KILL_JOBS,
    "job.hold": Effect.HOLD_JOBS,
    "job.release": Effect.RELEASE_JOBS,
}
