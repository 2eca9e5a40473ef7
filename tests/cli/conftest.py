"""The command as a function, in this process, with folders of its own."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from andon.cli.main import run
from andon.cli.session import Session

NOW = 1_800_000_000.0
SMALL = ("--demo", "--nodes", "24", "--jobs", "120", "--speed", "0.1")
"""A factory that is quick to make, and in which little happens between two looks."""
PAR1 = (*SMALL, "--site", "par1")
"""One site of it, none of whose sources ever falls silent."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one invocation came to."""

    code: int
    data: bytes
    """Stdout."""
    talk: str
    """Stderr."""

    @property
    def lines(self) -> list[str]:
        """Stdout as lines."""
        return self.data.decode().splitlines()

    @property
    def json(self) -> Any:
        """Stdout as one JSON value."""
        return json.loads(self.data)


Andon = Callable[..., Said]


def environment(home: Path) -> Mapping[str, str]:
    """Return what keeps an invocation away from the user's own files."""
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "ANDON_STATE_DIR": str(home / "andon"),
    }


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it, and nothing around to be found."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    for name in ("SLURM_CONF", "KUBECONFIG", "ANDON_CONFIG", "ANDON_READ_ONLY", "ANDON_THEME"):
        monkeypatch.delenv(name, raising=False)
    # No Slurm tools: what is found must not depend on the machine.
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


@pytest.fixture
def andon(
    home: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Andon:
    """Call `andon` with arguments and, as `stdin`, what is piped into it."""

    def call(*arguments: str, stdin: bytes = b"") -> Said:
        capfdbinary.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code = run(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
        captured = capfdbinary.readouterr()
        return Said(code, captured.out, captured.err.decode())

    return call


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One moment for every command, at which all of par1 reports; not for acts, which take time."""
    defaults = {**(Session.__init__.__kwdefaults__ or {}), "clock": lambda: NOW}
    monkeypatch.setattr(Session.__init__, "__kwdefaults__", defaults)


def configured(home: Path, text: str) -> Path:
    """Write the user's configuration."""
    path = home / "config" / "andon" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
