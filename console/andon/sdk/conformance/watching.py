"""See what code does to the outside: files, network, processes, standard output."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

_IO_EVENTS = frozenset(
    {
        "open",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.bind",
        "subprocess.Popen",
        "os.system",
        "os.posix_spawn",
        "os.fork",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "shutil.copyfile",
        "sqlite3.connect",
    }
)
_READING = "open for reading"
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CODE = (".py", ".pyc", ".so", ".dylib", ".pth", ".zip", ".dist-info", "METADATA", "RECORD")


class _Watch(threading.local):
    """What the current thread does, while it is watched.

    The one mutable thing at module level: an audit hook belongs to the interpreter and cannot be
    removed, so that one is installed for good and switched on and off.
    """

    seen: list[str] | None = None

    def note(self, event: str, arguments: tuple[object, ...]) -> None:
        """Take note of an audit event (PEP 578)."""
        if self.seen is None or event not in _IO_EVENTS:
            return
        subject = str(arguments[0]) if arguments else ""
        # An import is how code that is needed late arrives.
        if event == "open":
            if subject.endswith(_CODE):
                return
            flags = arguments[2] if len(arguments) > 2 else 0
            writes = isinstance(flags, int) and flags & _WRITE_FLAGS
            event = "open for writing" if writes else _READING
        self.seen.append(f"{event} {subject}")


_WATCH = _Watch()


@functools.cache
def _install() -> None:
    sys.addaudithook(_WATCH.note)


@contextlib.contextmanager
def watched() -> Iterator[list[str]]:
    """Collect what this thread does to files, network and processes meanwhile."""
    _install()
    before, _WATCH.seen = _WATCH.seen, []
    try:
        yield _WATCH.seen
    finally:
        _WATCH.seen = before


def changing(events: list[str]) -> list[str]:
    """Return those events that do more than read files, which libraries do when imported."""
    return [event for event in events if not event.startswith(_READING)]


@contextlib.contextmanager
def stdout_taken() -> Iterator[Path]:
    """Send everything that is written to standard output, by whatever means, to a file."""
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="andon-") as folder:
        path = Path(folder) / "stdout"
        kept = os.dup(1)
        target = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.dup2(target, 1)
            with (
                open(1, "w", encoding="utf-8", buffering=1, closefd=False) as stream,
                contextlib.redirect_stdout(stream),
            ):
                yield path
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            os.close(target)
