"""A filter's text as tokens, each with its column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from andon.views.filters.problem import FilterError

TEXT_LIMIT = 4000
"""Characters of a filter; more is a mistaken paste."""

OPERATORS = ("==", "=~", "!=", "!~", ">=", "<=", "=", ">", "<", "~")
"""Longest first, so that the first that fits is the one meant."""
REGEX_OPERATORS = frozenset({"~", "=~", "!~"})
LIST_OPERATORS = frozenset({"=", "==", "!="})


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


class _Lexer:
    """Walks once through the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: list[Piece] = []

    def pieces(self) -> list[Piece]:
        while self._skip_space():
            self._one()
        self._found.append(Piece(Token.END, "", len(self._text)))
        return self._found

    def _skip_space(self) -> bool:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _one(self) -> None:
        start, character = self._at, self._text[self._at]
        if character in _SINGLE:
            self._at += 1
            if character in "&|" and self._text[self._at : self._at + 1] == character:
                self._at += 1
            self._add(_SINGLE[character], start)
        elif character in "\"'":
            self._found.append(self._quoted(Token.WORD))
        elif self._operator():
            self._comparison()
        elif character == "!":
            self._at += 1
            self._add(Token.NOT, start)
        else:
            self._word()

    def _add(self, token: Token, start: int) -> None:
        self._found.append(Piece(token, self._text[start : self._at], start))

    def _operator(self) -> str | None:
        for operator in OPERATORS:
            if self._text.startswith(operator, self._at):
                return operator
        return None

    def _word(self) -> None:
        start = self._at
        while self._at < len(self._text):
            character = self._text[self._at]
            if character.isspace() or character in _SINGLE or self._operator():
                break
            self._at += 1
        self._add(Token.WORD, start)

    def _comparison(self) -> None:
        start, operator = self._at, self._operator() or ""
        self._at += len(operator)
        self._add(Token.OPERATOR, start)
        while True:
            if not self._skip_space():
                raise FilterError(f"a value is missing after “{operator}”", len(self._text))
            self._value(operator)
            if operator not in LIST_OPERATORS or self._text[self._at : self._at + 1] != ",":
                return
            self._at += 1
            self._add(Token.COMMA, self._at - 1)

    def _value(self, operator: str) -> None:
        start = self._at
        if self._text[start] in "\"'":
            self._found.append(self._quoted(Token.VALUE))
            return
        if operator in REGEX_OPERATORS:
            self._bare_regex()
        else:
            stop = "&|()," if operator in LIST_OPERATORS else "&|()"
            while self._at < len(self._text):
                character = self._text[self._at]
                if character.isspace() or character in stop:
                    break
                self._at += 1
        if self._at == start:
            raise FilterError(f"a value is missing after “{operator}”", start)
        self._add(Token.VALUE, start)

    def _bare_regex(self) -> None:
        """Read up to a blank, or up to `&`, `|` or `)` outside the expression's own groups."""
        depth, in_class = 0, False
        while self._at < len(self._text):
            character = self._text[self._at]
            if character.isspace():
                break
            if character == "\\":
                self._at += 1
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
            self._at += 1
        self._at = min(self._at, len(self._text))

    def _quoted(self, token: Token) -> Piece:
        start, quote = self._at, self._text[self._at]
        kept: list[str] = []
        columns: list[int] = []
        at = start + 1
        while at < len(self._text):
            character = self._text[at]
            if character == quote:
                self._at = at + 1
                return Piece(token, "".join(kept), start, True, (*columns, at))
            columns.append(at)
            if character == "\\" and self._text[at + 1 : at + 2] in (quote, "\\"):
                # Only what must be escaped is: `"\d+"` stays a regular expression.
                at += 1
            kept.append(self._text[at])
            at += 1
        raise FilterError(f"the quote {quote} is not closed", start)
