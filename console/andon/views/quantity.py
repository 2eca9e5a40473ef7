"""Reading quantities that people type: `70GiB`, `30m`, `400W`, `1-02:00:00`, `85%`, `10k`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([^\d\s.]*)", re.ASCII)
_SPAN = re.compile(r"(\d+(?:\.\d*)?)([a-z]+)", re.ASCII)
_CLOCK = re.compile(r"(?:(\d+)-)?(\d+):(\d\d)(?::(\d\d))?", re.ASCII)

_POWERS = "kmgtpe"
_BYTES: dict[str, float] = {"": 1, "b": 1}
for _power, _letter in enumerate(_POWERS, start=1):
    # A bare letter is binary, as in every scheduler; only `GB` is decimal.
    _BYTES |= {_letter: 1024**_power, f"{_letter}ib": 1024**_power, f"{_letter}b": 1000**_power}

_SECONDS: dict[str, float] = {
    "": 1,
    "ms": 0.001,
    "s": 1,
    "sec": 1,
    "m": 60,
    "min": 60,
    "h": 3600,
    "d": 86_400,
    "w": 604_800,
    "y": 365 * 86_400,
}
_PLAIN: dict[str, float] = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9}
_UNITS: Mapping[str, Mapping[str, float]] = {
    "number": _PLAIN,
    "bytes": _BYTES,
    "seconds": _SECONDS,
    "watts": {"": 1, "w": 1, "kw": 1e3, "mw": 1e6, "gw": 1e9, "tw": 1e12},
    "percent": {"": 1, "%": 1},
    "celsius": {"": 1, "c": 1, "°c": 1, "°": 1},
    "megahertz": {"": 1, "mhz": 1, "ghz": 1e3},
    "joules": {"": 1, "j": 1, "kj": 1e3, "mj": 1e6, "gj": 1e9, "wh": 3600, "kwh": 3.6e6},
    "moment": {},
}
_EXAMPLES: Mapping[str, str] = {
    "number": "12 or 10k",
    "bytes": "70GiB",
    "seconds": "30m, 1h30m or 2d",
    "watts": "400W or 1.2kW",
    "percent": "85%",
    "celsius": "80",
    "megahertz": "1400 or 1.4GHz",
    "joules": "500kJ or 2kWh",
    "moment": "2026-03-18 or 2026-03-18T14:20",
}


def parse_quantity(text: str, unit: str) -> float:
    """Return what `text` means in `unit`.

    Args:
        text: A number with or without a unit of measure; without one it is in `unit` itself.
        unit: `number`, `bytes`, `seconds`, `watts`, `percent`, `celsius`, `megahertz`, `joules` or
            `moment` (seconds since the epoch; a date, or a date and time, local unless it says).

    Raises:
        ValueError: It is no such quantity; the message says what would be.
    """
    return parse_step(text, unit)[0]


def parse_step(text: str, unit: str) -> tuple[float, float]:
    """Return what `text` means in `unit`, and the size of its last written digit.

    `70GiB` gives 70 GiB and 1 GiB, `1.5h` 5,400 s and 360 s: how exactly it was meant.

    Raises:
        ValueError: It is no such quantity.
    """
    stripped = text.strip()
    if unit == "moment":
        return _moment(stripped), 60.0
    if unit == "seconds":
        span = _span(stripped)
        if span is not None:
            return span
    found = _NUMBER.fullmatch(stripped)
    factor = _UNITS[unit].get(found[2].lower()) if found else None
    if found is None or factor is None:
        raise ValueError(_complaint(stripped, unit))
    value = float(found[1]) * factor
    if not math.isfinite(value):
        raise ValueError(_complaint(stripped, unit))
    _, _, decimals = found[1].partition(".")
    return value, factor * 10.0 ** -len(decimals)


def _complaint(text: str, unit: str) -> str:
    shown = text if len(text) <= 30 else text[:29] + "…"
    what = "a time" if unit == "moment" else "a number" if unit == "number" else f"{unit}"
    return f"“{shown}” is not {what}: write it like {_EXAMPLES[unit]}"


def _span(text: str) -> tuple[float, float] | None:
    """Read `1h30m`, `2d03h` and the schedulers' `[days-]hours:minutes[:seconds]`."""
    clock = _CLOCK.fullmatch(text)
    if clock and len(text) <= 20:
        days, first, second, third = (int(part) if part else 0 for part in clock.groups())
        if clock[4] is None and clock[1] is None:
            return first * 60.0 + second, 1.0
        return days * 86_400.0 + first * 3600 + second * 60 + third, 1.0
    parts = _SPAN.findall(text.lower())
    if len(parts) < 2 or "".join(number + name for number, name in parts) != text.lower():
        return None
    factors = [_SECONDS.get(name) for _, name in parts]
    total = 0.0
    for (number, _), factor in zip(parts, factors, strict=True):
        if factor is None:
            return None
        total += float(number) * factor
    known = [factor for factor in factors if factor is not None]
    if not math.isfinite(total) or known != sorted(set(known), reverse=True):
        return None
    return total, known[-1]


def _moment(text: str) -> float:
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text, re.ASCII):
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone().timestamp() if moment.tzinfo is None else moment.timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(_complaint(text, "moment")) from None
