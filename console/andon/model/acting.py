"""Intent, plan, step and outcome: what the operator wants, what would be done, what happened."""

from __future__ import annotations

import msgspec

from andon.model.base import Kind
from andon.model.states import Cause, Effect, Result, Tier


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to act on, frozen when the operator chose it."""

    kind: Kind
    key: str
    name: str
    """What people call it, cleaned: a node name or a job id."""
    site: str
    source: str
    """The source through which the act goes."""
    uid: str | None = None
    """The immutable id where the backend has one."""
    before: dict[str, str] = {}
    """State as seen when it was chosen, for example `{"state": "mixed", "reason": ""}`."""
    count: int = 1
    """How many things it is: the waiting tasks of an array are one target and many jobs."""


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator wants."""

    verb: str
    """For example `node.drain`."""
    targets: tuple[Target, ...]
    reason: str = ""
    params: dict[str, str] = {}
    actor: str


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One backend call on one target."""

    id: str
    """Unique within its plan."""
    verb: str
    target: Target
    call: tuple[str, ...]
    """The exact call, for example the argv; what is shown is what is run."""
    promise: str
    """The state that is read back to confirm it, in words."""
    params: dict[str, str] = {}


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A target that the plan leaves out, and why."""

    target: Target
    why: str
    already: bool = False
    """Whether it is left out because it is as asked: nothing is to be done or wrong."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would be done, to exactly what, with what effect."""

    id: str
    version: int = 1
    verb: str
    title: str
    """For example `Stop new work on 2 nodes`."""
    effect: Effect
    effect_text: str
    """The effect in words with numbers, for example `2 jobs keep running, the last ends 14:20`."""
    tier: Tier
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    """Ids of the jobs that are touched or keep running there."""
    gpu_hours_at_risk: float | None = None
    expected_seconds: float | None = None
    """How long until the effect is complete, as far as time limits tell."""
    reason: str = ""
    actor: str
    demo: bool = False
    created_at: float
    expires_at: float
    reads: dict[str, float] = {}
    """For each source, when the state the plan rests on was observed."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What really happened to one step."""

    step: str
    target: Target
    result: Result
    cause: Cause = Cause.NONE
    message: str = ""
    observed: str | None = None
    """The state read back, in the backend's words."""
    at: float
