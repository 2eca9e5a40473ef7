from __future__ import annotations

import os

import pytest

from andon.runtime.origin import origin_of


def test_the_user_comes_from_the_process_and_not_from_the_environment() -> None:
    origin = origin_of({"USER": "root", "LOGNAME": "root", "USERNAME": "root"})
    assert origin.uid == os.getuid()
    assert origin.user == origin_of({}).user
    assert origin.actor == f"{origin.user}@{origin.host}"


def test_who_called_sudo_is_named_beside_whom_it_made_him() -> None:
    origin = origin_of({"SUDO_USER": "alice"})
    assert origin.actor == f"{origin.user}@{origin.host} (sudo by alice)"


@pytest.mark.parametrize(
    ("connection", "address"),
    [
        ("10.0.0.5 51234 10.0.0.1 22", "10.0.0.5"),
        ("fe80::1%eth0 51234 fe80::2 22", "fe80::1%eth0"),
        ("", None),
        ("\x1b]0;x\x07 1 2 3", None),
        ("nonsense", None),
    ],
)
def test_the_far_end_of_an_ssh_session_is_an_address_or_nothing(
    connection: str, address: str | None
) -> None:
    assert origin_of({"SSH_CONNECTION": connection}).ssh_from == address


def test_hostile_names_are_cleaned() -> None:
    assert "\x1b" not in origin_of({"SUDO_USER": "\x1b[2J"}).actor
