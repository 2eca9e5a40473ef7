"""`--wait`: look again until the whole effect of an act is there, not only its promise.

A drain is promised as soon as the node takes no new work; its effect is complete when the node is
empty. A cancelled or requeued job's effect is its promise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from andon.analysis.words import plural
from andon.cli import diagnostics
from andon.cli.looping import run_async
from andon.cli.session import Session, close_all
from andon.model import Effect, Kind, Node, NodeState, Plan, Record, Target
from andon.runtime.sources import open_sources
from andon.sdk.errors import EXIT_NOT_CONFIRMED, EXIT_OK, SourceError
from andon.sdk.lengths import seconds_text
from andon.sdk.source import Source

_FIRST_LOOK_SECONDS = 1.0
_SLOWEST_LOOK_SECONDS = 30.0


def waited_for(plans: Sequence[Plan]) -> tuple[Target, ...]:
    """Return the targets whose whole effect comes after their promise, also of an earlier act."""
    return tuple(
        target
        for plan in plans
        if plan.effect is Effect.STOP_NEW_WORK
        for target in (
            *(step.target for step in plan.steps),
            *(item.target for item in plan.refusals if item.already),
        )
    )


def wait_until_empty(session: Session, nodes: Sequence[Target], limit_seconds: float) -> int:
    """Return 0 when no node has work any more, 7 when the limit passed first."""
    if not nodes:
        return EXIT_OK
    diagnostics.say(f"andon: waiting for {plural(len(nodes), 'node')} to become empty")
    return run_async(_wait(session, nodes, limit_seconds))


async def _wait(session: Session, targets: Sequence[Target], limit_seconds: float) -> int:
    opened = open_sources(
        session.specs, session.discovery, session.paths, session.environ, session.clock
    )
    sources = {source.name: source for source in opened.sources}
    left = list(targets)
    pause = _FIRST_LOOK_SECONDS
    try:
        async with asyncio.timeout(limit_seconds):
            while left := await _unfinished(sources, left, session.settings.timeout_seconds):
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, _SLOWEST_LOOK_SECONDS)
    except TimeoutError:
        names = ", ".join(target.name for target in left[:5])
        diagnostics.say(f"andon: after {seconds_text(limit_seconds)} still not empty: {names}")
        return EXIT_NOT_CONFIRMED
    finally:
        await close_all(opened.sources)
    return EXIT_OK


async def _unfinished(
    sources: dict[str, Source], targets: Sequence[Target], timeout_s: float
) -> list[Target]:
    """Return the targets that still run work; a source that cannot say leaves its own in."""
    left: list[Target] = []
    for name in {target.source for target in targets}:
        mine = [target for target in targets if target.source == name]
        try:
            batch = await sources[name].reread(mine, timeout_s)
        except SourceError as error:
            diagnostics.say(f"andon: {name}: {error.message}")
            left += mine
            continue
        records = {record.key: record for record in batch.records if record.kind is Kind.NODE}
        left += [target for target in mine if not _empty(records.get(target.key))]
    return left


def _empty(record: Record | None) -> bool:
    return isinstance(record, Node) and record.state in (NodeState.DRAINED, NodeState.DOWN)
