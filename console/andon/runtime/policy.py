"""What may be planned and sent at all: read-only unless armed, and never against `read_only`.

It guards against mistakes and is no security boundary: the backend's own authorisation is. The same
two questions are asked by every face, by the launcher and by the runner before each call.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from msgspec import UNSET

from andon.runtime.config_records import READ_ONLY_VARIABLE, Config
from andon.sdk.errors import EXIT_DENIED, AndonError


class Arming(StrEnum):
    """How the operator said that the world may be changed."""

    NONE = "none"
    """Nothing was said: read-only."""
    DRY_RUN = "dry-run"
    """Plan and print; nothing is ever sent."""
    CALL = "call"
    """One command: typed with `--yes --reason`, or confirmed at its own prompt."""
    SESSION = "session"
    """A screen that was started with `--write`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the configuration forbids, from whatever file said so."""

    read_only: bool = False
    why: str = ""
    """Who forbids it, for example `read_only = true in /etc/andon/config.toml`."""
    hint: str = "whoever keeps the configuration decides; no option lifts it"
    """What would allow it."""


class PolicyRefused(AndonError):
    """Andon's own policy, or the backend's authorisation, said no; nothing was sent."""

    exit_code: ClassVar[int] = EXIT_DENIED


def policy_of(config: Config) -> Policy:
    """Return the policy of a loaded configuration."""
    section = config.policy
    if not section.read_only:
        return Policy()
    where = section.read_only_from
    if where is UNSET:
        return Policy(True, "read_only = true")
    if where == READ_ONLY_VARIABLE:
        hint = "unset that variable, if it is yours to decide; no option lifts it"
        return Policy(True, f"the variable {where} is set", hint)
    return Policy(
        True,
        f"read_only = true, set by {where}",
        "whoever keeps that file decides; no option lifts it",
    )


def unreadable(error: AndonError) -> Policy:
    """Return the policy of a configuration that cannot be read: it may say `read_only`."""
    return Policy(
        True,
        f"the configuration cannot be read: {error.message}",
        "`andon config check` says what is wrong with it",
    )


def may_plan(policy: Policy, arming: Arming) -> str | None:
    """Return why no plan may be made, in words, or `None` when it may.

    A dry run is always allowed, since what it makes can never be sent.
    """
    if arming is Arming.DRY_RUN:
        return None
    return may_act(policy, arming)


def may_act(policy: Policy, arming: Arming) -> str | None:
    """Return why nothing may be sent, in words, or `None` when it may."""
    if policy.read_only:
        return f"read-only by configuration ({policy.why or 'read_only = true'})"
    if arming is Arming.NONE:
        return "read-only: acting is not armed"
    if arming is Arming.DRY_RUN:
        return "this is a dry run: nothing is sent"
    return None


def refusal(policy: Policy, why: str) -> PolicyRefused:
    """Return the error that says why, and what would allow it."""
    unarmed = "commands: add --yes and --reason TEXT; the screen: start it with --write"
    return PolicyRefused(why, hint=policy.hint if policy.read_only else unarmed)
