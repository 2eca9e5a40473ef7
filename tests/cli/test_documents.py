"""What README and operators.md say is what the program does; every command they show is run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import msgspec
import pytest

from andon.model import AcceleratorState, JobState, NodeState, SourceState
from andon.runtime.config import load_config
from andon.runtime.config_records import (
    CollectorConfig,
    Config,
    PolicyConfig,
    SiteConfig,
    SourceConfig,
    TenantConfig,
    ViewConfig,
)
from andon.runtime.discovery import load_all
from andon.runtime.paths import Paths
from andon.runtime.sources import resolve
from andon.sdk import errors
from andon.tui.keys import KEYS, with_overrides
from tests import picture
from tests.cli.process import COMMAND, at_terminal, environ, shell
from tests.documents import EXIT_CODES, MADE, OPERATORS, README, ROOT, block, blocks, with_parts

DEMO = "--demo --nodes 24 --jobs 120"
_HIDDEN = {"options", "places", "read_only_from"}
SECTIONS: dict[str, type[msgspec.Struct]] = {
    "`[[sources]]`": SourceConfig,
    "`[[sites]]`": SiteConfig,
    "`[[tenants]]`": TenantConfig,
    "`[policy]`": PolicyConfig,
    "`[views.NAME]`": ViewConfig,
    "`[collector]`": CollectorConfig,
}


def shown() -> list[str]:
    """Return every line of every block of commands."""
    return [
        line
        for document in (README, OPERATORS)
        for lines in blocks(document, "commands")
        for line in lines.splitlines()
    ]


@pytest.mark.parametrize("document", MADE, ids=lambda path: path.name)
def test_what_is_made_from_the_program_is_as_it_would_be_made_now(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert text == with_parts(text, MADE[document]), "run python -m tests.documents"


def test_every_command_shown_works_on_the_demo_one_after_another(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    command = " ".join(map(shlex.quote, COMMAND))
    script = [
        f"cd {shlex.quote(str(tmp_path))}",
        f'andon() {{ {command} {DEMO} "$@"; }}',
        'tell() { echo "$1 $2" >> codes; }',
    ]
    for number, line in enumerate(shown()):
        script += [line, f"tell {number} ${{PIPESTATUS[0]}},$?"]
    said = shell(tmp_path, "\n".join(script))
    codes = (tmp_path / "codes").read_text().splitlines()
    assert len(codes) == len(shown())
    for line, told in zip(shown(), codes, strict=True):
        allowed = {"0", "1"} if line.startswith("andon status") else {"0", "3", "1"}
        if "--wait-limit 1" in line:
            allowed |= {"7"}
        if line.startswith(("andon nodes drain", "andon plan", "andon jobs cancel")):
            allowed -= {"1", "3"}
        assert set(told.split()[1].split(",")) <= allowed, (line, told, said.stderr.decode())


def test_the_test_command_is_where_ci_looks_for_it() -> None:
    assert block(README, "test") == "pip install -e '.[dev]' && pytest\n"
    assert block(README, "run") == "pip install . && andon demo\n"
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "<!-- test -->" in ci


def test_the_demo_opens_and_closes(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    surroundings = environ(tmp_path, TERM="xterm-256color", COLUMNS="100", LINES="30")
    code, written = at_terminal(("demo",), surroundings, {b"DEMO": b"\x11"})
    assert code == 0
    assert b"Traceback" not in written


@pytest.mark.parametrize("document", [README, OPERATORS], ids=lambda path: path.name)
def test_the_configuration_shown_is_right(document: Path, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(block(document, "config"), encoding="utf-8")
    paths = Paths.from_environ({"HOME": str(tmp_path)}, system=file)
    config = load_config(paths, environ={})
    resolution = resolve(config, load_all(), None, {})
    assert resolution.specs
    assert not resolution.problems
    assert not with_overrides(KEYS, config.keys)[1]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_a_section_is_explained_and_no_other(section: str) -> None:
    text = OPERATORS.read_text(encoding="utf-8")
    part = text.split(f"### {section}\n")[1].split("\n##")[0].split("<!-- options")[0]
    explained = set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))
    fields = set(SECTIONS[section].__struct_fields__) - _HIDDEN
    assert explained == fields
    assert fields <= set(re.findall(r"^(\w+) = ", block(OPERATORS, "config"), re.MULTILINE))


def test_every_section_is_explained() -> None:
    text = OPERATORS.read_text(encoding="utf-8")
    for field in Config.__struct_fields__:
        if field != "files":
            assert re.search(rf"^### .*`\[*{field}", text, re.MULTILINE) or (
                f"`{field}`" in text
            ), field


def test_every_option_of_slurm_is_explained() -> None:
    text = OPERATORS.read_text(encoding="utf-8")
    part = text.split("<!-- options slurm -->")[1].split("\nOptions that")[0]
    explained = set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))
    assert explained == {option.name for option in load_all().plugins["slurm"].options}


def test_every_state_is_explained() -> None:
    text = OPERATORS.read_text(encoding="utf-8")
    for states in (NodeState, AcceleratorState, JobState, SourceState):
        for state in states:
            assert f"`{state.value}`" in text, state


def test_every_exit_code_is_explained() -> None:
    codes = {name.removeprefix("EXIT_") for name in vars(errors) if name.startswith("EXIT_")}
    assert codes == set(EXIT_CODES)
    text = OPERATORS.read_text(encoding="utf-8")
    for name in codes - {"OK"}:
        assert f"\n| {getattr(errors, f'EXIT_{name}')} | " in text


def test_the_six_lines_are_those_of_the_plugin_authors() -> None:
    authors = ROOT / "console" / "docs" / "plugin-authors.md"
    assert block(README, "plugin") == block(authors, "plugin")


def test_the_first_screen_of_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    links = re.findall(r"\]\(([^)]+)\)", text) + re.findall(
        r"\]\(([^)]+)\)", OPERATORS.read_text(encoding="utf-8")
    )
    for link in links:
        assert (ROOT / link).exists(), link


async def test_the_picture_can_be_drawn_and_says_that_it_is_the_demo(tmp_path: Path) -> None:
    drawn = await picture.draw(tmp_path)
    for text in (drawn, picture.PICTURE.read_text(encoding="utf-8")):
        assert ">DEMO" in text.replace("&#160;", "")
        assert "http://www.w3.org/2000/svg" in text
        assert "font-face" not in text
