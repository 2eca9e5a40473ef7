"""The three standard streams, made fit to be used: open, and never failing on a letter.

A caller may have closed any of them (`>&-`): the next file opened would then take its number and be
written over. A locale may know few letters: what it cannot show becomes something that it can, one
cell for one cell, so that tables stay aligned.

Which letters a locale knows is decided by what the environment says, as `locale charmap` does.
Python hides that: where it says ASCII, Python writes UTF-8 all the same.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
import unicodedata
from collections.abc import Mapping

_ERRORS = "andon-plain"
_PLAIN = {
    **dict.fromkeys("–—−─‐‑", "-"),
    **dict.fromkeys("…", "~"),
    **dict.fromkeys("→›▸▶", ">"),
    **dict.fromkeys("←‹", "<"),
    # Not one cell, as one would say something else; see `spelled`.
    "≥": ">=",
    "≤": "<=",
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("●•◆■✓", "*"),
    **dict.fromkeys("█▇▆▅▄▃▂▁▉▊▋▌▍▎▏", "#"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    "°": "'",
    "×": "x",
}


_BEFORE_A_WIDER = re.compile(r"(?<= ) ((?:\x1b\[[\d;]*m)?[≥≤])")
_SAID = ("PYTHONIOENCODING", "PYTHONUTF8")
"""Variables by which somebody says how this program is to write, whatever the locale is."""


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
    said = any(os.environ.get(name, "0") not in ("", "0") for name in _SAID)
    encoding = None if said else charmap(_locale_variables())
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding=encoding, errors=_ERRORS)


def charmap(environ: Mapping[str, str]) -> str:
    """Return the encoding of the locale that an environment names, as Python calls it.

    It is the one that the name ends in, installed or not: a terminal far away is what it speaks of.
    One that is not known is taken for ASCII, which all have.
    """
    name = next((environ[each] for each in _LOCALE if environ.get(each)), "C")
    locale, _, codeset = name.partition("@")[0].partition(".")
    if not codeset and locale.upper() in ("UTF-8", "UTF8"):
        codeset = locale
    if not codeset and locale not in ("C", "POSIX"):
        from locale import normalize

        codeset = normalize(name).partition(".")[2]
    try:
        return codecs.lookup(codeset or "ascii").name
    except LookupError:
        return "ascii"


_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")


def _locale_variables() -> Mapping[str, str]:
    """Return what names the locale, as it was when the program was started.

    Python sets LC_CTYPE itself where the locale has ASCII only; the system remembers the start.
    """
    given = {name: os.environ[name] for name in _LOCALE if name in os.environ}
    try:
        with open("/proc/self/environ", "rb") as file:
            started = file.read().split(b"\0")
    except OSError:
        return given
    if not any(entry.startswith(b"LC_CTYPE=") for entry in started):
        given.pop("LC_CTYPE", None)
    return given


def spelled(text: str, encoding: str) -> str:
    """Return a line in which signs that an encoding can only spell in two cells take a blank's.

    So what stands behind them in a table stays where it was.
    """
    if "≥" not in text and "≤" not in text:
        return text
    try:
        "≥≤".encode(encoding)
    except UnicodeEncodeError:
        return _BEFORE_A_WIDER.sub(r"\1", text)
    return text


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
