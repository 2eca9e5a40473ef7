"""A plugin of an imaginary backend that keeps every clause; tests break it one clause at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from andon.sdk import (
    Action,
    ActionRequest,
    Batch,
    Draft,
    Effect,
    FaultKind,
    Kind,
    Node,
    NodeState,
    Option,
    Outcome,
    Plugin,
    Record,
    Refusal,
    Result,
    Source,
    SourceDenied,
    SourceGarbled,
    SourceSettings,
    SourceTimeout,
    SourceUnreachable,
    Step,
    Target,
    Tier,
)
from andon.sdk.testing import CLAUSES, Subject, check


@dataclass
class Backend:
    """What the toy plugin talks to."""

    nodes: tuple[str, ...] = ("n1", "n2")
    fault: str = ""
    calls: list[tuple[str, ...]] = field(default_factory=list)


class ToySource(Source):
    """Reports the nodes of a backend that is handed in through the settings."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name
        self.site = settings.site
        self.intervals_seconds: Mapping[Kind, float] = {Kind.NODE: 10.0}
        backend = settings.options.get("backend")
        self.backend = backend if isinstance(backend, Backend) else None
        self._settings = settings

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        """Report all nodes."""
        backend = await self.reached(deadline_s)
        return Batch(
            source=self.name,
            observed_at=self._settings.clock(),
            records=tuple(self.node(name) for name in backend.nodes),
            whole=kinds,
            observed=kinds,
        )

    async def reread(self, targets: list[Target], deadline_s: float) -> Batch:  # type: ignore[override]
        """Report some nodes."""
        batch = await self.poll(frozenset({Kind.NODE}), deadline_s)
        known = {record.key: record for record in batch.records}
        return Batch(
            source=self.name,
            observed_at=batch.observed_at,
            records=tuple(known[t.key] for t in targets if t.key in known),
            removed=tuple((t.kind, t.key) for t in targets if t.key not in known),
        )

    async def reached(self, deadline_s: float) -> Backend:
        """Return the backend, or raise what is wrong with it."""
        await asyncio.sleep(0)
        fault = self.backend.fault if self.backend else "unreachable"
        if self.backend is None or fault == "unreachable":
            raise SourceUnreachable("nobody answers", hint="start it")
        if fault == "denied":
            raise SourceDenied("it says no", hint="ask for the right")
        if fault == "garbled":
            raise SourceGarbled("it says ###", hint="look at it by hand")
        if fault == "timeout":
            await asyncio.sleep(deadline_s)
            raise SourceTimeout("it is silent", hint="wait longer")
        return self.backend

    def node(self, name: str) -> Node:
        """Return a node as a record."""
        return Node(site=self.site, name=name, state=NodeState.IDLE)


class ToyDrain(Action):
    """Stops new work on nodes."""

    verb = "node.drain"
    kind = Kind.NODE
    label = "stop new work"
    effect = Effect.STOP_NEW_WORK
    tier = Tier.REVERSIBLE

    def draft(self, request: ActionRequest) -> Draft:
        """Plan one call for each node that is there."""
        here = [target for target in request.targets if target.key in request.records]
        return Draft(
            steps=tuple(
                Step(
                    id=target.key,
                    verb=self.verb,
                    target=target,
                    call=("drain", target.name, request.reason),
                    promise="drained",
                )
                for target in here
            ),
            refusals=tuple(
                Refusal(target=target, why="it is gone")
                for target in request.targets
                if target not in here
            ),
        )

    async def run(self, source: Source, step: Step, deadline_s: float) -> Outcome:
        """Make the call."""
        assert isinstance(source, ToySource)
        backend = await source.reached(deadline_s)
        backend.calls.append(step.call)
        return Outcome(step=step.id, target=step.target, result=Result.REQUESTED, at=1.0)

    def holds(self, step: Step, record: Record | None) -> bool:
        """Whether the node is drained."""
        return isinstance(record, Node) and record.state is NodeState.DRAINED


OPTIONS = (Option(name="token", summary="The key.", secret=True),)

plugin = Plugin(
    name="toy", summary="A toy.", open=ToySource, options=OPTIONS, actions=(ToyDrain(),)
)


def opener(
    backend: Backend, opens: Callable[[SourceSettings], Source] = ToySource
) -> Callable[[], Source]:
    """Return what opens a source on a backend."""
    settings = SourceSettings(
        name="toy@s", site="s", options={"backend": backend}, clock=lambda: 7.0
    )
    return lambda: opens(settings)


FAULTS = (FaultKind.UNREACHABLE, FaultKind.TIMEOUT, FaultKind.DENIED, FaultKind.GARBLED)


def broken_clauses(
    *only: str,
    source: type[ToySource] = ToySource,
    action: type[ToyDrain] = ToyDrain,
    faults: Mapping[FaultKind, Callable[[], Source]] | None = None,
    **declared: Any,
) -> dict[str, str]:
    """Return how a changed toy breaks clauses; without names, all of them are checked."""
    backend = Backend()
    given = {
        "name": "toy",
        "summary": "A toy.",
        "open": source,
        "options": OPTIONS,
        "actions": (action(),),
    }
    subject = Subject(
        plugin=Plugin(**{**given, **declared}),
        healthy=opener(backend, source),
        broken={fault: opener(Backend(fault=fault), source) for fault in FAULTS}
        if faults is None
        else faults,
        sent=lambda: backend.calls,
        complete=True,
        deadline_s=0.2,
    )
    chosen = [clause for clause in CLAUSES if not only or clause.__name__ in only]
    results = zip(chosen, check(subject, chosen), strict=True)
    return {clause.__name__: result.detail for clause, result in results if not result.ok}
