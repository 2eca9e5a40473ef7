"""Long lines of talk broken between words, what goes on set further in."""

from __future__ import annotations

from collections.abc import Iterator

_HANG = 2
_LEAST = 20
"""On fewer cells a line is left to the terminal: an indent would cost more than it tells."""


def wrapped(text: str, width: int | None, hang: int | None = None) -> Iterator[str]:
    """Yield the lines of one line of text.

    A word is never broken: one that is longer than a line runs on as the terminal has it, so that
    a path or a command can be copied.

    Args:
        text: one line without colours; blanks inside it are kept.
        width: cells of a line, `None` for one line whatever its length.
        hang: cells before what goes on; by default two more than before the text.
    """
    if width is None or width < _LEAST or (text.isascii() and len(text) <= width):
        yield text
        return
    from rich.cells import cell_len

    indent = len(text) - len(text.lstrip(" "))
    before = " " * min(indent + _HANG if hang is None else hang, width // 2)
    line = ""
    for number, word in enumerate(text.split(" ")):
        longer = f"{line} {word}" if number else word
        if line.strip() and word and cell_len(longer) > width:
            yield line.rstrip()
            longer = before + word
        line = longer
    yield line.rstrip()
