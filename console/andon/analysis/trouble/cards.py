"""Accelerators that are faulty, hot, or held by a job that does nothing with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from andon.analysis.joins import Joins
from andon.analysis.trouble.causes import evidence_of
from andon.analysis.trouble.folding import FOLD_FROM, folded
from andon.analysis.trouble.problem import SHOWN, Problem
from andon.analysis.trouble.told import Told
from andon.analysis.watch import (
    FAILING_XIDS,
    is_faulty,
    is_hot,
    needs_recovery,
    suspect_accelerators,
)
from andon.analysis.words import (
    DAY,
    MINUTE,
    duration_text,
    plural,
    sentence,
    several,
)
from andon.model import (
    Accelerator,
    AcceleratorState,
    Job,
    Kind,
    NodeState,
    Severity,
    WorkClass,
)

IDLE_SECONDS = 30 * MINUTE
"""Held idle for longer than this is worth a line."""
XID_SECONDS = DAY
"""An Xid older than this, on a card that says nothing else, is history."""


def card_problems(joins: Joins, now: float, told: Told) -> list[Problem]:
    """Return what is wrong with accelerators and is not told by an incident."""
    faulty: list[Accelerator] = []
    hot: list[Accelerator] = []
    idle: list[Accelerator] = []
    # In one order, however they came to be known: words say some and count the rest.
    for card in sorted(suspect_accelerators(joins.snapshot).values(), key=_place):
        if is_faulty(card) and not _is_history(card, now) and not told.tells_fault(card):
            faulty.append(card)
        if is_hot(card) and not told.tells_heat(card):
            hot.append(card)
        if (
            card.state is AcceleratorState.IDLE_HELD
            and card.idle_since is not None
            and now - card.idle_since > IDLE_SECONDS
        ):
            job = joins.job_of(card)
            if not _is_warm(card, job) and not told.tells_idleness(card, job):
                idle.append(card)
    return [*_faulty(faulty, joins, now), *_hot(hot, joins), *_idle(idle, joins, now)]


def _place(card: Accelerator) -> tuple[str, str, int, str]:
    return card.site, card.node, card.index or 0, card.key


def _is_history(card: Accelerator, now: float) -> bool:
    if card.state is AcceleratorState.FAULTY or card.ecc_uncorrected_count or needs_recovery(card):
        return False
    return card.xid_last_at is not None and now - card.xid_last_at > XID_SECONDS


def holders(cards: Iterable[Accelerator], joins: Joins) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of the jobs that hold some accelerators, and their tenants."""
    ids: dict[str, None] = {}
    tenants: set[str] = set()
    for card in cards:
        job = joins.job_of(card)
        if job is not None and job.state.active:
            ids[job.id] = None
        tenant = (job.tenant if job is not None else None) or card.tenant
        if tenant:
            tenants.add(tenant)
    return tuple(ids), tuple(sorted(tenants))


def _faulty(cards: list[Accelerator], joins: Joins, now: float) -> list[Problem]:
    """One problem for each node, and one for several nodes of a rack, or of one minute."""
    nodes: defaultdict[str, list[Accelerator]] = defaultdict(list)
    for card in cards:
        nodes[f"{card.site}/{card.node}"].append(card)
    sites: defaultdict[str, list[list[Accelerator]]] = defaultdict(list)
    for group in nodes.values():
        sites[group[0].site].append(group)

    def rack(group: list[Accelerator]) -> str | None:
        node = joins.node(group[0].site, group[0].node)
        return node.rack if node else None

    return [
        _fault([card for group in fold.members for card in group], fold.word, joins, now)
        for groups in sites.values()
        for fold in folded(groups, rack, _since, lambda _: None)
    ]


def _since(cards: list[Accelerator]) -> float | None:
    return min((card.xid_last_at for card in cards if card.xid_last_at is not None), default=None)


def _fault(cards: list[Accelerator], rack: str, joins: Joins, now: float) -> Problem:
    cards = sorted(cards, key=lambda card: (card.node, card.index or 0))
    names = list(dict.fromkeys(card.node for card in cards))
    since = _since(cards)
    jobs, tenants = holders(cards, joins)
    if len(cards) == 1:
        title = f"{_name(cards[0])} is faulty: {_evidence(cards)}"
    elif len(names) == 1:
        title = f"{len(cards)} GPUs of {names[0]} are faulty: {_evidence(cards)}"
    else:
        where = f" of rack {rack}" if rack else f" at {cards[0].site}"
        title = f"{len(cards):,} GPUs on {len(names)} nodes{where} are faulty: {_evidence(cards)}"
    actions = sorted({card.recovery_action or "" for card in cards if needs_recovery(card)})
    detail = sentence(
        [
            several(names, SHOWN) if len(names) > 1 else "",
            f"the driver asks for: {', '.join(actions)}" if actions else "",
            _who(jobs, tenants, "held by"),
        ]
    )
    return Problem(
        severity=fault_severity(cards, joins),
        site=cards[0].site,
        title=title,
        detail=detail,
        kind=Kind.ACCELERATOR,
        key=cards[0].key,
        since=since,
        gpus=len(cards),
        jobs=jobs,
        tenants=tenants,
        members=tuple(card.key for card in cards) if len(cards) > 1 else (),
    )


