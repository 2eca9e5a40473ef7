"""The words after `:`; pure: text in, a command or an error with its column out.

A view's name goes there, with whatever follows as its filter: `:jobs state=pending`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from andon.sdk.errors import UsageError
from andon.views.registry import VIEWS, view_named

_NAMES = 8
"""So many names are told of those that an argument may have."""


class CommandError(Exception):
    """A command line that makes no sense; `column` is where in the text, from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Word:
    """One command."""

    name: str
    summary: str
    takes: str = ""
    """What follows it, for the hint: `NAME`, `[NAME …]` when it may be left out."""
    choices: str = ""
    """Which list of the vocabulary completes it."""
    aliases: tuple[str, ...] = ()


WORDS: tuple[Word, ...] = (
    Word("site", "Look at these sites only; alone: at all", "[NAME …]", "sites"),
    Word("source", "Look at these sources only; alone: at all", "[NAME …]", "sources"),
    Word("tenant", "Look at these tenants only; alone: at all", "[NAME …]", "tenants"),
    Word("mine", "Only my own jobs"),
    Word("all", "Every site, source and tenant again"),
    Word("sort", "Sort by a column", "COLUMN [asc|desc]", "columns"),
    Word("columns", "Show these columns; alone: the usual ones", "[COLUMN …]", "all_columns"),
    Word("wide", "All columns, or the ones that fit"),
    Word("drain", "Stop new work on the nodes chosen"),
    Word("cordon", "Keep new work off the nodes chosen"),
    Word("undrain", "Let the nodes chosen take new work again", aliases=("uncordon", "resume")),
    Word("cancel", "End the jobs chosen"),
    Word("hold", "Keep the jobs chosen from starting"),
    Word("release", "Let the held jobs chosen start again"),
    Word("requeue", "Put the running jobs chosen back into their queue"),
    Word("theme", "Other colours", "NAME", "themes"),
    Word("pause", "Freeze what is shown, or let it go on"),
    Word("refresh", "Ask every source now"),
    Word("help", "Keys, columns and the filter language"),
    Word("quit", "Leave", aliases=("q", "q!", "exit")),
)

VERBS: Mapping[str, str] = {
    "drain": "node.drain",
    "cordon": "node.cordon",
    "undrain": "node.undrain",
    "cancel": "job.cancel",
    "hold": "job.hold",
    "release": "job.release",
    "requeue": "job.requeue",
}
"""What an acting word asks for."""


@dataclass(frozen=True, slots=True)
class Command:
    """What was asked for: a word of `WORDS`, or `view` with the view's name first."""

    name: str
    arguments: tuple[str, ...] = ()
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that complete arguments; they come from outside and are only ever shown."""

    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way a command line could go on."""

    text: str
    """The whole line after completion."""
    shown: str
    summary: str = ""


def _word(name: str) -> Word | None:
    for word in WORDS:
        if name == word.name or name in word.aliases:
            return word
    starting = [word for word in WORDS if word.name.startswith(name)]
    return starting[0] if len(starting) == 1 else None


def parse(text: str, vocabulary: Vocabulary | None = None) -> Command:
    """Return the command of a line.

    Args:
        text: the line.
        vocabulary: the names that an argument may have, to be told where it is missing.

    Raises:
        CommandError: nothing is called that, or an argument is missing.
    """
    stripped = text.lstrip()
    start = len(text) - len(stripped)
    name, _, rest = stripped.rstrip().partition(" ")
    if not name:
        raise CommandError("a view or a command, for example jobs or sort", start)
    if name == "view":
        raise CommandError("name the view itself, for example jobs", start)
    exact = next((word for word in WORDS if name == word.name or name in word.aliases), None)
    if exact is None:
        try:
            view = view_named(name)
        except UsageError:
            pass
        else:
            return Command("view", (view.name,), rest.strip().removeprefix("/").strip())
    word = exact or _word(name)
    if word is None:
        raise CommandError(_unknown(name), start)
    arguments = tuple(part for part in rest.replace(",", " ").split() if part)
    if word.takes and not word.takes.startswith("[") and not arguments:
        names = _some((vocabulary or Vocabulary()).lists.get(word.choices, ()))
        raise CommandError(f"{word.name} needs {word.takes}{names}", len(text.rstrip()) + 1)
    if not word.takes and arguments:
        raise CommandError(f"{word.name} takes nothing after it", start + len(name) + 1)
    return Command(word.name, arguments)


def _some(names: Sequence[str]) -> str:
    """Return what an argument may be: the first names, or nothing."""
    if not names:
        return ""
    return f": {', '.join(names[:_NAMES])}" + (", …" if len(names) > _NAMES else "")


def _unknown(name: str) -> str:
    names = [view.name for view in VIEWS] + [word.name for word in WORDS]
    close = difflib.get_close_matches(name, names, 1)
    return f"no view or command “{name}”" + (f"; did you mean {close[0]}?" if close else "")


def complete(text: str, vocabulary: Vocabulary) -> list[Candidate]:
    """Return how a line could go on, best first."""
    head, blank, rest = text.lstrip().partition(" ")
    if not blank:
        found = [
            Candidate(f"{view.name} ", view.name, view.summary)
            for view in VIEWS
            if any(name.startswith(head) for name in (view.name, *view.aliases))
        ]
        return found + [
            Candidate(f"{word.name} " if word.takes else word.name, word.name, word.summary)
            for word in WORDS
            if word.name.startswith(head) or (head and head in word.aliases)
        ]
    word = _word(head)
    if word is None or not word.choices:
        return []
    *before, last = rest.replace(",", " ").split(" ")
    names = vocabulary.lists.get(word.choices, ())
    lead = " ".join([head, *before])
    return [
        Candidate(f"{lead} {name}", name)
        for name in names
        if name.startswith(last) and name not in before
    ]


def hint(text: str) -> str:
    """Return what a line means so far, in words, for the line under the input."""
    head, blank, _ = text.lstrip().partition(" ")
    word = _word(head) if head else None
    if word is not None and (blank or word.name == head):
        return f"{word.takes}  {word.summary}".strip()
    if blank:
        try:
            return f"filter of {view_named(head).title}"
        except UsageError:
            return ""
    return ""
