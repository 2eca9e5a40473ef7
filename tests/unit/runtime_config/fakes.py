"""A plugin and entry points for the tests of this folder."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from typing import Any

from andon.runtime.discovery import GROUP
from andon.sdk import (
    Batch,
    Found,
    Kind,
    Node,
    Option,
    Plugin,
    Source,
    SourceSettings,
    Tenant,
)

OPTIONS = (
    Option(name="folder", summary="Where it is.", type="path"),
    Option(name="size", summary="How large.", type="integer", default=3, minimum=1, maximum=9),
    Option(name="ratio", summary="How much.", type="number", maximum=1),
    Option(name="fast", summary="Whether.", type="flag", default=False),
    Option(name="after", summary="How long.", type="duration", default=5, minimum=1),
    Option(name="mode", summary="Which.", type="choice", choices=("a", "b"), default="a"),
    Option(name="token", summary="The key.", secret=True),
)


class FakeSource(Source):
    """Reports one node; its settings can be looked at."""

    def __init__(self, settings: SourceSettings) -> None:
        self.settings = settings
        self.name = settings.name
        self.site = settings.site
        self.intervals_seconds: Mapping[Kind, float] = {Kind.NODE: 10.0, Kind.TENANT: 60.0}

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        records = [Node(site=self.site, name="n1"), Tenant(site=self.site, name="t1")]
        return Batch(
            source=self.name,
            observed_at=self.settings.clock(),
            records=tuple(record for record in records if record.kind in kinds),
            whole=kinds,
            identity="me",
            version="1.2",
        )


def plugin(**changes: Any) -> Plugin:
    """Return a plugin named `fake`, changed as asked."""
    declared: dict[str, Any] = {
        "name": "fake",
        "summary": "A test's own.",
        "open": FakeSource,
        "options": OPTIONS,
        "find": lambda environ: (Found(why="asked"),) if environ.get("FAKE") else (),
    }
    return Plugin(**{**declared, **changes})


@contextmanager
def module(name: str, **contents: object) -> Iterator[None]:
    """Let `name` be importable for a while."""
    made = types.ModuleType(name)
    vars(made).update(contents)
    sys.modules[name] = made
    try:
        yield
    finally:
        del sys.modules[name]


def point(name: str, value: str, group: str = GROUP) -> EntryPoint:
    """Return an entry point of no installed package."""
    return EntryPoint(name, value, group)
