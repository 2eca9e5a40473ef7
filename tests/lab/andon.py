"""The `andon` command as operators and scripts run it: a process of its own, against a lab."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.slurm import SlurmLab

COMMAND = Path(sys.executable).with_name("andon")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Ran:
    """What one call left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was written with `-o json`."""
        return json.loads(self.out)

    @property
    def results(self) -> dict[str, str]:
        """The last result for each target, by name."""
        return {item["target"]["name"]: item["result"] for item in self.json["items"]}

    @property
    def refused(self) -> dict[str, str]:
        """Why targets were refused, by name."""
        return {item["target"]["name"]: item["why"] for item in self.json["refused"]}

    @property
    def unchanged(self) -> dict[str, str]:
        """How targets are that were as asked already, by name."""
        return {item["target"]["name"]: item["why"] for item in self.json["unchanged"]}


class Andon:
    """One operator's account: home, configuration, journal."""

    def __init__(self, lab: SlurmLab, home: Path, *, environ: dict[str, str] | None = None) -> None:
        """An account whose files are under `home`; `environ` is the lab's by default."""
        self.home = home
        plain = environ or lab.env()
        self.environ = {
            name: value
            for name, value in plain.items()
            if not name.startswith(("ANDON_", "XDG_", "COLUMNS", "NO_COLOR"))
        } | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_RUNTIME_DIR": str(home),
        }

    def configure(self, text: str) -> None:
        """Write the user's configuration file."""
        file = self.home / "config" / "andon" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def __call__(self, *words: str, stdin: str = "", deadline_s: float = 60.0) -> Ran:
        """Run `andon WORDS` to its end; nothing it prints may drive a terminal."""
        done = subprocess.run(
            [COMMAND, *words],
            input=stdin.encode(),
            capture_output=True,
            env=self.environ,
            cwd=self.home,
            timeout=deadline_s,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert not _CONTROL.search(ran.out + ran.err), ran
        return ran

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `andon WORDS` and leave it to the caller."""
        return subprocess.Popen(
            [COMMAND, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environ,
            cwd=self.home,
        )

    def journal(self) -> list[dict[str, Any]]:
        """Every entry of the journal, as `andon journal ls` tells them."""
        ran = self("journal", "ls", "-o", "json")
        assert ran.code == 0, ran
        items = ran.json["items"]
        assert isinstance(items, list)
        return items

    def journal_file(self) -> Path:
        """The journal itself."""
        (found,) = (self.home / "state").rglob("journal*.jsonl")
        assert os.stat(found).st_mode & 0o777 == 0o600
        return found
