"""The debug file: what the program did, in order, and tracebacks. Never a secret, never a control.

Options of sources are not written, secrets are references until a plugin gets them, and what a
plugin gets hides itself; tracebacks hold no values of variables.
"""

from __future__ import annotations

import logging
import os
import platform
import sys
from pathlib import Path

from andon.sdk.clean import clean_lines
from andon.sdk.errors import UsageError

_log = logging.getLogger("andon.cli")


class _Clean(logging.Formatter):
    """Writes lines that cannot drive the terminal of whoever reads the file."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one record as clean lines."""
        return "\n".join(clean_lines(super().format(record)))


def start_debug_log(path: Path) -> None:
    """Write everything the program notes about itself to `path` (0600), after what is there.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise UsageError(
            f"--debug: {path} cannot be written: {error.strerror}",
            hint="name a file in a folder you may write to",
        ) from error
    handler = logging.StreamHandler(os.fdopen(descriptor, "w", encoding="utf-8"))
    handler.setFormatter(_Clean("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    _introduce()


def _introduce() -> None:
    from importlib.metadata import version

    note("andon %s, Python %s, %s", version("andon"), sys.version.split()[0], platform.platform())
    note("arguments: %s", sys.argv[1:])


def note(text: str, *values: object) -> None:
    """Write one line to the debug file, if there is one."""
    _log.debug(text, *values)
