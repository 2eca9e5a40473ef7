"""The one registry of keys: bindings, footer, help and palette are all made from it.

Plain letters look; they never change the factory. What acts is upper case or a control key, and
opens a dialog that no single key confirms.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum

from andon.model import Kind
from andon.views.registry import VIEWS


class Where(StrEnum):
    """On what a key works."""

    EVERYWHERE = "everywhere"
    TABLE = "table"
    PANES = "panes"
    """Where the detail pane is open beside the view."""
    THING = "thing"
    """Where a row stands for a thing: tables, the detail pane and the overview's problems."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What one or more keys do."""

    id: str
    """The name in `[keys]` of the configuration."""
    keys: tuple[str, ...]
    label: str
    """One or two words for the footer."""
    summary: str
    """One line for help and the palette."""
    group: str
    where: Where = Where.EVERYWHERE
    rank: int = 0
    """Place in the footer, smallest first; 0 keeps it out."""
    verb: str = ""
    """The act it opens a dialog for."""
    kind: Kind | None = None
    """Only for things of this kind."""


VIEW_KEYS = tuple(
    Key(
        id=f"view.{view.name}",
        keys=(str(view.digit),),
        label=view.name,
        summary=f"{view.title}: {view.summary[0].lower()}{view.summary[1:]}",
        group="Views",
    )
    for view in VIEWS
)

