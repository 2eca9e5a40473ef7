"""Numbers as short texts of a known greatest width: every face shows them the same way.

Each function takes a number in the unit of the record's field. `None` is not theirs: a cell without
a value is `page.MISSING`. NaN gives `–`, infinity `∞`.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

from andon.analysis.words import (
    ENDLESS,
    UNKNOWN,
    age_text,
    clock_text,
    duration_text,
    plural,
    several,
)
from andon.views.quantity import parse_quantity, parse_step

__all__ = [
    "age_text",
    "bar_text",
    "bytes_text",
    "celsius_text",
    "clock_text",
    "compact_text",
    "count_text",
    "duration_text",
    "energy_text",
    "hours_text",
    "latency_text",
    "least_text",
    "megahertz_text",
    "model_text",
    "natural_key",
    "number_text",
    "parse_quantity",
    "parse_step",
    "percent_text",
    "plural",
    "rate_text",
    "ratio_text",
    "several",
    "sparkline",
    "watts_text",
]

_SPARKS = "▁▂▃▄▅▆▇█"
_SPARKS_ASCII = "_.,-~=+#"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_DIGITS = re.compile(r"(\d+)", re.ASCII)
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_DECIMAL = ("", "k", "M", "G", "T", "P", "E")
_MAKERS = ("NVIDIA ", "AMD ", "Intel ", "Instinct ")


def _odd(value: float) -> str | None:
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return ENDLESS if value > 0 else "-" + ENDLESS
    return None


def _three(value: float) -> str:
    """Return a number below 1000 with three digits that mean something."""
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def _scaled(value: float, base: int, names: Sequence[str]) -> str:
    odd = _odd(value)
    if odd is not None:
        return odd
    sign, value = ("-", -value) if value < 0 else ("", value)
    power = 0
    # Beyond 999 a fourth digit would appear: the next unit is taken early instead.
    while value >= 999.5 and power < len(names) - 1:
        value /= base
        power += 1
    if value >= 999.5:
        return f"{'<-' if sign else '>'}999{names[power]}"
    text = f"{value:.0f}" if power == 0 and value == int(value) else _three(value)
    return f"{sign}{text}{names[power]}"


def bytes_text(value: float) -> str:
    """Return bytes in binary units, at most seven characters: `512B`, `70.5GiB`, `0.98TiB`."""
    return _scaled(value, 1024, _BINARY)


def watts_text(value: float) -> str:
    """Return watts, at most six characters: `412W`, `1.23kW`, `45.6MW`."""
    odd = _odd(value)
    if odd is not None:
        return odd
    return f"{value:.0f}W" if abs(value) < 999.5 else _scaled(value, 1000, _DECIMAL) + "W"


def energy_text(joules: float) -> str:
    """Return energy in watt-hours: `950Wh`, `41.2kWh`."""
    odd = _odd(joules)
    return odd if odd is not None else _scaled(joules / 3600, 1000, _DECIMAL) + "Wh"


def percent_text(value: float) -> str:
    """Return a percentage, at most five characters.

    What is not quite all is not `100%` and what is not quite nothing is `<1%`.
    """
    odd = _odd(value)
    if odd is not None:
        return odd
    if 0 < value < 1:
        return "<1%"
    if 99 < value < 100:
        return "99%"
    return f"{value:.0f}%" if abs(value) < 10_000 else ">999%" if value > 0 else "<-999%"


def count_text(value: float) -> str:
    """Return a count to the last one: `8`, `1,234`, `100,000`."""
    odd = _odd(value)
    if odd is not None:
        return odd
    return f"{round(value):,}" if abs(value) < 1e12 else compact_text(value)


def compact_text(value: float) -> str:
    """Return a count in at most five characters: `9999`, `12.3k`, `1.20M`."""
    odd = _odd(value)
    if odd is not None:
        return odd
    return f"{round(value)}" if abs(value) < 9999.5 else _scaled(value, 1000, _DECIMAL)


def number_text(value: float) -> str:
    """Return a number with three digits that mean something: `0.04`, `1.50`, `12.3`, `1.2k`."""
    return _scaled(value, 1000, _DECIMAL)


def rate_text(value: float, unit: str = "/s") -> str:
    """Return a rate: `1.52k/s`."""
    odd = _odd(value)
    return odd if odd is not None else _scaled(value, 1000, _DECIMAL) + unit


def hours_text(value: float) -> str:
    """Return GPU-hours: `0.5`, `41`, `1,204`."""
    odd = _odd(value)
    if odd is not None:
        return odd
    return f"{value:.1f}" if abs(value) < 9.95 else count_text(value)


def celsius_text(value: float) -> str:
    """Return a temperature: `67°C`."""
    odd = _odd(value)
    if odd is not None:
        return odd
    return f"{value:.0f}°C" if abs(value) < 10_000 else _scaled(value, 1000, _DECIMAL) + "°C"


def megahertz_text(value: float) -> str:
    """Return a clock rate: `1980MHz`."""
    odd = _odd(value)
    return odd if odd is not None else f"{compact_text(value)}MHz"


def latency_text(seconds: float) -> str:
    """Return how long something short took: `35ms`, `1.2s`, `9m05s`."""
    odd = _odd(seconds)
    if odd is not None:
        return odd
    if abs(seconds) < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    return f"{seconds:.1f}s" if abs(seconds) < 59.95 else duration_text(seconds)


def ratio_text(used: float | None, total: float | None) -> str:
    """Return how many of how many: `6/8`; a side that is not reported is `–`."""
    return "/".join(UNKNOWN if side is None else count_text(side) for side in (used, total))


def model_text(name: str) -> str:
    """Return the model of an accelerator without its maker: the letters after it tell them apart.

    `NVIDIA H100 80GB HBM3` is `H100 80GB HBM3`, `AMD Instinct MI300X` is `MI300X`.
    """
    for maker in _MAKERS:
        name = name.removeprefix(maker) or name
    return name


def least_text(text: str, *, partial: bool) -> str:
    """Return a sum's text, with `≥` before it when something that belongs to it did not report."""
    return f"≥{text}" if partial else text


