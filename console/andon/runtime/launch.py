"""Start the runner of a confirmed plan, away from the terminal, and follow it by the journal."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from andon.model import Cause, Outcome, Plan, Result
from andon.runtime.claim import RunnerState, runner_state
from andon.runtime.clock import Clock, SystemClock
from andon.runtime.journal import Journal, JournalUnwritable, journal_of
from andon.runtime.journal_records import Entry, Phase
from andon.runtime.outcomes import exit_code, final_outcomes
from andon.runtime.paths import Paths
from andon.runtime.plan_file import (
    PlanFile,
    PlanStale,
    plans_folder,
    refuse_expired,
    save_plan,
    started_before,
)
from andon.runtime.policy import Policy, PolicyRefused, may_act, refusal
from andon.sdk.clean import clean_lines
from andon.sdk.errors import EXIT_BUG, EXIT_DENIED, EXIT_STALE_PLAN, AndonError

__all__ = ["Run", "RunnerFailed", "exit_code", "final_outcomes", "follow", "launch", "prune"]

# -P: the folder the operator happens to be in must not be able to give us modules.
RUNNER = (sys.executable, "-P", "-m", "andon.runtime.runner")
FOLLOW_SECONDS = 0.05
KEEP_SECONDS = 7 * 86_400.0
"""How long claims and logs of finished plans are kept."""
_LOG_TAIL_BYTES = 8_192
_UNTOLD = "the runner ended before it could say what the call came to"
_UNSENT = "the runner ended before its turn"
_LIVENESS_LOOKS = 5
"""Every so many looks at the journal the runner's life is checked."""


class RunnerFailed(AndonError):
    """The runner ended for a reason of its own; its log says which."""

    exit_code: ClassVar[int] = EXIT_BUG


@dataclass(frozen=True, slots=True)
class Run:
    """A plan that was handed to its runner."""

    plan: Plan
    journal: Journal
    folder: Path
    """Where its claim and its log are."""
    offset: int = 0
    """Byte offset in the journal before which there is nothing of it."""
    process: subprocess.Popen[bytes] | None = None
    """The runner, when this process started it."""


def launch(
    file: PlanFile,
    *,
    paths: Paths,
    policy: Policy,
    environ: Mapping[str, str],
    now: float,
    command: Sequence[str] = RUNNER,
) -> Run:
    """Start a runner for a confirmed plan in a session of its own.

    Args:
        file: the plan, armed.
        paths: where plans and journal are kept.
        policy: what the configuration says now.
        environ: the runner's environment.
        now: seconds since the epoch.
        command: how the runner is started; the plan file is added to it.

    Raises:
        PolicyRefused: read-only, or not armed.
        PlanStale: the plan has expired or was started before.
        RunnerFailed: the runner cannot be started.
    """
    why = may_act(policy, file.arming)
    if why:
        raise refusal(policy, why)
    refuse_expired(file.plan, now)
    folder = plans_folder(paths.state)
    journal = journal_of(paths)
    prune(folder, now)
    if runner_state(folder, file.plan.id, now) is not RunnerState.NONE:
        raise started_before(file.plan.id)
    path = save_plan(file, folder)
    offset = journal.size()
    try:
        process = _started([*command, str(path)], _log_path(folder, file.plan), environ)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise RunnerFailed(
            f"the runner cannot be started: {error.strerror}", hint="nothing was sent"
        ) from error
    return Run(file.plan, journal, folder, offset, process)


