"""What a plugin declares. Importing a plugin does no I/O and has no side effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from andon.sdk.action import Action
from andon.sdk.option import Option
from andon.sdk.source import Source, SourceSettings

CONTRACT_VERSION = 1
"""The number in the entry-point group `andon.plugins.v1`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A backend that a plugin sees from this machine without being configured."""

    options: Mapping[str, Any] = field(default_factory=dict)
    why: str
    """What was found, for example `squeue is on PATH`."""
    site: str = "local"
    name: str = ""
    """What the source is called; empty for `plugin@site`."""


def _find_nothing(environ: Mapping[str, str]) -> tuple[Found, ...]:
    return ()


def _expand_to_one(options: Mapping[str, Any]) -> tuple[Found, ...]:
    return (Found(options=options, why="asked for"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A kind of backend: how to open a source of it and what it can do."""

    name: str
    summary: str
    open: Callable[[SourceSettings], Source]
    """Make a source; no I/O before the first poll."""
    options: tuple[Option, ...] = ()
    actions: tuple[Action, ...] = ()
    find: Callable[[Mapping[str, str]], tuple[Found, ...]] = _find_nothing
    """Look around, given the environment: cheap local checks only, no network, no process."""
    expand: Callable[[Mapping[str, Any]], tuple[Found, ...]] = _expand_to_one
    """The sources that one request for this plugin with these options means: one with the options
    as given, unless the plugin knows of several, as the demo does of its sites. Pure."""
    forget: Callable[[Path], int] | None = None
    """Drop what the plugin keeps in its state folder; returns how many entries that were."""
    demo: bool = False
    """Its data is invented; every screen and envelope says DEMO."""
