"""Owns stdout: lines of text, and JSON. What cannot be written is said, never passed over."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from andon.cli.streams import spelled
from andon.cli.wrapping import wrapped
from andon.sdk.clean import clean
from andon.sdk.errors import EXIT_PARTIAL, AndonError

if TYPE_CHECKING:
    from andon.views.page import Cell

SCHEMA = "andon/v1"


class ReaderGone(Exception):
    """Whoever read stdout has closed it (`| head`): there is nothing left to do."""


class OutputFailed(AndonError):
    """Stdout cannot be written, for example because its disk is full."""

    exit_code = EXIT_PARTIAL


def cannot_write(error: BaseException) -> OutputFailed:
    """Return what to say when stdout takes no more."""
    why = getattr(error, "strerror", None) or str(error)
    return OutputFailed(f"stdout cannot be written: {why}", hint="what was written is not all")


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error
    except OSError as error:
        raise cannot_write(error) from error


def wants_colour() -> bool:
    """Whether stdout is a terminal that shows colour and nobody asked for none."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return sys.stdout.isatty()


def width() -> int | None:
    """Return how many cells a line of the terminal has; `None` when stdout is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def height() -> int | None:
    """Return how many lines the terminal has; `None` when stdout is none."""
    return shutil.get_terminal_size().lines if sys.stdout.isatty() else None


def write_line(text: str) -> None:
    """Write one line to stdout."""
    with _writing():
        sys.stdout.write(spelled(harmless(text), sys.stdout.encoding or "utf-8") + "\n")


def write_text(text: str, *, hang: int | None = None) -> None:
    """Write one line of prose, broken between words on a terminal; see `wrapped`."""
    write_lines(wrapped(harmless(text), width(), hang))


_OURS = re.compile(r"(\x1b\[(?:0|1|2|3[1-6]|1;31)m)")
"""The colours that commands write."""


def harmless(text: str) -> str:
    """Return text that drives no terminal: what a plugin forgot to clean is cleaned here."""
    if text.isprintable():
        return text
    parts = _OURS.split(text)
    return "".join(
        part if index % 2 and wants_colour() else clean(part, limit=len(part) + 1)
        for index, part in enumerate(parts)
    )


def write_marked(mark: Cell, text: str, *, hang: int) -> None:
    """Write prose behind a mark in its colour, what goes on set in under it.

    Args:
        mark: a short word, for example `ok`.
        text: what it is about.
        hang: cells before the text.
    """
    first, *more = wrapped(harmless(f"{mark.text:<{hang}}{text}"), width(), hang)
    from andon.cli.drawing import paint

    painted = paint(mark, mark.text, wants_colour())
    write_line(painted + first[len(mark.text) :])
    write_lines(more)


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to stdout."""
    for line in lines:
        write_line(line)


def write_json(value: Any, *, indent: bool = True) -> None:
    """Write one JSON value and a newline, always as UTF-8."""
    import msgspec

    data = msgspec.json.encode(value)
    if indent:
        data = msgspec.json.format(data, indent=2)
    _write_bytes(_escaped(data) + b"\n")


def write_json_lines(values: Iterable[Any]) -> None:
    """Write JSON values one a line, as UTF-8."""
    import msgspec

    encode = msgspec.json.Encoder().encode
    lines: list[bytes] = []
    for value in values:
        lines.append(_escaped(encode(value)))
        if len(lines) >= 1_000:
            _write_bytes(b"\n".join(lines) + b"\n")
            lines.clear()
    if lines:
        _write_bytes(b"\n".join(lines) + b"\n")


def _escaped(data: bytes) -> bytes:
    """Return JSON in which what drives a terminal is escaped, as JSON may: the same value."""
    if data.isascii() and b"\x7f" not in data:
        return data
    text = data.decode("utf-8")
    driving = [letter for letter in set(text) if not letter.isprintable() and letter != "\n"]
    for letter in driving:
        units = letter.encode("utf-16-be").hex()
        escape = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
        text = text.replace(letter, escape)
    return text.encode("utf-8") if driving else data


def _write_bytes(data: bytes) -> None:
    with _writing():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
