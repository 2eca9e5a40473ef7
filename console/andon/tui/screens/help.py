"""Help, made from the key registry, the columns of the view and the filter language."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from andon.tui.commands import WORDS
from andon.tui.keys import GROUPS, Key, shown
from andon.tui.screens.pager import ReadingScreen
from andon.tui.text import Line, fit, piece, wrap
from andon.tui.theme import Palette
from andon.views.page import Tone
from andon.views.registry import ViewSpec

_KEYS_WIDTH = 20
_VALUES_WIDTH = 44
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
    """The help of one view."""

    def __init__(self, lines: list[Line], palette: Palette) -> None:
        super().__init__("Help", palette)
        self._made = lines

    def on_mount(self) -> None:
        """Show it."""
        self.draw(self._made)

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.draw(self._made)


def help_lines(registry: Sequence[Key], view: ViewSpec, palette: Palette) -> list[Line]:
    """Return the lines of help for a view."""
    lines: list[Line] = [_note("Plain letters look, they never change the factory.", palette)]
    for group in GROUPS:
        entries = [key for key in registry if key.group == group and key.keys]
        lines += [[], _head(group, palette)]
        lines += [_pair(_names(key), key.summary, palette) for key in entries]
    lines += [[], _head("After :", palette)]
    lines.append(_pair("VIEW [FILTER]", "Go to a view, for example jobs state=pending", palette))
    lines += [_pair(f"{word.name} {word.takes}", word.summary, palette) for word in WORDS]
    lines += [[], _head("Filters, after /", palette)]
    lines += [_pair(example, meaning, palette, 28) for example, meaning in FILTER_LINES]
    if view.columns:
        lines += [[], _head(f"Columns of {view.title}", palette)]
        for spec in view.columns:
            if spec.name in view.every_column:
                lines.append(_pair(spec.name, spec.column.summary, palette, 28))
                lines += _choices(spec.choices, palette)
    lines += [[], _head("Acting", palette)]
    lines.append(_note("Read-only unless started with andon --write.", palette))
    lines.append(_note("Every act shows its plan first; enter alone never confirms.", palette))
    return lines


def _choices(choices: Sequence[str], palette: Palette) -> list[Line]:
    """Return the values a column may have, in lines that are whole at 80 cells too."""
    lines = wrap(", ".join(choices), _VALUES_WIDTH) if choices else []
    return [[Segment(" " * 32), piece(line, palette.tone(Tone.MUTED))] for line in lines]


def _names(key: Key) -> str:
    return " ".join(dict.fromkeys(shown(name) for name in key.keys))


def _head(text: str, palette: Palette) -> Line:
    return [Segment(text, palette.chrome["title"])]


def _note(text: str, palette: Palette) -> Line:
    return [Segment(text, palette.tone(Tone.MUTED))]


def _pair(left: str, right: str, palette: Palette, width: int = _KEYS_WIDTH) -> Line:
    return [
        Segment("  "),
        Segment(fit(left, width), palette.chrome["key"]),
        Segment("  "),
        piece(right, palette.tone(Tone.NORMAL)),
    ]
