"""The flight record: what the collector was doing, readable after it has died or while it hangs.

A small file without a name, shared by descriptor between the console and its collector. The
collector overwrites it at every step; writing it never blocks and needs nobody to read it, unlike
the feed, which stands still when the reader does.
"""

from __future__ import annotations

import os
import tempfile
from typing import Final

import msgspec

_ROOM_BYTES: Final = 64 << 10


class Flight(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is in the record."""

    beat: int = 0
    """Grows every second while the collector's loop turns."""
    running: str = ""
    """The source whose code holds the loop right now."""
    polling: tuple[str, ...] = ()
    """The sources that have been asked and have not answered."""

    @property
    def suspects(self) -> tuple[str, ...]:
        """Who can have ended or stopped the collector: one source if that is known, else more."""
        return (self.running,) if self.running else self.polling


class FlightWriter:
    """The collector's side. Without a descriptor it writes nothing."""

    def __init__(self, fd: int | None = None) -> None:
        self._fd = fd
        self._beat = 0
        self._running = ""
        self._polling: tuple[str, ...] = ()

    def beat(self) -> None:
        """Say that the loop turns."""
        self._beat += 1
        self._write()

    def asked(self, source: str) -> None:
        """Say that a poll of `source` begins."""
        self._polling = (*self._polling, source)
        self._write()

    def answered(self, source: str) -> None:
        """Say that it ended."""
        self._polling = tuple(name for name in self._polling if name != source)
        self._write()

    def enter(self, source: str) -> None:
        """Say that code of `source` takes the loop."""
        self._running = source
        self._write()

    def leave(self) -> None:
        """Say that it gave it back."""
        self._running = ""
        self._write()

    def _write(self) -> None:
        if self._fd is None:
            return
        flight = Flight(beat=self._beat, running=self._running, polling=self._polling)
        body = msgspec.msgpack.encode(flight)[: _ROOM_BYTES - 4]
        os.pwrite(self._fd, len(body).to_bytes(4, "big") + body, 0)


class FlightRecord:
    """The console's side: owns the file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object

    @property
    def fd(self) -> int:
        """The descriptor to hand to the collector."""
        return self._file.fileno()

    def read(self) -> Flight | None:
        """Return what was written last; `None` before the first time and amid a write."""
        data = os.pread(self.fd, _ROOM_BYTES, 0)
        size = int.from_bytes(data[:4], "big")
        if not size or len(data) < 4 + size:
            return None
        try:
            return msgspec.msgpack.decode(data[4 : 4 + size], type=Flight)
        except msgspec.MsgspecError:
            return None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
