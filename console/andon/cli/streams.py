"""The three standard streams, made fit to be used: open, and never failing on a letter.

A caller may have closed any of them (`>&-`): the next file opened would then take its number and be
written over. A locale may know few letters: what it cannot show becomes something that it can, one
cell for one cell, so that tables stay aligned.
"""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata

_ERRORS = "andon-plain"
_PLAIN = {
    **dict.fromkeys("–—−─‐‑", "-"),
    **dict.fromkeys("…", "~"),
    **dict.fromkeys("→›≥▸▶", ">"),
    **dict.fromkeys("←‹≤", "<"),
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("●•◆■✓", "*"),
    **dict.fromkeys("█▇▆▅▄▃▂▁▉▊▋▌▍▎▏", "#"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    "°": "'",
    "×": "x",
}


def prepare() -> None:
    """Make the standard streams usable, whatever the caller did to them."""
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        _keep_open(number, mode)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115 - for the process's life
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115 - as above
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115 - as above
    codecs.register_error(_ERRORS, plain_letters)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_ERRORS)


def plain_letters(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return what stands for letters that an encoding does not have: a codec's error handler."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(letter: str) -> str:
    if letter in _PLAIN:
        return _PLAIN[letter]
    if unicodedata.combining(letter):
        return ""
    return "??" if unicodedata.east_asian_width(letter) in ("W", "F") else "?"


def _keep_open(number: int, mode: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        # The lowest free number is taken, and the ones below it are open by now.
        os.open(os.devnull, mode)
