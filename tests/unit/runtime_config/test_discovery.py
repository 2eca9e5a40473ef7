"""Plugins are found by metadata alone, and no plugin can do harm by being there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from andon.runtime.discovery import (
    GROUP,
    PluginUnusable,
    installed,
    listed,
    load,
    load_all,
)
from andon.sdk import Option
from tests.unit.runtime_config.fakes import module, plugin, point


def test_the_bundled_plugins_are_listed_with_their_package() -> None:
    found = {one.name: one for one in listed()}
    assert {"demo", "slurm"} <= found.keys()
    assert (found["slurm"].distribution, found["slurm"].compatible) == ("andon", True)
    assert {point.group for point in installed()} >= {GROUP}


def test_listing_imports_no_plugin() -> None:
    script = (
        "import sys; from andon.runtime.discovery import listed; assert listed();"
        "bad = [m for m in sys.modules if m.startswith(('andon_', 'textual', 'rich'))];"
        "sys.exit(str(bad) if bad else 0)"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def test_a_good_plugin_is_loaded() -> None:
    with module("good_plugin", plugin=plugin()):
        discovery = load_all([point("fake", "good_plugin:plugin")])
    assert discovery.named("fake").name == "fake"
    assert not discovery.problems


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no \\x1b[31m luck')", "ValueError: no ␛[31m luck"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import not_there_at_all", "ModuleNotFoundError"),
        ("def plugin(:", "SyntaxError"),
        ("plugin = 3", "is not a Plugin but int"),
        ("", "AttributeError"),
        (
            "class E(Exception):\n    def __str__(self): raise KeyError\nraise E",
            "E: (its message cannot be shown)",
        ),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_a_problem_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    (tmp_path / "broken_plugin.py").write_text(body, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_plugin", raising=False)
    with module("good_plugin", plugin=plugin()):
        discovery = load_all(
            [point("bad", "broken_plugin:plugin"), point("fake", "good_plugin:plugin")]
        )
    sys.modules.pop("broken_plugin", None)
    assert list(discovery.plugins) == ["fake"]
    assert discovery.problems[0].name == "bad"
    assert said in discovery.problems[0].message


def test_ctrl_c_during_an_import_is_not_swallowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "interrupted_plugin.py").write_text("raise KeyboardInterrupt")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        load_all([point("bad", "interrupted_plugin:plugin")])


def test_what_a_plugin_prints_at_import_stays_out_of_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "talking_plugin.py").write_text("print('hello')")
    monkeypatch.syspath_prepend(str(tmp_path))
    load_all([point("bad", "talking_plugin:plugin")])
    sys.modules.pop("talking_plugin", None)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("group", "fix"),
    [
        ("andon.plugins.v2", "upgrade andon"),
        ("andon.plugins.v0", "upgrade given explicitly"),
        ("andon.plugins", "ask its author"),
    ],
)
def test_a_plugin_of_another_contract_is_listed_with_the_fix_and_never_imported(
    group: str, fix: str
) -> None:
    points = [point("next", "must_not_be_imported:plugin", group)]
    found = listed(points)[0]
    assert not found.compatible
    assert fix in found.problem
    discovery = load_all(points)
    assert not discovery.plugins
    assert "must_not_be_imported" not in discovery.problems[0].message
    assert fix in discovery.problems[0].hint


def test_two_plugins_of_one_name_are_both_refused_and_both_named() -> None:
    points = [point("fake", "one_plugin:plugin"), point("fake", "other_plugin:plugin")]
    with module("one_plugin", plugin=plugin()), module("other_plugin", plugin=plugin()):
        discovery = load_all(points)
        with pytest.raises(PluginUnusable, match=r"one_plugin.*other_plugin"):
            load("fake", points)
    assert not discovery.plugins
    assert all("uninstall" in one.problem for one in listed(points))


def test_one_plugin_that_is_seen_twice_is_one() -> None:
    with module("good_plugin", plugin=plugin()):
        discovery = load_all([point("fake", "good_plugin:plugin")] * 2)
    assert list(discovery.plugins) == ["fake"]


def test_a_plugin_under_another_name_than_its_own_is_refused() -> None:
    with module("good_plugin", plugin=plugin()):
        problem = load_all([point("other", "good_plugin:plugin")]).problems[0]
    assert "calls itself “fake”" in problem.message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"options": (Option(name="timeout", summary="x"),)}, "a key that every source has"),
        ({"options": (Option(name="Bad Name", summary="x"),)}, "not snake case"),
        ({"options": (Option(name="a", summary="x"),) * 2}, "declared twice"),
        ({"options": (Option(name="a", summary="x", type="choice"),)}, "choices"),
        ({"options": (Option(name="a", summary="x", secret=True, default="x"),)}, "no default"),
        ({"options": ("a",)}, "no Option"),
        ({"actions": (3,)}, "no Action"),
        ({"open": None}, "cannot be called"),
        ({"summary": " "}, "no summary"),
    ],
)
def test_a_wrong_declaration_is_refused_when_it_is_loaded(
    changes: dict[str, object], said: str
) -> None:
    with module("wrong_plugin", plugin=plugin(**changes)):
        problem = load_all([point("fake", "wrong_plugin:plugin")]).problems[0]
    assert said in problem.message


def test_loading_one_plugin_imports_no_other() -> None:
    points = [point("fake", "good_plugin:plugin"), point("other", "must_not_be_imported:plugin")]
    with module("good_plugin", plugin=plugin()):
        assert load("fake", points).name == "fake"


def test_a_plugin_that_is_not_there_is_named_with_those_that_are() -> None:
    with (
        module("good_plugin", plugin=plugin()),
        pytest.raises(PluginUnusable, match="no plugin “nothing”") as caught,
    ):
        load_all([point("fake", "good_plugin:plugin")]).named("nothing")
    assert "fake" in caught.value.hint


def test_one_plugin_that_is_not_there_is_named_with_all_that_are_installed() -> None:
    points = [point("fake", "must_not_be_imported:plugin"), point("other", "nor_this:plugin")]
    with pytest.raises(PluginUnusable, match="no plugin “fakr” is installed") as near:
        load("fakr", points)
    assert "did you mean fake?" in near.value.hint
    with pytest.raises(PluginUnusable) as far:
        load("nothing", points)
    assert far.value.hint == "known: fake, other; `andon plugins` says more"
