"""Sizes, places and habits that a reviewer would otherwise have to watch for."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, files, shown, tree

FILE_LINES = 400
FUNCTION_LINES = 50
CLASS_METHODS = 20
TOP_LEVEL = {"console", "plugins", "themes", "tests", "pyproject.toml", "README.md"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _tracked() -> list[str]:
    finished = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if finished.returncode or not finished.stdout:
        pytest.skip("this is not a checkout")
    return finished.stdout.rstrip("\0").split("\0")


def test_the_top_level_holds_nothing_new() -> None:
    top = {path.partition("/")[0] for path in _tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_no_module_lies_loose_beside_the_packages() -> None:
    loose = [
        shown(path)
        for folder in ("console", "plugins", "themes")
        for path in (ROOT / folder).glob("*.py")
    ]
    assert not loose


def test_what_is_shipped_is_what_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {ROOT / package for package in wheel} == set(PACKAGES.values())
    folders = {path.parent for name in ("console", "plugins", "themes")
               for path in (ROOT / name).glob("*/__init__.py")}  # fmt: skip
    assert folders == set(PACKAGES.values())


@pytest.mark.parametrize("package", PACKAGES)
def test_files_functions_and_classes_stay_small(package: str) -> None:
    assert not [each for path in files(package) for each in _too_large(path)]


def test_test_files_stay_small() -> None:
    large = [
        f"{shown(path)}: {lines} lines"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    ]
    assert not large


def _too_large(path: Path) -> Iterator[str]:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    if lines > FILE_LINES:
        yield f"{shown(path)}: {lines} lines"
    for node in ast.walk(tree(path)):
        if isinstance(node, _FUNCTIONS):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{shown(path)}:{node.lineno} {node.name}: {length} lines"
        elif isinstance(node, ast.ClassDef):
            methods = sum(isinstance(each, _FUNCTIONS) for each in node.body)
            if methods > CLASS_METHODS:
                yield f"{shown(path)}:{node.lineno} {node.name}: {methods} methods"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is(package: str) -> None:
    silent = [shown(path) for path in files(package) if not ast.get_docstring(tree(path))]
    assert not silent


def test_nothing_is_left_to_be_done() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X ", "raise NotImplemented" + "Error")
    left = [
        f"{shown(path)}:{number}"
        for path in files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(word in line for word in words)
    ]
    assert not left


def test_names_say_what_a_thing_is() -> None:
    vague = ("Manager", "Helper", "Utils", "Util")
    named = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith(vague)
    ]
    assert not named


def test_no_shell_is_ever_started() -> None:
    found = []
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                shell = any(
                    keyword.arg == "shell" and ast.unparse(keyword.value) != "False"
                    for keyword in node.keywords
                )
                if shell or name in ("os.system", "os.popen", "subprocess.getoutput"):
                    found.append(f"{shown(path)}:{node.lineno} {name}")
    assert not found


def test_no_module_keeps_state() -> None:
    """A mutable container at module level is a constant, and named so."""
    kept = [
        f"{shown(path)}:{node.lineno} {ast.unparse(target)}"
        for path in files()
        for node in tree(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and not _read_only(node)
        and isinstance(node.value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and not target.id.isupper() and target.id != "__all__"
    ]
    assert not kept


def _read_only(node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether the type says that nobody may change it."""
    if isinstance(node, ast.Assign):
        return False
    return ast.unparse(node.annotation).startswith(("Mapping", "Sequence", "frozenset"))
