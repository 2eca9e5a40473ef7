"""From a key to a confirmed plan, and from there to outcomes. Nothing is sent before the dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from andon.model import Intent, Kind, Plan, Target
from andon.runtime.planning import NothingToDo
from andon.sdk.clean import clean
from andon.sdk.errors import AndonError
from andon.tui.activity import Running
from andon.tui.backend import Chosen
from andon.tui.handlers.rereading import when_known
from andon.tui.keys import shown
from andon.tui.screens.confirm import ConfirmScreen
from andon.tui.screens.pager import ReadingScreen
from andon.views.formats import plural
from andon.views.page import Tone

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen

REASON_BLANK = "…"
"""Stands for the reason in a plan that is shown before one is given; never sent."""
_HIDDEN = "the filter hides {rows}: left out"


def refuse(screen: MainScreen, text: str, *, severity: str = "warning") -> None:
    """Say in a toast why nothing is done."""
    screen.notify(clean(text), severity=severity, markup=False)  # type: ignore[arg-type]


def selection(screen: MainScreen, kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what to act on, and what to say of that choice.

    Returns:
        Keys: the marks in sight, else the thing under the cursor; and notes.
    """
    if screen.context().table and screen.view.kind is kind:
        marked = screen.table.marked_keys()
        hidden = len(screen.table.marks) - len(marked)
        notes = (_HIDDEN.format(rows=plural(hidden, "marked row")),) if hidden else ()
        if marked or hidden:
            return marked, notes
    thing = screen.thing()
    if thing is None or thing.kind is not kind:
        return (), ()
    return (thing.key,), ()


def no_choice(screen: MainScreen, kind: Kind) -> str:
    """Return why there is nothing to act on: nothing is chosen, or no mark is in sight."""
    hidden = len(screen.table.marks) if screen.context().table and screen.view.kind is kind else 0
    if not hidden:
        return f"choose a {kind.value} first"
    keys = [shown(key.keys[0]) for key in screen.registry if key.id == "mark.clear" and key.keys]
    clear = f"{keys[0]} clears" if keys else "clear"
    what = f"{plural(hidden, f'marked {kind.value}')} {'is' if hidden == 1 else 'are'}"
    return f"{what} hidden by the filter, none in sight is marked: {clear} the marks"


def is_read_only(screen: MainScreen) -> bool:
    """Whether nothing may be changed; says why and how to arm."""
    why = screen.backend.read_only_why
    if why is not None:
        refuse(screen, why)
    return why is not None


def act(verb: str) -> Callable[[MainScreen], None]:
    """Return what opens the dialog for a verb on what is marked or under the cursor."""

    def begin(screen: MainScreen) -> None:
        if is_read_only(screen):
            return
        kind = Kind(verb.partition(".")[0])
        keys, notes = selection(screen, kind)
        if not keys:
            refuse(screen, no_choice(screen, kind))
            return
        when_known(screen, kind, keys, lambda more: _open(screen, verb, keys, (*notes, *more)))

    return begin


def _open(screen: MainScreen, verb: str, keys: Sequence[str], notes: tuple[str, ...]) -> None:
    """Open the dialog for a verb on things."""
    try:
        # Frozen here and now: what moves under the dialog changes nothing.
        chosen = screen.backend.choose(screen.desk.snapshot, verb, keys)
        chosen = replace(chosen, notes=notes)
        plans = _plans(screen, chosen, REASON_BLANK if chosen.verb.needs_reason else "")
    except NothingToDo as error:
        refuse(screen, _said(error), severity="information" if error.already else "error")
        return
    except AndonError as error:
        refuse(screen, _said(error), severity="error")
        return
    _confirm_next(screen, chosen, plans, 0, "")


def _said(error: AndonError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _plans(screen: MainScreen, chosen: Chosen, reason: str) -> tuple[Plan, ...]:
    intent = Intent(
        verb=chosen.verb.name,
        targets=chosen.targets,
        reason=reason,
        actor=screen.backend.identity,
    )
    snapshot, now = screen.desk.snapshot, screen.desk.time
    try:
        plans = screen.backend.plan(intent, chosen.refusals, snapshot, now)
    except AndonError:
        if reason:
            raise
        # A large effect wants a reason even where its verb does not: shown with a blank one.
        blank = changed(intent, reason=REASON_BLANK)
        plans = screen.backend.plan(blank, chosen.refusals, snapshot, now)
    return tuple(changed(plan, warnings=(*chosen.notes, *plan.warnings)) for plan in plans)


def _confirm_next(
    screen: MainScreen, chosen: Chosen, plans: tuple[Plan, ...], at: int, reason: str
) -> None:
    """Show the dialogs one after another: each different effect is confirmed by itself."""
    if at >= len(plans):
        return
    mine = plans[at]
    steps = {step.target.key: step.target for step in mine.steps}
    targets: tuple[Target, ...] = tuple(steps.values())
    part = replace(chosen, targets=targets, refusals=mine.refusals)

    def planner(text: str) -> Plan:
        needs = chosen.verb.needs_reason or mine.reason == REASON_BLANK
        made = _plans(screen, part, text or (REASON_BLANK if needs else ""))
        return made[0]

    def decided(plan: Plan | None) -> None:
        if plan is not None and plan.reason != REASON_BLANK:
            screen.table.clear_marks()
            _launch(screen, plan)
        _confirm_next(screen, chosen, plans, at + 1, plan.reason if plan else reason)

    given = "" if mine.reason == REASON_BLANK else mine.reason
    screen.app.push_screen(
        ConfirmScreen(
            planner=planner,
            plan=mine,
            given=reason or given,
            needs_reason=mine.reason == REASON_BLANK,
            palette=screen.palette,
            clock=lambda: screen.desk.time,
            part=f"{at + 1} of {len(plans)}" if len(plans) > 1 else "",
            deaf_seconds=screen.deaf_seconds,
        ),
        decided,
    )


def _launch(screen: MainScreen, plan: Plan) -> None:
    running = screen.activity.start(plan)
    screen.redraw()
    screen.run_worker(_follow(screen, running), exit_on_error=False)


async def _follow(screen: MainScreen, running: Running) -> None:
    """Take outcomes as they come; the table changes only when the next batch says so."""
    try:
        async for outcome in screen.backend.launch(running.plan):
            running.take(outcome)
            screen.andon.news.publish(None)
            screen.redraw()
    except AndonError as error:
        running.error = _said(error)
    except Exception as error:  # noqa: BLE001 - the plan runs on; the screen must say so and live
        running.error = clean(f"cannot be followed: {type(error).__name__}: {error}")
    running.ended = True
    screen.andon.news.publish(None)
    if isinstance(screen.app.screen, ReadingScreen) and running.stays:
        _tell(screen, running)
    screen.backend.refresh()
    screen.redraw()


def _tell(screen: MainScreen, running: Running) -> None:
    """Say that a plan met trouble while its line is out of sight."""
    trouble = f"  {running.first_trouble}" if running.first_trouble else ""
    refuse(
        screen,
        f"{running.plan.title}: {running.summary}{trouble}",
        severity="error" if running.tone is Tone.BAD else "warning",
    )


def why_not(screen: MainScreen, verb: str, keys: Sequence[str]) -> str:
    """Return why a verb can be done to none of these things, nothing when it can."""
    try:
        chosen = screen.backend.choose(screen.desk.snapshot, verb, keys)
        _plans(screen, chosen, REASON_BLANK)
    except NothingToDo as error:
        return error.refusals[0].why if error.refusals else error.message
    except AndonError as error:
        return error.message
    return ""