KEYS: tuple[Key, ...] = (
    *VIEW_KEYS,
    Key(id="all", keys=("0",), label="all", summary="Every site, source and tenant again",
        group="Views"),
    Key(id="history.back", keys=("left_square_bracket",), label="back",
        summary="The place before this one", group="Views"),
    Key(id="history.forward", keys=("right_square_bracket",), label="forward",
        summary="The place gone back from", group="Views"),
    Key(id="history.last", keys=("minus",), label="last",
        summary="To and fro between the last two places", group="Views"),
    Key(id="command", keys=("colon",), label="command", group="Find", rank=2,
        summary="Go to a view or run a command by name; tab completes"),
    Key(id="filter", keys=("slash",), label="filter", group="Find", rank=3,
        summary="Show only rows that match; without rows here, go to the jobs that do"),
    Key(id="palette", keys=("ctrl+p",), label="palette", group="Find",
        summary="Every command, searched as you type"),
    Key(id="help", keys=("question_mark", "f1"), label="help", group="Find", rank=1,
        summary="Keys, columns and the filter language"),
    Key(id="up", keys=("up", "k"), label="up", summary="One row up", group="Move"),
    Key(id="down", keys=("down", "j"), label="down", summary="One row down", group="Move"),
    Key(id="page.up", keys=("pageup", "ctrl+b"), label="page up", group="Move",
        summary="One screen up"),
    Key(id="page.down", keys=("pagedown", "ctrl+f"), label="page down", group="Move",
        summary="One screen down"),
    Key(id="first", keys=("home", "g"), label="first", summary="First row", group="Move"),
    Key(id="last", keys=("end", "G"), label="last", summary="Last row", group="Move"),
    Key(id="left", keys=("left", "h"), label="left", group="Move", where=Where.TABLE,
        summary="The column to the left becomes the current one"),
    Key(id="right", keys=("right", "l"), label="right", group="Move", where=Where.TABLE,
        summary="The column to the right becomes the current one"),
    Key(id="pane", keys=("tab", "shift+tab"), label="pane", group="Move", where=Where.PANES, rank=4,
        summary="Between the table and the detail pane"),
    Key(id="open", keys=("enter", "d"), label="detail", group="Look", where=Where.THING, rank=4,
        summary="The thing and its neighbours; on a neighbour, go there"),
    Key(id="raw", keys=("y",), label="raw", group="Look", where=Where.THING, rank=11,
        summary="What the source itself says of it, in full"),
    Key(id="why", keys=("X",), label="why", group="Look", where=Where.THING, kind=Kind.JOB,
        rank=8, summary="Why the job is pending"),
    Key(id="sort", keys=("o", "O"), label="sort", group="Look", where=Where.TABLE, rank=12,
        summary="Sort by the current column; again turns the order round"),
    Key(id="invert", keys=("I",), label="invert", group="Look", where=Where.TABLE,
        summary="Turn the order round"),
    Key(id="wide", keys=("w", "ctrl+w"), label="wide", group="Look", where=Where.TABLE, rank=13,
        summary="All columns, or the ones that fit"),
    Key(id="pause", keys=("p",), label="pause", group="Look", rank=15,
        summary="Freeze what is shown; data goes on arriving"),
    Key(id="refresh", keys=("ctrl+r",), label="refresh", group="Look",
        summary="Ask every source now"),
    Key(id="mark", keys=("space",), label="mark", group="Act", where=Where.TABLE, rank=9,
        summary="Mark the row for the next act, or take the mark away"),
    Key(id="mark.range", keys=("ctrl+@", "ctrl+space"), label="range", group="Act",
        where=Where.TABLE, summary="Mark every row from the last mark to here"),
    Key(id="mark.clear", keys=("ctrl+backslash",), label="clear", group="Act",
        where=Where.TABLE, summary="Take every mark away"),
    Key(id="act.drain", keys=("D",), label="drain", group="Act", where=Where.THING,
        kind=Kind.NODE, verb="node.drain", rank=5,
        summary="Stop new work on the nodes"),
    Key(id="act.cordon", keys=("C",), label="cordon", group="Act", where=Where.THING,
        kind=Kind.NODE, verb="node.cordon", rank=14,
        summary="Keep new work off the nodes, whatever their backend calls that"),
    Key(id="act.undrain", keys=("U",), label="undrain", group="Act", where=Where.THING,
        kind=Kind.NODE, verb="node.undrain", rank=6,
        summary="Let the nodes take new work again"),
    Key(id="act.cancel", keys=("ctrl+d",), label="cancel", group="Act", where=Where.THING,
        kind=Kind.JOB, verb="job.cancel", rank=5, summary="End the jobs"),
    Key(id="act.hold", keys=("H",), label="hold", group="Act", where=Where.THING,
        kind=Kind.JOB, verb="job.hold", rank=14, summary="Keep pending jobs from starting"),
    Key(id="act.menu", keys=("x",), label="actions", group="Act", where=Where.THING, rank=7,
        summary="Everything that can be done to the row"),
    Key(id="escape", keys=("escape",), label="back", group="Leave",
        summary="Clear the filter, close the pane, go back"),
    Key(id="back", keys=("q",), label="back", group="Leave", rank=10,
        summary="Go back; quits where there is nothing to go back to"),
    Key(id="suspend", keys=("ctrl+z",), label="suspend", group="Leave",
        summary="To the shell; `fg` comes back"),
    Key(id="quit", keys=("ctrl+q", "ctrl+c"), label="quit", group="Leave",
        summary="Quit; acts that are under way go on"),
)  # fmt: skip

GROUPS = ("Views", "Find", "Move", "Look", "Act", "Leave")

_SHOWN = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
    "colon": ":",
    "slash": "/",
    "question_mark": "?",
    "ctrl+@": "ctrl-space",
    "ctrl+space": "ctrl-space",
    "ctrl+backslash": "ctrl-\\",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def shown(key: str) -> str:
    """Return a key as people write it: `ctrl-d`, `?`, `esc`."""
    return _SHOWN.get(key) or key.replace("ctrl+", "ctrl-").replace("shift+", "shift-")


def spelled(key: str) -> str:
    """Return a key that people wrote (`ctrl-d`, `?`, `esc`) as Textual names it."""
    written = key.strip()
    names = {shown_as: name for name, shown_as in _SHOWN.items()}
    if written in names:
        return names[written]
    return written.replace("ctrl-", "ctrl+").replace("shift-", "shift+")


