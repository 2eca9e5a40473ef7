"""Collect once, in this process: what a one-shot command needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from andon.model import Batch, Fault, Kind, SourceStatus, Target
from andon.runtime.guard import OVERRUN, checked, contained, forget_outcome, same
from andon.runtime.reports import fault_of, first_status, state_after
from andon.runtime.slowness import slow_once
from andon.sdk.errors import SourceError, SourceGarbled, SourceTimeout
from andon.sdk.lengths import seconds_text
from andon.sdk.source import Source
from andon.store import Snapshot, apply

if TYPE_CHECKING:
    from andon.runtime.sources import SourceSpec


async def collect(
    sources: Sequence[Source],
    specs: Sequence[SourceSpec],
    kinds: frozenset[Kind],
    timeout_s: float,
    clock: Callable[[], float],
    *,
    verbs: Mapping[str, tuple[str, ...]] | None = None,
    unopened: Mapping[str, Fault] | None = None,
    enrich: Callable[[Batch], Batch] = same,
) -> Snapshot:
    """Ask every source for `kinds`, all side by side, and return what they said.

    A source that reports none of the kinds is left out. One that fails is in the snapshot with its
    fault and no data. Never raises for a source's sake, and returns at most a tenth after
    `timeout_s` unless a plugin blocks the loop.

    Args:
        sources: opened sources.
        specs: what they were opened from, and specs of sources that could not be opened.
        kinds: the least that answers the question.
        timeout_s: seconds for all of them together.
        clock: seconds since the epoch.
        verbs: what the plugin of each source can do, by source name.
        unopened: why a source could not be opened, by source name.
        enrich: completes batches from the configuration's registry.
    """
    by_name = {spec.name: spec for spec in specs}
    snapshot = Snapshot()
    for name, fault in (unopened or {}).items():
        blank = first_status(by_name[name])
        snapshot = apply(snapshot.with_status(blank), fault)
    asked = [source for source in sources if kinds & source.intervals_seconds.keys()]
    answers = await asyncio.gather(
        *(_ask(source, kinds, timeout_s, clock, enrich) for source in asked)
    )
    for source, (answer, latency_s) in zip(asked, answers, strict=True):
        status = first_status(by_name[source.name], source, (verbs or {}).get(source.name, ()))
        if isinstance(answer, Fault):
            snapshot = apply(snapshot.with_status(status), answer)
        else:
            snapshot = apply(snapshot.with_status(_live(status, answer, latency_s)), answer)
    return snapshot


async def reread(
    snapshot: Snapshot,
    sources: Sequence[Source],
    targets: Sequence[Target],
    timeout_s: float,
    clock: Callable[[], float],
    *,
    enrich: Callable[[Batch], Batch] = same,
) -> Snapshot:
    """Ask sources for single things again and return the snapshot with what they said.

    Args:
        snapshot: what is known.
        sources: opened sources; targets of others are left as they are.
        targets: what to ask for, each of its own source.
        timeout_s: seconds for each source.
        clock: seconds since the epoch.
        enrich: completes batches from the configuration's registry.

    Raises:
        SourceError: a source did not answer; nothing can be said of its targets.
    """
    for source in sources:
        wanted = [target for target in targets if target.source == source.name]
        try:
            call = contained(source.reread(wanted, timeout_s))
            answer = await asyncio.wait_for(call, timeout_s * OVERRUN)
            batch = checked(answer, source.name, clock())
        except SourceError:
            raise
        except TimeoutError as error:
            late = f"{source.name}: no answer within {seconds_text(timeout_s)}"
            raise SourceTimeout(late) from error
        except Exception as error:
            # Whatever a plugin raises is its source's fault.
            raise SourceGarbled(fault_of(source.name, error, clock()).message) from error
        snapshot = apply(snapshot, enrich(batch))
    return snapshot


async def _ask(
    source: Source,
    kinds: frozenset[Kind],
    timeout_s: float,
    clock: Callable[[], float],
    enrich: Callable[[Batch], Batch],
) -> tuple[Batch | Fault, float]:
    asked_at = clock()
    wanted = kinds & source.intervals_seconds.keys()
    task = asyncio.create_task(_poll(source, wanted, timeout_s))
    task.add_done_callback(forget_outcome)
    try:
        # Not `asyncio.timeout`: that waits for a task which swallows its cancellation.
        await asyncio.wait({task}, timeout=timeout_s * OVERRUN)
        if not task.done():
            raise SourceTimeout(
                f"no answer within {seconds_text(timeout_s)}",
                hint="raise `--timeout` if the backend only is slow; `andon doctor` says more",
            )
        return enrich(checked(task.result(), source.name, clock())), clock() - asked_at
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its source's fault
        return fault_of(source.name, error, clock()), clock() - asked_at
    finally:
        task.cancel()


async def _poll(source: Source, kinds: frozenset[Kind], deadline_s: float) -> Batch:
    # A coroutine of its own: also a `poll` that raises before it can be awaited is contained.
    return await contained(source.poll(kinds, deadline_s))


def _live(status: SourceStatus, batch: Batch, latency_s: float) -> SourceStatus:
    return replace(
        status,
        state=state_after(batch.coverage),
        observed_at=batch.observed_at,
        latency_seconds=latency_s,
        slow_seconds=slow_once(latency_s),
        coverage=batch.coverage,
        identity=batch.identity,
        version=batch.version,
    )
