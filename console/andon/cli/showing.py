"""`show`: one thing and its neighbours, as the screen's detail pane has them."""

from __future__ import annotations

from andon.cli import diagnostics, output
from andon.cli.listing import finish, say_notes
from andon.cli.looping import run_async
from andon.cli.neighbours import NEIGHBOURS, OF_ONE
from andon.cli.session import Session
from andon.model import Accelerator, Kind, SourceState
from andon.runtime.naming import Named, keys_named
from andon.runtime.offers import offers_of
from andon.runtime.rawtext import knows_best, raw_text
from andon.sdk.clean import clean_lines
from andon.sdk.errors import EXIT_FINDINGS, UsageError
from andon.store import Snapshot
from andon.views.needs import everything_of
from andon.views.notes import notes_of
from andon.views.page import Cell, Page, Tone
from andon.views.registry import view_named
from andon.views.serialize import envelope, source_object, thing_object


def show_thing(session: Session, view: str, name: str, *, output_format: str) -> int:
    """Write one thing and its neighbours; return the exit code.

    Raises:
        UsageError: the name stands for nothing, or for several things.
    """
    spec = view_named(view)
    if spec.kind is None:
        return _show_source(session, name, output_format)
    raw = output_format == "raw"
    kinds = OF_ONE.get(spec.kind, NEIGHBOURS) | everything_of(spec)
    snapshot = session.observe({spec.kind} if raw else kinds)
    now = session.clock()
    named = _named(session, snapshot, spec.kind, name)
    snapshot = session.read_again(snapshot, named.unread)
    key = next(iter(named.keys), None)
    if key is None:
        # What is not heard of may belong to a source that is silent now.
        say_notes(notes_of(snapshot, spec.kind, session.scope, now), snapshot)
        code = finish(session, snapshot, spec, now)
        if code:
            diagnostics.say(f"andon: no {spec.kind.value} “{name}” among what was heard")
            return code
        raise UsageError(f"no {spec.kind.value} “{name}”", hint=f"`andon {view} ls` lists them")
    if raw:
        _write_raw(session, snapshot, spec.kind, key)
    elif output_format == "json":
        thing = thing_object(snapshot, spec.kind, key, now)
        output.write_json(envelope(spec.kind.value, [thing], snapshot, now, reports=spec.kind))
    else:
        from andon.views.detail import detail

        _write_page(detail(snapshot, spec.kind, key, now), snapshot)
    return finish(session, snapshot, spec, now)


def _write_raw(session: Session, snapshot: Snapshot, kind: Kind, key: str) -> None:
    """Write the backend's own words on a thing.

    Raises:
        AndonError: its source cannot be asked again, or does not know it any more.
    """
    offers = offers_of(session.specs, session.discovery.plugins)
    spec = knows_best(session.specs, offers, snapshot, kind, key)
    with session.quiet_stdout():
        text = run_async(
            raw_text(
                spec,
                snapshot,
                kind,
                key,
                discovery=session.discovery,
                paths=session.paths,
                environ=session.environ,
                clock=session.clock,
                timeout_s=session.settings.timeout_seconds,
            )
        )
    if not text.strip():
        raise UsageError(f"{spec.name} knows no {kind.value} {key} any more")
    output.write_lines(clean_lines(text))
    if snapshot.demo:
        diagnostics.say("DEMO")


def _named(session: Session, snapshot: Snapshot, kind: Kind, name: str) -> Named:
    """Return what a name stands for, the thing itself first.

    Raises:
        UsageError: several things of a kind are called so.
    """
    named = keys_named(snapshot, kind, [name], sites=session.settings.sites)
    if named.ambiguous:
        options = ", ".join(named.ambiguous[name][:5])
        raise UsageError(f"“{name}” may be {options}", hint="give the whole name, or --site")
    if named.keys:
        return named
    # Queues, tenants and accelerators are known by the last part of their key too, accelerators
    # also by what a page calls them: `gpu01:3`.
    keys = {
        key
        for facets in snapshot.of(kind).values()
        for key, record in facets.records.items()
        if key.endswith(f"/{name}")
        or (isinstance(record, Accelerator) and f"{record.node}:{record.index}" == name)
    }
    if len(keys) > 1:
        options = ", ".join(sorted(keys)[:5])
        raise UsageError(f"“{name}” may be {options}", hint="give the whole name, or --site")
    return Named(tuple(keys))


def _show_source(session: Session, name: str, output_format: str) -> int:
    snapshot = session.observe(NEIGHBOURS)
    now = session.clock()
    status = snapshot.sources.get(name)
    if status is None:
        raise UsageError(
            f"no source “{name}”", hint=f"there are {', '.join(sorted(snapshot.sources))}"
        )
    if output_format == "json":
        output.write_json(envelope("source", [source_object(status, now)], snapshot, now))
    else:
        from andon.views.detail import source_detail

        _write_page(source_detail(snapshot, name, now), snapshot)
    return 0 if status.state is SourceState.LIVE else EXIT_FINDINGS


def _write_page(page: Page, snapshot: Snapshot) -> None:
    from andon.cli.drawing import page_lines, paint

    colour, width = output.wants_colour(), output.width()
    output.write_line(paint(Cell("", Tone.STRONG), page.title, colour))
    output.write_line("")
    output.write_lines(page_lines(page, colour=colour, width=width))
    say_notes(page.notes, snapshot)
