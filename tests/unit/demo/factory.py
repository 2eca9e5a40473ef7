"""What the demo's tests share: a clock that is stepped, and a factory under it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from andon.sdk import (
    Accelerator,
    ActionRequest,
    Batch,
    Draft,
    Job,
    Kind,
    Node,
    Outcome,
    Queue,
    Record,
    Source,
    SourceSettings,
    Target,
    Tenant,
)
from andon_demo import plugin

START = 1_795_000_100.0


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Seen:
    """All records of one poll, by kind and key."""

    batch: Batch
    jobs: dict[str, Job] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    accelerators: dict[str, Accelerator] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    tenants: dict[str, Tenant] = field(default_factory=dict)

    @property
    def all(self) -> dict[tuple[Kind, str], Record]:
        return {(record.kind, record.key): record for record in self.batch.records}


def open_source(
    site: str = "par1",
    clock: Clock | None = None,
    folder: Path | None = None,
    part: str = "whole",
    **options: object,
) -> Source:
    return plugin.open(
        SourceSettings(
            name=f"demo@{site}",
            site=site,
            options={"place": site, "part": part, **options},
            state_folder=folder,
            clock=clock or Clock(),
        )
    )


async def see(source: Source, kinds: Iterable[Kind] | None = None) -> Seen:
    wanted = frozenset(source.intervals_seconds if kinds is None else kinds)
    seen = Seen(await source.poll(wanted, 5))
    for record in seen.batch.records:
        if isinstance(record, Job):
            seen.jobs[record.key] = record
        elif isinstance(record, Node):
            seen.nodes[record.key] = record
        elif isinstance(record, Accelerator):
            seen.accelerators[record.key] = record
        elif isinstance(record, Queue):
            seen.queues[record.key] = record
        elif isinstance(record, Tenant):
            seen.tenants[record.key] = record
    return seen


def target_of(record: Job | Node, source: Source) -> Target:
    name = record.called if isinstance(record, Job) else record.name
    return Target(kind=record.kind, key=record.key, name=name, site=record.site, source=source.name)


def draft_of(verb: str, record: Job | Node, source: Source, reason: str = "test") -> Draft:
    action = next(action for action in plugin.actions if action.verb == verb)
    target = target_of(record, source)
    return action.draft(
        ActionRequest(
            verb=verb,
            targets=(target,),
            records={record.key: record},
            reason=reason,
            actor="alice@login1",
        )
    )


async def act(verb: str, record: Job | Node, source: Source, reason: str = "test") -> Outcome:
    """Do what a runner does, and check that the promise holds right after."""
    action = next(action for action in plugin.actions if action.verb == verb)
    (step,) = draft_of(verb, record, source, reason).steps
    outcome = await action.run(source, step, 5)
    batch = await source.reread([step.target], 5)
    found = next((each for each in batch.records if each.key == record.key), None)
    assert action.holds(step, found), f"{verb} was not seen to hold: {found}"
    return outcome
