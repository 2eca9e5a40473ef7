"""Who may import whom, by the contracts of pyproject.toml and by what really gets imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, files, imported, shown

_PROBE = """
import json, sys
sys.argv[0] = "andon"
try:
    {statement}
except SystemExit:
    pass
sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))
"""


def test_the_import_contracts_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    finished = subprocess.run(
        [tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def _allowed(top: str, folders: tuple[str, ...], *, packages: tuple[str, ...] = ()) -> list[str]:
    """Return the places outside `folders` that import `top`."""
    roots = [ROOT / folder for folder in folders]
    return [
        f"{shown(path)}:{line} imports {name}"
        for path in files(*packages)
        if not any(path.is_relative_to(root) for root in roots)
        for line, name in imported(path)
        if name == top or name.startswith(f"{top}.")
    ]


@pytest.mark.parametrize(
    ("top", "folders"),
    [
        ("textual", ("console/andon/tui",)),
        ("click", ("console/andon/cli",)),
        ("rich", ("console/andon/tui", "console/andon/cli")),
        ("httpx", ("console/andon/sdk",)),
        ("pynvml", ("plugins/andon_nvml",)),
        ("ClusterShell", ("console/andon/cli", "console/andon/views/columns/hosts.py", "plugins")),
        ("andon_demo", ("plugins/andon_demo",)),
        ("andon_slurm", ("plugins/andon_slurm",)),
        ("pytest", ("console/andon/sdk/testing.py",)),
    ],
)
def test_a_library_is_imported_only_where_it_belongs(top: str, folders: tuple[str, ...]) -> None:
    assert not _allowed(top, folders)


@pytest.mark.parametrize("package", ["andon_demo", "andon_slurm"])
def test_a_plugin_imports_the_sdk_the_standard_library_and_what_it_declares(package: str) -> None:
    allowed = {"andon.sdk", package, "msgspec", "ClusterShell", "__future__"}
    odd = [
        f"{shown(path)}:{line} imports {name}"
        for path in files(package)
        for line, name in imported(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not any(name == each or name.startswith(f"{each}.") for each in allowed)
    ]
    assert not odd


def test_no_module_imports_the_folder_it_lives_in() -> None:
    for folder in ("console", "plugins", "themes"):
        assert not _allowed(folder, ())


def _loaded_by(statement: str, tmp_path: Path) -> set[str]:
    """Return the modules that a statement leaves behind in a fresh interpreter."""
    environ = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
    }
    script = _PROBE.format(statement=statement)
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environ, cwd=tmp_path
    )
    assert finished.returncode == 0, finished.stderr
    return set(json.loads(finished.stderr.splitlines()[-1]))


def _tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


_PLUGINS = {name for name in PACKAGES if name != "andon"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nodes", "--help"]])
def test_help_imports_no_plugin_and_neither_textual_nor_rich(
    arguments: list[str], tmp_path: Path
) -> None:
    loaded = _tops(_loaded_by(f"from andon.cli.main import run; run({arguments!r})", tmp_path))
    assert "click" in loaded
    assert not loaded & {*_PLUGINS, "textual", "rich"}


def test_the_first_help_needs_nothing_but_click(tmp_path: Path) -> None:
    loaded = _tops(_loaded_by("from andon.cli.main import run; run(['--help'])", tmp_path))
    assert not loaded & {"msgspec", "ClusterShell", "asyncio", "httpx", "platformdirs"}


@pytest.mark.parametrize("arguments", [["plugins"], ["plugins", "ls", "-o", "json"]])
def test_listing_plugins_imports_none_of_them(arguments: list[str], tmp_path: Path) -> None:
    loaded = _tops(_loaded_by(f"from andon.cli.main import run; run({arguments!r})", tmp_path))
    assert not loaded & {*_PLUGINS, "textual"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nodes", "ls", "--demo", "--nodes", "12", "--jobs", "60"],
        ["status", "--demo", "--nodes", "12", "--jobs", "60"],
        ["doctor", "--demo", "--nodes", "12", "--jobs", "60"],
        ["config", "check"],
        ["journal", "ls"],
    ],
)
def test_no_command_but_the_console_imports_textual(arguments: list[str], tmp_path: Path) -> None:
    loaded = _tops(_loaded_by(f"from andon.cli.main import run; run({arguments!r})", tmp_path))
    assert "textual" not in loaded


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("andon.model", {"andon.sdk", "andon.store", "asyncio", "click", "textual", "rich"}),
        ("andon.store", {"andon.sdk", "andon.runtime", "asyncio", "textual", "rich"}),
        ("andon.views.pages", {"andon.runtime", "andon.cli", "textual", "rich"}),
        ("andon.sdk", {"andon.store", "andon.runtime", "textual", "rich", "click", "httpx"}),
        ("andon.runtime.child", {"andon.views", "andon.cli", "andon.tui", "textual", "rich"}),
    ],
)
def test_importing_a_layer_drags_in_none_above_it(
    module: str, forbidden: set[str], tmp_path: Path
) -> None:
    loaded = _loaded_by(f"import {module}", tmp_path)
    assert not loaded & forbidden
