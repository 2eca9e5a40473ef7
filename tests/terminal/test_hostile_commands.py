"""Every command and every `-o` on a hostile backend: what is written drives no terminal.

The backend's plugin is installed like any other; its names, reasons, errors, plans and outcomes are
all hostile. The commands run in one process of their own, each with its streams in files.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terminal.factory import environment, with_evil_sources
from tests.terminal.scanner import findings

_RUNNER = """
import json, os, sys
from andon.cli.main import run
folder, calls = sys.argv[1], json.loads(sys.argv[2])
from andon.cli.streams import prepare
prepare()
for number, call in enumerate(calls):
    sys.stdout.flush(); sys.stderr.flush()
    for fd, name in ((1, "out"), (2, "err")):
        file = os.open(f"{folder}/{number}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, fd); os.close(file)
    code = run(call)
    sys.stdout.flush(); sys.stderr.flush()
    with open(f"{folder}/{number}.code", "w") as file:
        file.write(str(code))
"""
TABLES = ("nodes", "gpus", "jobs", "queues", "tenants", "sources")
FORMATS = ("table", "wide", "json", "jsonl", "name")
NODE = "[@click=app.quit]pwned-click[/]"
REASON = "why [@click=app.quit]x[/] pwned-reason [/evil] $(id) %s"
ACT = ("--source", "evil-clean", "--reason", REASON, "--yes")
ONE = ("--filter", "name~pwned-click", "--source", "evil-clean")
CALLS: Mapping[str, tuple[str, ...]] = {
    **{f"{table} -o {form}": (table, "ls", "-o", form) for table in TABLES for form in FORMATS},
    **{
        f"show {table} -o {form}": (table, "show", f"s1/{NODE}", "-o", form)
        for table in ("nodes",)
        for form in ("table", "json")
    },
    "show job": ("jobs", "show", f"s1/{NODE}/{NODE}"),
    "show source": ("sources", "show", "evil-clean"),
    "show source that fails": ("sources", "show", "evil-crash", "-o", "json"),
    "status": ("status",),
    "status -o json": ("status", "-o", "json"),
    "doctor": ("doctor",),
    "doctor -o json": ("doctor", "-o", "json"),
    "plugins": ("plugins",),
    "plugins check": ("plugins", "check", "evil"),
    "config": ("config", "show"),
    "dry run": ("nodes", "drain", *ONE, "--reason", REASON, "--dry-run"),
    "dry run -o json": ("nodes", "drain", *ONE, "--reason", REASON, "--dry-run", "-o", "json"),
    "drain": ("nodes", "drain", *ONE[:2], *ACT),
    "cancel all": ("jobs", "cancel", "--filter", "state=running", *ACT, "-o", "json"),
    "bad reason": ("nodes", "drain", *ONE, "--yes", "--reason", "\x1b]0;pwned\x07 \x9b2J \u202e"),
    "refused for nothing": ("nodes", "drain", "\x1b]0;pwned\x07", *ACT),
    "bad filter": ("nodes", "ls", "--filter", "state=\x1b[31m(("),
    "bad column": ("nodes", "ls", "--columns", "\x9b31m[/evil]"),
    "bad command": ("\x1b]0;pwned\x07",),
    "bad option": ("nodes", "ls", "--\x1b]0;pwned\x07"),
    "bad bytes in a filter": ("nodes", "ls", "--filter", "\udcff=\udcfe"),
    "bad bytes in a name": ("nodes", "show", "\udcff"),
    "bad bytes in targets": ("jobs", "cancel", "\udcff", *ACT),
    "bad bytes in a reason": ("nodes", "drain", *ONE, "--yes", "--reason", "\udcff"),
    "bad site": ("nodes", "ls", "--site", "\x1b[2J[/x]"),
    "journal": ("journal", "ls"),
    "journal -o json": ("journal", "ls", "-o", "json"),
    "journal -o jsonl": ("journal", "ls", "-o", "jsonl"),
}


@dataclass(frozen=True)
class Written:
    """What one command wrote."""

    out: bytes
    err: bytes
    code: int


def run_all(home: Path, environ: Mapping[str, str]) -> dict[str, Written]:
    folder = home / "written"
    folder.mkdir()
    argv = (sys.executable, "-P", "-c", _RUNNER, str(folder), json.dumps(list(CALLS.values())))
    subprocess.run(argv, env=dict(environ), check=True, timeout=120, stdin=subprocess.DEVNULL)
    return {
        name: Written(
            (folder / f"{number}.out").read_bytes(),
            (folder / f"{number}.err").read_bytes(),
            int((folder / f"{number}.code").read_text()),
        )
        for number, name in enumerate(CALLS)
    }


@pytest.fixture(scope="module")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def written(hostile_home: Path) -> dict[str, Written]:
    changes = with_evil_sources(hostile_home)
    return run_all(hostile_home, environment(hostile_home, changes))


@pytest.mark.parametrize("name", CALLS)
def test_a_command_writes_no_control(written: dict[str, Written], name: str) -> None:
    said = written[name]
    for stream in (said.out, said.err):
        assert not findings(stream, plain=b"\n", known=False)
    assert said.code != 70
    assert b"Traceback" not in said.err
    assert said.out or said.err


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    """What is written of a plugin that cleans nothing."""
    home = tmp_path_factory.mktemp("careless")
    return run_all(home, environment(home, with_evil_sources(home, ("dirty",))))


@pytest.mark.parametrize("name", CALLS)
def test_a_plugin_that_cleans_nothing_drives_no_terminal_either(
    careless: dict[str, Written], name: str
) -> None:
    for stream in (careless[name].out, careless[name].err):
        assert not findings(stream, plain=b"\n", known=False)
    assert careless[name].code != 70


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if "json" in call])
def test_json_of_hostile_things_is_json(written: dict[str, Written], name: str) -> None:
    value = json.loads(written[name].out)
    assert value["schema"] == "andon/v1"
    # Neither is there anything in the strings that a program which prints them would suffer from.
    assert not findings(decoded(value).encode("utf-8", "replace"), plain=b"\n", known=False)


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if "jsonl" in call])
def test_every_json_line_of_hostile_things_is_json(written: dict[str, Written], name: str) -> None:
    lines = written[name].out.splitlines()
    assert lines
    for line in lines:
        assert not findings(decoded(json.loads(line)).encode(), plain=b"\n", known=False)


def decoded(value: object) -> str:
    """Return every string in a JSON value as a program that reads it has it."""
    if isinstance(value, dict):
        return " ".join(f"{key} {decoded(part)}" for key, part in value.items())
    if isinstance(value, list):
        return " ".join(map(decoded, value))
    return str(value)


def test_the_backend_really_is_hostile(written: dict[str, Written]) -> None:
    """Else the tests above prove nothing."""
    for name in ("nodes -o table", "jobs -o json", "sources -o table", "doctor", "journal"):
        said = written[name].out.decode()
        assert "pwned" in said, name
        assert "␛" in said, name
    assert "pwned-reason" in written["journal"].out.decode()
    assert written["drain"].code == 8
    assert "pwned" in written["drain"].err.decode() + written["drain"].out.decode()


def test_what_is_kept_on_disk_holds_no_control_either(
    written: dict[str, Written], hostile_home: Path
) -> None:
    """An auditor reads the journal with `cat`."""
    journals = [path for path in (hostile_home / "state").rglob("*") if path.is_file()]
    assert journals
    for path in journals:
        data = path.read_bytes()
        assert not findings(data, plain=b"\n", known=False), path
