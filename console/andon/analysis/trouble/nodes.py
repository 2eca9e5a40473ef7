"""Nodes that are down or drained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from andon.analysis.joins import Joins
from andon.analysis.trouble.folding import Fold, folded
from andon.analysis.trouble.problem import SHOWN, Problem, hurt_on, hurt_words
from andon.analysis.trouble.told import Told
from andon.analysis.watch import suspect_nodes
from andon.analysis.words import DAY, plural, sentence, several
from andon.model import Kind, Node, NodeState, Severity

FORGOTTEN_SECONDS = 7 * DAY
"""A node drained for longer than this is taken for forgotten."""


def node_problems(joins: Joins, now: float, told: Told) -> list[Problem]:
    """Return nodes that are down, drained or draining; folded by rack, minute or reason.

    Those of which an incident tells why are left out.
    """
    groups: defaultdict[tuple[str, NodeState], list[Node]] = defaultdict(list)
    # In one order, however they came to be known.
    for _, node in sorted(suspect_nodes(joins.snapshot).items()):
        if told.tells_absence(node):
            continue
        groups[node.site, node.state].append(node)
    return [
        _problem(fold, state, joins, now)
        for (_, state), nodes in groups.items()
        for fold in folded(nodes, lambda node: node.rack, absent_since, _words)
    ]


def absent_since(node: Node) -> float | None:
    """Return since when a node takes no work."""
    if node.reason_at is not None:
        return node.reason_at
    return node.last_seen_at if node.state is NodeState.DOWN else None


def _words(node: Node) -> tuple[str, str | None] | None:
    return (node.reason, node.reason_by) if node.reason else None


def _problem(fold: Fold[Node], state: NodeState, joins: Joins, now: float) -> Problem:
    nodes = sorted(fold.members, key=lambda node: node.name)
    keys = tuple(node.key for node in nodes)
    jobs, tenants = hurt_on(keys, joins)
    times = [since for node in nodes if (since := absent_since(node)) is not None]
    since = min(times, default=None)
    gpus = gpus_of(nodes, joins)
    verb = {
        NodeState.DOWN: "had work there",
        NodeState.DRAINING: "still run there",
        NodeState.DRAINED: "are still listed there",
    }[state]
    detail = sentence(
        [
            "all within one minute: suspect a source or the network"
            if fold.by == "minute" and state is NodeState.DOWN
            else "",
            _reason(nodes),
            several([node.name for node in nodes], SHOWN) if len(nodes) > 1 else "",
            f"{plural(gpus, 'GPU')} out of use" if gpus else "",
            hurt_words(jobs, tenants, verb),
        ]
    )
    return Problem(
        severity=absence_severity(state, nodes, since, now),
        site=nodes[0].site,
        title=_title(fold, nodes, state),
        detail=detail,
        kind=Kind.NODE,
        key=keys[0],
        since=since,
        gpus=gpus,
        jobs=tuple(job.id for job in jobs),
        tenants=tenants,
        members=keys if len(keys) > 1 else (),
    )


def _title(fold: Fold[Node], nodes: list[Node], state: NodeState) -> str:
    if len(nodes) == 1:
        return f"Node {nodes[0].name} is {state.value}"
    where = f" of rack {fold.word}" if fold.by == "rack" else f" at {nodes[0].site}"
    return f"{len(nodes):,} nodes{where} are {state.value}"


def _reason(nodes: list[Node]) -> str:
    said = {(node.reason, node.reason_by) for node in nodes}
    if len(said) > 1:
        return f"{len(said)} different reasons"
    reason, owner = said.pop()
    by = f" by {owner}" if owner else ""
    return f"“{reason}”{by}" if reason else f"no reason given{by}"


def gpus_of(nodes: Iterable[Node], joins: Joins) -> int:
    """Return how many GPUs some nodes have: as they say, else as many as are reported."""
    return sum(
        node.gpus_total if node.gpus_total is not None else len(joins.accelerators_of(node.key))
        for node in nodes
    )


def absence_severity(
    state: NodeState, nodes: Iterable[Node], since: float | None, now: float
) -> Severity:
    """Return how bad it is that some nodes take no work, since when the first of them does."""
    if state is NodeState.DOWN:
        return Severity.CRITICAL
    forgotten = since is not None and now - since > FORGOTTEN_SECONDS
    unexplained = any(not node.reason for node in nodes)
    return Severity.WARNING if forgotten or unexplained else Severity.INFO
