"""Where the viewer is and was: a history to walk like a browser's. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from andon.model import Kind
from andon.views.registry import VIEWS, view_of_kind
from andon.views.state import ViewState
from andon.views.targets import ABOUT_THINGS, row_target

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to look at."""

    view: str
    """Name of the view whose rows are things like it, or of the table its row is in."""
    key: str

    @property
    def kind(self) -> Kind | None:
        """Its kind; `None` for sources and for rows that are about no one thing."""
        spec = next((spec for spec in VIEWS if spec.name == self.view), None)
        if spec is not None:
            return spec.kind
        target = row_target(self.key) if self.view in ABOUT_THINGS else None
        return target[0] if target else None

    @property
    def has_view(self) -> bool:
        """Whether there is a view among whose rows it is."""
        return any(spec.name == self.view for spec in VIEWS)


def thing_of(table: str, key: str) -> Thing:
    """Return what a row of a table on a page stands for."""
    target = row_target(key) if table in ABOUT_THINGS else None
    if target is None:
        return Thing(table, key)
    kind, of = target
    if kind is None:
        return Thing("sources", of)
    spec = view_of_kind(kind)
    return Thing(spec.name, of) if spec else Thing(table, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A view with what was chosen in it."""

    state: ViewState
    cursor: str | None = None
    """Key of the row under the cursor."""
    detail: Thing | None = None
    """What the detail pane shows, when it is open."""
    followed: bool = False
    """Reached by following a neighbour, so that going back leads to where that was."""


@dataclass(slots=True)
class Places:
    """The places one was at, and which of them is now."""

    root: str
    """The view the session began with: `q` ends there."""
    visited: list[Place] = field(default_factory=list)
    at: int = -1
    last: int | None = None
    """Where one was before the last move."""

    @property
    def now(self) -> Place:
        """Where the viewer is."""
        return self.visited[self.at]

    def go(self, place: Place) -> None:
        """Go to a new place; what was ahead is forgotten."""
        before = self.at
        self.visited[self.at + 1 :] = [place]
        if len(self.visited) > _LIMIT:
            del self.visited[0]
            before -= 1
        self.at = len(self.visited) - 1
        self.last = before if before >= 0 else None

    def amend(self, place: Place) -> None:
        """Change the place one is at without a step in the history."""
        self.visited[self.at] = place

    def step(self, by: int) -> Place | None:
        """Walk back (-1) or forward (+1); `None` at either end."""
        to = self.at + by
        if not 0 <= to < len(self.visited):
            return None
        self.last, self.at = self.at, to
        return self.now

    def toggle(self) -> Place | None:
        """Go to the place before the last move, so that twice is to and fro."""
        if self.last is None or not 0 <= self.last < len(self.visited):
            return None
        self.last, self.at = self.at, self.last
        return self.now

    def up(self) -> Place | None:
        """Return the place `q` leads to, or `None` at the root, where it quits.

        First the pane closes; a place that was followed to leads back; any other view leads to the
        one the session began with.
        """
        place = self.now
        if place.followed and self.at > 0:
            return self.step(-1)
        if place.detail is not None:
            self.amend(replace(place, detail=None))
            return self.now
        if place.state.view == self.root:
            return None
        earlier = [seen for seen in self.visited if seen.state.view == self.root]
        state = earlier[-1].state if earlier else ViewState(view=self.root)
        cursor = earlier[-1].cursor if earlier else None
        self.go(Place(state=state, cursor=cursor))
        return self.now
