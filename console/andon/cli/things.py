"""The groups `nodes`, `gpus`, `jobs`, `queues`, `tenants` and `sources`."""

from __future__ import annotations

import click

from andon.cli.acting import ActingVerb, acting_command
from andon.cli.listing import list_things, show_thing
from andon.cli.options import (
    format_option,
    scope_options,
    session_options,
    settings_of,
    table_options,
)
from andon.cli.session import Session


def _group(view: str, what: str, *verbs: ActingVerb) -> click.Group:
    group = click.Group(view, help=f"{what}.", context_settings={"max_content_width": 100})
    group.add_command(_ls(view, what))
    group.add_command(_show(view))
    for verb in verbs:
        group.add_command(acting_command(view, verb))
    return group


def _ls(view: str, what: str) -> click.Command:
    @click.command("ls", help=f"List: {what.lower()}.")
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


def _show(view: str) -> click.Command:
    @click.command("show", help="Show one and everything that touches it.")
    @click.argument("name")
    @format_option("table", "json")
    @scope_options
    @session_options
    @click.pass_context
    def show(ctx: click.Context, name: str, output_format: str) -> int:
        return show_thing(Session(settings_of(ctx)), view, name, output_format=output_format)

    return show


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
