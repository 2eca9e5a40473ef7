"""Every error says what, what next, how the program ends, and shows nothing raw."""

from __future__ import annotations

import pytest

from andon.model import FaultKind
from andon.sdk import AndonError, SourceError, UsageError, errors


def _all(kind: type[AndonError]) -> list[type[AndonError]]:
    found = [kind]
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            found += _all(each)
    return found


def test_each_kind_of_fault_has_one_error() -> None:
    kinds = [each.fault_kind for each in _all(SourceError)[1:] if issubclass(each, SourceError)]
    assert sorted(kinds) == sorted(set(FaultKind) - {FaultKind.CRASHED})


def test_exit_codes_are_those_of_the_manual() -> None:
    codes = {name: value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert sorted(codes.values()) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 130]
    assert (UsageError.exit_code, errors.SourceDenied.exit_code) == (2, 4)
    assert {errors.SourceTimeout.exit_code, errors.SourceUnreachable.exit_code} == {5}


@pytest.mark.parametrize("kind", _all(AndonError))
def test_an_error_shows_neither_control_characters_nor_pages(kind: type[AndonError]) -> None:
    error = kind("\x1b[2J" + "x" * 10_000, hint="\x1b]0;t\x07")
    shown = f"{error} {error!r} {error.message} {error.hint} {error.args}"
    assert "\x1b" not in shown
    assert len(error.message) <= 500
    assert str(error) == error.message
