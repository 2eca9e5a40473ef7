"""The doctor says of every source whether it is reached, and if not, why and what next."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from andon.model import Batch, Coverage, Kind
from andon.runtime.config_records import Config
from andon.runtime.discovery import Discovery, PluginProblem
from andon.runtime.doctor import Finding, examine
from andon.runtime.paths import Paths
from andon.runtime.sources import Resolution, SourceProblem, SourceSpec, resolve
from andon.sdk import SourceDenied, SourceUnreachable
from tests.unit.runtime_config.fakes import FakeSource, plugin


def _failing(
    error: BaseException, only: Kind | None = None, polls: list[frozenset[Kind]] | None = None
) -> type[FakeSource]:
    class Failing(FakeSource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            if polls is not None:
                polls.append(kinds)
            if only is None or only in kinds:
                raise error
            return await super().poll(kinds, deadline_s)

    return Failing


async def _examine(*opens: Any, timeout_s: float = 5.0, **more: Any) -> list[Finding]:
    plugins = {f"p{n}": plugin(name=f"p{n}", open=each) for n, each in enumerate(opens)}
    specs = tuple(SourceSpec(name=f"{name}@s", plugin=name, site="s") for name in plugins)
    findings = await examine(
        more.get("resolution") or Resolution(specs=specs),
        Discovery(plugins=plugins, problems=more.get("problems", ())),
        files=more.get("files", ()),
        paths=Paths(
            config_files=(Path("/etc/andon/config.toml"), Path("/own/config.toml")),
            state=Path("/s"),
            cache=Path("/c"),
            runtime=Path("/r"),
        ),
        environ={},
        clock=lambda: 7.0,
        timeout_s=timeout_s,
        monotonic=more.get("monotonic", time.monotonic),
    )
    return list(findings)


async def test_a_source_that_is_reached_is_told_with_identity_version_and_amounts() -> None:
    (finding,) = await _examine(FakeSource)
    assert (finding.ok, finding.reached) == (True, True)
    assert finding.text == "p0@s: reached version 1.2 as me: 1 node, 1 tenant"
    assert [(each.kind, each.records, each.interval_seconds) for each in finding.kinds] == [
        (Kind.NODE, 1, 10.0),
        (Kind.TENANT, 1, 60.0),
    ]
    assert finding.latency_seconds is not None


async def test_an_unreachable_source_is_asked_once_and_told_with_its_hint() -> None:
    polls: list[frozenset[Kind]] = []
    failing = _failing(SourceUnreachable("nobody at 1.2.3.4", hint="start it"), polls=polls)
    (finding,) = await _examine(failing)
    assert (finding.ok, finding.reached, finding.hint) == (False, False, "start it")
    assert finding.text == "p0@s: unreachable: nobody at 1.2.3.4"
    assert len(polls) == 1


async def test_one_kind_that_is_denied_does_not_hide_the_others() -> None:
    (finding,) = await _examine(_failing(SourceDenied("no", hint="ask"), only=Kind.NODE))
    assert (finding.ok, finding.reached, finding.hint) == (False, True, "ask")
    assert finding.text.endswith("1 tenant; no node (denied: no)")


async def test_a_crashing_plugin_and_one_that_hangs_hold_nobody_up() -> None:
    class Hanging(FakeSource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            await asyncio.Event().wait()
            raise AssertionError

    started = time.monotonic()
    crashed, hanging, fine = await _examine(
        _failing(SystemExit(3)), Hanging, FakeSource, timeout_s=0.3
    )
    assert time.monotonic() - started < 2
    assert "crashed: the plugin raised" in crashed.text
    assert "timeout: no answer within" in hanging.text
    assert fine.ok


async def test_a_source_that_cannot_be_opened_says_why() -> None:
    (finding,) = await _examine(lambda settings: 1 / 0)
    assert not finding.ok
    assert "cannot be opened: the plugin raised ZeroDivisionError" in finding.text


async def test_what_coverage_leaves_out_is_told() -> None:
    class Partial(FakeSource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            missing = Coverage(kind=Kind.NODE, reported=3, expected=5, note="2 silent")
            return Batch(source=self.name, observed_at=1.0, coverage=(missing,))

    (finding,) = await _examine(Partial)
    assert "0 nodes (3 of 5 reported, 2 silent)" in finding.text


async def test_broken_plugins_and_failed_searches_are_findings() -> None:
    problem = PluginProblem(name="bad", distribution="bad-dist", message="it broke", hint="mend")
    resolution = Resolution(
        notes=("fake: looked for it, found nothing",),
        problems=(SourceProblem(source="odd", message="odd failed"),),
    )
    findings = await _examine(resolution=resolution, problems=(problem,))
    assert [(finding.ok, finding.text) for finding in findings] == [
        (False, "plugin bad (bad-dist): it broke"),
        (True, "fake: looked for it, found nothing"),
        (False, "odd failed"),
        (False, "no source is configured and none was found on this machine"),
    ]
    assert "andon demo" in findings[-1].hint
    assert "/own/config.toml" in findings[-1].hint


async def test_a_name_that_two_plugins_have_is_one_finding_and_nothing_about_it_is_fine() -> None:
    problems = tuple(
        PluginProblem(name="twin", distribution=name, message="two have this name", hint="mend")
        for name in ("one", "other")
    )
    resolution = resolve(Config(), Discovery(problems=problems), None, {})
    findings = await _examine(resolution=resolution, problems=problems)
    about = [finding for finding in findings if finding.name == "twin"]
    assert [(finding.ok, finding.text) for finding in about] == [
        (False, "plugin twin (one, other): two have this name")
    ]
    assert resolution.notes == ("twin: not looked for: two have this name",)


async def test_every_file_that_was_read_is_named_also_one_of_the_command_line() -> None:
    first, second, *_ = await _examine(FakeSource, files=("/etc/andon/config.toml", "here.toml"))
    assert (first.text, second.text) == ("read /etc/andon/config.toml", "read here.toml")


async def test_hostile_text_of_a_backend_is_cleaned() -> None:
    class Hostile(FakeSource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            raise ValueError("\x1b]0;owned\x07")

    (finding,) = await _examine(Hostile)
    assert "\x1b" not in finding.text
    assert "\x07" not in finding.text


async def test_a_source_that_takes_too_long_for_how_often_it_is_asked_is_slow() -> None:
    class Slow(FakeSource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            ticks.append(8.2 if Kind.NODE in kinds else 0.1)
            return await super().poll(kinds, deadline_s)

    ticks: list[float] = []
    (finding,) = await _examine(Slow, timeout_s=60.0, monotonic=lambda: sum(ticks))
    assert finding.ok
    assert finding.slow
    assert finding.text.endswith("1 node, 1 tenant; slow: nodes took 8.2 s")
    assert "asked less often" in finding.hint
    assert [each.slow for each in finding.kinds] == [True, False]
