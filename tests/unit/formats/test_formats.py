from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, timedelta, timezone

import pytest

from andon.views import formats
from andon.views.formats import (
    age_text,
    bar_text,
    bytes_text,
    celsius_text,
    clock_text,
    compact_text,
    count_text,
    duration_text,
    energy_text,
    hours_text,
    latency_text,
    least_text,
    megahertz_text,
    natural_key,
    number_text,
    percent_text,
    rate_text,
    ratio_text,
    sparkline,
    watts_text,
)

ONE_NUMBER: list[tuple[Callable[[float], str], int]] = [
    (bytes_text, 9),
    (watts_text, 8),
    (energy_text, 9),
    (percent_text, 6),
    (count_text, 18),
    (compact_text, 7),
    (number_text, 7),
    (rate_text, 9),
    (hours_text, 18),
    (celsius_text, 9),
    (megahertz_text, 10),
    (latency_text, 8),
    (duration_text, 7),
    (age_text, 6),
]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0B"),
        (512, "512B"),
        (1023, "1.00KiB"),
        (1024, "1.00KiB"),
        (1000 * 1024, "0.98MiB"),
        (70.5 * 2**30, "70.5GiB"),
        (999.4 * 2**30, "999GiB"),
        (999.6 * 2**30, "0.98TiB"),
        (-2048, "-2.00KiB"),
    ],
)
def test_bytes_are_binary_with_three_digits(value: float, text: str) -> None:
    assert bytes_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.9, "0s"),
        (59.99, "59s"),
        (60, "1m00s"),
        (599, "9m59s"),
        (600, "10m"),
        (845, "14m"),
        (3599, "59m"),
        (3 * 3600 + 7 * 60 + 59, "3h07m"),
        (2 * 86_400 + 3 * 3600, "2d03h"),
        (99 * 86_400, "99d00h"),
        (412 * 86_400, "412d"),
        (12.9 * 365 * 86_400, "12y"),
        (1e18, ">9999y"),
        (-845, "-14m"),
        (-0.5, "0s"),
    ],
)
def test_a_duration_has_at_most_two_units_never_rounded_up(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (7199, "1h"), (86_400, "1d"), (1e9, "31y")],
)
def test_an_age_has_one_unit_and_is_never_negative(seconds: float, text: str) -> None:
    assert age_text(seconds) == text


def test_a_moment_is_as_short_as_the_present_allows() -> None:
    at = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC
    assert clock_text(at, at + 60, UTC) == "08:00"
    assert clock_text(at, at + 86_400, UTC) == "01-15 08:00"
    assert clock_text(at, at + 400 * 86_400, UTC) == "2027-01-15"
    assert clock_text(at, None, UTC) == "2027-01-15 08:00:00"


def test_a_moment_is_shown_in_the_viewers_zone_and_its_day_is_theirs() -> None:
    at = 1_800_000_000.0
    late = timezone(timedelta(hours=16))
    assert clock_text(at, at + 60, late) == "00:00"
    assert clock_text(at - 60, at, late) == "01-15 23:59"


@pytest.mark.parametrize("at", [math.inf, -math.inf, math.nan, 1e300, -1e300])
def test_a_moment_beyond_the_calendar_is_a_dash(at: float) -> None:
    assert clock_text(at, 0.0, UTC) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0%"),
        (0.2, "<1%"),
        (1, "1%"),
        (85.4, "85%"),
        (99.7, "99%"),
        (100, "100%"),
        (131, "131%"),
        (-3, "-3%"),
        (1e9, ">999%"),
    ],
)
def test_a_percentage_that_is_not_all_is_not_shown_as_all(value: float, text: str) -> None:
    assert percent_text(value) == text


def test_watts_joules_and_degrees() -> None:
    assert watts_text(412.4) == "412W"
    assert watts_text(999.7) == "1.00kW"
    assert watts_text(45_600_000) == "45.6MW"
    assert energy_text(3_600_000) == "1.00kWh"
    assert celsius_text(66.6) == "67°C"
    assert megahertz_text(1980) == "1980MHz"
    assert latency_text(0.0354) == "35ms"
    assert latency_text(1.25) == "1.2s"
    assert latency_text(545) == "9m05s"
    assert hours_text(0.52) == "0.5"
    assert hours_text(1204) == "1,204"
    assert rate_text(1520) == "1.52k/s"


