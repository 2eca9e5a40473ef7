"""Saying where a filter expression cannot be read."""

from __future__ import annotations

from andon.cli import diagnostics
from andon.sdk.errors import EXIT_USAGE
from andon.views.filters import FilterError


def explain_filter(text: str, error: FilterError) -> int:
    """Show where a filter cannot be read; return the exit code for usage."""
    diagnostics.say(f"andon: --filter: {error.message}")
    diagnostics.say(f"  {text}")
    diagnostics.say("  " + " " * error.column + "^")
    if error.hint:
        diagnostics.say(f"  → {error.hint}")
    return EXIT_USAGE
