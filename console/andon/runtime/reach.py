"""How a runner reaches what its plan is about: by the user's own configuration, read afresh."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from andon.runtime.config import load_config
from andon.runtime.discovery import Discovery, load_all
from andon.runtime.offers import Offers, offers_of
from andon.runtime.paths import Paths
from andon.runtime.plan_file import PlanFile, PlanStale, fingerprint
from andon.runtime.policy import Policy, policy_of, unreadable
from andon.runtime.sources import open_source, resolve
from andon.sdk.errors import AndonError
from andon.sdk.source import Source


@dataclass(frozen=True, slots=True)
class Reach:
    """The sources of a plan and what may be done with them."""

    offers: Offers
    fingerprints: Mapping[str, str]
    """Of every source that is configured now, by name."""
    open: Callable[[str], Source]
    """Open a source by name; raises `AndonError` for one that there is not."""
    policy: Callable[[], Policy]
    """Read the policy again: a file may say `read_only` while a plan runs."""


def reach(
    file: PlanFile,
    paths: Paths,
    environ: Mapping[str, str],
    discover: Callable[[], Discovery] = load_all,
) -> Reach:
    """Return the reach of a plan file by configuration and installed plugins.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    extra = None if file.config is None else Path(file.config)
    discovery = discover()
    config = load_config(paths, extra=extra, environ=environ)
    specs = {spec.name: spec for spec in resolve(config, discovery, file.demo, environ).specs}

    def opened(name: str) -> Source:
        if name not in specs:
            raise PlanStale(f"there is no source “{name}” any more", hint="make a new plan")
        return open_source(specs[name], discovery, paths, environ, time.time)

    def policy_now() -> Policy:
        try:
            return policy_of(load_config(paths, extra=extra, environ=environ))
        except AndonError as error:
            return unreadable(error)

    return Reach(
        offers=offers_of(specs.values(), discovery.plugins),
        fingerprints={name: fingerprint(spec) for name, spec in specs.items()},
        open=opened,
        policy=policy_now,
    )
