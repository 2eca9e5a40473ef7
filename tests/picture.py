"""Draw the picture of the README: the console's overview of the demo, at one frozen moment.

    python -m tests.picture [FILE]

Everything in it follows from the demo's seed, so that it changes only when the console does.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from andon.model import Batch, Fault, SourceStatus
from andon.runtime.config_records import Config
from andon.runtime.discovery import load_all
from andon.runtime.oneshot import collect
from andon.runtime.paths import Paths
from andon.runtime.sources import DemoRequest, open_sources, resolve
from andon.store import Snapshot
from andon.tui.app import AndonApp, Tempo
from andon.tui.theme import load_themes
from andon.views.state import ViewState
from tests.tui.world import MemoryBackend

PICTURE = Path(__file__).parent.parent / "console" / "docs" / "overview.svg"
COLUMNS, ROWS = 120, 36
NOW = 1_800_000_300.0
COURSE_SECONDS = 900
STEP_SECONDS = 5
_CELL = 12.2
"""Width of a cell in the picture's units."""
_INDENTED = re.compile(r'x="([0-9.]+)"( y="[0-9.]+") textLength="([0-9.]+)"([^>]*)>((?:&#160;)+)')
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = NOW - COURSE_SECONDS

    def __call__(self) -> float:
        """Return the moment it stands at."""
        return self.now


async def draw(folder: Path) -> str:
    """Return the picture as SVG.

    Args:
        folder: for whatever the demo wants to keep.
    """
    clock = Clock()
    environ = {"HOME": str(folder), "ANDON_STATE_DIR": str(folder)}
    paths = Paths.from_environ(environ)
    discovery = load_all()
    specs = resolve(Config(), discovery, DemoRequest(seed=7), environ).specs
    opened = open_sources(specs, discovery, paths, environ, clock)
    kinds = frozenset(kind for source in opened.sources for kind in source.intervals_seconds)
    backend = MemoryBackend()
    app = AndonApp(
        backend=backend,
        themes=load_themes(),
        start=ViewState(view="overview"),
        clock=clock,
        tempo=Tempo(redraw_seconds=0, tick_seconds=0, filter_seconds=0, deaf_seconds=0),
    )
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        while clock.now < NOW:
            clock.now += STEP_SECONDS
            seen = await collect(opened.sources, specs, kinds, 60.0, clock, verbs=opened.verbs)
            for report in _reports(seen):
                app.desk.take(report)
            await app.desk.note(numbers=True)
        for report in _reports(seen):
            backend.queue.put_nowait(report)
        await pilot.pause()
        await pilot.pause()
        picture = app.export_screenshot(title="andon demo")
    # Fonts of a far server would be fetched by whoever looks at the picture.
    return _INDENTED.sub(_outdented, _FONTS.sub("", picture))


def _outdented(text: re.Match[str]) -> str:
    """Return a text that begins where its first letter is: some viewers drop leading blanks."""
    x, y, length, rest, blanks = text.groups()
    gone = blanks.count("&") * _CELL
    return f'x="{float(x) + gone:.1f}"{y} textLength="{float(length) - gone:.1f}"{rest}>'


def _reports(snapshot: Snapshot) -> list[SourceStatus | Batch | Fault]:
    """Return a look at everything as what the collector would have sent."""
    reports: list[SourceStatus | Batch | Fault] = []
    for name, status in snapshot.sources.items():
        reports.append(status)
        said = {kind: facets[name] for kind, facets in snapshot.facets.items() if name in facets}
        if said:
            reports.append(
                Batch(
                    source=name,
                    observed_at=max(facets.observed_at for facets in said.values()),
                    records=tuple(
                        record for facets in said.values() for record in facets.records.values()
                    ),
                    whole=frozenset(said),
                    coverage=status.coverage,
                    identity=status.identity,
                    version=status.version,
                )
            )
    return reports


def main(arguments: Sequence[str]) -> None:
    """Write the picture to the file named, or to where the README expects it."""
    target = Path(arguments[0]) if arguments else PICTURE
    with tempfile.TemporaryDirectory() as folder:
        target.write_text(asyncio.run(draw(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
