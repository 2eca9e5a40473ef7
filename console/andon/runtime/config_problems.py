"""What is wrong with a configuration, and exactly where."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from andon.runtime.toml_positions import Path, Position
from andon.sdk.clean import clean
from andon.sdk.errors import UsageError

_SHOWN_VALUE = 60
NEAR = "did you mean"
"""How a hint begins that names the closest word."""
_SENTENCES = (NEAR, "see ", "it belongs ")
"""How hints begin that do not list what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One thing that is wrong; line and column count from 1, 0 where there is none."""

    file: str
    line: int = 0
    column: int = 0
    key: str = ""
    """For example `sources[2].timeout`."""
    found: str = ""
    allowed: str = ""

    @property
    def where(self) -> str:
        """`file:line:column`, or the file or variable alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def message(self) -> str:
        """One line: where, which key, what was found; `allowed` is not in it."""
        return ": ".join(part for part in (self.where, self.key, self.found) if part)


class ConfigError(UsageError):
    """The configuration cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        more = len(self.problems) - 1
        hint = hint_of(first)
        if more:
            rest = f"{more} more problem{'s' if more > 1 else ''}: `andon config check`"
            hint = f"{hint}; {rest}" if hint else rest
        super().__init__(first.message, hint=hint)


def hint_of(problem: ConfigProblem) -> str:
    """Return what to write instead, in one line."""
    return allowed_text(problem.allowed)


def allowed_text(allowed: str) -> str:
    """Return what is allowed as a hint says it."""
    return f"allowed: {allowed}" if allowed and not allowed.startswith(_SENTENCES) else allowed


def problem_at(
    file: str, position: Position, path: Path, found: str, allowed: str = ""
) -> ConfigProblem:
    """Return a problem at a position of a file; its texts are cleaned."""
    return ConfigProblem(
        file=clean(file),
        line=position.line,
        column=position.column,
        key=clean(key_text(path)),
        found=clean(found),
        allowed=clean(allowed),
    )


def key_text(path: Path) -> str:
    """Return a path as people write it: `sources[2].timeout`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"'
            text += f".{name}" if text else name
    return text


def value_text(value: object) -> str:
    """Return a value of a TOML document, shortened, as it may be shown."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return clean(text, limit=_SHOWN_VALUE)


def closest(name: str, known: Iterable[str]) -> str:
    """Return `known` in words, the one that `name` looks like first."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    listed = ", ".join(names) or "none"
    return f"{NEAR} {near[0]}? (known: {listed})" if near else listed
