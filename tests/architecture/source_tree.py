"""The shipped source, parsed once for the tests of this folder."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "andon": ROOT / "console" / "andon",
    "andon_demo": ROOT / "plugins" / "andon_demo",
    "andon_slurm": ROOT / "plugins" / "andon_slurm",
    "andon_themes": ROOT / "themes" / "andon_themes",
}


def files(*packages: str) -> list[Path]:
    """Return the Python files of some packages, of all by default."""
    chosen = packages or tuple(PACKAGES)
    return sorted(path for name in chosen for path in PACKAGES[name].rglob("*.py"))


@functools.cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def shown(path: Path) -> str:
    """Return a path as one types it from the top."""
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and full name of each absolute import, also those inside functions."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
