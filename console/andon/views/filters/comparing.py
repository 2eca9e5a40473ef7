"""One field against its values: a function of the raw value, decided as far as it can be before."""

from __future__ import annotations

import fnmatch
import math
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any as Anything

from andon.views.filters.choices import no_choice, words_of
from andon.views.filters.fields import FieldType
from andon.views.filters.lexer import NOT_REPORTED, REGEX_OPERATORS, Piece
from andon.views.filters.parser import Compare
from andon.views.filters.patterns import compile_pattern
from andon.views.filters.problem import FilterError
from andon.views.formats import natural_key, parse_step
from andon.views.page import Raw

Test = Callable[[Raw], bool]

_ORDER: dict[str, Callable[[Anything, Anything], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_YES = frozenset({"yes", "true", "on", "1", "y"})
_NO = frozenset({"no", "false", "off", "0", "n"})
_EMPTY: tuple[Raw, ...] = (None, "", ())


def test_of(name: str, kind: FieldType, node: Compare, choices: Sequence[str] = ()) -> Test:
    """Return the test that `node` makes of the raw value of field `name`.

    A value that is not reported passes no comparison but `=-`, and so passes every `!=` and `!~`.

    Args:
        name: The field.
        kind: What its values are.
        node: The comparison.
        choices: All the values there can be, where they are known.

    Raises:
        FilterError: The value does not fit the field or the comparison.
    """
    sign = node.operator.text
    if sign in REGEX_OPERATORS:
        matching = _matching(node.values[0])
        _can_hold(name, choices, node.values[0], matching, pattern=True)
        return _negated(matching, sign == "!~")
    if sign in _ORDER:
        return _ordered(name, kind, node, choices)
    tests = [_equal(name, kind, value) for value in node.values]
    for value, test in zip(node.values, tests, strict=True):
        _can_hold(name, choices, value, test, pattern=not _is_plain(value))
    if kind is FieldType.TEXT and all(map(_is_plain, node.values)):
        return _negated(
            _among(frozenset(piece.text.casefold() for piece in node.values)), sign == "!="
        )
    return _negated(tests[0] if len(tests) == 1 else _either(tests), sign == "!=")


def _can_hold(
    name: str, choices: Sequence[str], value: Piece, test: Test, *, pattern: bool
) -> None:
    """Check that what is compared with a closed set of values can be one of them."""
    if choices and test is not _missing and not any(map(test, choices)):
        raise no_choice(name, choices, value, pattern=pattern)


def _is_plain(piece: Piece) -> bool:
    if piece.quoted:
        return piece.text != ""
    return piece.text != NOT_REPORTED and "*" not in piece.text and "?" not in piece.text


def _negated(test: Test, negate: bool) -> Test:
    return (lambda raw: not test(raw)) if negate else test


def _either(tests: list[Test]) -> Test:
    return lambda raw: any(test(raw) for test in tests)


def _missing(raw: Raw) -> bool:
    return raw in _EMPTY


def _among(texts: frozenset[str]) -> Test:
    """Return the test for plain texts, by far the commonest: one look-up."""

    def test(raw: Raw) -> bool:
        if isinstance(raw, str):
            return raw in texts or raw.casefold() in texts
        if isinstance(raw, tuple):
            return any(str(part).casefold() in texts for part in raw)
        return raw is not None and str(raw).casefold() in texts

    return test


def _of_texts(check: Callable[[str], object]) -> Test:
    """Lift a check of one text to raw values; of several texts one has to pass."""

    def test(raw: Raw) -> bool:
        if isinstance(raw, str):
            return bool(check(raw))
        if raw is None:
            return False
        if isinstance(raw, tuple):
            return any(check(str(part)) for part in raw)
        return bool(check(str(raw)))

    return test


def _matching(value: Piece) -> Test:
    columns = [value.column_of(index) for index in range(len(value.text) + 1)]
    return _of_texts(compile_pattern(value.text, columns).search)


def _equal(name: str, kind: FieldType, value: Piece) -> Test:
    if value.text == NOT_REPORTED and not value.quoted:
        return _missing
    if kind is FieldType.TEXT:
        return _equal_text(value)
    if kind is FieldType.FLAG:
        return _equal_flag(name, value)
    wanted, step = _quantity(kind, value)

    def test(raw: Raw) -> bool:
        # Equal as exactly as it was written: 85 % is shown for 85.3, and 70GiB for 70.2.
        return isinstance(raw, (int, float)) and abs(raw - wanted) <= step / 2

    return test


def _equal_text(value: Piece) -> Test:
    if value.quoted:
        wanted = value.text.casefold()
        return _missing if not wanted else _of_texts(lambda text: text.casefold() == wanted)
    return _of_texts(_glob(value).fullmatch)


def _glob(value: Piece) -> re.Pattern[str]:
    # More than a few `*` could take as long as a bad regular expression.
    collapsed = re.sub(r"\*+", "*", value.text)
    if collapsed.count("*") > 4:
        raise FilterError("at most four “*” in one value", value.column)
    # Brackets are plain here: `gpu[001-016]` is a list of hosts elsewhere, never a set of letters.
    literal = collapsed.replace("[", "[[]")
    return re.compile(fnmatch.translate(literal), re.IGNORECASE)


def _equal_flag(name: str, value: Piece) -> Test:
    word = value.text.casefold()
    if word in _YES or word in _NO:
        wanted = word in _YES
        return lambda raw: raw is not None and bool(raw) is wanted
    raise FilterError(f"{name} is yes or no", value.column)


def _ordered(name: str, kind: FieldType, node: Compare, choices: Sequence[str]) -> Test:
    compare, value = _ORDER[node.operator.text], node.values[0]
    if kind is FieldType.FLAG:
        raise FilterError(f"{name} is yes or no: compare it with =", node.operator.column)
    if choices:
        # In the order of the alphabet they would be compared to no purpose.
        said = f"{name} has no order: compare it with ="
        raise FilterError(said, node.operator.column, hint=words_of(name, choices))
    if kind is FieldType.TEXT:
        least = natural_key(value.text)
        return _of_texts(lambda text: compare(natural_key(text), least))
    bound, _ = _quantity(kind, value)

    def test(raw: Raw) -> bool:
        if isinstance(raw, (int, float)):
            return compare(raw, bound) and not math.isnan(raw)
        return False

    return test


def _quantity(kind: FieldType, value: Piece) -> tuple[float, float]:
    try:
        return parse_step(value.text, kind)
    except ValueError as error:
        raise FilterError(str(error), value.column) from None
