"""One invocation's way to the factory: configuration, sources and one look at them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property

from andon.cli.debugging import note
from andon.cli.looping import run_async
from andon.cli.naming import no_such, tenants_of
from andon.cli.options import Settings
from andon.model import Kind, SourceState, Target
from andon.runtime.config import load_config
from andon.runtime.config_records import Config
from andon.runtime.discovery import Discovery, load_all
from andon.runtime.oneshot import collect, reread
from andon.runtime.origin import Origin, origin_of
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
from andon.sdk.source import Source
from andon.store import Snapshot
from andon.views.state import Scope

_CLOSE_SECONDS = 1.0
_DEMO = "demo"


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
        every_plugin: bool = False,
    ) -> None:
        """Make a session; nothing is read yet.

        Args:
            settings: what the shared options said.
            environ: the environment for everything; the process's own by default.
            clock: seconds since the epoch.
            every_plugin: import every plugin, not only those that sources are configured with.
        """
        self.settings = settings
        self._every_plugin = every_plugin
        self.environ = dict(os.environ if environ is None else environ)
        self.clock = clock

    @cached_property
    def paths(self) -> Paths:
        """Where files are."""
        return Paths.from_environ(self.environ)

    @cached_property
    def config(self) -> Config:
        """The configuration of all files together."""
        config = load_config(self.paths, extra=self.settings.config_file, environ=self.environ)
        note("configuration: %s", ", ".join(config.files) or "no files")
        return config

    @cached_property
    def discovery(self) -> Discovery:
        """The plugins that may be needed and could be loaded, and why others could not."""
        found = load_all(wanted=self._needed)
        note("plugins: %s", ", ".join(found.plugins))
        for problem in found.problems:
            note("plugin %s: %s", problem.name, problem.message)
        return found

    def _needed(self, plugin: str) -> bool:
        """Whether a plugin is worth importing: importing is most of what a short command costs."""
        if self._every_plugin:
            return True
        if self.demo_request is not None:
            return plugin == _DEMO
        if self.config.sources:
            return any(source.plugin == plugin for source in self.config.sources)
        return plugin != _DEMO  # it finds nothing by itself

    @cached_property
    def resolution(self) -> Resolution:
        """Which sources there are, and how they came about."""
        found = resolve(self.config, self.discovery, self.demo_request, self.environ)
        for spec in found.specs:
            note("source %s: %s at %s: %s", spec.name, spec.plugin, spec.site, spec.why)
        return found

    @cached_property
    def demo_request(self) -> DemoRequest | None:
        """The simulated factory that was asked for, if one was.

        Raises:
            UsageError: something is said of it, but it was not asked for.
        """
        settings = self.settings
        asked = DemoRequest(
            seed=settings.seed,
            nodes=settings.demo_nodes,
            jobs=settings.demo_jobs,
            speed=settings.demo_speed,
            hostile=settings.hostile,
        )
        if settings.demo:
            return asked
        if said := asked.options():
            raise UsageError(
                f"{', '.join(f'--{name}' for name in said)}: only the demo can be told this",
                hint="add --demo, or leave it out",
            )
        return None

    @property
    def demo(self) -> bool:
        """Whether any of the sources is simulated."""
        return any(spec.demo for spec in self.resolution.specs)

    @cached_property
    def specs(self) -> tuple[SourceSpec, ...]:
        """The sources in scope.

        Raises:
            NothingFound: there is no source at all.
            UsageError: `--site` or `--source` names none.
        """
        specs = self.resolution.specs
        if not specs:
            reasons = [problem.message for problem in self.resolution.problems] or [
                f"plugin {problem.name}: {problem.message}"
                for problem in self.discovery.problems
                if problem.name not in self.discovery.plugins
            ]
            raise NothingFound(
                "no source is configured and none was found on this machine"
                + (f": {reasons[0]}" if reasons else ""),
                hint="`andon doctor` says what was looked for; "
                "`--demo` uses a simulated factory instead",
            )
        specs = _chosen(specs, self.settings.sites, "--site", lambda spec: spec.site)
        return _chosen(specs, self.settings.sources, "--source", lambda spec: spec.name)

    @cached_property
    def origin(self) -> Origin:
        """Who acts, from where."""
        return origin_of(self.environ)

    @property
    def scope(self) -> Scope:
        """What of the factory is looked at."""
        settings = self.settings
        return Scope(
            sites=tuple(settings.sites),
            sources=tuple(settings.sources),
            tenants=tuple(settings.tenants),
            user=self.origin.user if settings.mine else None,
        )

    def quiet_stdout(self) -> AbstractContextManager[object]:
        """Return what turns what a plugin prints into talk: stdout is for data."""
        return contextlib.redirect_stdout(sys.stderr)

    def observe(self, kinds: Iterable[Kind]) -> Snapshot:
        """Ask every source in scope once for these kinds, side by side.

        Raises:
            NothingFound: there is no source at all.
            UsageError: `--site`, `--source` or `--tenant` names none.
        """
        snapshot = self._asked(kinds)
        wanted = set(self.settings.tenants)
        if wanted - tenants_of(snapshot, self.config):
            # Asked only now: most answers name the tenant that they are asked about.
            whole = self._asked((Kind.TENANT, Kind.JOB))
            known = tenants_of(whole, self.config) | tenants_of(snapshot, self.config)
            unknown = sorted(wanted - known)
            # A source that was not heard might know it.
            if unknown and known and not faults_of(whole):
                raise no_such("--tenant", unknown[0], known)
        return snapshot

    def read_again(self, snapshot: Snapshot, targets: Sequence[Target]) -> Snapshot:
        """Ask for these things alone and return the snapshot with what was said of them.

        Raises:
            SourceError: a source could not be asked.
        """
        if not targets:
            return snapshot
        names = {target.source for target in targets}
        specs = tuple(spec for spec in self.specs if spec.name in names)
        with self.quiet_stdout():
            opened = open_sources(specs, self.discovery, self.paths, self.environ, self.clock)

            async def ask() -> Snapshot:
                try:
                    return await reread(
                        snapshot,
                        opened.sources,
                        targets,
                        self.settings.timeout_seconds,
                        self.clock,
                        enrich=Enricher(registry_of(self.config), specs),
                    )
                finally:
                    await close_all(opened.sources)

            return run_async(ask())

    def _asked(self, kinds: Iterable[Kind]) -> Snapshot:
        specs, wanted = self.specs, frozenset(kinds)
        with self.quiet_stdout():
            opened = open_sources(specs, self.discovery, self.paths, self.environ, self.clock)

            async def ask() -> Snapshot:
                try:
                    return await collect(
                        opened.sources,
                        specs,
                        wanted,
                        self.settings.timeout_seconds,
                        self.clock,
                        verbs=opened.verbs,
                        unopened=opened.unopened,
                        enrich=Enricher(registry_of(self.config), specs),
                    )
                finally:
                    await close_all(opened.sources)

            snapshot = run_async(ask())
        for status in snapshot.sources.values():
            said = status.fault.message if status.fault else f"{status.latency_seconds or 0:.3f} s"
            note("%s asked for %s: %s, %s", status.name, sorted(wanted), status.state.value, said)
        return snapshot


async def close_all(sources: Iterable[Source]) -> None:
    """Close sources side by side; one that does not close is left to the end of the process."""
    tasks = [asyncio.ensure_future(source.close()) for source in sources]
    if tasks:
        done, _ = await asyncio.wait(tasks, timeout=_CLOSE_SECONDS)
        for task in done:
            if not task.cancelled():
                task.exception()


def _chosen(
    specs: tuple[SourceSpec, ...],
    wanted: list[str],
    option: str,
    word: Callable[[SourceSpec], str],
) -> tuple[SourceSpec, ...]:
    if not wanted:
        return specs
    known = {word(spec) for spec in specs}
    for name in wanted:
        if name not in known:
            raise no_such(option, name, known)
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
