"""Regular expressions that cannot freeze the screen.

Python's engine backtracks: `(a+)+$` needs longer than an operator's patience on a job name of forty
letters, and job names are chosen by others. Such expressions are refused, with the reason.
"""

from __future__ import annotations

import math
import re
import warnings

from andon.views.filters.problem import FilterError

DEGREE_LIMIT = 3.25
"""How fast the time may grow with the length of a text: by its third power, and a few choices."""
_LENGTH = 256
"""Of the longest text there is (`sdk.clean.CELL_LIMIT`)."""
_FEW = 4
"""So often a group that varies may be repeated: as often as one would write it out."""
_SMALL = 16
_CHOICE = math.log(2, _LENGTH)
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
        pattern = _compiled(text)
    except re.error as error:
        at = column_of[min(error.pos or 0, len(column_of) - 1)]
        raise FilterError(f"bad regular expression: {error.msg}", at) from None
    except (OverflowError, RecursionError, MemoryError):
        raise FilterError("this regular expression is too large", column_of[0]) from None
    trouble = _trouble(text)
    if trouble is not None:
        raise FilterError(trouble[0], column_of[min(trouble[1], len(column_of) - 1)])
    return pattern


def _compiled(text: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        # Python warns of `[[`; a warning on stderr would tear the screen.
        warnings.simplefilter("ignore")
        return re.compile(text, re.IGNORECASE)


class _Walk:
    """What was seen of an expression so far."""

    def __init__(self, text: str) -> None:
        self.groups = [0.0]
        """For each open group, by which power of the length its ways to match grow."""
        self.atom = 0.0
        """The same for what was read last, which a quantifier would repeat."""
        self.peak = 0.0
        """The greatest degree so far."""
        self.search = 0.0 if text.startswith(("^", r"\A")) else 1.0
        """An expression that may begin anywhere is tried everywhere."""

    def branch(self) -> None:
        """Take an alternative: at the top one or the other is tried, in a group both multiply."""
        if len(self.groups) == 1:
            self.groups[0] = 0.0
        else:
            self.groups[-1] += _CHOICE
        self.atom = 0.0

    def close(self) -> None:
        """Take a group as one atom."""
        self.atom = self.groups.pop() if len(self.groups) > 1 else 0.0
        self.groups[-1] += self.atom

    def repeat(self, least: int, most: int, fixed: bool, last: bool) -> bool:
        """Take a quantifier; return whether what it repeats varies too much to be repeated.

        Args:
            least: How often at least.
            most: How often at most.
            fixed: Whether only one number of repetitions can lead on.
            last: Whether nothing follows that could fail and make it try again.
        """
        if self.atom and most > _FEW:
            return True
        self.groups[-1] += self.atom * (most - 1 if self.atom else 0)
        power = 1.0 if most > _SMALL else math.log(max(1, most - least + 1), _LENGTH)
        if not last:
            # A repetition that leads on in one way only is still run through each time.
            self.peak = max(self.peak, self.degree + power)
            self.groups[-1] += 0.0 if fixed else power
        self.atom = 0.0
        return False

    @property
    def degree(self) -> float:
        """By which power of the length the time grows."""
        return self.search + sum(self.groups)


def _trouble(text: str) -> tuple[str, int] | None:
    """Return what could make the expression slow, and where, or `None`."""
    walk = _Walk(text)
    end = len(text.rstrip(")"))
    at = atom = 0
    while at < len(text):
        character, start = text[at], at
        at += 1
        if character not in "*+?{":
            atom = start
        if character == "\\":
            if text[at : at + 1].isdigit() and text[at] != "0":
                return "references to groups are not taken", start
            at, walk.atom = at + 1, 0.0
        elif character == "[":
            at, walk.atom = _class_end(text, at), 0.0
        elif character == "(":
            if text.startswith(("?P=", "?("), at):
                return "references to groups are not taken", start
            walk.groups.append(0.0)
            at += text.startswith("?", at)
        elif character == ")":
            walk.close()
        elif character == "|":
            walk.branch()
        else:
            found = _repeat(text, start)
            if found is None:
                walk.atom = 0.0
                continue
            at, least, most = found
            fixed = _is_delimited(text[atom:start], text[at:])
            if walk.repeat(least, most, fixed, at >= end):
                return "a repetition of something that varies could take forever", start
        if max(walk.peak, walk.degree) > DEGREE_LIMIT:
            return "so many open repetitions could take forever", start
    return None


def _is_delimited(atom: str, rest: str) -> bool:
    r"""Return whether what follows a repeated atom cannot itself be one more: `\d+-`, `\w+$`."""
    if atom.endswith(")"):
        return False
    if rest.startswith("$"):
        return True
    length = 2 if rest.startswith("\\") else 1
    following, after = rest[:length], rest[length : length + 1]
    plain = following[-1:]
    if (
        not plain
        or (length == 1 and plain in ".^$*+?{}[]\\|()")
        or (length == 2 and plain.isalnum())
    ):
        return False
    if after in ("*", "?", "{"):
        return False
    try:
        return _compiled(atom).fullmatch(plain) is None
    except re.error:
        return False


def _class_end(text: str, at: int) -> int:
    at += text.startswith("^", at)
    at += text.startswith("]", at)
    while at < len(text) and text[at] != "]":
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _repeat(text: str, at: int) -> tuple[int, int, int] | None:
    """Return where a quantifier at `at` ends, its least and its greatest count, or `None`."""
    endless = 1_000_000
    if text[at] in "*+":
        end, least, most = at + 1, int(text[at] == "+"), endless
    elif text[at] == "?":
        end, least, most = at + 1, 0, 1
    else:
        found = _REPEAT.match(text, at) if text[at] == "{" else None
        if found is None or not (found[1] or found[3]):
            return None
        first, comma, upper = found.groups()
        least = min(endless, int(first or 0))
        most = min(endless, int(upper)) if upper else endless if comma else least
        end = found.end()
    # `+?` and `++` are one quantifier, lazy or possessive.
    return end + text[end : end + 1].startswith(("?", "+")), least, most
