"""What the documents say is what the program does."""

from __future__ import annotations

import asyncio
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from andon.model import Kind
from andon.runtime.config import load_config
from andon.runtime.discovery import GROUP, load_all
from andon.runtime.oneshot import collect
from andon.runtime.paths import Paths
from andon.runtime.sources import open_sources, resolve
from andon.sdk.conformance.clauses import CLAUSES
from andon.sdk.declaring import RESERVED_OPTIONS
from andon.sdk.testing import check_plugin
from tests.architecture.source_tree import ROOT

AUTHORS = ROOT / "console" / "docs" / "plugin-authors.md"
DECISIONS = ROOT / "console" / "docs" / "decisions"


def _block(mark: str) -> str:
    """Return the code block that follows a comment in the document."""
    text = AUTHORS.read_text(encoding="utf-8")
    match = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert match, f"there is no block {mark}"
    return match[1]


@pytest.fixture
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The six-line plugin, importable."""
    (tmp_path / "my_hosts.py").write_text(_block("plugin"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    yield importlib.import_module("my_hosts")
    del sys.modules["my_hosts"]


def test_the_six_line_plugin_has_six_lines() -> None:
    assert len(_block("plugin").strip().splitlines()) == 6


def test_the_six_line_plugin_is_found_configured_and_asked(
    hosts: ModuleType, tmp_path: Path
) -> None:
    discovery = load_all([EntryPoint("hosts", "my_hosts:plugin", GROUP)])
    assert not discovery.problems
    (tmp_path / "config.toml").write_text(_block("config"))
    paths = Paths.from_environ({"HOME": str(tmp_path)}, system=tmp_path / "config.toml")
    resolution = resolve(load_config(paths), discovery, None, {})
    opened = open_sources(resolution.specs, discovery, paths, {}, lambda: 7.0)
    snapshot = asyncio.run(
        collect(opened.sources, resolution.specs, frozenset({Kind.NODE}), 5.0, lambda: 7.0)
    )
    assert list(snapshot.said_by("hosts@local", Kind.NODE)) == ["local/gpu001"]


def test_the_six_line_plugin_keeps_the_contract(hosts: ModuleType) -> None:
    results = check_plugin(hosts.plugin, environ={})
    assert not [result.detail for result in results if not result.ok]


def test_the_contract_test_of_the_document_passes(hosts: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_hosts.py").write_text(_block("contract"), encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_hosts.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    assert f"{len(CLAUSES) - 3} passed" in finished.stdout


def test_every_clause_is_documented_and_nothing_else() -> None:
    text = AUTHORS.read_text(encoding="utf-8").partition("<!-- clauses -->")[2]
    documented = re.findall(r"^- `(\w+)`:", text, re.MULTILINE)
    assert documented == [clause.__name__ for clause in CLAUSES]


def test_the_keys_of_every_source_are_documented() -> None:
    text = AUTHORS.read_text(encoding="utf-8").partition("## Options")[2]
    for key in RESERVED_OPTIONS - {"options", "places", "plugin"}:
        assert f"`{key}`" in text, key


def test_decisions_are_numbered_and_say_context_decision_and_consequences() -> None:
    files = sorted(DECISIONS.glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, (path.name, part)