def test_counts_are_exact_and_compact_ones_short() -> None:
    assert count_text(100_000) == "100,000"
    assert compact_text(9999) == "9999"
    assert compact_text(12_345) == "12.3k"
    assert compact_text(-12_345) == "-12.3k"


def test_a_side_of_a_ratio_that_is_not_reported_is_a_dash() -> None:
    assert ratio_text(6, 8) == "6/8"
    assert ratio_text(None, 8) == "–/8"
    assert ratio_text(6, None) == "6/–"


def test_a_partial_sum_says_that_it_is_at_least_that() -> None:
    assert least_text("41", partial=True) == "≥41"
    assert least_text("41", partial=False) == "41"


@pytest.mark.parametrize(("function", "width"), ONE_NUMBER)
def test_every_number_has_a_short_text(function: Callable[[float], str], width: int) -> None:
    rng = random.Random(1)
    numbers = [rng.uniform(-1, 1) * 10 ** rng.randrange(-9, 22) for _ in range(3000)]
    odd = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1.7e308, -1.7e308]
    for number in [*numbers, *odd]:
        text = function(number)
        assert text, number
        assert len(text) <= width, (number, text)
        assert "nan" not in text.lower(), number
        assert "inf" not in text.lower(), number


@pytest.mark.parametrize("function", [function for function, _ in ONE_NUMBER])
def test_what_is_no_number_is_a_dash(function: Callable[[float], str]) -> None:
    assert function(math.nan) == "–"


def test_a_bar_is_as_wide_as_it_should_be_and_full_only_when_full() -> None:
    for width in range(12):
        for ratio in (-1, 0, 0.001, 0.3, 0.5, 0.999, 1, 2, math.nan, math.inf):
            assert len(bar_text(ratio, width)) == width
            assert len(bar_text(ratio, width, ascii_only=True)) == width
    assert bar_text(0.5, 4) == "██  "
    assert bar_text(0.999, 4) != "████"
    assert bar_text(0.001, 4).strip()
    assert bar_text(0, 4) == "    "
    assert bar_text(1, 4) == "████"
    assert bar_text(0.5, 4, ascii_only=True) == "##--"


def test_a_sparkline_shows_course_and_gaps() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([0, None, 7], 3) == "▁ █"
    assert sparkline([1, 2], 4) == "  ▁█"
    assert sparkline([], 3) == "   "
    assert sparkline([None, math.nan], 2) == "  "
    assert sparkline([5, 5], 2) == "▄▄"
    assert sparkline([0, 0], 2) == "▁▁"
    assert sparkline([50], 1, low=0, high=100) == "▅"
    assert sparkline([-10, 500], 2, low=0, high=100) == "▁█"


def test_a_long_course_is_averaged_to_the_width() -> None:
    assert sparkline([0, 0, 0, 0, 8, 8, 8, 8], 2) == "▁█"
    for count in range(40):
        for width in range(12):
            values = [float(number) for number in range(count)]
            assert len(sparkline(values, width)) == width


def test_enormous_values_draw_without_an_error() -> None:
    assert len(sparkline([-1.7e308, 1.7e308, 0], 3)) == 3
    assert len(sparkline([1.7e308] * 9, 3)) == 3


def test_names_sort_as_people_count() -> None:
    names = ["gpu10", "gpu9", "GPU1", "a", "", "9", "10", "gpu", "é", "gpu-2"]
    ordered = sorted(names, key=natural_key)
    assert ordered.index("gpu9") < ordered.index("gpu10")
    assert ordered.index("9") < ordered.index("10")
    assert ordered.index("GPU1") < ordered.index("gpu9")


def test_every_offered_name_exists() -> None:
    for name in formats.__all__:
        assert callable(getattr(formats, name))


@pytest.mark.parametrize(
    ("reported", "shown"),
    [
        ("NVIDIA H100 80GB HBM3", "H100 80GB HBM3"),
        ("AMD Instinct MI300X", "MI300X"),
        ("Intel Gaudi 3 HL-325L", "Gaudi 3 HL-325L"),
        ("Tesla V100-SXM2-32GB", "Tesla V100-SXM2-32GB"),
        ("h200", "h200"),
        ("NVIDIA ", "NVIDIA "),
    ],
)
def test_a_model_is_written_without_its_maker(reported: str, shown: str) -> None:
    assert formats.model_text(reported) == shown
