"""The demo keeps the contract; nothing of it is real, so it can be neither denied nor garbled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import andon_demo
from andon.sdk import FaultKind, Source, SourceSettings, SourceTimeout
from andon.sdk.testing import SourceContract

NOW = 1_900_000_000.0
STEP_S = 30.0


def _open(folder: Path, name: str = "demo@par1", *, now: float = NOW) -> Source:
    found = {each.name: each for each in andon_demo.expand({"nodes": 24, "jobs": 200})}[name]
    defaults = {option.name: option.default for option in andon_demo.OPTIONS}
    return andon_demo.plugin.open(
        SourceSettings(
            name=name,
            site=found.site,
            options={**defaults, **found.options},
            state_folder=folder,
            clock=lambda: now,
        )
    )


def _open_silent(folder: Path) -> Source:
    """Open the telemetry at the first time from `NOW` at which it does not answer."""
    for step in range(60):
        source = _open(folder, "demo-gpu@iad1", now=NOW + step * STEP_S)
        poll = source.poll(frozenset(source.intervals_seconds), 1.0)
        try:
            poll.send(None)
        except StopIteration:
            continue
        except SourceTimeout:
            return _open(folder, "demo-gpu@iad1", now=NOW + step * STEP_S)
        poll.close()
    raise AssertionError("the demo's telemetry never falls silent")


class TestDemoContract(SourceContract):
    """One site with everything."""

    plugin = andon_demo.plugin
    impossible = {  # noqa: RUF012 - the kit's attribute
        FaultKind.DENIED: "its user may do everything",
        FaultKind.GARBLED: "it reads nothing that others wrote",
    }

    def healthy(self, folder: Path) -> Source:
        return _open(folder)

    def broken(self, folder: Path) -> Mapping[FaultKind, Callable[[], Source]]:
        taken = folder / "taken"
        taken.write_text("a file where the demo wants its folder")
        return {
            FaultKind.UNREACHABLE: lambda: _open(taken),
            FaultKind.TIMEOUT: lambda: _open_silent(folder),
        }


class TestDemoSchedulerContract(TestDemoContract):
    """The site whose accelerators have a source of their own, without them."""

    def healthy(self, folder: Path) -> Source:
        return _open(folder, "demo@iad1")


class TestDemoTelemetryContract(TestDemoContract):
    """Only the accelerators and processes of a site."""

    def healthy(self, folder: Path) -> Source:
        return _open(folder, "demo-gpu@iad1", now=NOW)


class TestHostileDemoContract(TestDemoContract):
    """Hostile names are cleaned like any other."""

    def healthy(self, folder: Path) -> Source:
        found = andon_demo.expand({"nodes": 24, "jobs": 200, "hostile": True})[0]
        defaults = {option.name: option.default for option in andon_demo.OPTIONS}
        return andon_demo.plugin.open(
            SourceSettings(
                name=found.name,
                site=found.site,
                options={**defaults, **found.options},
                state_folder=folder,
                clock=lambda: NOW,
            )
        )
