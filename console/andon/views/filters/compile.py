"""A filter as a function of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any as Anything
from typing import TypeVar

from andon.views.filters import parser
from andon.views.filters.comparing import Test, test_of
from andon.views.filters.fields import FieldType, field_named
from andon.views.page import Raw

Row = TypeVar("Row")
Getter = Callable[[str], Raw]
_Pair = tuple[Getter, Callable[[], str]]
# What a compiled tree needs of a kind of row: how to get a field, and all shown texts in one.
_Bind = Callable[[Callable[[str], Callable[[Anything], Raw]], Callable[[Anything], str]], "_Check"]
_Check = Callable[[Anything], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter. It keeps nothing of the rows it saw."""

    text: str
    fields: frozenset[str]
    """The fields it looks at."""
    uses_text: bool
    """Whether it has free words, and so needs the shown texts."""
    always: bool
    """Whether it is empty and every row matches."""
    _bind: _Bind

    def matches(self, get: Getter, free: Callable[[], str]) -> bool:
        """Return whether one row matches.

        Args:
            get: The row's raw value by field name, in the field's unit.
            free: The row's shown texts in one, for free words; called only when needed.
        """
        return self._bind(_get_of_pair, _text_of_pair)((get, free))

    def predicate(
        self,
        getter: Callable[[str], Callable[[Row], Raw]],
        free: Callable[[Row], str],
    ) -> Callable[[Row], bool]:
        """Return the filter as a function of a row: the fast way through many rows.

        Args:
            getter: For a field name, the function that gives its raw value of a row; asked once.
            free: A row's shown texts in one.
        """
        return self._bind(getter, free)


def _get_of_pair(name: str) -> Callable[[_Pair], Raw]:
    return lambda pair: pair[0](name)


def _text_of_pair(pair: _Pair) -> str:
    return pair[1]()


def compile_filter(
    text: str,
    fields: Mapping[str, FieldType],
    aliases: Mapping[str, str] | None = None,
    choices: Mapping[str, Sequence[str]] | None = None,
) -> Filter:
    """Return what a filter's text means for rows with these fields.

    Args:
        text: In the language of this package; empty matches everything.
        fields: Each field's name and type.
        aliases: Further names of fields.
        choices: All the values of a field that has a closed set of them.

    Raises:
        FilterError: It cannot be read; says what is wrong at which column and what is near.
    """
    compiler = _Compiler(fields, aliases or {}, choices or {})
    tree = parser.parse(text)
    bind = compiler.bind(tree)
    return Filter(text, frozenset(compiler.used), compiler.uses_text, tree == parser.All(()), bind)


class _Compiler:
    """Makes one closure per node; what can be decided before the rows is."""

    def __init__(
        self,
        fields: Mapping[str, FieldType],
        aliases: Mapping[str, str],
        choices: Mapping[str, Sequence[str]],
    ) -> None:
        self._fields = fields
        self._aliases = aliases
        self._choices = choices
        self.used: set[str] = set()
        self.uses_text = False

    def bind(self, node: parser.Node) -> _Bind:
        match node:
            case parser.Free(piece):
                self.uses_text = True
                return _free(piece.text.casefold())
            case parser.Compare():
                return self._compare(node)
            case parser.Not(of):
                inner = self.bind(of)
                return lambda getter, free: _opposite(inner(getter, free))
            case parser.All(parts):
                return _joined(tuple(map(self.bind, parts)), _every)
            case parser.Any(parts):
                return _joined(tuple(map(self.bind, parts)), _some)

    def _compare(self, node: parser.Compare) -> _Bind:
        name = field_named(node.field.text, self._fields, node.field.column, self._aliases)
        self.used.add(name)
        test: Test = test_of(name, self._fields[name], node, self._choices.get(name, ()))

        def bind(
            getter: Callable[[str], Callable[[Anything], Raw]], free: Callable[[Anything], str]
        ) -> _Check:
            value_of = getter(name)
            return lambda row: test(value_of(row))

        return bind


def _free(word: str) -> _Bind:
    return lambda getter, free: lambda row: word in free(row).casefold()


def _opposite(check: _Check) -> _Check:
    return lambda row: not check(row)


def _joined(parts: tuple[_Bind, ...], how: Callable[[tuple[_Check, ...]], _Check]) -> _Bind:
    return lambda getter, free: how(tuple(part(getter, free) for part in parts))


def _every(checks: tuple[_Check, ...]) -> _Check:
    if len(checks) == 2:
        first, second = checks
        return lambda row: first(row) and second(row)

    def check(row: Anything) -> bool:
        for one in checks:  # noqa: SIM110 - a generator costs more than all of the checks
            if not one(row):
                return False
        return True

    return check


def _some(checks: tuple[_Check, ...]) -> _Check:
    if len(checks) == 2:
        first, second = checks
        return lambda row: first(row) or second(row)

    def check(row: Anything) -> bool:
        for one in checks:  # noqa: SIM110 - as above
            if one(row):
                return True
        return False

    return check
