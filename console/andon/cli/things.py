"""The groups `nodes`, `gpus`, `jobs`, `queues`, `tenants` and `sources`.

Only what click needs is imported here; what a command does is imported when it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from andon.cli.commands import Command, Group
from andon.cli.options import (
    format_option,
    group_options,
    scope_options,
    session_options,
    settings_of,
    table_options,
    wait_options,
)


@dataclass(frozen=True, slots=True)
class ActingVerb:
    """One command that acts."""

    word: str
    verb: str
    summary: str


def _group(view: str, what: str, *verbs: ActingVerb) -> click.Group:
    @click.group(view, cls=Group, help=f"{what}.")
    @group_options
    def group() -> None:
        pass

    group.add_command(_ls(view, what))
    group.add_command(_show(view))
    for verb in verbs:
        group.add_command(_acting_command(view, verb))
    return group


def _ls(view: str, what: str) -> click.Command:
    @click.command(
        "ls",
        cls=Command,
        help=f"List {what[0].lower()}{what[1:]}.\n\n"
        "EXPRESSION: a filter, as after `/` on the screen; `--columns help` lists its fields.",
        short_help=f"List {what[0].lower()}{what[1:]}.",
    )
    @click.argument("expression", nargs=-1)
    @table_options
    @scope_options
    @session_options
    @click.pass_context
    def ls(
        ctx: click.Context,
        expression: tuple[str, ...],
        output_format: str,
        columns: str,
        no_headers: bool,
        sort: str | None,
        filter_text: str,
    ) -> int:
        from andon.cli.listing import list_things
        from andon.cli.session import Session

        parts = [part for part in (filter_text, " ".join(expression)) if part]
        whole = " & ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts)
        return list_things(
            Session(settings_of(ctx)),
            view,
            output_format=output_format,
            columns=columns,
            no_headers=no_headers,
            sort=sort,
            filter_text=whole,
        )

    return ls


_CALLED = {
    "nodes": ("node", "as `andon nodes ls -o name` has it; SITE/NAME where several sites do"),
    "gpus": ("GPU", "NODE:INDEX, or its UUID"),
    "jobs": ("job", "its id; SITE/CLUSTER/ID where several clusters have it"),
    "queues": ("queue", "as the scheduler has it; SITE/CLUSTER/NAME where several clusters do"),
    "tenants": ("tenant", "as the scheduler has it; SITE/CLUSTER/NAME where several clusters do"),
    "sources": ("source", "as `andon sources ls` has it"),
}
"""One thing of each view, and what it is called by."""


def _show(view: str) -> click.Command:
    thing, called = _CALLED[view]
    summary = f"Show one {thing} and everything that touches it."
    formats = ("table", "json") if view == "sources" else ("table", "json", "raw")
    own = " `-o raw` gives its backend's own words." if "raw" in formats else ""
    about = f"{summary}{own}\n\nNAME: {called}."

    @click.command("show", cls=Command, help=about, short_help=summary)
    @click.argument("name")
    @format_option(*formats)
    @scope_options
    @session_options
    @click.pass_context
    def show(ctx: click.Context, name: str, output_format: str) -> int:
        from andon.cli.session import Session
        from andon.cli.showing import show_thing

        return show_thing(Session(settings_of(ctx)), view, name, output_format=output_format)

    return show


_TARGETS = {
    "nodes": ("names, or host lists such as gpu[001-016]", "state=idle & gpu_model=a100"),
    "jobs": ("ids; 123_[1,4-6] are tasks of an array", "state=pending & user=ada"),
}
"""What acting commands take, and an example of a filter."""


def _acting_command(view: str, acting: ActingVerb) -> click.Command:
    """Return the click command of one verb."""
    what, example = _TARGETS[view]

    @click.command(
        acting.word,
        cls=Command,
        help=f"{acting.summary}\n\nTARGETS: {what}. `-` reads them from stdin.",
        short_help=acting.summary,
    )
    @click.argument("targets", nargs=-1)
    @click.option(
        "-f",
        "--filter",
        "filter_text",
        default="",
        metavar="EXPRESSION",
        help=f"Everything that matches, for example '{example}'.",
    )
    @click.option("--reason", default="", metavar="TEXT", help="Why; it is kept in the journal.")
    @click.option("--yes", is_flag=True, help="Do it without asking.")
    @click.option("--dry-run", is_flag=True, help="Show the plan and send nothing.")
    @wait_options
    @format_option("table", "json")
    @scope_options
    @session_options
    @click.pass_context
    def command(
        ctx: click.Context, /, targets: tuple[str, ...], filter_text: str, **given: Any
    ) -> int:
        from andon.cli.acting import Asked, act
        from andon.cli.filtering import explain_filter
        from andon.cli.session import Session
        from andon.views.filters import FilterError

        session = Session(settings_of(ctx))
        try:
            return act(session, view, acting.verb, targets, filter_text, Asked(**given))
        except FilterError as error:
            return explain_filter(filter_text, error)

    return command


nodes = _group(
    "nodes",
    "Every host: state, GPUs, jobs and why it is out of service",
    ActingVerb("drain", "node.drain", "Stop new work on nodes; running jobs finish."),
    ActingVerb("undrain", "node.undrain", "Let drained nodes take work again."),
)
gpus = _group("gpus", "Every accelerator: what it does, for whom, and its health")
jobs = _group(
    "jobs",
    "Every job: what runs where, what waits and why",
    ActingVerb("cancel", "job.cancel", "End jobs, waiting or running."),
    ActingVerb("hold", "job.hold", "Keep waiting jobs from starting."),
    ActingVerb("release", "job.release", "Let held jobs start when their turn comes."),
    ActingVerb("requeue", "job.requeue", "End running jobs and put them back into their queue."),
)
queues = _group("queues", "Where jobs wait: partitions and queues, their load and limits")
tenants = _group("tenants", "Who owns work and quota: use, limits and shares")
sources = _group("sources", "Where it all comes from, how old it is and what is missing")