def fault_severity(cards: Iterable[Accelerator], joins: Joins) -> Severity:
    """Return how bad it is that some accelerators are broken.

    On a node that takes no work and has none left nobody can be hurt by it any more.
    """
    failing = any(
        card.state is AcceleratorState.FAULTY
        or card.xid_last in FAILING_XIDS
        or card.ecc_uncorrected_count
        or needs_recovery(card)
        for card in cards
        if not _is_out_of_reach(card, joins)
    )
    return Severity.CRITICAL if failing else Severity.WARNING


def _is_out_of_reach(card: Accelerator, joins: Joins) -> bool:
    node = joins.node(card.site, card.node)
    return node is not None and node.state is NodeState.DRAINED and joins.job_of(card) is None


def _name(card: Accelerator) -> str:
    if card.index is not None:
        return f"GPU {card.index} of {card.node}"
    return f"GPU {card.uuid or '?'} of {card.node}"


def _evidence(cards: list[Accelerator]) -> str:
    said = dict.fromkeys(word for card in cards for word in evidence_of(card))
    return several(list(said), SHOWN) if said else "its source says so"


def _who(jobs: tuple[str, ...], tenants: tuple[str, ...], verb: str) -> str:
    if jobs:
        whose = f" of {several(tenants, SHOWN)}" if tenants else ""
        return f"{verb} {'job' if len(jobs) == 1 else 'jobs'} {several(jobs, SHOWN)}{whose}"
    return f"{verb} {several(tenants, SHOWN)}" if tenants else ""


def _hot(cards: list[Accelerator], joins: Joins) -> list[Problem]:
    """One problem for each rack with several, and one for all others of a site."""
    racks: defaultdict[tuple[str, str], list[Accelerator]] = defaultdict(list)
    for card in cards:
        node = joins.node(card.site, card.node)
        racks[card.site, (node.rack if node else None) or ""].append(card)
    groups: list[tuple[str, list[Accelerator]]] = []
    rest: defaultdict[str, list[Accelerator]] = defaultdict(list)
    for (site, rack), group in racks.items():
        if rack and len(group) >= FOLD_FROM:
            groups.append((rack, group))
        else:
            rest[site] += group
    groups += [("", group) for group in rest.values()]
    problems = []
    for rack, group in groups:
        group.sort(key=lambda card: (card.node, card.index or 0))
        jobs, tenants = holders(group, joins)
        nodes = list(dict.fromkeys(card.node for card in group))
        if len(group) == 1:
            title = f"{_name(group[0])} is slowed down"
        else:
            where = f" in rack {rack}" if rack else f" at {group[0].site}"
            title = f"{len(group):,} GPUs on {plural(len(nodes), 'node')}{where} are slowed down"
        reasons = sorted({reason for card in group for reason in card.throttle_reasons})
        detail = sentence(
            [
                several(reasons, SHOWN),
                several(nodes, SHOWN) if len(group) > 1 else "",
                "several in one rack: look at its cooling and power first" if rack else "",
                _who(jobs, tenants, "slows"),
            ]
        )
        problems.append(
            Problem(
                severity=Severity.WARNING,
                site=group[0].site,
                title=title,
                detail=detail,
                kind=Kind.ACCELERATOR,
                key=group[0].key,
                gpus=len(group),
                jobs=jobs,
                tenants=tenants,
                members=tuple(card.key for card in group) if len(group) > 1 else (),
            )
        )
    return problems


def _idle(cards: list[Accelerator], joins: Joins, now: float) -> list[Problem]:
    """One problem for each tenant of a site that holds idle accelerators."""
    owners: defaultdict[tuple[str, str], list[tuple[Accelerator, Job | None]]] = defaultdict(list)
    for card in cards:
        job = joins.job_of(card)
        owners[card.site, (job.tenant if job else None) or card.tenant or ""].append((card, job))
    problems = []
    for (site, tenant), held in owners.items():
        jobs = dict.fromkeys(job.id for _, job in held if job is not None)
        starts = [card.idle_since for card, _ in held if card.idle_since is not None]
        hours = sum(now - start for start in starts) / 3600
        who = tenant or "somebody"
        what = f" (job {next(iter(jobs))})" if len(jobs) == 1 else ""
        nodes = list(dict.fromkeys(card.node for card, _ in held))
        detail = sentence(
            [
                f"the longest for {duration_text(now - min(starts))}",
                f"{hours:,.0f} GPU-hours so far" if hours >= 1 else "",
                f"jobs {several(list(jobs), SHOWN)}" if len(jobs) > 1 else "",
                f"on {several(nodes, SHOWN)}",
            ]
        )
        problems.append(
            Problem(
                severity=Severity.WARNING,
                site=site,
                title=f"{plural(len(held), 'GPU')} held idle by {who}{what}",
                detail=detail,
                kind=Kind.ACCELERATOR,
                key=held[0][0].key,
                since=min(starts),
                gpus=len(held),
                jobs=tuple(jobs),
                tenants=(tenant,) if tenant else (),
                members=tuple(card.key for card, _ in held) if len(held) > 1 else (),
            )
        )
    return problems


def _is_warm(card: Accelerator, job: Job | None) -> bool:
    """Return whether it is a replica with its model loaded, which waits for requests by design."""
    return job is not None and job.work is WorkClass.INFERENCE and bool(card.memory_used_bytes)
