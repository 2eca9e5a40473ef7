"""Everything a plugin may raise.

    AndonError
    ├── SourceError
    │   ├── SourceUnreachable   nobody answers, or the tool is missing
    │   ├── SourceTimeout       no answer before the deadline
    │   ├── SourceDenied        it answered and said no
    │   ├── SourceGarbled       it answered with something that cannot be read
    │   ├── SourceTooLarge      it answered with more than the cap
    │   └── SourceUnsupported   this backend or version cannot do it
    └── UsageError              what was asked for makes no sense; names what, where, what next

Messages are cleaned here, so that no backend's text can reach a terminal through an error.
"""

from __future__ import annotations

from typing import ClassVar

from andon.model import FaultKind
from andon.sdk.clean import clean

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_PARTIAL = 3
EXIT_DENIED = 4
EXIT_DOWN = 5
EXIT_STALE_PLAN = 6
EXIT_NOT_CONFIRMED = 7
EXIT_SOME_FAILED = 8
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

_MESSAGE_CAP = 500


class AndonError(Exception):
    """An error an operator can act on: one line that says what, and a hint that says what next."""

    exit_code: ClassVar[int] = EXIT_FINDINGS

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = clean(message, limit=_MESSAGE_CAP)
        self.hint = clean(hint, limit=_MESSAGE_CAP)
        super().__init__(self.message)


class UsageError(AndonError):
    """What was asked for makes no sense."""

    exit_code = EXIT_USAGE


class SourceError(AndonError):
    """A source could not report or act. Raise one of the subclasses."""

    exit_code = EXIT_DOWN
    fault_kind: ClassVar[FaultKind] = FaultKind.CRASHED


class SourceUnreachable(SourceError):
    """Nobody answers, or the tool that would ask is not installed."""

    fault_kind = FaultKind.UNREACHABLE


class SourceTimeout(SourceError):
    """No answer before the deadline."""

    fault_kind = FaultKind.TIMEOUT


class SourceDenied(SourceError):
    """The backend answered and said no."""

    exit_code = EXIT_DENIED
    fault_kind = FaultKind.DENIED


class SourceGarbled(SourceError):
    """The backend answered with something that cannot be read; nothing of it is guessed."""

    fault_kind = FaultKind.GARBLED


class SourceTooLarge(SourceError):
    """The backend answered with more than the cap."""

    fault_kind = FaultKind.TOO_LARGE


class SourceUnsupported(SourceError):
    """This backend, or this version of it, cannot do what was asked."""

    exit_code = EXIT_USAGE
    fault_kind = FaultKind.UNSUPPORTED
