"""What the values of options may be, said in the words of the commands."""

from __future__ import annotations

import math
from typing import Any

import click


class Duration(click.ParamType):
    """A time span as configuration files have it, in seconds: `20`, `20s`, `1h30m`."""

    name = "duration"
    least_seconds = 0.1

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the span in seconds; a wrong one ends the command."""
        from andon.runtime.durations import seconds

        try:
            found = float(value)
        except (TypeError, ValueError):
            try:
                found = seconds(value)
            except ValueError:
                self.fail(f"{value!r} is no duration; write it like 20s, 2m or 1h30m", param, ctx)
        if not (math.isfinite(found) and found >= self.least_seconds):
            self.fail(f"{value!r} is not {self.least_seconds:g}s or longer", param, ctx)
        return found


class Count(click.ParamType):
    """A whole number above zero."""

    name = "count"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; a wrong one ends the command."""
        try:
            found = int(value)
        except (TypeError, ValueError):
            found = 0
        if found < 1:
            self.fail(f"{value!r} is no whole number above 0", param, ctx)
        return found


class Factor(click.ParamType):
    """A number above zero."""

    name = "factor"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number; a wrong one ends the command."""
        try:
            found = float(value)
        except (TypeError, ValueError):
            found = math.nan
        if not (math.isfinite(found) and found > 0):
            self.fail(f"{value!r} is no number above 0", param, ctx)
        return found
