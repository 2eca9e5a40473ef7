from __future__ import annotations

import pytest

from andon.cli.streams import charmap, plain_letters, spelled


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, "ascii"),
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "C.UTF-8"}, "utf-8"),
        ({"LANG": "en_US.utf8"}, "utf-8"),
        ({"LC_CTYPE": "UTF-8"}, "utf-8"),
        ({"LC_ALL": "", "LANG": "de_DE.UTF-8@euro"}, "utf-8"),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "ascii"),
        ({"LC_CTYPE": "POSIX", "LANG": "en_US.UTF-8"}, "ascii"),
        ({"LC_ALL": "en_US.UTF-8", "LC_CTYPE": "C", "LANG": "C"}, "utf-8"),
        ({"LANG": "de_DE"}, "iso8859-1"),
        ({"LANG": "de_DE@euro"}, "iso8859-15"),
        ({"LANG": "ja_JP.eucJP"}, "euc_jp"),
        ({"LANG": "xx_XX.NO-SUCH"}, "ascii"),
        ({"LANG": "nonsense"}, "ascii"),
    ],
)
def test_the_environment_says_which_letters_there_are(environ: dict[str, str], name: str) -> None:
    assert charmap(environ) == name


@pytest.mark.parametrize(("sign", "words"), [("≥", ">="), ("≤", "<=")])
def test_at_least_is_not_written_as_more_than(sign: str, words: str) -> None:
    error = UnicodeEncodeError("ascii", f"a {sign} b", 2, 3, "")
    assert plain_letters(error) == (words, 3)


def test_what_takes_two_cells_takes_a_blank_of_the_table() -> None:
    assert spelled("gpu01   ≥12  x", "ascii") == "gpu01  ≥12  x"
    assert spelled("gpu01  \x1b[33m≥12\x1b[0m", "ascii") == "gpu01 \x1b[33m≥12\x1b[0m"
    assert spelled("about ≥12 of them", "ascii") == "about ≥12 of them"
    assert spelled("gpu01   ≥12  x", "utf-8") == "gpu01   ≥12  x"
