"""Pure: the line over a view: what it is, how much of it, how it was chosen."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment

from andon.tui.text import Line, crop, cut, length, pad, piece, safe, width_of
from andon.tui.theme import Palette
from andon.views.formats import count_text
from andon.views.page import Cell, Tone

_APART = 2
_STUB = 12
"""Cells to which a note may be cut; with less it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleFacts:
    """What the line says."""

    title: str
    focused: bool = True
    position: int | None = None
    """The cursor's row from 1; `None` where there are no rows to count."""
    shown: int = 0
    total: int = 0
    filter: str = ""
    marked: int = 0
    notes: tuple[Cell, ...] = ()
    problem: str | None = None
    rule: bool = False
    """Draw a rule to the edge, to part panes."""


def title_line(facts: TitleFacts, palette: Palette, width: int) -> Line:
    """Return the line: title, counts, filter and marks at the left; notes and position right."""
    muted = palette.tone(Tone.MUTED)
    style = palette.chrome["title"] if facts.focused else muted
    left: Line = [Segment(" "), piece(facts.title, style)]
    right: Line = []
    if facts.position is not None:
        count = count_text(facts.shown)
        if facts.shown != facts.total:
            count += f" of {count_text(facts.total)}"
        left.append(piece(f"  {count}", muted))
        right.append(Segment(f"{count_text(facts.position)}/{count_text(facts.shown)} ", muted))
    if facts.filter:
        left += [
            Segment("  /", palette.chrome["key"]),
            piece(facts.filter, palette.chrome["match"]),
        ]
    if facts.marked:
        left.append(Segment(f"  ✓ {facts.marked} marked", palette.chrome["mark"]))
    if facts.problem:
        left.append(piece(f"  {facts.problem}", palette.tone(Tone.BAD)))
    room = width - length(right) - min(length(left), width // 2) - 2
    for note in facts.notes:
        whole = safe(note.text)
        text = cut(whole, max(0, room - _APART))
        if text != whole and width_of(text) < _STUB:
            break
        right = [piece(text, palette.tone(note.tone)), Segment(" " * _APART), *right]
        room -= width_of(text) + _APART
    room = width - length(right) - 1
    if facts.rule:
        left = [*crop(left, max(0, room - 2)), Segment(" ")]
        rule = "─" * max(0, room - length(left))
        return pad([*left, Segment(rule, palette.chrome["rule"]), Segment(" "), *right], width)
    return [*pad(left, max(0, room)), Segment(" "), *right]
