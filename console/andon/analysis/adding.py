"""Ledger cells added up into the numbers of a site, or of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from andon.analysis.freshness import usable
from andon.analysis.reasons import reason_words
from andon.analysis.tally import JobCell, NodeCell
from andon.model import AcceleratorState, JobState, Kind, NodeState, SourceState, SourceStatus


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum and how much of what belongs to it was heard."""

    value: float | None
    """`None` when nothing was heard: unknown, not zero."""
    reported: int
    expected: int
    """Things that should have reported; `reported` of them did."""
    missing: bool = False
    """A source is lost or silent about some of it, so that even `expected` may be too few."""

    @property
    def partial(self) -> bool:
        """Whether something is missing, so that the true sum is `≥` this one."""
        return self.missing or self.reported < self.expected


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many jobs wait for one reason."""

    reason: str
    """The backend's own word."""
    words: str
    jobs: int
    gpus: int


@dataclass(frozen=True, slots=True)
class ModelCount:
    """GPUs of one model."""

    total: int
    free: int
    largest_free_block: int
    """The most that are free on one node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The numbers of one site, or of all."""

    site: str | None
    """`None` for all."""
    nodes: Mapping[NodeState, int]
    accelerators: Mapping[AcceleratorState, int]
    jobs: Mapping[JobState, int]
    gpus_total: Sum
    gpus_allocated: Sum
    gpus_free: Sum
    """On nodes that take work now."""
    gpus_wanted: Sum
    """Asked for by waiting jobs."""
    gpus_of_jobs: int
    """Held by jobs, as far as they say how many they hold."""
    reasons: tuple[ReasonCount, ...]
    """Every reason why jobs wait, the commonest first; of equals the one with more GPUs."""
    power_watts: Sum
    power_of: str
    """What the power is of: `GPUs` or `nodes`."""
    free_blocks: Mapping[int, int]
    """How many nodes have that many free GPUs at once."""
    models: Mapping[str, ModelCount]
    sources: Mapping[str, SourceState]
    """The sources that report from here, with their states now."""
    partial_kinds: frozenset[Kind]
    """The kinds of which some are not reported now: their counts are `≥`."""
    shares: Mapping[Kind, float]
    """Which share is reported now of what sources should report; see `heard`."""

    def heard(self, kind: Kind) -> float:
        """Return which share of a kind is reported now, as far as sources say what there is."""
        return self.shares.get(kind, 1.0)

    @property
    def partial(self) -> bool:
        """Whether any number misses something."""
        return bool(self.partial_kinds) or any(
            one.partial
            for one in (self.gpus_total, self.gpus_allocated, self.gpus_free, self.gpus_wanted)
        )

    @property
    def nodes_total(self) -> int:
        """Nodes, those of lost sources too."""
        return sum(self.nodes.values())

    @property
    def jobs_running(self) -> int:
        """Jobs that hold resources."""
        return sum(count for state, count in self.jobs.items() if state.active)

    @property
    def jobs_pending(self) -> int:
        """Jobs that wait, held ones too."""
        return sum(count for state, count in self.jobs.items() if state.waiting)

    @property
    def largest_free_block(self) -> int | None:
        """The most GPUs free on one node; `None` when not known, 0 when none is free."""
        if self.gpus_free.value is None:
            return None
        return max(self.free_blocks, default=0)

    @property
    def untrusted(self) -> tuple[str, ...]:
        """Names of the sources whose numbers are missing."""
        return tuple(sorted(name for name, state in self.sources.items() if not usable(state)))


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of all sites and of each."""

    total: Tally
    sites: Mapping[str, Tally]
    """By name, in order of the name."""


def add_up(
    site: str | None,
    nodes: Mapping[NodeCell, Mapping[Any, int]],
    jobs: Mapping[JobCell, Mapping[Any, int]],
    statuses: Mapping[str, SourceStatus],
    states: Mapping[str, SourceState],
) -> Tally:
    """Return the numbers of some cells.

    Args:
        site: Whose numbers they are.
        nodes: Cells of nodes and their GPUs.
        jobs: Cells of jobs.
        statuses: The sources that should report into these numbers.
        states: Every source's state now; one that is missing here is taken at its word.
    """
    lost = frozenset(name for name, state in states.items() if not usable(state))
    hardware = _Hardware(lost)
    for node_cell, amounts in nodes.items():
        hardware.add(node_cell, amounts)
    work = _Work(lost)
    for job_cell, amounts in jobs.items():
        work.add(job_cell, amounts)
    partial = frozenset(
        kind
        for kind in (Kind.NODE, Kind.ACCELERATOR, Kind.JOB)
        if any(_silent(status, kind, name in lost) for name, status in statuses.items())
    )
    answers = any(name not in lost for name in statuses)
    missing = bool(partial & {Kind.NODE, Kind.ACCELERATOR})
    return Tally(
        site=site,
        nodes=hardware.nodes,
        accelerators=hardware.accelerators,
        jobs=work.jobs,
        gpus_total=hardware.sum_of("total", "total", missing, answers),
        gpus_allocated=hardware.sum_of("held", "known", missing, answers),
        gpus_free=hardware.sum_of("free", "known", missing, answers),
        gpus_wanted=work.wanted(Kind.JOB in partial, answers),
        gpus_of_jobs=work.gpus_held,
        reasons=work.reasons(),
        power_watts=hardware.power(missing),
        power_of="GPUs" if hardware.gpus_metered else "nodes",
        free_blocks=hardware.blocks,
        models=hardware.models(),
        sources={name: states[name] for name in statuses},
        partial_kinds=partial,
        shares=_shares(statuses, lost),
    )


def _shares(statuses: Mapping[str, SourceStatus], lost: frozenset[str]) -> Mapping[Kind, float]:
    """Return which share of each kind is reported now; a lost source reports nothing."""
    expected: Counter[Kind] = Counter()
    reported: Counter[Kind] = Counter()
    for name, status in statuses.items():
        for one in status.coverage:
            expected[one.kind] += one.expected
            reported[one.kind] += 0 if name in lost else one.reported
    return {kind: reported[kind] / count for kind, count in expected.items() if count}


def _silent(status: SourceStatus, kind: Kind, lost: bool) -> bool:
    """Return whether a source that should report a kind leaves some of it out now."""
    if status.kinds and kind not in status.kinds:
        return False
    if lost:
        return True
    return any(one.kind is kind and one.reported < one.expected for one in status.coverage)


class _Hardware:
    """Adds up cells of nodes."""

    def __init__(self, lost: frozenset[str]) -> None:
        self._lost = lost
        self.nodes: Counter[NodeState] = Counter()
        self.accelerators: Counter[AcceleratorState] = Counter()
        self.blocks: Counter[int] = Counter()
        self._amounts: Counter[str] = Counter()
        self._expected = 0
        self._heard = False
        self._models: dict[str, list[int]] = {}

    def _hears(self, sources: tuple[str, ...]) -> bool:
        return any(name not in self._lost for name in sources)

    def add(self, cell: NodeCell, amounts: Mapping[Any, int]) -> None:
        """Add one cell: by its accelerators when they are heard, else by its nodes' own numbers."""
        hears_nodes, hears_cards = self._hears(cell.sources), self._hears(cell.gpu_sources)
        self._heard |= hears_nodes or hears_cards
        for entry, count in amounts.items():
            if entry[0] == "state":
                self.nodes[entry[1] if hears_nodes else NodeState.UNKNOWN] += count
            elif entry[0] == "accelerator":
                state = entry[1] if hears_cards else AcceleratorState.UNKNOWN
                self.accelerators[state] += count
        if hears_nodes:
            for name in ("node-mw", "node-metered"):
                self._amounts[name] += amounts.get((name,), 0)
        if hears_cards:
            for name in ("gpu-mw", "gpu-metered"):
                self._amounts[name] += amounts.get((name,), 0)
        self._add_gpus(cell, amounts, hears_nodes, hears_cards)

    def _add_gpus(
        self, cell: NodeCell, amounts: Mapping[Any, int], hears_nodes: bool, hears_cards: bool
    ) -> None:
        by_cards = ("a", "total") in amounts
        how = "a" if by_cards and (hears_cards or not hears_nodes) else "n"
        total = amounts.get((how, "total"), 0)
        self._expected += max(total, amounts.get(("a", "total"), 0))
        if not (hears_nodes or hears_cards):
            if not by_cards:
                self.accelerators[AcceleratorState.UNKNOWN] += total
            return
        model = self._models.setdefault(cell.model or "", [0, 0, 0])
        self._amounts["total"] += total
        model[0] += total
        # Whether a GPU may be given away is the scheduler's to say, not the driver's.
        certain = hears_nodes or not cell.sources
        if certain:
            for name in ("known", "held", "free"):
                self._amounts[name] += amounts.get((how, name), 0)
            model[1] += amounts.get((how, "free"), 0)
            for entry, count in amounts.items():
                if entry[:2] == (how, "block"):
                    self.blocks[entry[2]] += count
                    model[2] = max(model[2], entry[2])
        if not by_cards:
            self._states_by_nodes(amounts, total)

    def _states_by_nodes(self, amounts: Mapping[Any, int], total: int) -> None:
        """Take the states of accelerators that nobody reports one by one from nodes' numbers."""
        known, held = amounts.get(("n", "known"), 0), amounts.get(("n", "held"), 0)
        free = amounts.get(("n", "free"), 0)
        states = {
            AcceleratorState.ALLOCATED: held,
            AcceleratorState.FREE: free,
            AcceleratorState.UNAVAILABLE: max(0, known - held - free),
            AcceleratorState.UNKNOWN: total - known,
        }
        for state, count in states.items():
            if count:
                self.accelerators[state] += count

    @property
    def gpus_metered(self) -> int:
        """How many GPUs report their power."""
        return self._amounts["gpu-metered"]

    def sum_of(self, name: str, reported: str, missing: bool, answers: bool) -> Sum:
        """Return one amount with how many GPUs it rests on."""
        known = self._heard or (answers and not self._expected)
        value = self._amounts[name] if known else None
        if value is not None and self._expected and not self._amounts[reported]:
            value = None
        return Sum(value, self._amounts[reported], self._expected, missing)

    def power(self, missing: bool) -> Sum:
        """Return the power of the GPUs, or of the nodes where no GPU reports it."""
        if self.gpus_metered:
            watts = self._amounts["gpu-mw"] / 1000
            return Sum(watts, self.gpus_metered, self._expected, missing)
        metered = self._amounts["node-metered"]
        watts = self._amounts["node-mw"] / 1000
        return Sum(watts if metered else None, metered, self.nodes.total(), missing)

    def models(self) -> Mapping[str, ModelCount]:
        """Return the GPUs by model, most first; `""` is a model nobody names."""
        ranked = sorted(self._models.items(), key=lambda item: (-item[1][0], item[0]))
        return {name: ModelCount(*counts) for name, counts in ranked if counts[0]}


