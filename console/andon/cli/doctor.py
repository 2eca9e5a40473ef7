"""`andon doctor`: every source, reached or not, why, and what may be done through it."""

from __future__ import annotations

from dataclasses import replace

import click

from andon.cli import diagnostics, output
from andon.cli.commands import Command
from andon.cli.looping import run_async
from andon.cli.options import format_option, scope_options, session_options, settings_of
from andon.cli.session import Session
from andon.runtime.doctor import examine
from andon.sdk.errors import EXIT_FINDINGS, EXIT_OK
from andon.views.page import Cell, Tone
from andon.views.serialize import plain


@click.command(cls=Command)
@format_option("table", "json")
@scope_options
@session_options
@click.pass_context
def doctor(ctx: click.Context, output_format: str) -> int:
    """Explain every source: reached or not, why, and what may be done through it."""
    session = Session(settings_of(ctx), every_plugin=True)
    resolution = session.resolution
    if session.settings.sites or session.settings.sources:
        resolution = replace(resolution, specs=session.specs)
    findings = run_async(
        examine(
            resolution,
            session.discovery,
            files=session.config.files,
            paths=session.paths,
            environ=session.environ,
            clock=session.clock,
            timeout_s=session.settings.timeout_seconds,
        )
    )
    if output_format == "json":
        items = [plain(finding) for finding in findings]
        output.write_json(
            {"schema": output.SCHEMA, "kind": "findings", "demo": session.demo, "items": items}
        )
    else:
        for finding in findings:
            mark = Cell("ok", Tone.GOOD) if finding.ok else Cell("!!", Tone.BAD)
            if finding.ok and finding.slow:
                mark = Cell("! ", Tone.WARN)
            output.write_marked(mark, finding.text, hang=4)
            if finding.hint:
                output.write_text(f"      → {finding.hint}")
    if session.demo:
        diagnostics.say("DEMO")
    bad = [finding for finding in findings if not finding.ok]
    if bad:
        need = "needs" if len(bad) == 1 else "need"
        diagnostics.say(f"andon: {len(bad)} of {len(findings)} findings {need} attention")
    return EXIT_FINDINGS if bad else EXIT_OK
