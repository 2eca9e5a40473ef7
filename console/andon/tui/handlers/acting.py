"""From a key to a confirmed plan, and from there to outcomes. Nothing is sent before the dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from andon.model import Intent, Kind, Plan, Refusal, Target
from andon.sdk.clean import clean
from andon.sdk.errors import AndonError
from andon.tui.activity import Running
from andon.tui.backend import Chosen
from andon.tui.handlers.rereading import when_known
from andon.tui.screens.confirm import ConfirmScreen
from andon.tui.screens.menu import MenuScreen
from andon.views.page import Tone

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen

REASON_BLANK = "…"
"""Stands for the reason in a plan that is shown before one is given; never sent."""
_HIDDEN = "{count} marked rows are hidden by the filter and left out"


def _refuse(screen: MainScreen, text: str, *, severity: str = "warning") -> None:
    screen.notify(clean(text), severity=severity, markup=False)  # type: ignore[arg-type]


def _selection(screen: MainScreen, kind: Kind) -> tuple[str, ...]:
    """Return the keys to act on: the marks in sight, else the thing under the cursor."""
    if screen.context().table and screen.view.kind is kind:
        marked = screen.table.marked_keys()
        hidden = len(screen.table.marks) - len(marked)
        if hidden:
            _refuse(screen, _HIDDEN.format(count=hidden))
        if marked:
            return marked
        if hidden:
            return ()
    thing = screen.thing()
    if thing is None or thing.kind is not kind:
        return ()
    return (thing.key,)


def _read_only(screen: MainScreen) -> bool:
    why = screen.backend.read_only_why
    if why is not None:
        _refuse(screen, why)
    return why is not None


def act(verb: str) -> Callable[[MainScreen], None]:
    """Return what opens the dialog for a verb on what is marked or under the cursor."""

    def begin(screen: MainScreen) -> None:
        if _read_only(screen):
            return
        kind = Kind(verb.partition(".")[0])
        keys = _selection(screen, kind)
        if not keys:
            _refuse(screen, f"choose a {kind.value} first")
            return
        when_known(screen, kind, keys, lambda: _open(screen, verb, keys))

    return begin


def _open(screen: MainScreen, verb: str, keys: Sequence[str]) -> None:
    """Open the dialog for a verb on things."""
    try:
        # Frozen here and now: what moves under the dialog changes nothing.
        chosen = screen.backend.choose(screen.desk.snapshot, verb, keys)
        plans = _plans(screen, chosen, REASON_BLANK if chosen.verb.needs_reason else "")
    except AndonError as error:
        _refuse(screen, _said(error), severity="error")
        return
    _confirm_next(screen, chosen, plans, 0, "")


def _said(error: AndonError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _plans(
    screen: MainScreen, chosen: Chosen, reason: str, refusals: Sequence[Refusal] | None = None
) -> tuple[Plan, ...]:
    intent = Intent(
        verb=chosen.verb.name,
        targets=chosen.targets,
        reason=reason,
        actor=screen.backend.identity,
    )
    left_out = chosen.refusals if refusals is None else refusals
    snapshot, now = screen.desk.snapshot, screen.desk.time
    try:
        return screen.backend.plan(intent, left_out, snapshot, now)
    except AndonError:
        if reason:
            raise
        # A large effect wants a reason even where its verb does not: shown with a blank one.
        blank = Intent(
            verb=intent.verb, targets=intent.targets, reason=REASON_BLANK, actor=intent.actor
        )
        return screen.backend.plan(blank, left_out, snapshot, now)


def _confirm_next(
    screen: MainScreen, chosen: Chosen, plans: tuple[Plan, ...], at: int, reason: str
) -> None:
    """Show the dialogs one after another: each different effect is confirmed by itself."""
    if at >= len(plans):
        return
    mine = plans[at]
    steps = {step.target.key: step.target for step in mine.steps}
    targets: tuple[Target, ...] = tuple(steps.values())
    part = Chosen(chosen.verb, targets, mine.refusals)

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
            label=chosen.verb.label,
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
    tones = {Tone.BAD: "error", Tone.WARN: "warning"}
    trouble = f"  {running.first_trouble}" if running.first_trouble else ""
    _refuse(
        screen,
        f"{running.plan.title}: {running.summary}{trouble}",
        severity=tones.get(running.tone, "information"),
    )
    screen.backend.refresh()
    screen.redraw()


def show_menu(screen: MainScreen) -> None:
    """List everything that can be done to the thing under the cursor."""
    thing = screen.thing()
    kind = thing.kind if thing else None
    verbs = screen.backend.verbs(kind) if kind else ()
    if thing is None or kind is None or not verbs:
        _refuse(screen, "nothing can be done to this")
        return
    if _read_only(screen):
        return
    choices = [(verb.name, verb.name.partition(".")[2], verb.label) for verb in verbs]
    count = len(_selection(screen, kind))
    title = f"{count} marked" if count > 1 else f"{kind.value} {thing.key}"

    def chosen(name: str | None) -> None:
        if name is not None:
            act(name)(screen)

    screen.app.push_screen(MenuScreen(title, choices), chosen)
