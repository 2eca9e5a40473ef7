"""No character of a cleaned text can drive a terminal, reorder a line or break a row."""

from __future__ import annotations

import random
import sys
import unicodedata

import pytest

from andon.sdk import CELL_LIMIT, clean, clean_lines, clean_or_none

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_plain_text_is_the_same_object() -> None:
    text = "gpu[001-016] Grüße"
    assert clean(text) is text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\nb\r\tc", "a␊b␍␉c"),
        ("\x00\x7f", "␀␡"),
        ("\x9b31m\x85", "�31m�"),
        ("a\u202eb\u2066c\u200d", "a�b�c�"),
        ("\u2028\u2029", "��"),
        ("\ud800\udcff", "��"),
        ("\ue000\U000e0041", "��"),
        ("soft\xadhyphen\ufeff", "soft�hyphen�"),
        ("a\xa0b\u3000c", "a b c"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("训练 тест 🚀", "训练 тест 🚀"),
    ],
)
def test_what_would_act_becomes_what_can_be_seen(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_no_code_point_survives_that_a_terminal_obeys() -> None:
    for start in range(0, sys.maxunicode + 1, 4096):
        text = "".join(map(chr, range(start, start + 4096)))
        for character in clean(text, limit=100_000):
            assert unicodedata.category(character) not in FORBIDDEN, hex(ord(character))
            assert unicodedata.category(character) != "Zs" or character == " "


@pytest.mark.parametrize("seed", range(200))
def test_cleaning_twice_changes_nothing_more_and_keeps_the_limit(seed: int) -> None:
    chance = random.Random(seed)
    alphabet = "aé\u0301\u0323\u0958\ufb2c\u1100\u1161\u11a8\x1b\u202e\xa0\n🚀\ud800\u0344\ufe0f"
    text = "".join(chance.choices(alphabet, k=chance.randint(0, 60)))
    limit = chance.randint(1, 40)
    once = clean(text, limit=limit)
    assert len(once) <= limit
    assert clean(once, limit=limit) == once


def test_marks_that_are_stacked_without_end_are_cut() -> None:
    assert len(clean("q" + "\u0323\u0307" * 50)) == 3
    assert len(clean("q" + "\u20dd" * 50)) == 3
    assert clean("q" + "\ufe0f" * 50) == "q"


def test_long_text_is_cut_and_says_so() -> None:
    assert clean("x" * 300) == "x" * (CELL_LIMIT - 1) + "…"
    assert clean("x" * 10, limit=4) == "xxx…"
    assert clean("\u0958" * 300, limit=10)[-1] == "…"
    assert len(clean("\x1b" * 10_000_000, limit=80)) == 80


def test_nothing_and_blanks_are_not_reported() -> None:
    assert clean_or_none(None) is None
    assert clean_or_none(" \t\n") is None
    assert clean_or_none(" a\n") == " a␊"


def test_lines_are_cut_in_number_and_length() -> None:
    assert clean_lines("a\r\nb\tc\n\x1b") == ("a", "b       c", "␛")
    assert clean_lines("a\nb\nc", limit=2) == ("a", "b")
    assert clean_lines("x" * 20, line_limit=5) == ("xxxx…",)
