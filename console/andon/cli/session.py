"""One invocation's way to the factory: configuration, sources and one look at them."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from andon.cli.options import Settings
from andon.model import Kind, SourceState
from andon.runtime.config import load_config
from andon.runtime.config_records import Config
from andon.runtime.discovery import Discovery, load_all
from andon.runtime.oneshot import collect
from andon.runtime.paths import Paths
from andon.runtime.registry import Enricher, registry_of
from andon.runtime.sources import (
    DemoRequest,
    Resolution,
    SourceSpec,
    open_sources,
    resolve,
)
from andon.sdk.errors import EXIT_DOWN, AndonError, UsageError
from andon.store import Snapshot
from andon.views.state import Scope


class NothingFound(AndonError):
    """No source is configured and none was found."""

    exit_code = EXIT_DOWN


class Session:
    """What one command needs to know of the world; everything is read on first use."""

    def __init__(
        self,
        settings: Settings,
        *,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.environ = dict(os.environ if environ is None else environ)
        self.clock = clock

    @cached_property
    def paths(self) -> Paths:
        """Where files are."""
        return Paths.from_environ(self.environ)

    @cached_property
    def config(self) -> Config:
        """The configuration of all files together."""
        return load_config(self.paths, extra=self.settings.config_file, environ=self.environ)

    @cached_property
    def discovery(self) -> Discovery:
        """The plugins that could be loaded, and why others could not."""
        return load_all()

    @cached_property
    def resolution(self) -> Resolution:
        """Which sources there are, and how they came about."""
        return resolve(self.config, self.discovery, self.demo_request, self.environ)

    @property
    def demo_request(self) -> DemoRequest | None:
        """The simulated factory that was asked for, if one was."""
        settings = self.settings
        if not settings.demo:
            return None
        return DemoRequest(
            seed=settings.seed,
            nodes=settings.demo_nodes,
            jobs=settings.demo_jobs,
            speed=settings.demo_speed,
            hostile=settings.hostile,
        )

    @cached_property
    def specs(self) -> tuple[SourceSpec, ...]:
        """The sources in scope.

        Raises:
            NothingFound: there is no source at all.
            UsageError: `--site` or `--source` names none.
        """
        specs = self.resolution.specs
        if not specs:
            raise NothingFound(
                "no source is configured and none was found on this machine",
                hint="`andon doctor` says what was looked for; "
                "`--demo` uses a simulated factory instead",
            )
        specs = _chosen(specs, self.settings.sites, "--site", lambda spec: spec.site)
        return _chosen(specs, self.settings.sources, "--source", lambda spec: spec.name)

    @property
    def scope(self) -> Scope:
        """What of the factory is looked at."""
        settings = self.settings
        return Scope(
            sites=tuple(settings.sites),
            sources=tuple(settings.sources),
            tenants=tuple(settings.tenants),
            user=getpass.getuser() if settings.mine else None,
        )

    def observe(self, kinds: Iterable[Kind]) -> Snapshot:
        """Ask every source in scope once for these kinds, side by side."""
        specs = self.specs
        opened = open_sources(specs, self.discovery, self.paths, self.environ, self.clock)

        async def ask() -> Snapshot:
            try:
                return await collect(
                    opened.sources,
                    specs,
                    frozenset(kinds),
                    self.settings.timeout_seconds,
                    self.clock,
                    verbs=opened.verbs,
                    unopened=opened.unopened,
                    enrich=Enricher(registry_of(self.config), specs),
                )
            finally:
                for source in opened.sources:
                    with contextlib.suppress(Exception):
                        await source.close()

        return asyncio.run(ask())


def _chosen(
    specs: tuple[SourceSpec, ...],
    wanted: list[str],
    option: str,
    word: Callable[[SourceSpec], str],
) -> tuple[SourceSpec, ...]:
    if not wanted:
        return specs
    known = sorted({word(spec) for spec in specs})
    for name in wanted:
        if name not in known:
            raise UsageError(f"{option}: there is no {name!r}", hint=f"known: {', '.join(known)}")
    return tuple(spec for spec in specs if word(spec) in wanted)


def faults_of(snapshot: Snapshot) -> list[tuple[str, str, str, bool]]:
    """Return name, message, hint and whether it was denied, for each source that failed."""
    return [
        (
            status.name,
            status.fault.message,
            status.fault.hint,
            status.state is SourceState.DENIED,
        )
        for status in snapshot.sources.values()
        if status.fault is not None
    ]