def _started(argv: Sequence[str], log: Path, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a process that outlives the terminal and speaks to its log only."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=dict(environ),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def _log_path(folder: Path, plan: Plan) -> Path:
    return folder / f"{plan.id}.log"


async def follow(run: Run, clock: Clock | None = None) -> AsyncIterator[Outcome]:
    """Yield the outcomes of a run as its runner writes them: when sent and when verified.

    The last one of a step is final. It ends when the runner is done. When the runner died, each
    step whose call may have been made is yielded as `unknown` and each other one as `skipped`.
    Leaving off does not end the runner.

    Raises:
        PolicyRefused: the runner refused the plan; nothing was sent. Likewise PlanStale,
            JournalUnwritable and RunnerFailed.
    """
    clock = clock or SystemClock()
    seen: list[Entry] = []
    offset, looks = run.offset, 0
    while True:
        looks += 1
        dead = looks % _LIVENESS_LOOKS == 0 and _ended(run, clock.now())
        entries, offset = run.journal.read_from(offset)
        for entry in entries:
            if entry.plan != run.plan.id:
                continue
            seen.append(entry)
            if entry.phase is Phase.END:
                await _reap(run, clock)
                return
            if entry.phase in (Phase.OUTCOME, Phase.VERIFY) and entry.outcome:
                yield entry.outcome
        if dead:
            # What it wrote before it died has been read just now.
            break
        await clock.sleep(FOLLOW_SECONDS)
    if not seen:
        raise _refusal_of(run)
    for outcome in left_over(run.plan, seen, clock.now(), _complaint(run)):
        yield outcome


def _ended(run: Run, now: float) -> bool:
    if run.process is not None:
        return run.process.poll() is not None
    return runner_state(run.folder, run.plan.id, now) is not RunnerState.ALIVE


async def _reap(run: Run, clock: Clock) -> None:
    """Take the runner's exit status, which is due at once, so that no zombie is left."""
    for _ in range(int(1 / FOLLOW_SECONDS)):
        if run.process is None or run.process.poll() is not None:
            return
        await clock.sleep(FOLLOW_SECONDS)


def left_over(
    plan: Plan, seen: Sequence[Entry], now: float, complaint: str = ""
) -> tuple[Outcome, ...]:
    """Return what a dead runner left open: steps begun are unknown, others were never sent."""
    because = f": {complaint}" if complaint else ""
    begun = {entry.step for entry in seen if entry.phase is Phase.INTENT}
    told = {entry.step for entry in seen if entry.phase is Phase.OUTCOME}
    left = []
    for step in plan.steps:
        if step.id in told:
            continue
        sent = step.id in begun
        left.append(
            Outcome(
                step=step.id,
                target=step.target,
                result=Result.UNKNOWN if sent else Result.SKIPPED,
                cause=Cause.STOPPED,
                message=(_UNTOLD if sent else _UNSENT) + because,
                at=now,
            )
        )
    return tuple(left)


def _complaint(run: Run) -> str:
    """Return what a runner that gave up said; a killed one says nothing."""
    if run.process is None or not run.process.returncode or run.process.returncode < 0:
        return ""
    return _last_words(_log_path(run.folder, run.plan))[0]


def _refusal_of(run: Run) -> AndonError:
    """Return why a runner ended without having begun, by its exit status and its log."""
    message, hint = _last_words(_log_path(run.folder, run.plan))
    code = run.process.returncode if run.process else None
    if code == EXIT_STALE_PLAN:
        return PlanStale(message, hint=hint)
    if code == EXIT_DENIED:
        kind = JournalUnwritable if "journal" in message else PolicyRefused
        return kind(message, hint=hint)
    return RunnerFailed(f"nothing was sent: {message}", hint=hint)


def _last_words(log: Path) -> tuple[str, str]:
    text = ""
    with contextlib.suppress(OSError):
        text = log.read_bytes()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace")
    message, hint = "the runner ended without a word", f"its log is {log}"
    for line in clean_lines(text):
        if line.startswith("andon: "):
            message = line.removeprefix("andon: ")
        elif line.startswith("  → "):
            hint = line.removeprefix("  → ")
    return message, hint


def prune(folder: Path, now: float) -> None:
    """Clear away what plans of more than a week ago left, except of those not settled yet."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            old = now - path.stat().st_mtime > KEEP_SECONDS
            unsettled = path.with_suffix(".json").exists() and path.with_suffix(".claim").exists()
            if old and not unsettled:
                path.unlink(missing_ok=True)
