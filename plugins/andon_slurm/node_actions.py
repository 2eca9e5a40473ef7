"""Drain and undrain.

DRAIN lets running jobs finish; UNDRAIN clears only the drain, where RESUME would also clear DOWN
and a pending reboot (scontrol(1), State).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from andon.sdk import (
    DRAINED,
    IN_SERVICE,
    UNDRAINED,
    ActionRequest,
    Effect,
    Kind,
    Node,
    NodeState,
    Record,
    Step,
    Tier,
    clean,
)
from andon_slurm.actions import SlurmAction

REASON_LIMIT = 200
"""Characters of a reason; longer ones are cut by some of Slurm's tools."""
# scontrol takes ALL for every node.
_HOST = re.compile(r"(?!(?i:all)$)[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_DRAIN_WORDS = frozenset({"DRAIN", "DRAINED", "DRAINING"})


def _node_name(record: Record) -> str | None:
    if not isinstance(record, Node):
        return None
    name = record.backend_name or record.name
    return name if _HOST.fullmatch(name) else None


def _is_drained(node: Node) -> bool:
    # By Slurm's own words: a failing node is draining to us, yet it has no drain to lift.
    return not _DRAIN_WORDS.isdisjoint((node.backend_state or "").split("+"))


def _whose(node: Node) -> str:
    """Return by whom and why a node was taken out of service."""
    return f"by {node.reason_by or 'someone'}: {node.reason or 'no reason given'}"


class Drain(SlurmAction):
    """Stop new jobs on nodes; running jobs finish."""

    verb = "node.drain"
    aliases = ("node.cordon",)
    kind = Kind.NODE
    label = "no new jobs start; running ones go on"
    effect = Effect.STOP_NEW_WORK
    tier = Tier.REVERSIBLE
    needs_reason = True
    promise = "the node takes no new work (DRAIN)"
    alike: ClassVar[Mapping[str, str]] = {**UNDRAINED, **DRAINED}

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Refuse a node that is drained: its reason is somebody's, and stays."""
        if clean(request.reason, limit=REASON_LIMIT) != request.reason:
            return f"the reason has control characters or more than {REASON_LIMIT} characters"
        if request.reason[:1] in ("'", '"'):
            return "scontrol drops quotes at the start of a reason"
        if isinstance(record, Node) and _is_drained(record):
            return f"already drained {_whose(record)}"
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether it is drained for the very reason that was given; another one stays."""
        return isinstance(record, Node) and _is_drained(record) and record.reason == request.reason

    def warns(self, record: Record) -> str:
        """Say when a node that is down already has a reason, which Slurm replaces."""
        if isinstance(record, Node) and record.reason:
            return f"{record.name} has a reason set {_whose(record)}; it is replaced"
        return ""

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        """Return the scontrol call that drains."""
        name = _node_name(record)
        if name is None:
            return None
        return (
            "scontrol",
            "update",
            f"NodeName={name}",
            "State=DRAIN",
            f"Reason={request.reason}",
        )

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the node shows the drain."""
        return isinstance(record, Node) and _is_drained(record)


class Undrain(SlurmAction):
    """Let nodes take work again, clearing the drain and nothing else."""

    verb = "node.undrain"
    aliases = ("node.uncordon",)
    kind = Kind.NODE
    label = "jobs may start here again"
    effect = Effect.ALLOW_NEW_WORK
    tier = Tier.REVERSIBLE
    promise = "the node takes work again (no DRAIN)"

    def refuses(self, record: Record, request: ActionRequest) -> str:
        """Refuse a node that has no drain to lift."""
        if isinstance(record, Node) and not _is_drained(record):
            return f"not drained: its state is {record.backend_state or record.state}"
        return ""

    def already(self, record: Record, request: ActionRequest) -> bool:
        """Whether it takes work: a node that is powered off or in maintenance does not."""
        return isinstance(record, Node) and record.state in IN_SERVICE

    def warns(self, record: Record) -> str:
        """Name whose drain is lifted, and say when that does not bring the node back."""
        if not isinstance(record, Node):
            return ""
        said = f"{record.name} was drained {_whose(record)}"
        stays = record.state is NodeState.DOWN
        return f"{said}; lifting that leaves it DOWN" if stays else said

    def argv(self, record: Record, request: ActionRequest) -> tuple[str, ...] | None:
        """Return the scontrol call that lifts the drain only."""
        name = _node_name(record)
        return None if name is None else ("scontrol", "update", f"NodeName={name}", "State=UNDRAIN")

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the drain is gone."""
        return isinstance(record, Node) and not _is_drained(record)