def bar_text(ratio: float, width: int, *, ascii_only: bool = False) -> str:
    """Return a bar of exactly `width` cells, filled for `ratio` of it (0 to 1, cut to that).

    Not quite full is never drawn full, and not quite empty never empty.
    """
    if width <= 0:
        return ""
    share = 0.0 if math.isnan(ratio) else min(1.0, max(0.0, ratio))
    steps = 1 if ascii_only else 8
    filled = round(share * width * steps)
    if 0 < share < 1:
        filled = min(max(filled, 1), width * steps - 1)
    full, rest = divmod(filled, steps)
    if ascii_only:
        return "#" * full + "-" * (width - full)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def sparkline(
    values: Sequence[float | None],
    width: int,
    *,
    low: float | None = None,
    high: float | None = None,
    ascii_only: bool = False,
) -> str:
    """Return the course of `values`, oldest first, in exactly `width` cells.

    Longer courses are averaged, shorter ones stand at the right; a gap is blank. The scale goes
    from `low` to `high`, else from the smallest to the largest value.
    """
    if width <= 0:
        return ""
    points = [_mean(bucket) for bucket in _buckets(values, width)]
    known = [point for point in points if point is not None]
    if not known:
        return " " * width
    bottom = min(known) if low is None else low
    top = max(known) if high is None else high
    glyphs = _SPARKS_ASCII if ascii_only else _SPARKS
    drawn = "".join(
        " " if point is None else _spark(point, bottom, top, glyphs) for point in points
    )
    return drawn.rjust(width)


def _spark(point: float, bottom: float, top: float, glyphs: str) -> str:
    if top <= bottom:
        return glyphs[0 if point <= 0 else len(glyphs) // 2 - 1]
    share = min(1.0, max(0.0, (point / 2 - bottom / 2) / (top / 2 - bottom / 2)))
    return glyphs[min(len(glyphs) - 1, int(share * len(glyphs)))]


def _buckets(values: Sequence[float | None], width: int) -> list[Sequence[float | None]]:
    count = len(values)
    if count <= width:
        return [(value,) for value in values]
    edges = [count * step // width for step in range(width + 1)]
    return [values[start:end] for start, end in itertools.pairwise(edges)]


def _mean(bucket: Sequence[float | None]) -> float | None:
    known = [value for value in bucket if value is not None and math.isfinite(value)]
    if not known:
        return None
    return sum(value / len(known) for value in known)


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key in which `gpu9` comes before `gpu10` and case does not matter."""
    return tuple(
        (0, int(part), "") if index % 2 else (1, 0, part)
        for index, part in enumerate(_DIGITS.split(text.casefold()[:256]))
        if part
    )