def _may_act(key: str) -> bool:
    """Return whether an act may lie on a key: upper case or control, never a plain key."""
    return (len(key) == 1 and key.isupper()) or key.startswith("ctrl+")


def _like(name: str, known: Collection[str]) -> str:
    """Return which ids a name may have been meant for, all of them where none comes close."""
    names = sorted(known)
    # `drain` for `act.drain`, `nodes` for `view.nodes`.
    same = [each for each in names if each.rpartition(".")[2] == name]
    close = same or get_close_matches(name[:64], names, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(names)}"


def with_overrides(
    registry: Sequence[Key], overrides: Mapping[str, Sequence[str]]
) -> tuple[tuple[Key, ...], tuple[str, ...]]:
    """Return the registry with other keys for some ids, and what is wrong with the overrides.

    A key taken by an override is taken away from whoever had it. An act may lie on an upper-case
    letter or a control key only.
    """
    problems: list[str] = []
    known = {key.id for key in registry}
    taken: dict[str, str] = {}
    for name, keys in overrides.items():
        entry = next((key for key in registry if key.id == name), None)
        if entry is None:
            problems.append(f"[keys] {name}: no such action; {_like(name, known)}")
            continue
        for key in map(spelled, keys):
            if entry.verb and not _may_act(key):
                problems.append(f"[keys] {name}: “{key}” is a plain key, and plain keys never act")
            else:
                taken[key] = name
    made = []
    for entry in registry:
        if entry.id in overrides:
            wanted = map(spelled, overrides[entry.id])
            keys = tuple(key for key in wanted if taken.get(key) == entry.id)
            made.append(replace(entry, keys=keys or entry.keys))
        else:
            kept = tuple(key for key in entry.keys if key not in taken)
            made.append(replace(entry, keys=kept))
    return tuple(made), tuple(problems)


@dataclass(frozen=True, slots=True)
class Context:
    """What the keys are pressed on."""

    table: bool = False
    kind: Kind | None = None
    """Kind of the thing under the cursor."""
    thing: bool = False
    """Whether there is a thing under the cursor."""
    panes: bool = False
    """Whether the detail pane is open."""


def works(key: Key, context: Context) -> bool:
    """Return whether a key does something here."""
    if key.where is Where.TABLE and not context.table:
        return False
    if key.where is Where.THING and not context.thing:
        return False
    if key.where is Where.PANES and not context.panes:
        return False
    return key.kind is None or key.kind is context.kind


def typing_footer(sign: str) -> list[tuple[str, str, bool]]:
    """Return the same while something is typed after `:` or `/`: no other key works then."""
    takes, leaves = ("run", "leave") if sign == ":" else ("keep", "restore")
    return [
        ("enter", takes, True),
        ("esc", leaves, True),
        ("tab", "complete", True),
        ("↑", "earlier", True),
    ]


def footer(
    registry: Iterable[Key], context: Context, *, armed: bool, root: bool = False
) -> list[tuple[str, str, bool]]:
    """Return key, label and whether it does something now, the most useful first.

    What acts is left out while nothing may be changed.
    """
    keys = tuple(registry)
    entries = [key for key in keys if key.rank and key.keys and works(key, context)]
    entries = [key for key in entries if armed or key.group != "Act"]
    if not context.table:
        # Where there are no rows a filter leads elsewhere: no first thing to know.
        entries = [key for key in entries if key.id != "filter"]
    entries.sort(key=lambda key: key.rank)
    made = [
        (shown(entry.keys[0]), "quit" if root and entry.id == "back" else entry.label, True)
        for entry in entries
    ]
    digits = "".join(key.keys[0] for key in keys if key.id.startswith("view.") and key.keys)
    if digits in "123456789":
        made.insert(1, (f"{digits[0]}-{digits[-1]}", "views", True))
    return made
