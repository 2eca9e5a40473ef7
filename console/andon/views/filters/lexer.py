"""A filter's text as tokens, each with its column."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto

from andon.views.filters.problem import FilterError

TEXT_LIMIT = 4000
"""Characters of a filter; more is a mistaken paste."""

OPERATORS = ("==", "=~", "!=", "!~", ">=", "<=", "=", ">", "<", "~")
"""Longest first, so that the first that fits is the one meant."""
REGEX_OPERATORS = frozenset({"~", "=~", "!~"})
LIST_OPERATORS = frozenset({"=", "==", "!="})
NOT_REPORTED = "-"
"""The value that stands for none."""


class Token(Enum):
    """What a piece of the text is."""

    WORD = auto()
    OPERATOR = auto()
    VALUE = auto()
    COMMA = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    OPEN = auto()
    CLOSE = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """One token."""

    token: Token
    text: str
    column: int
    quoted: bool = False
    columns: tuple[int, ...] = ()
    """Where each character of a quoted text stood, as escapes shift them."""

    def column_of(self, index: int) -> int:
        """Return where one character of the text stood."""
        if not self.columns:
            return self.column + index
        return self.columns[min(max(index, 0), len(self.columns) - 1)]


_SINGLE = {"&": Token.AND, "|": Token.OR, "(": Token.OPEN, ")": Token.CLOSE}


def tokens(text: str) -> tuple[Piece, ...]:
    """Split a filter into pieces; the last is always `END`.

    Raises:
        FilterError: A quote is not closed, a value is missing or the text is too long.
    """
    if len(text) > TEXT_LIMIT:
        raise FilterError(f"a filter has at most {TEXT_LIMIT:,} characters", TEXT_LIMIT)
    return tuple(_Lexer(text).pieces())


def begun(text: str) -> tuple[tuple[Piece, ...], str]:
    """Split as much as can be of a filter that is still being typed.

    Returns:
        The pieces up to the end or to what cannot be read, and the rest from there on.
    """
    lexer = _Lexer(text[:TEXT_LIMIT])
    with suppress(FilterError):
        lexer.pieces()
    found = tuple(piece for piece in lexer.found if piece.token is not Token.END)
    return found, text[lexer.at :]


def quoted(value: str) -> str:
    """Return a text as a value of `=` that means just it, in quotes where it needs them."""
    special = any(character.isspace() or character in "&|(),*?" for character in value)
    if value and value != NOT_REPORTED and value[0] not in "\"'=~" and not special:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Lexer:
    """Walks once through the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0
        self.found: list[Piece] = []

    def pieces(self) -> list[Piece]:
        while self._skip_space():
            self._one()
        self.found.append(Piece(Token.END, "", len(self._text)))
        return self.found

    def _skip_space(self) -> bool:
        while self.at < len(self._text) and self._text[self.at].isspace():
            self.at += 1
        return self.at < len(self._text)

    def _one(self) -> None:
        start, character = self.at, self._text[self.at]
        if character in _SINGLE:
            self.at += 1
            if character in "&|" and self._text[self.at : self.at + 1] == character:
                self.at += 1
            self._add(_SINGLE[character], start)
        elif character in "\"'":
            self.found.append(self._quoted(Token.WORD))
        elif self._operator():
            self._comparison()
        elif character == "!":
            self.at += 1
            self._add(Token.NOT, start)
        else:
            self._word()

    def _add(self, token: Token, start: int) -> None:
        self.found.append(Piece(token, self._text[start : self.at], start))

    def _operator(self) -> str | None:
        for operator in OPERATORS:
            if self._text.startswith(operator, self.at):
                return operator
        return None

    def _word(self) -> None:
        start = self.at
        while self.at < len(self._text):
            character = self._text[self.at]
            if character.isspace() or character in _SINGLE or self._operator():
                break
            self.at += 1
        self._add(Token.WORD, start)

    def _comparison(self) -> None:
        start, operator = self.at, self._operator() or ""
        self.at += len(operator)
        self._add(Token.OPERATOR, start)
        while True:
            if not self._skip_space():
                raise FilterError(f"a value is missing after “{operator}”", len(self._text))
            self._value(operator)
            if operator not in LIST_OPERATORS or self._text[self.at : self.at + 1] != ",":
                return
            self.at += 1
            self._add(Token.COMMA, self.at - 1)

    def _value(self, operator: str) -> None:
        start = self.at
        if self._text[start] in "\"'":
            self.found.append(self._quoted(Token.VALUE))
            return
        if operator in REGEX_OPERATORS:
            self._bare_regex()
        else:
            stop = "&|()," if operator in LIST_OPERATORS else "&|()"
            while self.at < len(self._text):
                character = self._text[self.at]
                if character.isspace() or character in stop:
                    break
                self.at += 1
        if self.at == start:
            raise FilterError(f"a value is missing after “{operator}”", start)
        self._add(Token.VALUE, start)

    def _bare_regex(self) -> None:
        """Read up to a blank, or up to `&`, `|` or `)` outside the expression's own groups."""
        depth, in_class = 0, False
        while self.at < len(self._text):
            character = self._text[self.at]
            if character.isspace():
                break
            if character == "\\":
                self.at += 1
            elif in_class:
                in_class = character != "]"
            elif character == "[":
                in_class = True
            elif character == "(":
                depth += 1
            elif depth == 0 and character in "&|)":
                break
            elif character == ")":
                depth -= 1
            self.at += 1
        self.at = min(self.at, len(self._text))

    def _quoted(self, token: Token) -> Piece:
        start, quote = self.at, self._text[self.at]
        kept: list[str] = []
        columns: list[int] = []
        at = start + 1
        while at < len(self._text):
            character = self._text[at]
            if character == quote:
                self.at = at + 1
                return Piece(token, "".join(kept), start, True, (*columns, at))
            columns.append(at)
            if character == "\\" and self._text[at + 1 : at + 2] in (quote, "\\"):
                # Only what must be escaped is: `"\d+"` stays a regular expression.
                at += 1
            kept.append(self._text[at])
            at += 1
        raise FilterError(f"the quote {quote} is not closed", start)
