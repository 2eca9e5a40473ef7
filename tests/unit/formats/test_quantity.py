from __future__ import annotations

import math
import random
import string
from datetime import UTC, datetime

import pytest

from andon.views.formats import bytes_text, duration_text, parse_quantity, watts_text
from andon.views.quantity import parse_step

UNITS = (
    "number",
    "bytes",
    "seconds",
    "watts",
    "percent",
    "celsius",
    "megahertz",
    "joules",
    "moment",
)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("12", "number", 12),
        ("-3.5", "number", -3.5),
        (".5", "number", 0.5),
        ("10k", "number", 10_000),
        ("70GiB", "bytes", 70 * 2**30),
        ("70G", "bytes", 70 * 2**30),
        ("70gb", "bytes", 70e9),
        ("1.5 TiB", "bytes", 1.5 * 2**40),
        ("512", "bytes", 512),
        ("30m", "seconds", 1800),
        ("1h30m", "seconds", 5400),
        ("2d03h", "seconds", 2 * 86_400 + 3 * 3600),
        ("14m05s", "seconds", 845),
        ("500ms", "seconds", 0.5),
        ("1.5h", "seconds", 5400),
        ("2w", "seconds", 14 * 86_400),
        ("1-02:03:04", "seconds", 86_400 + 2 * 3600 + 3 * 60 + 4),
        ("2-12:00", "seconds", 2 * 86_400 + 12 * 3600),
        ("01:30:00", "seconds", 5400),
        ("05:30", "seconds", 330),
        ("400W", "watts", 400),
        ("1.2kW", "watts", 1200),
        ("85%", "percent", 85),
        ("85", "percent", 85),
        ("80C", "celsius", 80),
        ("80°C", "celsius", 80),
        ("1.4GHz", "megahertz", 1400),
        ("2kWh", "joules", 7.2e6),
        ("1800000000", "moment", 1.8e9),
    ],
)
def test_quantities_are_read_as_people_write_them(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == pytest.approx(value)


def test_a_moment_with_a_zone_is_that_moment_and_one_without_is_local() -> None:
    assert parse_quantity("2026-03-18T14:20+00:00", "moment") == (
        datetime(2026, 3, 18, 14, 20, tzinfo=UTC).timestamp()
    )
    local = datetime(2026, 3, 18).astimezone().timestamp()
    assert parse_quantity("2026-03-18", "moment") == local


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", "number"),
        ("abc", "number"),
        ("1e5", "number"),
        ("nan", "number"),
        ("inf", "seconds"),
        ("9" * 400, "number"),
        ("70GiB", "seconds"),
        ("30m", "watts"),
        ("1h1h", "seconds"),
        ("1m2h", "seconds"),
        ("1h30", "seconds"),
        ("1,000", "number"),
        ("٣", "number"),
        ("--5", "number"),
        ("yesterday", "moment"),
        ("99999-01-01", "moment"),
    ],
)
def test_what_is_no_quantity_is_refused_with_an_example(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        parse_quantity(text, unit)


def test_how_exactly_it_was_written_is_told() -> None:
    assert parse_step("85", "percent") == (85, 1)
    assert parse_step("85.5", "percent")[1] == pytest.approx(0.1)
    assert parse_step("70GiB", "bytes") == (70 * 2**30, 2**30)
    assert parse_step("1h30m", "seconds") == (5400, 60)


def test_what_is_shown_can_be_typed_back() -> None:
    rng = random.Random(2)
    for _ in range(2000):
        number = rng.uniform(0, 10 ** rng.randrange(1, 14))
        shown = parse_quantity(bytes_text(number), "bytes")
        assert math.isclose(shown, number, rel_tol=0.01, abs_tol=0.6)
        seconds = rng.uniform(0, 9e7)
        assert parse_quantity(duration_text(seconds), "seconds") <= seconds
        assert math.isclose(
            parse_quantity(watts_text(number), "watts"), number, rel_tol=0.01, abs_tol=1
        )


def test_random_text_raises_nothing_but_a_value_error() -> None:
    rng = random.Random(3)
    letters = string.printable + "°–∞é٣\x00\x1b"
    for _ in range(4000):
        text = "".join(rng.choices(letters + "0123456789.-:hms", k=rng.randrange(12)))
        for unit in UNITS:
            try:
                value = parse_quantity(text, unit)
            except ValueError:
                continue
            assert math.isfinite(value)