class _Work:
    """Adds up cells of jobs."""

    def __init__(self, lost: frozenset[str]) -> None:
        self._lost = lost
        self.jobs: Counter[JobState] = Counter()
        self._reasons: Counter[str] = Counter()
        self._reason_gpus: Counter[str] = Counter()
        self.gpus_held = 0
        self._gpus = 0
        self._waiting = 0
        self._waiting_lost = 0
        self._heard = False

    def add(self, cell: JobCell, amounts: Mapping[Any, int]) -> None:
        """Add one cell; jobs of a lost source are in no known state."""
        if all(name in self._lost for name in cell.sources):
            for entry, count in amounts.items():
                if entry[0] == "state":
                    self.jobs[JobState.UNKNOWN] += count
                    self._waiting_lost += count if entry[1].waiting else 0
            return
        self._heard = True
        for entry, count in amounts.items():
            match entry[0]:
                case "state":
                    self.jobs[entry[1]] += count
                    self._waiting += count if entry[1].waiting else 0
                case "reason":
                    self._reasons[entry[1]] += count
                case "reason-gpus":
                    self._reason_gpus[entry[1]] += count
                case "held":
                    self.gpus_held += count
                case _:
                    self._gpus += count

    def wanted(self, missing: bool, answers: bool) -> Sum:
        """Return the GPUs that waiting jobs ask for, with how many jobs were heard."""
        known = self._heard or (answers and not self._waiting_lost)
        expected = self._waiting + self._waiting_lost
        return Sum(self._gpus if known else None, self._waiting, expected, missing)

    def reasons(self) -> tuple[ReasonCount, ...]:
        """Return the reasons, the commonest first; of equals the one that asks for more GPUs."""
        gpus = self._reason_gpus
        ranked = sorted(self._reasons.items(), key=lambda item: (-item[1], -gpus[item[0]], item[0]))
        return tuple(
            ReasonCount(code, reason_words(code), count, self._reason_gpus[code])
            for code, count in ranked
        )
