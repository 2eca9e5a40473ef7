"""What is being typed at the end of a filter, which need not be one yet."""

from __future__ import annotations

from dataclasses import dataclass

from andon.views.filters.lexer import LIST_OPERATORS, Piece, Token, begun

_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Ending:
    """The last word of a filter: the name of a field, or a value that one is compared with."""

    start: int
    """Where it begins; all before is there to stay."""
    typed: str
    """What there is of it, without its quote."""
    open_groups: int
    """How many `(` are not closed before it."""
    field: Piece | None = None
    """The field that it is a value of; `None` for a name."""
    before: tuple[str, ...] = ()
    """The values before it in its list."""
    compared: int = 0
    """Where the comparison's sign ends and its values begin."""


def ending_of(text: str) -> Ending | None:
    """Return what is being typed at the end of a filter; `None` where nothing can go on.

    That is after a blank, after a closed quote and in what no list of values is known for: a
    regular expression, a number to be more or less than.
    """
    pieces, rest = begun(text)
    if not pieces:
        return None
    groups = sum(piece.token is Token.OPEN for piece in pieces)
    groups -= sum(piece.token is Token.CLOSE for piece in pieces)
    last = pieces[-1]
    if last.token in (Token.OPERATOR, Token.COMMA):
        if rest and not rest.startswith(_QUOTES):
            return None
        return _value(pieces, len(text) - len(rest), _unescaped(rest[1:]), groups)
    if rest or last.quoted or text[-1].isspace():
        return None
    if last.token is Token.VALUE:
        return _value(pieces[:-1], last.column, last.text, groups)
    return Ending(last.column, last.text, groups) if last.token is Token.WORD else None


def _value(pieces: tuple[Piece, ...], start: int, typed: str, groups: int) -> Ending | None:
    """Return a value as it is being typed, after the pieces before it."""
    at, before = len(pieces) - 1, []
    while pieces[at].token is not Token.OPERATOR:
        if pieces[at].token is Token.VALUE:
            before.append(pieces[at].text)
        at -= 1
    operator, field = pieces[at], pieces[at - 1] if at else None
    if operator.text not in LIST_OPERATORS or field is None:
        return None
    if field.token is not Token.WORD or field.quoted:
        return None
    compared = operator.column + len(operator.text)
    return Ending(start, typed, groups, field, tuple(reversed(before)), compared)


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\")
