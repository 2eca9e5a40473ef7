"""Help, made from the key registry, the columns of the view and the filter language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from andon.tui.commands import WORDS
from andon.tui.keys import GROUPS, Key, shown
from andon.tui.screens.pager import ReadingScreen
from andon.tui.text import Line, beside, crop, fit, piece, width_of, wrap
from andon.tui.theme import Palette
from andon.views.page import Tone
from andon.views.registry import ViewSpec

_TWO_FROM = 130
"""From this width on there are two columns."""
_APART = 4
_KEYS_MOST = 26
_ACTING = (
    "Plain letters look, they never change the factory.",
    "Read-only unless started with andon --write.",
    "Every act shows its plan first; enter alone never confirms.",
)
FILTER_LINES = (
    ("gpu-01", "free text: in what is shown, whatever the case"),
    ("state=drained,down", "any of a list; * and ? stand for anything"),
    ("mem>70GiB idle>30m", "units; words beside each other must all hold"),
    ("power<=400W", "also != < >= and percent"),
    ("!(user=alice | user~^svc)", "not, or, regular expression; & is and"),
    ("reason=-", "not reported"),
    ("tab", "the column or value that fits; again: the next one"),
)


class HelpScreen(ReadingScreen):
    """The help of one view.

    Args:
        made: from a width to the lines.
        palette: the styles.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1", "leave", show=False)]

    def __init__(self, made: Callable[[int], list[Line]], palette: Palette) -> None:
        super().__init__("Help", palette)
        self._made = made

    def on_mount(self) -> None:
        """Show it."""
        self._lay_out()

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self._lay_out()

    def _lay_out(self) -> None:
        # Without the margin at the left and the scroll bar.
        self.draw(self._made(max(1, self.size.width - 2)))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What stands at the left, what it means, and what is said below it."""

    left: str
    right: str
    below: str = ""


def help_lines(registry: Sequence[Key], view: ViewSpec, palette: Palette, width: int) -> list[Line]:
    """Return the lines of help for a view, in two columns where there is room."""
    count = 2 if width >= _TWO_FROM else 1
    each = (width - _APART * (count - 1)) // count
    parts = [
        [*_wrapped(title, palette.chrome["title"], each), *_section(entries, palette, each)]
        for title, entries in _sections(registry, view)
    ]
    acting = [
        *_wrapped("Acting", palette.chrome["title"], each),
        *(line for note in _ACTING for line in _wrapped(note, palette.tone(Tone.MUTED), each)),
    ]
    columns: list[list[Line]] = [[] for _ in range(count)]
    half = sum(len(part) + 1 for part in [*parts, acting]) / count
    at = 0
    for part in [*parts, acting]:
        if at < count - 1 and len(columns[at]) + len(part) / 2 > half:
            at += 1
        columns[at] += [*([[]] if columns[at] else []), *part]
    return columns[0] if count == 1 else beside(columns, [each] * count, _APART)


def _sections(registry: Sequence[Key], view: ViewSpec) -> Iterator[tuple[str, list[_Entry]]]:
    for group in GROUPS:
        keys = [key for key in registry if key.group == group and key.keys]
        yield group, [_Entry(_names(key), key.summary) for key in keys]
    words = [_Entry(f"{word.name} {word.takes}".strip(), word.summary) for word in WORDS]
    yield "After :", [_Entry("VIEW [FILTER]", "Go to a view: jobs state=pending"), *words]
    yield "Filters, after /", [_Entry(*line) for line in FILTER_LINES]
    if view.columns:
        yield (
            f"Columns of {view.title}",
            [
                _Entry(spec.name, spec.column.summary, ", ".join(spec.choices))
                for spec in view.columns
                if spec.name in view.every_column
            ],
        )


def _section(entries: Sequence[_Entry], palette: Palette, width: int) -> list[Line]:
    """Return entries with what they mean beside them, all at one distance."""
    widest = max((width_of(entry.left) for entry in entries), default=0)
    left = min(widest, _KEYS_MOST, max(1, width // 2 - 4))
    room = max(1, width - left - 4)
    lines: list[Line] = []
    for entry in entries:
        heads = wrap(entry.left, left)
        says = [(text, Tone.NORMAL) for text in wrap(entry.right, room)]
        if entry.below:
            says += [(text, Tone.MUTED) for text in wrap(entry.below, room)]
        for at in range(max(len(heads), len(says))):
            head = heads[at] if at < len(heads) else ""
            text, tone = says[at] if at < len(says) else ("", Tone.NORMAL)
            line = [Segment("  "), Segment(fit(head, left), palette.chrome["key"])]
            lines.append(crop([*line, Segment("  "), piece(text, palette.tone(tone))], width))
    return lines


def _wrapped(text: str, style: Style, width: int) -> list[Line]:
    return [[Segment(part, style)] for part in wrap(text, width)]


def _names(key: Key) -> str:
    return " ".join(dict.fromkeys(shown(name) for name in key.keys))
