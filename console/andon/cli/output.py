"""Owns stdout: lines of text, and JSON. What cannot be written is said, never passed over."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from andon.sdk.errors import EXIT_PARTIAL, AndonError

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


def write_line(text: str) -> None:
    """Write one line to stdout."""
    with _writing():
        sys.stdout.write(text + "\n")


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
    _write_bytes(data + b"\n")


def write_json_lines(values: Iterable[Any]) -> None:
    """Write JSON values one a line, as UTF-8."""
    import msgspec

    encode = msgspec.json.Encoder().encode
    lines: list[bytes] = []
    for value in values:
        lines.append(encode(value))
        if len(lines) >= 1_000:
            _write_bytes(b"\n".join(lines) + b"\n")
            lines.clear()
    if lines:
        _write_bytes(b"\n".join(lines) + b"\n")


def _write_bytes(data: bytes) -> None:
    with _writing():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
