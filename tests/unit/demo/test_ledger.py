"""The acts survive, in order, whatever happens to their file."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

from andon_demo import plugin, reset_actions
from andon_demo.ledger import Act, Ledger, ledger_path


def path_in(folder: Path, seed: int = 7) -> Path:
    return ledger_path(folder, seed=seed, nodes=96, jobs=900, speed=1.0)


def act(target: str, at: float = 1.0) -> Act:
    return Act(at=at, site="par1", verb="node.drain", target=target)


def test_acts_come_back_from_another_ledger(tmp_path: Path) -> None:
    Ledger(path_in(tmp_path)).append(act("a"))
    Ledger(path_in(tmp_path)).append(act("b", at=2.0))
    assert [each.target for each in Ledger(path_in(tmp_path)).acts()] == ["a", "b"]


def test_only_the_user_may_read_the_file(tmp_path: Path) -> None:
    path = path_in(tmp_path / "new")
    Ledger(path).append(act("a"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_torn_last_line_loses_itself_only(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    ledger = Ledger(path)
    ledger.append(act("a"))
    with path.open("ab") as file:
        file.write(b'{"at": 2.0, "site": "pa')
    assert [each.target for each in Ledger(path).acts()] == ["a"]
    ledger.append(act("c", at=3.0))
    assert [each.target for each in Ledger(path).acts()] == ["a", "c"]


def test_rubbish_in_the_file_is_passed_over(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    path.write_bytes(b'\xff\xfe\n[]\n{"at": "x"}\n\n' + json.dumps({"at": 1}).encode() + b"\n")
    ledger = Ledger(path)
    assert ledger.acts() == ()
    ledger.append(act("a"))
    assert [each.target for each in ledger.acts()] == ["a"]


def test_nothing_new_is_the_same_object(tmp_path: Path) -> None:
    ledger = Ledger(path_in(tmp_path))
    assert ledger.acts() is ledger.acts()
    ledger.append(act("a"))
    before = ledger.acts()
    assert ledger.acts() is before
    Ledger(path_in(tmp_path)).append(act("b"))
    assert ledger.acts() is not before


def test_forgetting_counts_the_acts_on_every_factory(tmp_path: Path) -> None:
    ledger = Ledger(path_in(tmp_path))
    ledger.append(act("a"))
    ledger.append(act("b"))
    Ledger(path_in(tmp_path, seed=8)).append(act("c"))
    other = tmp_path / "something-else.jsonl"
    other.write_text("kept")
    assert plugin.forget is not None
    assert plugin.forget(tmp_path) == 3
    assert ledger.acts() == ()
    assert other.exists()
    assert reset_actions(tmp_path) == 0
    assert reset_actions(tmp_path / "missing") == 0


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from andon_demo.ledger import Act, Ledger
ledger = Ledger(Path(sys.argv[1]))
for number in range(200):
    ledger.append(
        Act(at=float(number), site="par1", verb="node.drain", target=f"{sys.argv[2]}{number}")
    )
"""
    path = path_in(tmp_path)
    writers = [
        subprocess.Popen([sys.executable, "-c", code, os.fspath(path), name]) for name in "ab"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    targets = [each.target for each in Ledger(path).acts()]
    assert sorted(targets) == sorted(f"{name}{number}" for name in "ab" for number in range(200))


def test_without_a_folder_acts_live_as_long_as_the_ledger() -> None:
    ledger = Ledger(None)
    ledger.append(act("a"))
    assert [each.target for each in ledger.acts()] == ["a"]
