"""The terminal under the screen: Textual's driver, made to survive what terminals really do.

Textual 8 ends with a traceback on a byte that is not UTF-8, reads a terminal that is gone for ever,
stops drawing for good when one write fails, and loses the terminal's own settings when a continue
arrives that no stop of its own preceded.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import selectors
import sys
import termios
from collections.abc import Iterator
from typing import IO, Any, Final

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_READ_BYTES = 1 << 12
_POLL_SECONDS = 0.1
_LEAVE: Final = (
    "\x1b[?2004l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l\x1b[?2048l"
    "\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
)
"""Everything the driver turned on, off; doing it twice does no harm."""
_POP_KEYBOARD: Final = "\x1b[<u"
"""Once only: the keyboard modes are a stack, and the entry below belongs to the shell."""


class Outlet:
    """What is written goes to a file until that fails; from then on it goes nowhere.

    The thread that writes must not die: the screen would wait for it for ever.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._gone = False
        self.busy = False
        """Whether what was written waits for the terminal to take it."""

    def write(self, text: str) -> int:
        """Write text."""
        if not self._gone:
            with self._noticing():
                self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Send what was written."""
        if not self._gone:
            with self._noticing():
                self._file.flush()

    def fileno(self) -> int:
        """Return the file's number."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether it was a terminal when it was there."""
        return True

    @contextlib.contextmanager
    def _noticing(self) -> Iterator[None]:
        self.busy = True
        try:
            yield
        except (OSError, ValueError):
            self._gone = True
        finally:
            self.busy = False


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal that may hang up, stop, or speak another encoding."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._file: Any = Outlet(self._file)
        self._shown = False

    @property
    def behind(self) -> bool:
        """Whether the terminal has yet to take what was drawn."""
        writer = self._writer_thread
        return bool(self._file.busy or (writer is not None and writer._queue.qsize()))

    def start_application_mode(self) -> None:
        """Take the terminal."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._shown = True

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._shown = False
        super().stop_application_mode()

    def _sigcont_application(self, *_arguments: object) -> None:
        """Take the terminal again after a stop, also one that we were not told of.

        Giving it back first keeps the settings that were found at the start; without it the raw
        ones would be taken for the terminal's own, and two threads would read the keys.
        """
        if self._shown:
            self.suspend_application_mode()
        super()._sigcont_application()

    def run_input_thread(self) -> None:
        """Read keys and send them on, until the terminal is given back or gone."""
        parser = XTermParser(self._debug)
        decode = codecs.getincrementaldecoder(input_encoding(sys.__stdin__))("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_POLL_SECONDS):
                    try:
                        data = os.read(self.fileno, _READ_BYTES)
                    except OSError:
                        data = b""
                    if not data:
                        # Hung up: nobody sees the screen any more.
                        self._loop.call_soon_threadsafe(self._app.exit)
                        return
                    self._pass_on(parser.feed(decode(data)))
                self._pass_on(parser.tick())

    def _pass_on(self, messages: Iterator[Message] | Any) -> None:
        for message in messages:
            self.process_message(message)


def input_encoding(stdin: Any) -> str:
    """Return how a terminal encodes what is typed: as the locale says, UTF-8 where it says ASCII.

    Bytes that are none of its letters become U+FFFD; a key pressed in the wrong encoding must not
    end the session.
    """
    name = getattr(stdin, "encoding", None) or "utf-8"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return "utf-8"
    return "utf-8" if known == "ascii" else known


@contextlib.contextmanager
def restored_terminal() -> Iterator[None]:
    """Give the terminal back as it was found, whatever ends what runs inside."""
    fd = sys.__stdin__.fileno() if sys.__stdin__ else 0
    try:
        before = termios.tcgetattr(fd)
    except termios.error:
        before = None
    try:
        yield
    except BaseException:
        _restore(fd, before)
        raise
    else:
        if before is not None and _differs(fd, before):
            _restore(fd, before)


def _differs(fd: int, before: list[Any]) -> bool:
    try:
        return termios.tcgetattr(fd) != before
    except termios.error:
        return False


def _restore(fd: int, before: list[Any] | None) -> None:
    held = before is None or _differs(fd, before)
    with contextlib.suppress(termios.error, OSError, ValueError):
        if before is not None:
            termios.tcsetattr(fd, termios.TCSANOW, before)
        if sys.__stderr__ is not None:
            sys.__stderr__.write(_POP_KEYBOARD + _LEAVE if held else _LEAVE)
            sys.__stderr__.flush()
