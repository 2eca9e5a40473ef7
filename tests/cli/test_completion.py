"""What a shell is told when tab is pressed."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from andon.cli.lazy import LazyGroup
from andon.views.registry import view_named
from tests.cli.conftest import configured
from tests.cli.process import COMMAND, shell
from tests.cli.process import andon as process


def offered(home: Path, *words: str) -> list[str]:
    """Return what the last word could become."""
    (home / "bin").mkdir(exist_ok=True)
    said = process(
        home,
        _ANDON_COMPLETE="bash_complete",
        COMP_WORDS=shlex.join(["andon", *words]),
        COMP_CWORD=str(len(words)),
    )
    assert (said.returncode, said.stderr) == (0, b"")
    return [line.partition(",")[2] for line in said.stdout.decode().splitlines() if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("no",), ["nodes"]),
        (("--write", "jo"), ["jobs", "journal"]),
        (("--sit",), ["--site"]),
        (("nodes", "ls", "--col"), ["--columns"]),
        (("nodes", "dr"), ["drain"]),
        (("jobs", "ls", "-o", ""), ["table", "wide", "json", "jsonl", "name"]),
        (("jobs", "show", "-o", "j"), ["json"]),
        (("jobs", "ls", "--columns", "na"), ["name"]),
        (("jobs", "ls", "--columns", "name,us"), ["name,user"]),
        (("jobs", "ls", "--columns", "state,st"), ["state,started_at"]),
        (("nodes", "ls", "--columns", "gpus_"), ["gpus_allocated", "gpus_free", "gpus_total"]),
        (("jobs", "ls", "--sort", "pri"), ["priority"]),
        (("nodes", "ls", "--demo", "--site", ""), ["iad1", "nrt1", "par1"]),
        (("--demo", "nodes", "ls", "--site", "p"), ["par1"]),
        (("--demo", "jobs", "ls", "--source", "demo@n"), ["demo@nrt1"]),
        (("nodes", "drain", "--demo", "--site", "i"), ["iad1"]),
        (("nodes", "ls", "--site", ""), []),
    ],
    ids=lambda value: " ".join(value),
)
def test_the_shell_is_told_how_a_line_can_go_on(
    tmp_path: Path, words: tuple[str, ...], expected: list[str]
) -> None:
    assert offered(tmp_path, *words) == expected


def test_every_column_of_the_view_is_offered(tmp_path: Path) -> None:
    expected = [column.name for column in view_named("gpus").columns]
    assert offered(tmp_path, "gpus", "ls", "--columns", "") == expected


def test_names_come_from_the_configuration_and_no_backend_is_asked(tmp_path: Path) -> None:
    tools = tmp_path / "slurm" / "bin"
    tools.mkdir(parents=True)
    for name in ("squeue", "sinfo", "scontrol"):
        tool = tools / name
        tool.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
        tool.chmod(0o755)
    configured(
        tmp_path,
        '[[sites]]\nname = "par1"\n'
        f'[[sources]]\nplugin = "slurm"\nsite = "par1"\nbin = "{tools}"\n'
        '[[tenants]]\nname = "physics"\n[[tenants]]\nname = "$(reboot)"\n',
    )
    assert offered(tmp_path, "jobs", "ls", "--source", "") == ["slurm@par1"]
    assert offered(tmp_path, "jobs", "ls", "--site", "") == ["par1"]
    assert offered(tmp_path, "jobs", "ls", "--tenant", "") == ["physics"]
    assert not (tmp_path / "asked").exists()


def test_a_configuration_that_is_wrong_is_not_said_in_the_middle_of_a_line(tmp_path: Path) -> None:
    configured(tmp_path, "nonsense = [")
    assert offered(tmp_path, "jobs", "ls", "--site", "") == []


def test_a_debug_file_is_not_made_before_the_command_is_run(tmp_path: Path) -> None:
    log = tmp_path / "debug.log"
    assert offered(tmp_path, "--debug", str(log), "jobs", "ls", "--columns", "na") == ["name"]
    assert not log.exists()


def test_a_command_that_cannot_be_imported_keeps_no_other_from_being_offered() -> None:
    group = LazyGroup("andon", lazy={"broken": ("andon.nowhere:it", "Nothing."),
                                     "nodes": ("andon.nowhere:it", "Nodes.")})  # fmt: skip
    items = group.shell_complete(click.Context(group), "")
    assert [(item.value, item.help) for item in items] == [
        ("broken", "Nothing."),
        ("nodes", "Nodes."),
    ]


def test_bash_completes_with_what_is_to_be_evaluated(tmp_path: Path) -> None:
    command = tmp_path / "bin" / "andon"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    command.chmod(0o755)
    said = shell(
        tmp_path,
        f'PATH={command.parent}:$PATH; eval "$(_ANDON_COMPLETE=bash_source andon)";'
        " COMP_WORDS=(andon jobs ls --columns name,us) COMP_CWORD=4; _andon_completion andon;"
        ' printf "%s\\n" "${COMPREPLY[@]}"; complete -p andon',
    )
    assert said.stderr == b""
    first, second = said.stdout.decode().splitlines()
    assert first == "name,user"
    assert second.endswith("_andon_completion andon")
