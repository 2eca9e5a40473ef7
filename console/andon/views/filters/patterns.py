"""Regular expressions that cannot freeze the screen.

Python's engine backtracks: `(a+)+$` needs longer than an operator's patience on a job name of forty
letters, and job names are chosen by others. Such expressions are refused, with the reason.
"""

from __future__ import annotations

import re
import warnings

from andon.views.filters.problem import FilterError

OPEN_LIMIT = 3
"""Repetitions without a small upper bound: the time grows with the text's length to this power."""
_SMALL = 16
_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}", re.ASCII)


def compile_pattern(text: str, column_of: list[int] | tuple[int, ...]) -> re.Pattern[str]:
    """Return `text` as a regular expression that ignores case.

    Args:
        text: The expression.
        column_of: The column in the filter of each character, and of the end.

    Raises:
        FilterError: It is none, or could take forever; at the column of the trouble.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pattern = re.compile(text, re.IGNORECASE)
    except re.error as error:
        at = column_of[min(error.pos or 0, len(column_of) - 1)]
        raise FilterError(f"bad regular expression: {error.msg}", at) from None
    except (OverflowError, RecursionError, MemoryError):
        raise FilterError("this regular expression is too large", column_of[0]) from None
    trouble = _trouble(text)
    if trouble is not None:
        raise FilterError(trouble[0], column_of[min(trouble[1], len(column_of) - 1)])
    return pattern


def _trouble(text: str) -> tuple[str, int] | None:
    """Return what could make the expression slow, and where, or `None`."""
    varied = [False]  # for each open group, whether it can match in several ways
    closed = False  # whether the last atom is a group that can
    opened = 0
    at = 0
    while at < len(text):
        character, start = text[at], at
        at += 1
        if character == "\\":
            if text[at : at + 1].isdigit() and text[at] != "0":
                return "references to groups are not taken", start
            at, closed = at + 1, False
        elif character == "[":
            at, closed = _class_end(text, at), False
        elif character == "(":
            if text.startswith("?P=", at) or text.startswith("?(", at):
                return "references to groups are not taken", start
            varied.append(False)
            at += text.startswith("?", at)
        elif character == ")":
            closed = varied.pop() if len(varied) > 1 else False
            varied[-1] |= closed
        elif character == "|":
            varied[-1] = True
        else:
            found = _repeat(text, start)
            if found is None:
                closed = False
                continue
            at, most = found
            if closed and most > 1:
                return "a repetition of something that varies could take forever", start
            opened += most > _SMALL
            if opened > OPEN_LIMIT:
                return f"more than {OPEN_LIMIT} open repetitions could take forever", start
            varied[-1], closed = True, True
    return None


def _class_end(text: str, at: int) -> int:
    at += text.startswith("^", at)
    at += text.startswith("]", at)
    while at < len(text) and text[at] != "]":
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _repeat(text: str, at: int) -> tuple[int, int] | None:
    """Return where a quantifier at `at` ends and its greatest count, or `None`."""
    endless = 1_000_000
    if text[at] in "*+":
        end, most = at + 1, endless
    elif text[at] == "?":
        end, most = at + 1, 1
    else:
        found = _REPEAT.match(text, at) if text[at] == "{" else None
        if found is None or not (found[1] or found[3]):
            return None
        least, comma, upper = found.groups()
        most = min(endless, int((upper or "1000000") if comma else least))
        end = found.end()
    # `+?` and `++` are one quantifier, lazy or possessive.
    return end + text[end : end + 1].startswith(("?", "+")), most
