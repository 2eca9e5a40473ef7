"""The header: who, where, armed or not, and how far every source can be trusted. Pure drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from andon.analysis.freshness import age_seconds, state_now
from andon.model import SourceState, SourceStatus
from andon.tui.block_lines import LAMPS
from andon.tui.text import Line, crop, cut, length, pad, piece, safe, width_of
from andon.tui.theme import Palette
from andon.views.columns.tones import SOURCE_TONES
from andon.views.formats import age_text
from andon.views.notes import source_cell
from andon.views.page import Tone

_NAME_LEAST = 6
"""Cells of a source's name that are worth more than how many others there are."""
_ORDER = (Tone.BAD, Tone.WARN, Tone.INFO, Tone.GOOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFacts:
    """What the header says."""

    scope: str
    identity: str
    armed: bool
    why_read_only: str = ""
    demo: bool = False
    paused_seconds: float | None = None
    sources: Sequence[SourceStatus] = ()
    now: float = 0.0
    collector: str = ""
    """What is wrong with the collector: then no source can be heard."""


def _badge(text: str, style: Style) -> Line:
    return [Segment(f" {text} ", style)]


def first_line(
    facts: HeaderFacts, palette: Palette, width: int, lead: Callable[[int], Line] = lambda room: []
) -> Line:
    """Return brand, scope and identity at the left; demo, pause and mode at the right.

    Args:
        facts: what it says.
        palette: the styles.
        width: cells there are.
        lead: from the cells there are to what comes before scope and identity.
    """
    bar = palette.chrome["bar"]
    right: Line = []
    if facts.paused_seconds is not None:
        since = age_text(facts.paused_seconds)
        right += [*_badge(f"PAUSED {since}", palette.chrome["paused"]), Segment(" ", bar)]
    if facts.demo:
        right += [*_badge("DEMO", palette.chrome["demo"]), Segment(" ", bar)]
    if facts.armed:
        right += _badge("ARMED", palette.chrome["armed"])
    else:
        right += [Segment("READ-ONLY ", bar + palette.chrome["read_only"])]
    left: Line = [Segment(" Andon ", bar + palette.chrome["brand"])]
    room = width - length(right) - length(left) - 1
    first = crop(lead(room), max(0, room))
    left += first
    room -= length(first)
    for text, tone in ((facts.scope, Tone.STRONG), (facts.identity, Tone.MUTED)):
        if text and room >= 6:
            shown = cut(safe(text), room - 2)
            left += [Segment(f" {shown} ", bar + palette.tone(tone))]
            room -= width_of(shown) + 2
    gap = width - length(left) - length(right)
    return pad([*left, Segment(" " * max(0, gap), bar), *right], width)


def source_line(facts: HeaderFacts, palette: Palette, width: int) -> Line:
    """Return each source's lamp, state and age, the worst first, as many as fit."""
    bar = palette.chrome["bar"]
    entries = []
    for status in facts.sources:
        state = state_now(status, facts.now)
        entries.append((SOURCE_TONES[state], state, status))
    entries.sort(key=lambda entry: (_ORDER.index(entry[0]), entry[2].name))
    line: Line = [Segment(" ", bar), *_collector(facts, palette)]
    if not entries:
        line.append(Segment("no source yet", bar + palette.tone(Tone.MUTED)))
        return _filled(line, bar, width)
    used = length(line)
    for index, (tone, state, status) in enumerate(entries):
        pieces = _entry(tone, state, status, facts.now, palette)
        left = len(entries) - index - 1
        more = f"+{left + 1} {_rest_words(entries[index:])}"
        size = length(pieces)
        if used + size > width - (width_of(more) + 2 if left else 0):
            line.append(
                Segment(cut(more, max(0, width - used)), bar + palette.tone(entries[index][0]))
            )
            break
        line += pieces
        used += size
    return _filled(line, bar, width)


def _collector(facts: HeaderFacts, palette: Palette) -> Line:
    """Return what is wrong with the collector, before anything that only follows from it."""
    if not facts.collector:
        return []
    bar = palette.chrome["bar"]
    bad = bar + palette.tone(Tone.BAD)
    return [Segment(f"{LAMPS[Tone.BAD]} ", bad), piece(facts.collector, bad), Segment("   ", bar)]


def _entry(
    tone: Tone, state: SourceState, status: SourceStatus, now: float, palette: Palette
) -> Line:
    bar = palette.chrome["bar"]
    calm = tone is Tone.GOOD
    return [
        Segment(f"{LAMPS[tone]} ", bar + palette.tone(tone)),
        piece(cut(status.name, 24), bar + palette.tone(Tone.NORMAL if calm else tone)),
        Segment(f" {_words(status, now)}", bar + palette.tone(Tone.MUTED if calm else tone)),
        Segment("   ", bar),
    ]


def _words(status: SourceStatus, now: float) -> str:
    """Return a source's state and age."""
    words = source_cell(status, now).text
    age = age_seconds(status, now)
    if state_now(status, now) is SourceState.LIVE and age is not None:
        words += f" {age_text(age)}"
    return words


def _rest_words(entries: Sequence[tuple[Tone, SourceState, SourceStatus]]) -> str:
    states = {state for _, state, _ in entries}
    return next(iter(states)).value if len(states) == 1 else "more"


def _filled(line: Line, style: Style, width: int) -> Line:
    room = width - length(line)
    return [*line, Segment(" " * room, style)] if room > 0 else pad(line, width)


def header_lines(facts: HeaderFacts, palette: Palette, width: int, height: int) -> list[Line]:
    """Return one line, or two when the screen is high enough.

    On one line the worst source stands before scope and identity.
    """
    if height >= 2:
        return [first_line(facts, palette, width), source_line(facts, palette, width)]
    return [first_line(facts, palette, width, lambda room: _worst(facts, palette, room))]


def _worst(facts: HeaderFacts, palette: Palette, room: int) -> Line:
    """Return the source that can be trusted least, and how many there are beside it.

    A collector that is in trouble stands in its place. Where room lacks, the name is cut and not
    the state.
    """
    bar = palette.chrome["bar"]
    if facts.collector:
        return [Segment(" ", bar), *_collector(facts, palette)[:-1], Segment(" ", bar)]
    now = facts.now

    def trust(status: SourceStatus) -> tuple[int, float]:
        tone = SOURCE_TONES[state_now(status, now)]
        return (_ORDER.index(tone), -(age_seconds(status, now) or 0.0))

    status = min(facts.sources, key=trust, default=None)
    if status is None:
        return []
    tone = SOURCE_TONES[state_now(status, now)]
    words = _words(status, now)
    rest = f" +{len(facts.sources) - 1}" if len(facts.sources) > 1 else ""
    lamp = f" {LAMPS[tone]} "
    if room < width_of(lamp + words + rest) + 2 + _NAME_LEAST:
        rest = ""
    name = cut(safe(status.name), max(0, room - width_of(lamp + words + rest) - 2))
    calm = tone is Tone.GOOD
    return [
        Segment(lamp, bar + palette.tone(tone)),
        Segment(f"{name} " if name else "", bar + palette.tone(Tone.NORMAL if calm else tone)),
        Segment(words, bar + palette.tone(Tone.MUTED if calm else tone)),
        Segment(f"{rest} ", bar + palette.tone(Tone.MUTED)),
    ]
