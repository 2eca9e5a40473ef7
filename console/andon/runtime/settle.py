"""What killed runners left open is reported, with the state read again, and journalled."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from andon.model import Outcome, Result
from andon.runtime.claim import RunnerState, in_place_of_runner, runner_state
from andon.runtime.clock import Clock
from andon.runtime.journal import Journal
from andon.runtime.journal_records import VERSION, Entry, Phase, timestamp
from andon.runtime.launch import KEEP_SECONDS, left_over
from andon.runtime.outcomes import counted, exit_code
from andon.runtime.paths import Paths
from andon.runtime.plan_file import PlanFile, load_plan, plans_folder
from andon.runtime.reach import Reach, reach
from andon.runtime.targets import observed_text
from andon.runtime.verify import Reader
from andon.sdk.errors import AndonError

OpenReach = Callable[[PlanFile, Paths, Mapping[str, str]], Reach]
_LOOK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A plan whose runner ended in the middle."""

    file: PlanFile
    entries: tuple[Entry, ...]
    """What the journal says of it."""
    outcomes: tuple[Outcome, ...]
    """What is left open: `unknown` where the call may have been made, else `skipped`."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A plan whose runner ended in the middle and whose file says nothing any more."""

    plan: str
    why: AndonError
    entries: tuple[Entry, ...]
    """What the journal says of it."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What dead runners left."""

    unfinished: tuple[Unfinished, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    done: tuple[str, ...] = ()
    """Plans that ended in order; only their file is still there."""


def left_behind(journal: Journal, paths: Paths, now: float) -> LeftBehind:
    """Return the plans that were begun and have no living runner. Changes nothing.

    It costs nothing while there are none: the journal is read only for plans that left their file.
    """
    folder = plans_folder(paths.state)
    found: list[Unfinished] = []
    unreadable: list[Unreadable] = []
    done: list[str] = []
    for name in _left_plans(folder):
        if runner_state(folder, name, now) is not RunnerState.DEAD:
            continue
        entries = journal.read(plan=name).entries
        if any(entry.phase is Phase.END for entry in entries):
            done.append(name)
            continue
        try:
            file = load_plan(folder / f"{name}.json")
        except AndonError as error:
            if (folder / f"{name}.json").exists():
                unreadable.append(Unreadable(name, error, entries))
        else:
            found.append(Unfinished(file, entries, left_over(file.plan, entries, now)))
    return LeftBehind(tuple(found), tuple(unreadable), tuple(done))


def _left_plans(folder: os.PathLike[str]) -> list[str]:
    try:
        return sorted(name[:-5] for name in os.listdir(folder) if name.endswith(".json"))
    except OSError:
        return []


async def settle_unknown(
    journal: Journal,
    paths: Paths,
    environ: Mapping[str, str],
    clock: Clock,
    open_reach: OpenReach = reach,
) -> tuple[Outcome, ...]:
    """Read again what dead runners may have touched, journal it, and return it.

    Every face calls this when it starts. Two at the same time do not report twice. A plan whose
    backend cannot be read now is reported each time until it can, for a week at most.

    Returns:
        The steps with result `unknown`, with the state observed now where it could be read.

    Raises:
        JournalUnwritable: what was found cannot be recorded.
    """
    settled: list[Outcome] = []
    folder = plans_folder(paths.state)
    left = left_behind(journal, paths, clock.now())
    for name in left.done:
        _forget(folder, name)
    for open_plan in left.unfinished:
        with in_place_of_runner(folder, open_plan.file.plan.id) as mine:
            if mine:
                settled += await _settle(open_plan, journal, paths, environ, clock, open_reach)
    return tuple(settled)


async def _settle(
    left: Unfinished,
    journal: Journal,
    paths: Paths,
    environ: Mapping[str, str],
    clock: Clock,
    open_reach: OpenReach,
) -> list[Outcome]:
    unknown = [outcome for outcome in left.outcomes if outcome.result is Result.UNKNOWN]
    seen, blind = await _read_again(left.file, unknown, paths, environ, clock, open_reach)
    if blind and clock.now() - left.file.plan.created_at < KEEP_SECONDS:
        return seen
    skipped = [outcome for outcome in left.outcomes if outcome.result is not Result.UNKNOWN]
    for outcome in (*seen, *skipped):
        _note(journal, left.file, clock, Phase.OUTCOME, outcome)
    told = [entry.outcome for entry in left.entries if entry.outcome is not None]
    everything = [*told, *seen, *skipped]
    _note(journal, left.file, clock, Phase.END, None, everything)
    _forget(plans_folder(paths.state), left.file.plan.id)
    return seen


def _forget(folder: Path, plan: str) -> None:
    with contextlib.suppress(OSError):
        (folder / f"{plan}.json").unlink()


async def _read_again(
    file: PlanFile,
    unknown: list[Outcome],
    paths: Paths,
    environ: Mapping[str, str],
    clock: Clock,
    open_reach: OpenReach,
) -> tuple[list[Outcome], bool]:
    """Return the outcomes with what is there now, and whether some could not be read."""
    if not unknown:
        return [], False
    try:
        world = open_reach(file, paths, environ)
    except AndonError as error:
        return [_unread(outcome, error.message) for outcome in unknown], True
    reader = Reader(world.open, clock)
    try:
        await reader.look([outcome.target for outcome in unknown], _LOOK_SECONDS)
        seen = []
        for outcome in unknown:
            trouble = reader.troubles.get(outcome.target.source)
            if trouble:
                seen.append(_unread(outcome, trouble.message))
            else:
                text = observed_text(reader.record(outcome.target))
                seen.append(msgspec.structs.replace(outcome, observed=text))
        return seen, bool(reader.troubles)
    finally:
        await reader.close()


def _unread(outcome: Outcome, why: str) -> Outcome:
    message = f"{outcome.message}; it cannot be read now: {why}"
    return msgspec.structs.replace(outcome, message=message)


def _note(
    journal: Journal,
    file: PlanFile,
    clock: Clock,
    phase: Phase,
    outcome: Outcome | None,
    everything: list[Outcome] | None = None,
) -> None:
    entry = Entry(
        v=VERSION,
        seq=0,
        ts=timestamp(clock.now()),
        phase=phase,
        plan=file.plan.id,
        actor=file.origin.actor,
        verb=file.plan.verb,
        reason=file.plan.reason,
        demo=file.plan.demo,
        pid=os.getpid(),
    )
    if outcome is not None:
        entry = msgspec.structs.replace(
            entry,
            step=outcome.step,
            target=outcome.target,
            result=outcome.result,
            cause=outcome.cause,
            message=outcome.message,
            observed=outcome.observed,
        )
    if everything is not None:
        entry = msgspec.structs.replace(
            entry,
            counts=counted(everything),
            exit_code=exit_code(everything),
            message="settled after the runner ended early",
        )
    journal.append(entry)
