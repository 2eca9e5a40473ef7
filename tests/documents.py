"""The parts of the documents that are made from the program.

    python -m tests.documents

rewrites them; a test fails when they are not what this makes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from andon.cli.main import COMMANDS
from andon.sdk import errors
from andon.tui.keys import GROUPS, KEYS, Key, shown

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
OPERATORS = ROOT / "console" / "docs" / "operators.md"

EXIT_CODES: Mapping[str, str] = {
    "OK": "ok: nothing is wrong; what was asked for is done, or was so already",
    "FINDINGS": "findings: something is wrong with the factory or with a source",
    "USAGE": "usage: what was asked for makes no sense",
    "PARTIAL": "partial data: some source did not report, or only a part",
    "DENIED": "denied: by the backend, or by `read_only`",
    "DOWN": "backend down, or no source at all",
    "STALE_PLAN": "plan stale: expired, edited, started before, or the target changed",
    "NOT_CONFIRMED": "requested, but not confirmed in time",
    "SOME_FAILED": "some targets failed or were refused",
    "BUG": "our bug; `--debug FILE` keeps the traceback",
    "INTERRUPTED": "interrupted, or not confirmed",
}
"""What each code means, by the end of its constant's name in `andon.sdk.errors`."""


def keys() -> str:
    """Return the table of keys: for each group its keys, each with its label."""
    rows = []
    for group in GROUPS:
        entries = [entry for entry in KEYS if entry.group == group]
        rows.append(f"| {group} | {' · '.join(map(_entry, entries))} |")
    return "\n".join(["| | |", "|---|---|", *rows])


def _entry(entry: Key) -> str:
    names = dict.fromkeys(shown(key).replace("|", "\\|") for key in entry.keys)
    return f"{' '.join(f'`{name}`' for name in names)} {entry.label}"


def commands() -> str:
    """Return the table of commands."""
    rows = [f"| `andon {name}` | {summary} |" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(["| command | |", "|---|---|", "| `andon` | Open the console. |", *rows])


def exit_codes() -> str:
    """Return the table of exit codes."""
    rows = [
        f"| {getattr(errors, f'EXIT_{name}')} | {meaning} |" for name, meaning in EXIT_CODES.items()
    ]
    return "\n".join(["| code | |", "|---|---|", *rows])


MADE: Mapping[Path, Mapping[str, Callable[[], str]]] = {
    README: {"keys": keys, "commands": commands, "exit codes": exit_codes},
}


def with_parts(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """Return a document with its made parts made afresh."""
    for name, make in parts.items():
        pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        assert pattern.search(text), f"there is no part {name}"
        made = make() + "\n"
        text = pattern.sub(lambda found, made=made: found[1] + made + found[2], text)  # type: ignore[misc]
    return text


def block(document: Path, mark: str) -> str:
    """Return the first block of code that stands under a comment of a document."""
    return blocks(document, mark)[0]


def blocks(document: Path, mark: str) -> list[str]:
    """Return every block of code that stands under such a comment."""
    text = document.read_text(encoding="utf-8")
    found = re.findall(rf"<!-- {mark} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found, f"{document.name} has no block {mark}"
    return list(found)


def main() -> None:
    """Rewrite the made parts of every document."""
    for document, parts in MADE.items():
        text = document.read_text(encoding="utf-8")
        document.write_text(with_parts(text, parts), encoding="utf-8")


if __name__ == "__main__":
    main()
