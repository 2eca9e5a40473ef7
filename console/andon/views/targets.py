"""Which thing a row is about, where a table holds rows about things of several kinds."""

from __future__ import annotations

from typing import Final

from andon.model import Kind

ABOUT_THINGS: Final = frozenset({"problems", "changes"})
"""Names of the tables whose row keys are made by `row_key`."""
_SOURCE: Final = "source"
_KINDS: Final = {kind.value: kind for kind in Kind}


def row_key(kind: Kind | None, key: str | None, text: str) -> str:
    """Return the key of a row about a thing; `kind` is `None` for a source.

    `text` keeps two rows about one thing apart.
    """
    return f"{kind.value if kind else _SOURCE} {key or ''}\t{text}"


def row_target(row: str) -> tuple[Kind | None, str] | None:
    """Return the kind (`None` for a source) and key of the thing a row is about, if any."""
    word, _, key = row.partition("\t")[0].partition(" ")
    if not key:
        return None
    if word == _SOURCE:
        return (None, key)
    kind = _KINDS.get(word)
    return (kind, key) if kind is not None else None
