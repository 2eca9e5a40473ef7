"""Every key of any document is found where it stands."""

from __future__ import annotations

import random
import string
import tomllib
from typing import Any

import pytest

from andon.runtime.toml_positions import Path, Position, scan

DOCUMENT = """\
# comment = "no"
theme = "dark" # [not.a.table]
[policy]
  read_only = true

[[sources]]
plugin = "slurm"
[[sources]]
timeout = 3
intervals = { job = 5, "no de" = [1, {x = 2}] }
site.region = "a"
text = \"\"\"
[inside]
key = 1 \\"\"\" still
\"\"\"
raw = '''
[[sources]]
''' # end
list = [
  "a", # ] not the end
  ['b', "]"],
]
[sources.extra]
"quoted.key" = 1
[[sources]]
[[sources.deep]]
a = 1
[[sources.deep]]
b = 2
"""


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("theme",), 2, 1),
        (("policy",), 3, 1),
        (("policy", "read_only"), 4, 3),
        (("sources",), 6, 1),
        (("sources", 0, "plugin"), 7, 1),
        (("sources", 1), 8, 1),
        (("sources", 1, "timeout"), 9, 1),
        (("sources", 1, "intervals", "job"), 10, 15),
        (("sources", 1, "intervals", "no de", 1, "x"), 10, 39),
        (("sources", 1, "site", "region"), 11, 6),
        (("sources", 1, "text"), 12, 1),
        (("sources", 1, "raw"), 16, 1),
        (("sources", 1, "list", 1, 1), 21, 9),
        (("sources", 1, "extra", "quoted.key"), 24, 1),
        (("sources", 2, "deep", 0, "a"), 27, 1),
        (("sources", 2, "deep", 1, "b"), 29, 1),
    ],
)
def test_a_key_is_found_where_it_stands(path: Path, line: int, column: int) -> None:
    tomllib.loads(DOCUMENT)
    assert scan(DOCUMENT).of(path) == Position(line, column)


def test_what_stands_nowhere_is_placed_at_the_closest_thing_around_it() -> None:
    positions = scan(DOCUMENT)
    assert positions.of(("sources", 1, "nothing", 3)) == positions.of(("sources", 1))
    assert positions.of(("nothing",)) == Position(1, 1)


def test_windows_line_ends_and_tabs_do_not_shift_positions() -> None:
    assert scan("a = 1\r\n\tb = 2\r\n").of(("b",)) == Position(2, 2)


class _Writer:
    """Writes a random document and notes where it put each key."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.text = ""
        self.notes: dict[Path, Position] = {}

    def note(self, path: Path) -> None:
        line = self.text.count("\n") + 1
        column = len(self.text) - (self.text.rfind("\n") + 1) + 1
        self.notes[path] = Position(line, column)

    def name(self, taken: set[str]) -> tuple[str, str]:
        """A key, and how it is written."""
        while True:
            key = "".join(self.chance.choices("abc-_9 .#é\"'", k=self.chance.randint(1, 3)))
            if key not in taken:
                taken.add(key)
                break
        if all(c in string.ascii_letters + "-_9" for c in key):
            return key, key
        if "'" in key or self.chance.random() < 0.5:
            escaped = key.replace("\\", "\\\\").replace('"', '\\"')
            return key, f'"{escaped}"'.replace("é", "\\u00e9")
        return key, f"'{key}'"

    def value(self, path: Path, depth: int) -> None:
        choice = self.chance.randint(0, 9 if depth < 3 else 5)
        scalars = ["12", "-3.5", "true", '"a # [b] \\" = {"', "'x]}'", '"""m\n[a]\n b = 1"""']
        if choice < 6:
            self.text += scalars[choice]
        elif choice < 8:
            self.text += "["
            for index in range(self.chance.randint(0, 3)):
                self.text += self.chance.choice(["", "\n  ", " # , ]\n "])
                self.note((*path, index))
                self.value((*path, index), depth + 1)
                self.text += self.chance.choice([",", " ,"])
            self.text += "]"
        else:
            self.text += "{"
            taken: set[str] = set()
            for index in range(self.chance.randint(0, 3)):
                self.text += ", " if index else " "
                self.pair(path, taken, depth + 1)
            self.text += " }"

    def pair(self, path: Path, taken: set[str], depth: int) -> None:
        while self.chance.random() < 0.3:
            key, written = self.name(taken)
            path = (*path, key)
            self.note(path)
            self.text += written + self.chance.choice([".", " . "])
            taken = set()
        key, written = self.name(taken)
        self.note((*path, key))
        self.text += written + self.chance.choice(["=", " = ", "\t="])
        self.value((*path, key), depth)

    def document(self) -> None:
        taken: set[str] = set()
        self.body((), taken)
        for _ in range(self.chance.randint(0, 4)):
            key, written = self.name(taken)
            if self.chance.random() < 0.5:
                self.note((key,))
                self.text += f"[ {written} ]{self.chance.choice(['', ' # [x]'])}\n"
                self.body((key,), set())
                continue
            for index in range(self.chance.randint(1, 3)):
                self.text += self.chance.choice(["", "  ", "# [[x]]\n"])
                self.note((key, index))
                self.text += f"[[{written}]]\n"
                self.body((key, index), set())

    def body(self, path: Path, taken: set[str]) -> None:
        for _ in range(self.chance.randint(0, 4)):
            self.text += self.chance.choice(["", "  ", "\n", "# a = 1\n"])
            self.pair(path, taken, 0)
            self.text += self.chance.choice(["\n", " # b = 2\n"])


def _paths(value: Any, path: Path = ()) -> list[Path]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[Path] = []
    for key, inner in pairs:
        found.append((*path, key))
        if isinstance(inner, dict | list):
            found += _paths(inner, (*path, key))
    return found


@pytest.mark.parametrize("seed", range(400))
def test_in_random_documents_every_key_is_found_exactly(seed: int) -> None:
    writer = _Writer(seed)
    writer.document()
    document = tomllib.loads(writer.text)
    positions = scan(writer.text)
    for path in _paths(document):
        if path in writer.notes:
            assert positions.of(path) == writer.notes[path], (path, writer.text)
        else:  # an array of tables as a whole: its first table
            assert positions.of(path) == writer.notes[(*path, 0)], (path, writer.text)
