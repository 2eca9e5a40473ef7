from __future__ import annotations

import pytest

from andon.cli.wrapping import wrapped

PATH = "/etc/andon/a-name-that-is-longer-than-any-line-has-cells.toml"


def test_a_line_that_fits_is_left_alone() -> None:
    assert list(wrapped("  two  blanks ", 60)) == ["  two  blanks "]
    assert list(wrapped("x" * 200, None)) == ["x" * 200]


def test_what_goes_on_is_set_further_in_and_no_word_is_broken() -> None:
    text = "  → the backend is slow or hangs; raise the timeout if it only is slow"
    assert list(wrapped(text, 30)) == [
        "  → the backend is slow or",
        "    hangs; raise the timeout",
        "    if it only is slow",
    ]
    assert list(wrapped("ok  one two three four five", 20, 4)) == [
        "ok  one two three",
        "    four five",
    ]


def test_a_word_longer_than_a_line_is_left_whole() -> None:
    lines = list(wrapped(f"read {PATH} and more", 40))
    assert lines == ["read", f"  {PATH}", "  and more"]


@pytest.mark.parametrize("width", [20, 37, 60])
def test_wide_letters_count_as_two_cells(width: int) -> None:
    from rich.cells import cell_len

    text = "設定 " * 30
    lines = list(wrapped(text, width))
    assert max(map(cell_len, lines)) <= width
    assert " ".join(line.strip() for line in lines) == text.strip()
