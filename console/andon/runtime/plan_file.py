"""Plan files: a plan with all that its runner needs, sealed, so that what runs is what was shown.

The seal is a digest over the canonical JSON. It finds mistakes (an edited, cut or mixed-up file),
not an attacker: whoever may write the file may act by himself anyway. A plan file names sources and
never code; the runner opens what its own configuration says those names mean.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from andon.model import Plan
from andon.runtime.origin import Origin
from andon.runtime.policy import Arming
from andon.runtime.private import private_folder
from andon.runtime.sources import DemoRequest, SourceSpec
from andon.sdk.errors import EXIT_STALE_PLAN, AndonError, UsageError

SCHEMA = "andon/plan-file/v1"
DEFAULT_WAIT_SECONDS = 15.0
_SIZE_LIMIT_BYTES = 64 << 20
_ID = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}")


class PlanStale(AndonError):
    """The plan is not, or no longer, what was confirmed; nothing was sent."""

    exit_code: ClassVar[int] = EXIT_STALE_PLAN


class PlanFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written for the runner, and what a dry run prints."""

    schema: str = SCHEMA
    plan: Plan
    arming: Arming
    origin: Origin
    demo: DemoRequest | None = None
    config: str | None = None
    """The file given with `--config`, so that the runner reads the same configuration."""
    wait_seconds: float = DEFAULT_WAIT_SECONDS
    """How long the runner looks for the promised states after the last call."""
    timeout_seconds: float | None = None
    """How long a backend may take for each call and each look, where the operator said so."""
    sources: dict[str, str] = {}
    """For each source of the plan a fingerprint of how it was configured."""
    seal: str = ""


def fingerprint(spec: SourceSpec) -> str:
    """Return a digest of what a source is: the same name may mean another backend tomorrow."""
    identity = (spec.plugin, spec.site, spec.demo, spec.options)
    return _digest(msgspec.json.encode(identity, order="sorted", enc_hook=str))


def plan_file(
    plan: Plan,
    specs: Iterable[SourceSpec],
    *,
    arming: Arming,
    origin: Origin,
    demo: DemoRequest | None = None,
    config: Path | None = None,
    wait_seconds: float = DEFAULT_WAIT_SECONDS,
    timeout_seconds: float | None = None,
) -> PlanFile:
    """Return the sealed file of a plan.

    Args:
        plan: what would be done.
        specs: the sources that are at hand.
        arming: how the operator armed it; a dry run's file must be armed before it can run.
        origin: who acts.
        demo: the simulated factory the plan was made for.
        config: the configuration file named on the command line.
        wait_seconds: how long to look for the promised states.
        timeout_seconds: how long a backend may take for each call and each look.
    """
    used = {step.target.source for step in plan.steps}
    made = PlanFile(
        plan=plan,
        arming=arming,
        origin=origin,
        demo=demo,
        config=None if config is None else str(config.absolute()),
        wait_seconds=wait_seconds,
        timeout_seconds=timeout_seconds,
        sources={spec.name: fingerprint(spec) for spec in specs if spec.name in used},
    )
    return sealed(made)


def sealed(file: PlanFile) -> PlanFile:
    """Return the file with the seal that belongs to its content, as it will be read back.

    A whole number in the place of a float is written differently from what it is read as.
    """
    made = msgspec.json.decode(encode_plan(file), type=PlanFile)
    return msgspec.structs.replace(made, seal=_seal_of(made))


def rearmed(
    file: PlanFile,
    *,
    arming: Arming,
    origin: Origin,
    wait_seconds: float | None = None,
    timeout_seconds: float | None = None,
) -> PlanFile:
    """Return a saved plan armed by whoever applies it now; what is `None` stays as it was."""
    wait = file.wait_seconds if wait_seconds is None else wait_seconds
    timeout = file.timeout_seconds if timeout_seconds is None else timeout_seconds
    return sealed(
        msgspec.structs.replace(
            file, arming=arming, origin=origin, wait_seconds=wait, timeout_seconds=timeout
        )
    )


