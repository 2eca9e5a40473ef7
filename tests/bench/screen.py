"""Just enough of a terminal to tell what stands on it: text by cell, background by row."""

from __future__ import annotations

import codecs
import re

_TOKEN = re.compile(
    r"\x1b\[(?P<args>[0-9;:?<=>$!]*)(?P<final>[@-~])"
    r"|\x1b\](?:[^\x07\x1b])*(?:\x07|\x1b\\)"
    r"|\x1b[()][0-9A-Z]|\x1b[^\[\]()]"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f])"
    r"|(?P<text>[^\x00-\x1f]+)"
)
_PROBE = 6
"""The column whose background stands for its row: within every first column."""

Colour = str
"""SGR arguments of a background, for example `2;42;56;72`; empty for the terminal's own."""


class Screen:
    """What was painted. Wide characters count as one cell; programs here position absolutely."""

    def __init__(self, columns: int, rows: int) -> None:
        """A blank screen."""
        self.columns, self.rows = columns, rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self._grounds: list[Colour] = [""] * rows
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._row = self._column = 0
        self._ground: Colour = ""

    def feed(self, data: bytes) -> None:
        """Take what a program wrote."""
        text = self._rest + self._decoder.decode(data)
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                break
            at = found.end()
            if found["text"] is not None:
                self._print(found["text"])
            elif found["final"] is not None:
                self._control(found["final"], found["args"])
            elif found["control"] == "\r":
                self._column = 0
            elif found["control"] == "\n":
                self._row = min(self._row + 1, self.rows - 1)
        self._rest = text[at:]

    def line(self, row: int) -> str:
        """Return the text of a row, 0 the uppermost."""
        return "".join(self._cells[row])

    def text(self) -> str:
        """Return the whole screen."""
        return "\n".join(self.line(row).rstrip() for row in range(self.rows))

    def row_with(self, ground: Colour) -> int | None:
        """Return the uppermost row of a background."""
        return self._grounds.index(ground) if ground in self._grounds else None

    def _print(self, text: str) -> None:
        if 0 <= self._row < self.rows:
            end = min(self._column + len(text), self.columns)
            self._cells[self._row][self._column : end] = text[: end - self._column]
            if self._column <= _PROBE < end:
                self._grounds[self._row] = self._ground
        self._column += len(text)

    def _control(self, final: str, args: str) -> None:
        if final in "Hf":
            numbers = [int(part or 1) for part in args.split(";")] if args else [1, 1]
            self._row = min(numbers[0], self.rows) - 1
            self._column = (numbers[1] if len(numbers) > 1 else 1) - 1
        elif final == "m":
            self._ground = ground_after(self._ground, args)
        elif final == "J" and args == "2":
            self._cells = [[" "] * self.columns for _ in range(self.rows)]
            self._grounds = [""] * self.rows


def ground_after(ground: Colour, args: str) -> Colour:
    """Return the background after an SGR sequence."""
    parts = args.split(";")
    at = 0
    while at < len(parts):
        part = parts[at]
        if part in ("38", "48"):
            size = 5 if parts[at + 1 : at + 2] == ["2"] else 3
            if part == "48":
                ground = ";".join(parts[at + 1 : at + size])
            at += size
            continue
        if part in ("", "0", "49"):
            ground = ""
        at += 1
    return ground
