"""From specs to opened sources, one by one: a plugin that fails takes nobody with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import Final

import msgspec

from andon.model import Batch
from andon.runtime.discovery import Discovery, load
from andon.runtime.frames import PluginPath
from andon.runtime.guard import same
from andon.runtime.paths import Paths
from andon.runtime.sources import SourceSpec, open_source
from andon.sdk.errors import UsageError
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
        self.enrich: Callable[[Batch], Batch] = same
        """Completes batches from the registry."""

    def specs(self, encoded: msgspec.Raw) -> list[SourceSpec]:
        """Decode the specs of an `Open` message."""
        return msgspec.msgpack.decode(encoded, type=list[SourceSpec])

    def open(self, spec: SourceSpec) -> tuple[Source, tuple[str, ...]]:
        """Open one source; also return what its plugin can do.

        Raises:
            Exception: whatever the plugin raises while it is imported and opened.
        """
        plugin = self._plugin(spec.plugin)
        discovery = Discovery(plugins={spec.plugin: plugin}, problems=())
        source = open_source(spec, discovery, self._paths, self._environ, self._now)
        return source, verbs_of(plugin)

    def _plugin(self, name: str) -> Plugin:
        if name not in self._loaded:
            self._loaded[name] = self._load_named(name) if name in self._named else load(name)
        return self._loaded[name]

    def _load_named(self, name: str) -> Plugin:
        plugin = self._named[name].load()
        if not isinstance(plugin, Plugin):
            raise UsageError(
                f"{self._named[name].value} is no plugin but a {type(plugin).__name__}",
                hint="name the `Plugin` object of the module, as `module:plugin`",
            )
        return plugin


def verbs_of(plugin: Plugin) -> tuple[str, ...]:
    """Return every verb a plugin offers, its other names for them included."""
    verbs = [verb for action in plugin.actions for verb in (action.verb, *action.aliases)]
    return tuple(dict.fromkeys(verbs))
