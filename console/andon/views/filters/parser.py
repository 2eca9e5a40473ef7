"""A filter's tokens as a tree.

any   = all { "|" all }
all   = not { ["&"] not }
not   = { "!" } term
term  = "(" any ")" | WORD [ OPERATOR VALUE { "," VALUE } ]
"""

from __future__ import annotations

from dataclasses import dataclass

from andon.views.filters.lexer import Piece, Token, tokens
from andon.views.filters.problem import FilterError

DEPTH_LIMIT = 40
"""Groups and nots within one another."""


@dataclass(frozen=True, slots=True)
class Free:
    """A word that must appear in what is shown."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class Compare:
    """One field against one value, or any of a list."""

    field: Piece
    operator: Piece
    values: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Node


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts, always."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One part holds."""

    of: tuple[Node, ...]


Node = Free | Compare | Not | All | Any


def parse(text: str) -> Node:
    """Return the tree of a filter; an empty one holds always.

    Raises:
        FilterError: It cannot be read; says where.
    """
    parser = _Parser(tokens(text))
    if parser.finished():
        return All(())
    node = parser.any(0)
    if not parser.finished():
        raise FilterError("this “)” closes nothing", parser.piece.column)
    return node


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self._pieces = pieces
        self._at = 0

    @property
    def piece(self) -> Piece:
        return self._pieces[self._at]

    def finished(self) -> bool:
        return self._is(Token.END)

    def _is(self, token: Token) -> bool:
        return self._pieces[self._at].token is token

    def _take(self) -> Piece:
        piece = self.piece
        self._at += 1
        return piece

    def any(self, depth: int) -> Node:
        parts = [self._all(depth)]
        while self._is(Token.OR):
            self._take()
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self, depth: int) -> Node:
        parts = [self._not(depth)]
        while not (self._is(Token.OR) or self._is(Token.CLOSE) or self.finished()):
            if self._is(Token.AND):
                self._take()
            parts.append(self._not(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _not(self, depth: int) -> Node:
        if depth > DEPTH_LIMIT:
            raise FilterError("too many groups within one another", self.piece.column)
        if self._is(Token.NOT):
            self._take()
            return Not(self._not(depth + 1))
        return self._term(depth)

    def _term(self, depth: int) -> Node:
        piece = self._take()
        if piece.token is Token.OPEN:
            return self._group(piece, depth)
        if piece.token is Token.WORD:
            if self._is(Token.OPERATOR) and not piece.quoted:
                return self._compare(piece)
            return Free(piece)
        if piece.token is Token.OPERATOR:
            raise FilterError(f"a field is missing before “{piece.text}”", piece.column)
        if piece.token is Token.END:
            raise FilterError("something is missing at the end", piece.column)
        raise FilterError(f"something is missing before “{piece.text}”", piece.column)

    def _group(self, opened: Piece, depth: int) -> Node:
        if self._is(Token.CLOSE):
            raise FilterError("there is nothing in these parentheses", opened.column)
        node = self.any(depth + 1)
        if not self._is(Token.CLOSE):
            raise FilterError("this “(” is not closed", opened.column)
        self._take()
        return node

    def _compare(self, field: Piece) -> Node:
        operator = self._take()
        values = [self._take()]
        while self._is(Token.COMMA):
            self._take()
            values.append(self._take())
        return Compare(field, operator, tuple(values))
