"""The scanner finds what it is for: else the other tests of this folder prove nothing."""

from __future__ import annotations

import pytest

from tests.terminal.scanner import colours, findings, split

OURS = [
    b"plain \xe2\x94\x80 text\r\n",
    b"\x1b[1;38;2;1;2;3;48;5;4m\x1b[0m\x1b[m",
    b"\x1b[12;40H\x1b[H",
    b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1006l\x1b[?2026$p",
    b"\x1b[>25u\x1b[<u",
    b"\x1b]22;default\x07",
]
NOT_OURS = [
    b"\x1b]0;title\x07",
    b"\x1b]52;c;aGk=\x1b\\",
    b"\x1b]22;x;y\x07",
    b"\x1bPdcs\x1b\\",
    b"\x1b_apc\x1b\\",
    b"\x1b^pm\x1b\\",
    b"\x1bXsos\x1b\\",
    b"\x1bc",
    b"\x1b(0",
    b"\x1b[2J",
    b"\x1b[6n",
    b"\x1b[?1047h",
    b"\x1b[5;1r",
    b"\xc2\x9b2J",
    b"\x9b2J",
    b"\xe2\x80\xae",
    b"\xe2\x80\xa8",
    b"\xee\x80\x80",
    b"\x07",
    b"\x08",
    b"\x00",
    b"\x7f",
    b"\x0b",
    b"text \x1b[",
]


@pytest.mark.parametrize("data", OURS)
def test_what_the_console_writes_is_let_pass(data: bytes) -> None:
    assert not findings(data)


@pytest.mark.parametrize("data", NOT_OURS)
def test_what_drives_a_terminal_is_found(data: bytes) -> None:
    assert findings(b"before" + data + b"after" if data[-1:] != b"[" else data)


@pytest.mark.parametrize("data", [each for each in OURS if b"\x1b" in each])
def test_a_command_may_write_no_sequence_at_all(data: bytes) -> None:
    assert findings(data, known=False)


def test_what_comes_in_pieces_is_put_together() -> None:
    whole = "a\x1b[1;31mré\x1b]22;text\x07─🚀".encode()
    for at in range(len(whole) + 1):
        first, rest = split(whole[:at])
        second, left = split(rest + whole[at:])
        assert not left
        assert b"".join(token.data for token in (*first, *second)) == whole


def test_colours_are_those_of_text_that_is_seen_and_of_grounds() -> None:
    assert colours(b"\x1b[1;31mred\x1b[0;32m   \x1b[0;44m  \x1b[38;2;1;40;3mx") == {31, 44, 38}
