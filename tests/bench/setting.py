"""Where the benches run: a fresh home, the installed command, the size of the factory."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What every bench is given."""

    folder: Path
    """An empty folder for state and configuration."""
    nodes: int = 10_000
    jobs: int = 100_000
    keys: int = 200
    """Keys pressed in each phase."""
    pairs: int = 7
    """How often a command is timed beside its yardstick."""
    rest_seconds: float = 20.0
    """How long a console is watched doing nothing."""
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill the environment: nothing of ours but where things are."""
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        folder = str(self.folder)
        self.environ.update(kept)
        self.environ.update(
            HOME=folder,
            XDG_CONFIG_HOME=folder,
            XDG_STATE_HOME=folder,
            XDG_CACHE_HOME=folder,
            ANDON_STATE_DIR=folder,
            PYTHONPATH=str(ROOT),
            LANG="C.UTF-8",
        )

    @property
    def python(self) -> str:
        """The interpreter of this run."""
        return sys.executable

    def andon(self, *words: str) -> list[str]:
        """Return a command line of Andon, of the same installation."""
        return [str(Path(sys.executable).with_name("andon")), *words]

    @property
    def big(self) -> tuple[str, ...]:
        """Options of the large factory."""
        return ("--nodes", str(self.nodes), "--jobs", str(self.jobs))
