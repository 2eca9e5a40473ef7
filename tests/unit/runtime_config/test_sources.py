"""Which sources there are, what is said of those that cannot be, and how they are opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from andon.model import FaultKind, Kind
from andon.runtime.config_records import CollectorConfig, Config, SiteConfig, SourceConfig
from andon.runtime.discovery import Discovery, PluginProblem
from andon.runtime.paths import Paths
from andon.runtime.sources import (
    DemoRequest,
    Resolution,
    SourceSpec,
    open_source,
    open_sources,
    resolve,
)
from andon.sdk import Found, Option, Secret, UsageError
from tests.unit.runtime_config.fakes import FakeSource, plugin

DISCOVERY = Discovery(plugins={"fake": plugin()})
DEMO = plugin(
    name="demo",
    demo=True,
    expand=lambda options: tuple(
        Found(options={"size": options.get("nodes", 1)}, why="asked for", site=site)
        for site in ("par1", "nrt1")
    ),
)


def _source(**given: Any) -> SourceConfig:
    options = given.pop("options", {})
    places = {"": "/c.toml:4:1", "size": "/c.toml:7:3", "plugin": "/c.toml:5:1"}
    declared = {"name": "fake@par1", "plugin": "fake", "site": "par1", **given}
    return SourceConfig(**declared, options=options, places=places)


def _resolve(*sources: SourceConfig, **more: Any) -> Resolution:
    config = Config(sources=sources, **more.pop("config", {}))
    discovery = more.pop("discovery", DISCOVERY)
    return resolve(config, discovery, more.pop("demo", None), more.pop("environ", {}))


def _open(spec: SourceSpec, tmp_path: Path, **environ: str) -> FakeSource:
    paths = Paths.from_environ({"ANDON_STATE_DIR": str(tmp_path)})
    source = open_source(spec, DISCOVERY, paths, environ, lambda: 7.0)
    assert isinstance(source, FakeSource)
    return source


def test_asking_for_the_demo_gives_the_demo_and_nothing_else() -> None:
    discovery = Discovery(plugins={"fake": plugin(), "demo": DEMO})
    resolution = _resolve(_source(), demo=DemoRequest(nodes=4), discovery=discovery)
    assert [spec.name for spec in resolution.specs] == ["demo@par1", "demo@nrt1"]
    assert all(spec.demo and spec.options == {"size": 4} for spec in resolution.specs)
    assert [site.site for site in resolution.sites] == ["par1", "nrt1"]


def test_the_demo_never_appears_unasked() -> None:
    seen = plugin(name="demo", demo=True, find=lambda environ: (Found(why="always"),))
    assert _resolve(discovery=Discovery(plugins={"demo": seen})).specs == ()


def test_only_what_was_said_is_passed_to_the_demo() -> None:
    assert DemoRequest().options() == {}
    assert DemoRequest(seed=0, hostile=True).options() == {"seed": 0, "hostile": True}


def test_what_is_configured_comes_before_what_is_found() -> None:
    resolution = _resolve(_source(), environ={"FAKE": "1"})
    assert [spec.name for spec in resolution.specs] == ["fake@par1"]
    assert resolution.specs[0].why == "configured in /c.toml:4:1"


def test_without_configuration_plugins_look_around_and_say_what_they_found() -> None:
    resolution = _resolve(environ={"FAKE": "1"})
    assert [(spec.name, spec.site, spec.why) for spec in resolution.specs] == [
        ("fake@local", "local", "asked")
    ]
    assert resolution.notes == ("fake: asked",)
    assert _resolve().notes == ("fake: looked for it, found nothing",)


def test_two_backends_found_under_one_name_get_two_names() -> None:
    twice = plugin(find=lambda environ: (Found(why="one"), Found(why="two")))
    resolution = _resolve(discovery=Discovery(plugins={"fake": twice}))
    assert [spec.name for spec in resolution.specs] == ["fake@local", "fake@local-2"]


@pytest.mark.parametrize("raised", [ValueError("no\x1b[2J"), SystemExit(1)])
def test_a_plugin_that_fails_to_look_around_is_a_problem(raised: BaseException) -> None:
    def find(environ: object) -> tuple[Found, ...]:
        raise raised

    bad = Discovery(plugins={"bad": plugin(name="bad", find=find), "fake": plugin()})
    resolution = _resolve(discovery=bad, environ={"FAKE": "1"})
    assert [spec.name for spec in resolution.specs] == ["fake@local"]
    assert type(raised).__name__ in resolution.problems[0].message
    assert "\x1b" not in resolution.problems[0].message


def test_found_names_and_sites_that_are_no_names_are_refused() -> None:
    odd = plugin(find=lambda environ: (Found(why="x", site="a/b\x1b"),))
    resolution = _resolve(discovery=Discovery(plugins={"fake": odd}))
    assert not resolution.specs
    assert resolution.problems


@pytest.mark.parametrize(
    ("options", "said", "allowed"),
    [
        ({"size": "x"}, '/c.toml:7:3: fake@par1: size: found "x"', "a whole number, 1 to 9"),
        ({"size": True}, "found true", "a whole number"),
        ({"size": 10}, "found 10", "1 to 9"),
        ({"sise": 1}, "sise: unknown key", "did you mean size?"),
        ({"ratio": 1.5}, "found 1.5", "at most 1"),
        ({"ratio": float("nan")}, "found nan", "a number"),
        ({"fast": "yes"}, 'found "yes"', "true or false"),
        ({"after": "0s"}, 'found "0s"', "at least 1"),
        ({"after": "soon"}, 'found "soon"', "30s"),
        ({"mode": "c"}, 'found "c"', "one of a, b"),
        ({"folder": 3}, "found 3", "a path"),
        ({"token": "hunter2"}, "found something else", "env:NAME"),
    ],
)
def test_a_wrong_option_is_told_and_the_source_stays_in_sight(
    options: dict[str, Any], said: str, allowed: str, tmp_path: Path
) -> None:
    resolution = _resolve(_source(options=options))
    spec = resolution.specs[0]
    assert said in resolution.problems[0].message
    assert allowed in resolution.problems[0].hint
    assert "hunter2" not in resolution.problems[0].message
    with pytest.raises(UsageError, match="fake@par1"):
        _open(spec, tmp_path)


def test_a_missing_required_option_is_told() -> None:
    required = Option(name="url", summary="Where it answers.", required=True)
    needy = plugin(options=(required,))
    resolution = _resolve(_source(), discovery=Discovery(plugins={"fake": needy}))
    assert "url: is missing" in resolution.problems[0].message


def test_a_source_of_a_missing_or_broken_plugin_stays_in_sight() -> None:
    broken = PluginProblem(name="bad", distribution="x", message="it broke", hint="mend it")
    discovery = Discovery(plugins={"fake": plugin()}, problems=(broken,))
    resolution = _resolve(
        _source(name="a", plugin="fak"), _source(name="b", plugin="bad"), discovery=discovery
    )
    assert [spec.name for spec in resolution.specs] == ["a", "b"]
    first, second = resolution.problems
    assert "/c.toml:5:1: no plugin “fak” is installed" in first.message
    assert "did you mean fake?" in first.hint
    assert ("it broke" in second.message, second.hint) == (True, "mend it")


def test_a_source_that_is_switched_off_is_only_noted() -> None:
    resolution = _resolve(_source(enabled=False))
    assert (resolution.specs, len(resolution.notes)) == ((), 1)


def test_defaults_of_the_collector_hold_where_a_source_says_nothing() -> None:
    sources = (
        _source(name="a", timeout=3.0, intervals={"node": 1.0}),
        _source(name="b"),
    )
    defaults = CollectorConfig(timeout=9.0, interval=30.0, polls_per_minute=6)
    specs = _resolve(*sources, config={"collector": defaults}).specs
    assert [spec.options["timeout"] for spec in specs] == [3.0, 9.0]
    assert specs[0].options["polls_per_minute"] == 6
    assert specs[0].intervals == {"*": 30.0, "node": 1.0}


def test_configured_sites_are_records_with_what_the_file_says() -> None:
    sites = (SiteConfig(name="par1", region="eu", jurisdiction="FR"),)
    resolution = _resolve(_source(), config={"sites": sites})
    assert [(s.site, s.region, s.jurisdiction) for s in resolution.sites] == [("par1", "eu", "FR")]


def test_a_spec_travels_between_processes() -> None:
    spec = _resolve(_source(options={"token": "env:TOKEN"})).specs[0]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(spec), type=SourceSpec) == spec
    assert spec.options == {"token": "env:TOKEN"}


def test_opening_fills_defaults_in_and_resolves_what_is_referred_to(tmp_path: Path) -> None:
    options = {"token": "env:TOKEN", "folder": "~/x", "after": "1m", "timeout": 4.0}
    spec = SourceSpec(name="fake@par1", plugin="fake", site="par1", options=options)
    settings = _open(spec, tmp_path, TOKEN="hunter2", HOME="/home/a").settings
    assert settings.options == {
        "folder": "/home/a/x",
        "size": 3,
        "ratio": None,
        "fast": False,
        "after": 60.0,
        "mode": "a",
        "token": Secret("hunter2"),
    }
    assert "hunter2" not in repr(settings.options)
    assert (settings.site, settings.clock(), settings.state_folder) == (
        "par1",
        7.0,
        tmp_path / "plugins" / "fake",
    )


def test_configured_intervals_take_the_place_of_the_sources_own(tmp_path: Path) -> None:
    spec = SourceSpec(name="f", plugin="fake", site="s", intervals={"*": 30.0, "node": 2.0})
    assert _open(spec, tmp_path).intervals_seconds == {Kind.NODE: 2.0, Kind.TENANT: 30.0}
    with pytest.raises(UsageError, match="does not report job"):
        _open(msgspec.structs.replace(spec, intervals={"job": 1.0}), tmp_path)


@pytest.mark.parametrize(
    ("opens", "why"),
    [
        (lambda settings: 3, "opened a int"),
        (lambda settings: exec("raise SystemExit(4)"), "SystemExit 4"),
        (lambda settings: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_source_that_cannot_be_opened_is_a_fault_beside_those_that_can(
    opens: Any, why: str, tmp_path: Path
) -> None:
    discovery = Discovery(plugins={"bad": plugin(name="bad", open=opens), "fake": plugin()})
    specs = [
        SourceSpec(name="b", plugin="bad", site="s"),
        SourceSpec(name="f", plugin="fake", site="s"),
        SourceSpec(name="n", plugin="none", site="s"),
    ]
    opened = open_sources(specs, discovery, Paths.from_environ({}), {}, lambda: 7.0)
    assert [source.name for source in opened.sources] == ["f"]
    assert why in opened.unopened["b"].message
    assert opened.unopened["b"].kind is FaultKind.CRASHED
    assert opened.unopened["n"].kind is FaultKind.UNSUPPORTED
    assert opened.verbs == {"b": (), "f": ()}
