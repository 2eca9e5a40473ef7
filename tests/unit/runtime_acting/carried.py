"""Carrying a plan out in this process, and what the journal then says of it."""

from __future__ import annotations

from andon.model import Outcome
from andon.runtime.journal import journal_of
from andon.runtime.journal_records import Entry
from andon.runtime.plan_file import PlanFile
from andon.runtime.runner import run_plan
from tests.unit.runtime_acting.fakes import World


async def run(world: World, file: PlanFile) -> int:
    return await run_plan(
        file,
        paths=world.paths,
        environ=world.environ,
        clock=world.clock,
        open_reach=world.reach,
    )


def entries(world: World) -> tuple[Entry, ...]:
    reading = journal_of(world.paths).read()
    assert not reading.problems
    return reading.entries


def last(world: World) -> dict[str, Outcome]:
    """The final outcome of each target, by name."""
    told = [entry.outcome for entry in entries(world) if entry.outcome]
    return {outcome.target.name: outcome for outcome in told}


def phases(world: World) -> list[str]:
    return [entry.phase.value for entry in entries(world)]
