from __future__ import annotations

import re
from pathlib import Path

import pytest

from andon.sdk.lengths import seconds_text

SOURCES = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3.0, "3 s"),
        (2.99993, "3 s"),
        (2.5, "2.5 s"),
        (14.987654, "15 s"),
        (0.25, "0.2 s"),
        (0.05, "0.05 s"),
        (0.0, "0 s"),
        (600.0, "600 s"),
        (3600.4, "3600 s"),
    ],
)
def test_a_length_of_time_is_said_as_people_say_it(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_no_message_tells_a_length_of_time_to_the_last_digit() -> None:
    raw = re.compile(r"\{[^{}]*[a-z_]:(?:\.3)?g\} s\b")
    told = [
        f"{path.name}: {found[0]}"
        for part in ("console", "plugins")
        for path in (SOURCES / part).rglob("*.py")
        for found in raw.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not told
