"""A command imports what it uses and no more: a script calls it a thousand times a day."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PAR1
from tests.cli.process import environ

_PROBE = """
import json, sys
from andon.cli.main import run
code = run(sys.argv[1:])
sys.stdout.flush()
print("\\n" + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), code)
"""


def loaded(home: Path, *arguments: str) -> set[str]:
    """Return the top-level modules that one command loads."""
    finished = subprocess.run(
        [sys.executable, "-c", _PROBE, *arguments],
        env=environ(home),
        capture_output=True,
        check=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    listed, _, code = finished.stdout.splitlines()[-1].rpartition(" ")
    assert code in ("0", "1")
    return set(json.loads(listed))


@pytest.mark.parametrize("form", ["json", "jsonl", "name"])
@pytest.mark.parametrize("view", ["jobs", "nodes"])
def test_lists_for_scripts_need_no_drawing_library(tmp_path: Path, view: str, form: str) -> None:
    found = loaded(tmp_path, view, "ls", *PAR1, "-o", form)
    assert not found & {"rich", "textual", "httpx", "ClusterShell", "platformdirs", "pygments"}


def test_plugins_that_no_source_is_configured_with_are_not_imported(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[sources]]\nplugin = "demo"\nsite = "par1"\nplace = "par1"\n')
    found = loaded(tmp_path, "jobs", "ls", "--config", str(config), "-o", "json")
    assert "andon_demo" in found
    assert "andon_slurm" not in found
