"""From specs to opened sources, one by one: a plugin that fails takes nobody with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import Final

import msgspec

from andon.runtime.discovery import Discovery, load
from andon.runtime.frames import PluginPath
from andon.runtime.paths import Paths
from andon.runtime.registry import Enricher, Registry
from andon.runtime.sources import SourceSpec, open_source, verbs_of
from andon.sdk.plugin import Plugin
from andon.sdk.source import Source

PLUGIN_GROUP: Final = "andon.plugins.v1"


class Opener:
    """Opens sources from what came through the feed's control messages.

    Args:
        plugins: plugins beside the installed ones; they come before those of the same name.
        registry: the configuration's tenants and sites, encoded; nil: none.
        environ: the environment for plugins, configuration folders and secrets.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        plugins: Sequence[PluginPath],
        registry: msgspec.Raw,
        environ: Mapping[str, str],
        now: Callable[[], float],
    ) -> None:
        self._named = {
            plugin.name: EntryPoint(plugin.name, plugin.target, PLUGIN_GROUP) for plugin in plugins
        }
        self._loaded: dict[str, Plugin] = {}
        self._environ = environ
        self._paths = Paths.from_environ(environ)
        self._now = now
        self.enrich = Enricher(msgspec.msgpack.decode(registry, type=Registry | None))
        """Completes batches from the registry."""

    def specs(self, encoded: msgspec.Raw) -> list[SourceSpec]:
        """Decode the specs of an `Open` message."""
        specs = msgspec.msgpack.decode(encoded, type=list[SourceSpec])
        self.enrich.know(specs)
        return specs

    def open(self, spec: SourceSpec) -> tuple[Source, tuple[str, ...]]:
        """Open one source; also return what its plugin can do.

        Raises:
            UsageError: there is no such plugin, it cannot be imported, or an option is wrong.
            Exception: whatever the plugin raises while it opens the source.
        """
        plugin = self._plugin(spec.plugin)
        discovery = Discovery(plugins={spec.plugin: plugin})
        source = open_source(spec, discovery, self._paths, self._environ, self._now)
        return source, verbs_of(plugin)

    def _plugin(self, name: str) -> Plugin:
        if name not in self._loaded:
            point = self._named.get(name)
            self._loaded[name] = load(name, [point] if point else None)
        return self._loaded[name]
