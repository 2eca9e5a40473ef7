"""Cells of text: cut, pad and join by the width a terminal gives them. Pure; never any markup.

Everything the screen draws of the world passes `fit` or `piece`, so this is also the last place
where a control character could be stopped: what is not printable is cleaned again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from andon.sdk.clean import clean
from andon.views.page import Align

Line = list[Segment]
"""One line of a screen, left to right."""


def safe(text: str) -> str:
    """Return text without anything that drives a terminal."""
    return text if text.isprintable() else clean(text, limit=max(1, len(text)))


def width_of(text: str) -> int:
    """Return how many terminal cells a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int) -> str:
    """Return text of at most `width` cells, ending in `…` when something was cut."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return "…" if width == 1 else ""
    return set_cell_size(text, width - 1).rstrip(" ") + "…"


def cut_middle(text: str, width: int) -> str:
    """Return text of at most `width` cells without its middle: names differ at their ends.

    Short widths, and texts of other than plain letters, are left to `cut`.
    """
    if len(text) <= width or width < 6 or not text.isascii():
        return text
    tail = (width - 1) * 2 // 3
    return f"{text[: width - 1 - tail]}…{text[-tail:]}"


def fit(text: str, width: int, align: Align = "left") -> str:
    """Return text of exactly `width` cells: cut with `…` or padded by its alignment."""
    text = safe(text)
    if text.isascii() and len(text) <= width:
        if align == "right":
            return text.rjust(width)
        return text.ljust(width) if align == "left" else text.center(width)
    text = cut(text, width)
    room = width - width_of(text)
    if align == "right":
        return " " * room + text
    if align == "center":
        return " " * (room // 2) + text + " " * (room - room // 2)
    return text + " " * room


def piece(text: str, style: Style | None = None) -> Segment:
    """Return a segment of text that is safe to show."""
    return Segment(safe(text), style)


def length(line: Iterable[Segment]) -> int:
    """Return how many cells a line takes."""
    return sum(width_of(segment.text) for segment in line)


def crop(line: Sequence[Segment], width: int) -> Line:
    """Return the line cut to `width` cells, ending in `…` when something was cut."""
    if length(line) <= width:
        return list(line)
    kept: Line = []
    left = width
    for segment in line:
        size = width_of(segment.text)
        if size < left:
            kept.append(segment)
            left -= size
            continue
        if left > 0:
            text = segment.text if size <= left - 1 else set_cell_size(segment.text, left - 1)
            kept.append(Segment(text + "…", segment.style))
        break
    return kept


def pad(line: Sequence[Segment], width: int) -> Line:
    """Return the line with exactly `width` cells."""
    cropped = crop(line, width)
    room = width - length(cropped)
    if room > 0:
        cropped.append(Segment(" " * room))
    return cropped


def spread(left: Sequence[Segment], right: Sequence[Segment], width: int) -> Line:
    """Return a line with `left` at its start and `right` at its end; the right side goes first."""
    room = width - length(right) - 1
    if room < min(length(left), 12):
        return pad(left, width)
    return [*pad(left, room), Segment(" "), *right]


def beside(blocks: Sequence[Sequence[Line]], widths: Sequence[int], gap: int = 3) -> list[Line]:
    """Return blocks of lines side by side, each padded to its width."""
    lines: list[Line] = []
    for index in range(max((len(block) for block in blocks), default=0)):
        line: Line = []
        for position, (block, width) in enumerate(zip(blocks, widths, strict=True)):
            if position:
                line.append(Segment(" " * gap))
            line.extend(pad(block[index] if index < len(block) else [], width))
        lines.append(line)
    return lines


def head_of(text: str, width: int) -> str:
    """Return as much of the start of a text as fits `width` cells, but at least one character."""
    if text.isascii():
        return text[: max(1, width)]
    used = 0
    for index, character in enumerate(text):
        used += cell_len(character)
        if used > width and index:
            return text[:index]
    return text


def wrap(text: str, width: int) -> list[str]:
    """Return text broken at blanks into lines of at most `width` cells.

    Long words are cut up, lists of them at a comma.
    """
    lines: list[str] = []
    line = ""
    for word in safe(text).split(" "):
        rest = word
        if line and width_of(line) + 1 + width_of(rest) > width:
            lines.append(line)
            line = ""
        elif line:
            line += " "
        while width_of(line) + width_of(rest) > width:
            head = head_of(rest, width)
            if "," in head and len(head) < len(rest):
                head = head[: head.rindex(",") + 1]
            lines.append(line + head)
            line, rest = "", rest[len(head) :]
        line += rest
    if line or not lines:
        lines.append(line)
    return lines
