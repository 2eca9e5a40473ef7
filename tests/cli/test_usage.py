"""Wrong arguments, help, and the debug file."""

from __future__ import annotations

import stat
from pathlib import Path

import click
import pytest

from andon.cli.lazy import LazyGroup
from andon.cli.main import COMMANDS, root
from tests.cli.conftest import PAR1, Andon, configured
from tests.cli.process import andon as process


def commands() -> list[tuple[str, ...]]:
    """Return every command by the words it is called with."""
    found: list[tuple[str, ...]] = []

    def walk(command: click.Command, words: tuple[str, ...]) -> None:
        found.append(words)
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                walk(below, (*words, name))

    walk(root, ())
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(andon: Andon, words: tuple[str, ...], option: str) -> None:
    said = andon(*words, option)
    assert said.code == 0
    assert said.talk == ""
    assert said.lines[0].startswith(" ".join(["Usage: andon", *words]))
    assert said.data.isascii(), "help is shown in every locale"
    assert all(len(line) <= 100 for line in said.lines)
    assert "\n\n" in said.data.decode()


def test_the_list_of_commands_says_what_each_command_says(andon: Andon) -> None:
    assert isinstance(root, LazyGroup)
    for name, (_, summary) in COMMANDS.items():
        text = " ".join(andon("--help").data.decode().split())
        assert f"{name} {summary}" in text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("jobs", "ls", "--bogus"), "--bogus"),
        (("bogus",), "bogus"),
        (("jobs", "bogus"), "bogus"),
        (("jobs", "show"), "NAME"),
        (("jobs", "ls", "-o", "xml"), "xml"),
        (("jobs", "ls", "--timeout", "soon"), "soon"),
        (("jobs", "ls", "--timeout", "0"), "--timeout"),
        (("jobs", "ls", "--columns", "name,colour", *PAR1), "colour"),
        (("jobs", "ls", "--sort", "colour", *PAR1), "colour"),
        (("jobs", "ls", "--site", "moon", "--demo"), "moon"),
        (("jobs", "ls", "--source", "moon", "--demo"), "moon"),
        (("jobs", "ls", "--seed", "3"), "--seed"),
        (("jobs", "ls", "--config", "/nonexistent.toml"), "/nonexistent.toml"),
        (("jobs", "ls", "--debug", "/nonexistent/file", *PAR1), "/nonexistent/file"),
        (("plan", "apply", "/nonexistent.json"), "/nonexistent.json"),
        (("plugins", "check", "nope"), "nope"),
        (("nodes", "drain", *PAR1, "--yes", "--reason", "x"), "nothing was named"),
        (("nodes", "drain", "gpu[1-", *PAR1, "--yes", "--reason", "x"), "gpu[1-"),
        (("nodes", "drain", "gpu[1-999999999]", *PAR1, "--yes"), "too many"),
        (("nodes", "drain", "@all[1]", *PAR1, "--yes"), "groups"),
        (("nodes", "drain", "x", *PAR1, "--wait-limit", "0"), "--wait-limit"),
        (("nodes", "drain", "gpu-par1-001", *PAR1, "--yes", "--reason", "x" * 2000), "reason"),
        ((), "terminal"),
        (("demo",), "terminal"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_wrong_arguments_are_named_in_one_line_with_what_to_do_next(
    andon: Andon, arguments: tuple[str, ...], expected: str
) -> None:
    said = andon(*arguments)
    assert said.code == 2
    assert said.data == b""
    first, *rest = said.talk.splitlines()
    assert first.startswith("andon: ")
    assert expected in said.talk
    assert len(rest) == 1
    assert rest[0].startswith("  → ")


@pytest.mark.parametrize("command", [("ls",), ("cancel",)])
def test_a_filter_is_wrong_at_a_column(andon: Andon, command: tuple[str, ...]) -> None:
    said = andon("jobs", *command, *PAR1, "-f", "state=running & gpsu>1")
    assert said.code == 2
    assert said.data == b""
    lines = said.talk.splitlines()
    assert "gpsu" in lines[0]
    assert lines[1].strip() == "state=running & gpsu>1"
    assert lines[2].index("^") == lines[1].index("gpsu")
    assert "gpus" in lines[3]


@pytest.mark.parametrize("command", [("ls",), ("cancel", "--yes", "--reason", "x")])
def test_a_state_that_does_not_exist_is_a_mistake_and_not_an_empty_list(
    andon: Andon, command: tuple[str, ...]
) -> None:
    for value, close in (("pend", "pending"), ("runing", "running"), ("x*", "")):
        said = andon("jobs", *command, *PAR1, "-f", f"gpus>1 & state!={value}")
        assert said.code == 2
        assert said.data == b""
        wrong, text, caret, hint = said.talk.splitlines()
        assert f"“{value}”" in wrong
        assert caret.index("^") == text.index(value)
        assert f"did you mean {close}" in hint or not close
        assert "state is pending, held" in hint


def test_the_version_is_that_of_the_package(andon: Andon) -> None:
    from importlib.metadata import version

    assert andon("--version").lines == [f"andon {version('andon')}"]


def test_plugins_are_listed_and_checked(andon: Andon) -> None:
    said = andon("plugins")
    assert said.code == 0
    assert andon("plugins", "ls") == said
    names = {line.split()[0] for line in said.lines[1:]}
    assert {"demo", "slurm"} <= names
    items = andon("plugins", "ls", "-o", "json").json["items"]
    assert {item["name"] for item in items} == names


def test_a_plugin_is_held_to_each_clause_of_the_contract(andon: Andon) -> None:
    said = andon("plugins", "check", "slurm", "-o", "json")
    clauses = said.json["items"]
    assert len(clauses) > 5
    assert all(clause["ok"] for clause in clauses), clauses
    assert said.code == 0
    text = andon("plugins", "check", "slurm")
    assert sum(line.startswith(("ok", "–")) for line in text.lines) == len(clauses)


def test_the_configuration_is_shown_without_secrets(
    andon: Andon, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_OF_PAR1", "hunter2")
    path = configured(home, 'theme = "andon-light"\n[[sites]]\nname = "par1"\n')
    said = andon("config", "show")
    assert said.code == 0
    assert f"{path}  read" in said.data.decode()
    assert "hunter2" not in said.data.decode()
    document = andon("config", "show", "-o", "json").json
    assert document["config"]["theme"] == "andon-light"
    assert andon("config", "check").lines == [f"right: {path}"]


def test_the_debug_file_holds_what_was_done_and_is_for_its_owner_only(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    log = tmp_path / "debug.log"
    said = process(tmp_path, "nodes", "ls", *PAR1, "--debug", str(log), "-o", "name")
    assert said.returncode == 0
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    for part in ("arguments: ", "source demo@par1", "demo@par1 asked for", "exit code 0"):
        assert part in text
    before = process(tmp_path, "--debug", str(log), "nodes", "show", "nope", *PAR1)
    assert before.returncode == 2
    assert log.read_text().startswith(text)
    assert "exit code 2" in log.read_text()


def test_a_bug_is_one_line_and_its_traceback_is_in_the_debug_file(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    plugin = tmp_path / "site" / "andon_bug.py"
    plugin.parent.mkdir()
    plugin.write_text(
        "import andon.cli.listing as listing\n"
        "def broken(*a, **k): raise RuntimeError('boom \\x1b[31m')\n"
        "listing.list_things = broken\n"
    )
    (plugin.parent / "sitecustomize.py").write_text("import andon_bug\n")
    surroundings = {"PYTHONPATH": str(plugin.parent)}
    said = process(tmp_path, "jobs", "ls", *PAR1, **surroundings)
    assert said.returncode == 70
    assert b"\x1b" not in said.stderr
    assert b"Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) == 2
    log = tmp_path / "debug.log"
    said = process(tmp_path, "jobs", "ls", *PAR1, "--debug", str(log), **surroundings)
    assert said.returncode == 70
    assert "Traceback" in log.read_text()
    assert "RuntimeError: boom" in log.read_text()
    assert "\x1b" not in log.read_text()
