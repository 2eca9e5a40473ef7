"""Before something is planned on a thing that was just acted on: wait for the act, read it again.

What the screen shows of it is from before the act until the next batch comes, and a plan made on
that would be refused, or speak of a state that is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from andon.model import Kind
from andon.tui.screens.rereading import RereadingScreen

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen

_NOT_READ = "{name} could not be read again: this is from before the last act on it"


def when_known(
    screen: MainScreen, kind: Kind, keys: Sequence[str], then: Callable[[tuple[str, ...]], None]
) -> None:
    """Call `then`, at once or when what this session did to things has been read again.

    Args:
        screen: the main screen.
        kind: the kind of things.
        keys: the things that are to be acted on.
        then: opens the dialog; takes what there is to say of the wait. It is not called when the
            viewer leaves instead. A source that does not answer does not keep it from being called.
    """
    reading = _Reading(screen, kind, keys)
    if reading.known():
        then(())
        return

    def decided(known: bool | None) -> None:
        if known is not None:
            then(() if known else (_NOT_READ.format(name=reading.name),))

    text = f"reading {reading.name} again after the last act on it …"
    screen.app.push_screen(RereadingScreen(text, reading.known, screen.palette), decided)


class _Reading:
    """One wait: for acts to be answered, then for their targets to be read since."""

    def __init__(self, screen: MainScreen, kind: Kind, keys: Sequence[str]) -> None:
        self._screen = screen
        self._kind = kind
        self._keys = frozenset(keys)
        self._asked: dict[str, float] | None = None
        """By source, since when it must have been read."""
        self.name = f"{kind.value} {keys[0].rpartition('/')[2]}"
        if len(keys) > 1:
            self.name = f"{len(keys)} {kind.value}s"

    def known(self) -> bool | None:
        """Whether the things were read since; `None` when their source cannot be read."""
        if self._asked is None:
            if self._screen.activity.awaits_answer(self._kind, self._keys):
                return False
            self._asked = self._ask()
        snapshot = self._screen.desk.snapshot
        late = [
            source
            for source, at in self._asked.items()
            if (said := snapshot.of(self._kind).get(source)) is None or said.observed_at < at
        ]
        for source in late:
            status = snapshot.sources.get(source)
            fault = status.fault if status else None
            if fault is not None and fault.at >= self._asked[source]:
                return None
        return not late

    def _ask(self) -> dict[str, float]:
        """Ask for what was acted on since it was read, and say since when it must be read."""
        behind = self._screen.activity.behind(self._kind, self._screen.desk.snapshot)
        mine = {one.target.source for one in behind if one.target.key in self._keys}
        # All of them: what one answer says is taken for when the whole kind was observed.
        wanted = [one for one in behind if one.target.source in mine]
        if wanted:
            self._screen.backend.reread([one.target for one in wanted])
        return {
            source: max(one.at for one in wanted if one.target.source == source) for source in mine
        }
