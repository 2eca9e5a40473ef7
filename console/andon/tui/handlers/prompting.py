"""What is typed after `:` and `/`, as it is typed and when it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed_struct

from andon.sdk.errors import UsageError
from andon.tui.commands import (
    Candidate,
    Command,
    CommandError,
    Vocabulary,
    complete,
    hint,
    parse,
)
from andon.tui.handlers import commanding, filtering
from andon.tui.handlers.going import close_detail
from andon.views.filters import FilterError, compile_filter
from andon.views.registry import view_named
from andon.views.tables import filter_fields

if TYPE_CHECKING:
    from andon.tui.screens.main import MainScreen

_NO_ROWS = "nothing to filter here: enter goes to the jobs that match, esc leaves"
_FILTER_HINT = "words · column=value · != > < ~regex · & | ! ( ) · enter keeps, esc restores"


def open_command(screen: MainScreen) -> None:
    """Open the prompt for a command."""
    screen.prompt.open(":", "", lambda text: _candidates(screen, text))


def open_filter(screen: MainScreen) -> None:
    """Open the prompt for the filter of the view; where it has no rows, for one of the jobs."""
    if not screen.shows_table:
        screen.prompt.open(":", "jobs ", lambda text: _candidates(screen, text), _NO_ROWS)
        return
    if screen.place.detail is not None and not screen.shows_both:
        # The detail covers the rows that are to be filtered.
        close_detail(screen)
    screen.filter_before = screen.place.state.filter
    screen.prompt.open(
        "/",
        screen.place.state.filter,
        lambda text: filtering.candidates(screen, screen.view, text).found,
    )


def _candidates(screen: MainScreen, text: str) -> Sequence[Candidate]:
    found = complete(text, vocabulary(screen))
    return found or filtering.after_view(screen, text).found


def vocabulary(screen: MainScreen) -> Vocabulary:
    """Return the names that complete a command's arguments."""
    shown = screen.desk.shown
    statuses = shown.sources.values()
    return Vocabulary(
        {
            "sites": sorted({status.site for status in statuses}),
            "sources": sorted(shown.sources),
            "tenants": commanding.tenant_names(shown),
            "columns": [spec.name for spec in screen.view.columns],
            "all_columns": [spec.name for spec in screen.view.columns],
            "themes": sorted(screen.andon.themes.palettes),
        }
    )


def changed(screen: MainScreen, sign: str, text: str) -> None:
    """React to what is typed: hints at once, the filter after a short pause."""
    if screen.prompt.note:
        screen.prompt.say(screen.prompt.note)
        return
    if sign == ":":
        _hint_command(screen, text)
        return
    problem = _filter_problem(screen, text)
    offered = filtering.candidates(screen, screen.view, text)
    if problem is not None and not offered.unfinished:
        _say_problem(screen, problem)
    elif found := screen.prompt.cycle or offered.found:
        screen.prompt.offer(found, offered.note)
    else:
        screen.prompt.say(_FILTER_HINT)
    if problem is None:
        screen.andon.filter_soon(lambda: apply_filter(screen, text))
        return
    screen.andon.forget_filter()
    before = filtering.before_name(text, screen.place.state.filter)
    if before is not None:
        apply_filter(screen, before)


def _say_problem(screen: MainScreen, problem: FilterError, offset: int = 0) -> None:
    said = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
    screen.prompt.say_error(said, offset + problem.column)


def _filter_problem(screen: MainScreen, text: str) -> FilterError | None:
    try:
        compile_filter(text, *filter_fields(screen.view))
    except FilterError as error:
        return error
    return None


def apply_filter(screen: MainScreen, text: str) -> None:
    """Show the rows that match; a filter that cannot be read changes nothing."""
    if text != screen.place.state.filter and _filter_problem(screen, text) is None:
        state = changed_struct(screen.place.state, filter=text)
        screen.places.amend(replace(screen.place, state=state))
        screen.redraw()


def _hint_command(screen: MainScreen, text: str) -> None:
    offered = screen.prompt.cycle or _candidates(screen, text)
    if offered:
        screen.prompt.offer(offered, hint(text) if " " in text.strip() else "")
        return
    words = hint(text)
    if words:
        screen.prompt.say(words)
        return
    try:
        parse(text)
        screen.prompt.say("enter runs it")
    except CommandError as error:
        screen.prompt.say_error(error.message, error.column)


def taken(screen: MainScreen, sign: str, text: str) -> None:
    """Keep the filter, or run the command; what cannot be read stays open to be mended."""
    if sign == "/":
        problem = _filter_problem(screen, text)
        if problem is not None:
            _say_problem(screen, problem)
            return
        apply_filter(screen, text)
        _close(screen)
        return
    if not text.strip():
        _close(screen)
        return
    try:
        command: Command = parse(text, vocabulary(screen))
    except CommandError as error:
        screen.prompt.say_error(error.message, error.column)
        return
    try:
        _check_view_filter(command)
        _close(screen)
        commanding.run(screen, command)
    except FilterError as error:
        _say_problem(screen, error, text.rfind(command.filter))
    except UsageError as error:
        said = f"{error.message}; {error.hint}" if error.hint else error.message
        screen.notify(said, severity="error", markup=False)


def _check_view_filter(command: Command) -> None:
    if command.name == "view" and command.filter:
        compile_filter(command.filter, *filter_fields(view_named(command.arguments[0])))


def left(screen: MainScreen, sign: str) -> None:
    """Put the filter back as it was before the prompt was opened."""
    _close(screen)
    if sign == "/":
        apply_filter(screen, screen.filter_before)


def _close(screen: MainScreen) -> None:
    screen.andon.forget_filter()
    screen.values = None
    screen.prompt.close()
    screen.focus_view()
    screen.redraw()
