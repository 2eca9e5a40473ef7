"""Folders that only their owner may read."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def private_folder(folder: Path) -> Path:
    """Make `folder` if it is missing, readable by its owner only, and return it.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Somebody else's folder is not ours to close; what is put into it is 0600 in any case.
    with contextlib.suppress(PermissionError):
        folder.chmod(0o700)
    return folder


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, after a file was made in it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
