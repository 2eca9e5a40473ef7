"""Fields whose values are all known: what is none of them is a mistake, not an empty table."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from andon.views.filters.lexer import Piece
from andon.views.filters.problem import FilterError, either

_SHOWN = 40
"""So much of a mistaken value is repeated."""


def no_choice(name: str, choices: Sequence[str], value: Piece, *, pattern: bool) -> FilterError:
    """Return what is wrong with a value that a field never has.

    Args:
        name: The field.
        choices: All values it may have.
        value: What was given.
        pattern: Whether that stands for several values.
    """
    shown = value.text if len(value.text) <= _SHOWN else f"{value.text[: _SHOWN - 1]}…"
    known = words_of(name, choices)
    if pattern:
        return FilterError(f"no {name} matches “{shown}”", value.column, hint=known)
    close = starting(value.text, choices)
    close = close or get_close_matches(value.text[:64].casefold(), choices, n=2, cutoff=0.5)
    hint = f"did you mean {either(close)}? {known}" if close else known
    return FilterError(f"no {name} “{shown}”", value.column, hint=hint)


def words_of(name: str, choices: Sequence[str]) -> str:
    """Return which values a field may have, in words."""
    return f"{name} is {either(choices)}"


def starting(text: str, choices: Sequence[str]) -> list[str]:
    """Return the values that begin with a text, whatever its case."""
    wanted = text.casefold()
    return [choice for choice in choices if choice.casefold().startswith(wanted)]