def _seal_of(file: PlanFile) -> str:
    return _digest(encode_plan(msgspec.structs.replace(file, seal="")))


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def encode_plan(file: PlanFile) -> bytes:
    """Return the canonical JSON of a plan file: sorted keys, no blanks."""
    return msgspec.json.encode(file, order="sorted")


def plans_folder(state: Path) -> Path:
    """Return where plan files, claims and runner logs are kept below the state folder."""
    return state / "plans"


def save_plan(file: PlanFile, folder: Path) -> Path:
    """Write a plan for its runner, once, and return its path.

    Raises:
        PlanStale: a plan of this id was launched before.
        UsageError: it cannot be written.
    """
    path = folder / f"{checked_id(file.plan.id)}.json"
    try:
        private_folder(folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(encode_plan(file))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise
    except FileExistsError as error:
        raise started_before(file.plan.id) from error
    except OSError as error:
        raise UsageError(
            f"the plan cannot be written to {folder}: {error.strerror}",
            hint="nothing was sent; make the state folder writable",
        ) from error
    return path


def started_before(plan: str) -> PlanStale:
    """Return the refusal of a plan that is being run or was."""
    return PlanStale(
        f"plan {plan} was started before",
        hint="make a new plan; `andon journal ls` shows what the first one did",
    )


def checked_id(name: str) -> str:
    """Return a plan id that is fit to be part of a file name.

    Raises:
        PlanStale: it is not one of ours.
    """
    if not _ID.fullmatch(name):
        raise PlanStale(f"“{name}” is not a plan id", hint="make a new plan")
    return name


def load_plan(path: Path) -> PlanFile:
    """Read one plan file and check its form and its seal; not whether it has expired.

    Raises:
        UsageError: it cannot be read, or is not a plan.
        PlanStale: it was edited after it was made.
    """
    return _checked(_decoded(_content(path), path), path)


def load_plans(path: Path) -> tuple[PlanFile, ...]:
    """Read what a dry run printed: one plan file, or an envelope whose `items` are plan files.

    Raises:
        UsageError: it cannot be read, or holds no plan.
        PlanStale: one of them was edited after it was made.
    """
    content = _content(path)
    try:
        document: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _unreadable(path, error) from error
    items = document.get("items") if isinstance(document, dict) else None
    if items is None:
        return (load_plan(path),)
    if not isinstance(items, list) or not items:
        raise UsageError(f"{path} holds no plan", hint="make one with --dry-run -o json")
    return tuple(_checked(_decoded(msgspec.json.encode(item), path), path) for item in items)


def _content(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{path} is not a file", hint="name a plan file")
            if status.st_uid not in (os.getuid(), 0) or status.st_mode & stat.S_IWOTH:
                raise UsageError(
                    f"{path} may be written by others", hint="keep plans in a file only you write"
                )
            if status.st_size > _SIZE_LIMIT_BYTES:
                raise UsageError(f"{path} is too large for a plan", hint="name a plan file")
            return stream.read()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="name a plan file"
        ) from error


def _decoded(content: bytes, path: Path) -> PlanFile:
    try:
        return msgspec.json.decode(content, type=PlanFile)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> UsageError:
    return UsageError(f"{path} is not a plan: {error}", hint="make one with --dry-run -o json")


def _checked(file: PlanFile, path: Path) -> PlanFile:
    if file.schema != SCHEMA:
        raise UsageError(
            f"{path} is a “{file.schema}”, this program reads “{SCHEMA}”", hint="make a new plan"
        )
    checked_id(file.plan.id)
    if file.seal != _seal_of(file):
        raise PlanStale(f"{path} was changed after the plan was made", hint="make a new plan")
    return file


def refuse_expired(plan: Plan, now: float) -> None:
    """Check that a plan may still be started.

    Raises:
        PlanStale: its time is over, or it was made in the future.
    """
    if now > plan.expires_at:
        late = now - plan.expires_at
        raise PlanStale(f"plan {plan.id} expired {late:.0f} s ago", hint="make a new plan")
    if now < plan.created_at - _CLOCK_SLACK_SECONDS:
        raise PlanStale(
            f"plan {plan.id} was made in the future", hint="the clock was set back; make a new plan"
        )


_CLOCK_SLACK_SECONDS = 5.0
