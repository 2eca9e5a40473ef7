"""What the shell offers when tab is pressed: names that are known without asking any backend.

Nothing here may fail or write: it would land in the middle of the line that is being typed.
"""

from __future__ import annotations

import contextlib
import io
import shlex
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from andon.cli.session import Session


def sites(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return the sites that some source reports on."""
    return _known(ctx, begun, lambda session: [spec.site for spec in session.resolution.specs])


def sources(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return the sources there are."""
    return _known(ctx, begun, lambda session: [spec.name for spec in session.resolution.specs])


def tenants(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return the tenants of the configuration; who else has work, only a backend could tell."""
    return _known(ctx, begun, lambda session: [tenant.name for tenant in session.config.tenants])


def columns(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return how a list of columns can go on."""
    head, comma, last = begun.rpartition(",")
    found = _columns(ctx, last, without=head.split(","))
    for item in found:
        item.value = f"{head}{comma}{item.value}"
    return found


def sort(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the columns that a list can be sorted by."""
    return _columns(ctx, begun)


def _columns(ctx: click.Context, begun: str, without: Iterable[str] = ()) -> list[CompletionItem]:
    """Return the columns of the view that the command's group is named after."""
    from click.shell_completion import CompletionItem

    from andon.views.registry import VIEWS

    left_out = frozenset(without)
    group = ctx.parent and ctx.parent.info_name
    return [
        CompletionItem(column.name, help=column.column.summary)
        for view in VIEWS
        if view.name == group
        for column in view.columns
        if column.name.startswith(begun) and column.name not in left_out
    ]


def _known(ctx: click.Context, begun: str, names: Callable[[Session], Iterable[str]]) -> list[str]:
    """Return names that begin so and that a shell takes as they are."""
    from andon.cli.options import settings_of
    from andon.cli.session import Session
    from andon.sdk.errors import AndonError

    try:
        # A plugin that is imported or looks around may print.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            found = sorted(set(names(Session(settings_of(ctx)))))
    except AndonError:
        return []
    return [name for name in found if name.startswith(begun) and shlex.quote(name) == name]
