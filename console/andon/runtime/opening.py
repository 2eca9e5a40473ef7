"""From specs to opened sources, one by one: a plugin that fails takes nobody with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import msgspec

from andon.model import Batch, Fault
from andon.runtime.frames import PluginPath
from andon.runtime.guard import same
from andon.runtime.reports import fault_of
from andon.sdk.source import Source

if TYPE_CHECKING:
    from andon.runtime.sources import SourceSpec

PLUGIN_GROUP = "andon.plugins.v1"


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
        self._extra = {
            plugin.name: EntryPoint(plugin.name, plugin.target, PLUGIN_GROUP) for plugin in plugins
        }
        self._environ = environ
        self._now = now
        self.enrich: Callable[[Batch], Batch] = same
        """Completes batches from the registry."""
