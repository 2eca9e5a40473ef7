"""What is written to the terminal for a partial update: just the cells of its regions.

Textual 8 writes each changed region from the start of its line and gives every segment its full
colours and a reset. Over a slow link that is most of what a quiet screen sends.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.strip import Strip

_RESET = "\x1b[0m"
_PROBE = "\x00"


@lru_cache(maxsize=2048)
def _codes(style: Style, system: ColorSystem) -> str:
    """Return the sequence that turns a style on."""
    return style.render(_PROBE, color_system=system).partition(_PROBE)[0]


class TightUpdate(ChopsUpdate):
    """The same update in fewer bytes."""

    @classmethod
    def of(cls, update: ChopsUpdate) -> TightUpdate:
        """Return an update that draws what another one does."""
        return cls(update.chops, update.spans, update.chop_ends)

    def render_segments(self, console: Console) -> str:
        """Return the sequences: a move for each run of cells, colours only where they change."""
        system = COLOR_SYSTEMS[console.color_system or "truecolor"]
        pen = _Pen(system)
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= x2 or end <= x1:
                    continue
                start = max(x, x1)
                pen.move(start, y)
                pen.write(_between(strip, start - x, min(end, x2) - x))
        return pen.done()


def _between(strip: Strip, start: int, end: int) -> Iterable[Segment]:
    if start == 0 and end >= strip.cell_length:
        return strip
    return strip.crop(start, end)


class _Pen:
    """Writes runs of cells and remembers where it is and in which colours."""

    def __init__(self, system: ColorSystem) -> None:
        self._system = system
        self._parts: list[str] = []
        self._style: Style | None = None

    def move(self, x: int, y: int) -> None:
        """Go to a cell."""
        self._parts.append(f"\x1b[{y + 1};{x + 1}H")

    def write(self, segments: Iterable[Segment]) -> None:
        """Write segments from where the pen is."""
        for segment in segments:
            style = segment.style
            if style is not None and style.link:
                self._use(None)
                self._parts.append(style.render(segment.text, color_system=self._system))
                continue
            self._use(style)
            self._parts.append(segment.text)

    def _use(self, style: Style | None) -> None:
        if style is self._style or style == self._style:
            return
        codes = _codes(style, self._system) if style is not None else ""
        before = _codes(self._style, self._system) if self._style is not None else ""
        if codes != before:
            # Every style begins from nothing: what the last one turned on must not stay.
            if before:
                self._parts.append(_RESET)
            self._parts.append(codes)
        self._style = style

    def done(self) -> str:
        """Return all that was written, ending without colours."""
        self._use(None)
        return "".join(self._parts)
