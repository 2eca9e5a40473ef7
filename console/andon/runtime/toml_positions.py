"""Where in a TOML document each key stands.

`tomllib` keeps no positions. This scanner walks a document that `tomllib` has accepted and notes
line and column of every table header, key and array element; it checks nothing itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

Path = tuple[str | int, ...]


class Position(NamedTuple):
    """A place in a text, both from 1."""

    line: int
    column: int


class Positions:
    """The positions of a document by path, for example `("sources", 2, "timeout")`."""

    def __init__(self, by_path: Mapping[Path, Position]) -> None:
        self.by_path = by_path

    def of(self, path: Path) -> Position:
        """Return where `path` stands, or the closest thing around it that stands somewhere."""
        for length in range(len(path), 0, -1):
            if found := self.by_path.get(path[:length]):
                return found
        return Position(1, 1)


_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LINE_END = re.compile(r"[^\n]*")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_STRINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})',
        r"'''.*?'''(?:'{0,2})",
        r'"(?:[^"\\\n]|\\.)*"',
        r"'[^'\n]*'",
    )
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def scan(text: str) -> Positions:
    """Return the positions in a document that `tomllib` accepts."""
    scanner = _Scanner(text)
    scanner.document()
    return Positions(scanner.found)


class _Scanner:
    def __init__(self, text: str) -> None:
        # tomllib reads the same newlines as one.
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.found: dict[Path, Position] = {}
        self.counts: dict[Path, int] = {}
        self.starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def document(self) -> None:
        table: Path = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            before = self.at
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            if self.at == before:  # not TOML: give up rather than loop
                return

    def _header(self) -> Path:
        here = self.at
        many = self.text.startswith("[[", here)
        self.at += 2 if many else 1
        names = self._dotted_key()
        path: Path = ()
        for name, _ in names[:-1]:
            path = self._into((*path, name))
            self._note(path, here)
        last = (*path, names[-1][0]) if names else path
        if many:
            index = self.counts.get(last, 0)
            self.counts[last] = index + 1
            self._note(last, here)
            path = (*last, index)
        else:
            path = self._into(last)
        self._note(path, here)
        self._skip(_LINE_END)
        return path

    def _into(self, path: Path) -> Path:
        """A name of an array of tables stands for its last table."""
        count = self.counts.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Path) -> None:
        path = table
        for name, start in self._dotted_key():
            path = (*path, name)
            self._note(path, start)
        self._skip(_SPACE)
        if self.text.startswith("=", self.at):
            self.at += 1
            self._skip(_SPACE)
            self._value(path)

    def _dotted_key(self) -> list[tuple[str, int]]:
        names: list[tuple[str, int]] = []
        while True:
            self._skip(_SPACE)
            start = self.at
            name = self._key()
            if name is None:
                return names
            names.append((name, start))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return names
            self.at += 1

    def _key(self) -> str | None:
        if bare := _BARE.match(self.text, self.at):
            self.at = bare.end()
            return bare.group()
        start = self.at
        if not self._string():
            return None
        quoted = self.text[start + 1 : self.at - 1]
        return quoted if self.text[start] == "'" else _ESCAPE.sub(_unescaped, quoted)

    def _string(self) -> bool:
        for pattern in _STRINGS:
            if match := pattern.match(self.text, self.at):
                self.at = match.end()
                return True
        return False

    def _value(self, path: Path) -> None:
        if self.text.startswith("[", self.at):
            self._array(path)
        elif self.text.startswith("{", self.at):
            self._inline_table(path)
        elif not self._string():
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._more("]"):
            element = (*path, index)
            self._note(element, self.at)
            self._value(element)
            index += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._more("}"):
            self._pair(path)

    def _more(self, closing: str) -> bool:
        """Step to the next element; return whether there is one."""
        self._skip(_BLANK)
        if self.text.startswith(",", self.at):
            self.at += 1
            self._skip(_BLANK)
        if self.at >= len(self.text) or self.text[self.at] == closing:
            self.at += 1
            return False
        if self.text[self.at] in "]},=":  # not TOML
            self.at = len(self.text)
            return False
        return True

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _note(self, path: Path, offset: int) -> None:
        line = bisect_right(self.starts, offset)
        self.found.setdefault(path, Position(line, offset - self.starts[line - 1] + 1))


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "uU":
        return chr(int(code[1:], 16))
    return _ESCAPED.get(code, code)
