"""The header: who, where, armed or not, and how far every source can be trusted. Pure drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.segment import Segment
from rich.style import Style

from andon.analysis.freshness import age_seconds, state_now
from andon.model import SourceState, SourceStatus
from andon.tui.block_lines import LAMPS
from andon.tui.text import Line, cut, length, pad, piece, safe, width_of
from andon.tui.theme import Palette
from andon.views.columns.tones import SOURCE_TONES
from andon.views.formats import age_text
from andon.views.notes import source_cell
from andon.views.page import Tone

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


def _badge(text: str, style: Style) -> Line:
    return [Segment(f" {text} ", style)]


def first_line(facts: HeaderFacts, palette: Palette, width: int) -> Line:
    """Return brand, scope and identity at the left; demo, pause and mode at the right."""
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
    if not entries:
        return _filled([Segment(" no source yet", bar + palette.tone(Tone.MUTED))], bar, width)
    line: Line = [Segment(" ", bar)]
    used = 1
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


def _entry(
    tone: Tone, state: SourceState, status: SourceStatus, now: float, palette: Palette
) -> Line:
    bar = palette.chrome["bar"]
    age = age_seconds(status, now)
    calm = tone is Tone.GOOD
    words = source_cell(status, now).text
    if calm and age is not None:
        words += f" {age_text(age)}"
    return [
        Segment(f"{LAMPS[tone]} ", bar + palette.tone(tone)),
        piece(cut(status.name, 24), bar + palette.tone(Tone.NORMAL if calm else tone)),
        Segment(f" {words}", bar + palette.tone(Tone.MUTED if calm else tone)),
        Segment("   ", bar),
    ]


def _rest_words(entries: Sequence[tuple[Tone, SourceState, SourceStatus]]) -> str:
    states = {state for _, state, _ in entries}
    return next(iter(states)).value if len(states) == 1 else "more"


def _filled(line: Line, style: Style, width: int) -> Line:
    room = width - length(line)
    return [*line, Segment(" " * room, style)] if room > 0 else pad(line, width)


def header_lines(facts: HeaderFacts, palette: Palette, width: int, height: int) -> list[Line]:
    """Return one line, or two when the screen is high enough.

    On one line the worst source stands where the identity would.
    """
    if height >= 2:
        return [first_line(facts, palette, width), source_line(facts, palette, width)]
    entries = [(state_now(status, facts.now), status) for status in facts.sources]
    bad = [(state, status) for state, status in entries if state is not SourceState.LIVE]
    if not bad:
        return [first_line(facts, palette, width)]
    bad.sort(key=lambda entry: _ORDER.index(SOURCE_TONES[entry[0]]))
    return [_worst_line(*bad[0], facts, palette, width)]


def _worst_line(
    state: SourceState, status: SourceStatus, facts: HeaderFacts, palette: Palette, width: int
) -> Line:
    """Return the one line with the worst source instead of scope and identity."""
    bar, tone = palette.chrome["bar"], SOURCE_TONES[state]
    line = first_line(replace(facts, scope="", identity=""), palette, width)
    if len(line) < 2:
        return line
    brand, gap, *rest = line
    room = width_of(gap.text)
    words = source_cell(status, facts.now).text if state is SourceState.SLOW else state.value
    shown = cut(safe(f"{LAMPS[tone]} {status.name} {words}"), max(0, room - 1))
    filling = " " * (room - width_of(shown))
    return [brand, Segment(shown, bar + palette.tone(tone)), Segment(filling, bar), *rest]
