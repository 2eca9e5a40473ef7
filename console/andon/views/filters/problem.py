"""What is wrong with a filter, and where."""

from __future__ import annotations

from collections.abc import Sequence

from andon.sdk import UsageError


class FilterError(UsageError):
    """A filter that cannot be read."""

    def __init__(self, message: str, column: int, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.column = column
        """0-based place in the text; its length when something is missing at the end."""


def either(names: Sequence[str], word: str = "or") -> str:
    """Return names as a list in words: `a, b or c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
