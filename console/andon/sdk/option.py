"""One declaration of an option serves configuration, command line, wizard and documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OptionType = Literal["text", "integer", "number", "flag", "path", "duration", "choice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One setting of a source, or one parameter of an action."""

    name: str
    """Snake case; the key in the configuration file."""
    summary: str
    type: OptionType = "text"
    default: str | int | float | bool | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    secret: bool = False
    """Given by reference only (`env:`, `file:`, `command:`) and never printed."""
    minimum: float | None = None
    maximum: float | None = None
