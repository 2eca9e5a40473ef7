"""From a resolved configuration to the screen, and back to the shell with the terminal restored."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import structs
from rich.console import Console

from andon.runtime.config import load_config
from andon.runtime.config_records import Config
from andon.runtime.discovery import Discovery
from andon.runtime.gc_tuning import tune_gc
from andon.runtime.origin import origin_of
from andon.runtime.paths import Paths
from andon.runtime.policy import Policy, policy_of, unreadable
from andon.runtime.registry import registry_of
from andon.runtime.sources import DemoRequest, Resolution, SourceSpec, resolve
from andon.sdk.clean import clean, clean_lines
from andon.sdk.errors import EXIT_BUG, EXIT_DOWN, EXIT_OK, EXIT_USAGE, AndonError
from andon.tui.app import AndonApp
from andon.tui.driver import TerminalDriver, restored_terminal
from andon.tui.keys import KEYS, with_overrides
from andon.tui.live import HOW_TO_ARM, HOW_TO_ARM_DEMO, LiveBackend, World
from andon.tui.opening import opening_states
from andon.tui.theme import PLAIN_THEME, Themes, load_themes
from andon.views.registry import view_named
from andon.views.state import Scope, ViewState

_SWITCH_SECONDS = 0.0005
"""What is painted is written by a thread of its own, which would wait up to 5 ms for its turn."""


def run_tui(
    *,
    config: Config,
    resolution: Resolution,
    discovery: Discovery,
    paths: Paths,
    environ: Mapping[str, str],
    armed: bool = False,
    theme: str | None = None,
    view: str = "overview",
    filter: str = "",
    scope: Scope | None = None,
    demo: DemoRequest | None = None,
    config_file: Path | None = None,
    specs: Sequence[SourceSpec] | None = None,
    debug: bool = False,
    how_to_arm: str = "",
) -> int:
    """Show the console until it is left, over the parts of a session.

    `armed` is `--write`, `demo` what `--demo` gave, `config_file` what `--config` named; `specs`
    are the sources to show instead of all; `debug` prints the traceback after a crash; `view`,
    `filter` and `scope` are what is looked at first; `how_to_arm` says how one that is not armed
    would have been.

    Returns:
        0 after it was left; 2 without a usable terminal; 5 without any source; 70 after a crash;
        128 and the signal's number when a signal ended it.
    """
    why = unusable_terminal(environ)
    if why:
        return _refuse(why)
    if os.environ.get("NO_COLOR") == "":
        # It is a wish only where it says something; Textual takes its being there for one.
        del os.environ["NO_COLOR"]
    chosen = tuple(resolution.specs if specs is None else specs)
    if not chosen:
        demo = _offer_demo(resolution)
        if demo is None:
            return EXIT_DOWN
        chosen = resolve(config, discovery, demo, environ).specs
    base = _world(chosen, config, discovery, paths, environ, config_file)
    how_to_arm = how_to_arm or (HOW_TO_ARM if demo is None else HOW_TO_ARM_DEMO)
    world = replace(base, armed=armed, demo=demo, how_to_arm=how_to_arm)
    state = ViewState(view=view_named(view).name, filter=filter, scope=scope or Scope())
    return _show(_app(world, config, theme, state), paths, debug=debug)


def _refuse(why: str) -> int:
    _say(f"andon: {why}", "`andon status` shows one screen and needs no terminal")
    return EXIT_USAGE


def _world(
    specs: Sequence[SourceSpec],
    config: Config,
    discovery: Discovery,
    paths: Paths,
    environ: Mapping[str, str],
    config_file: Path | None,
) -> World:
    """Return a world that is not armed."""
    return World(
        specs=specs,
        discovery=discovery,
        paths=paths,
        environ=dict(environ),
        registry=registry_of(config),
        policy=lambda: _policy_now(paths, config_file, environ),
        origin=origin_of(environ),
        armed=False,
        config_file=config_file,
    )


def _app(world: World, config: Config, theme: str | None, start: ViewState) -> AndonApp:
    """Return the application of a session, with what to say once at its start."""
    themes = load_themes()
    registry, key_problems = with_overrides(KEYS, config.keys)
    opens, view_problems = opening_states(config.views)
    if start.view in opens:
        own = opens[start.view]
        start = structs.replace(own, scope=start.scope, filter=start.filter or own.filter)
    problems = world.discovery.problems
    wanted = theme or config.theme
    unknown = (f"no theme {wanted}",) if wanted and wanted not in themes.palettes else ()
    return AndonApp(
        backend=LiveBackend(world),
        themes=themes,
        theme_name=wanted or fitting_theme(themes, world.environ),
        start=start,
        opens=opens,
        registry=registry,
        notices=(
            *(clean(text) for text in (*unknown, *themes.problems, *key_problems, *view_problems)),
            *(clean(f"plugin {problem.name}: {problem.message}") for problem in problems),
        ),
        unicode=speaks_unicode(sys.stdout.encoding),
    )


def _show(app: AndonApp, paths: Paths, *, debug: bool) -> int:
    tune_gc()
    sys.setswitchinterval(_SWITCH_SECONDS)
    app.driver_class = TerminalDriver
    with restored_terminal():
        try:
            app.run()
        except Exception as error:  # noqa: BLE001 - whatever it was, the operator gets one line
            app.crash = app.crash or error
    if app.crash is not None:
        _report_crash(app.crash, paths.state / "crash.log", debug=debug)
        return EXIT_BUG
    left = len(app.main.activity.under_way)
    if left:
        _say(
            f"andon: {left} under way goes on by itself",
            "`andon journal ls` shows what comes of it",
        )
    return app.return_code or EXIT_OK


def unusable_terminal(environ: Mapping[str, str]) -> str | None:
    """Return why the screen cannot be shown on what we are connected to, or `None`."""
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        if stream is None or not stream.isatty():
            return "not connected to a terminal"
    if environ.get("TERM", "") in ("", "dumb", "unknown"):
        return f"the terminal says TERM={environ.get('TERM', '')}, which cannot show a screen"
    return None


def speaks_unicode(encoding: str | None) -> bool:
    """Return whether a terminal's encoding has more than its own alphabet."""
    return (encoding or "").lower().replace("-", "").replace("_", "") in ("utf8", "utf16", "utf32")


def fitting_theme(themes: Themes, environ: Mapping[str, str]) -> str | None:
    """Return the theme for terminals of few colours, or `None` where the default is right."""
    few = Console(force_terminal=True, _environ=dict(environ)).color_system in (
        None,
        "standard",
        "windows",
    )
    if (few or environ.get("NO_COLOR")) and PLAIN_THEME in themes.palettes:
        return PLAIN_THEME
    return None


def _policy_now(paths: Paths, extra: Path | None, environ: Mapping[str, str]) -> Policy:
    try:
        return policy_of(load_config(paths, extra=extra, environ=environ))
    except AndonError as error:
        return unreadable(error)


def _offer_demo(resolution: Resolution) -> DemoRequest | None:
    """Say that nothing was found and ask whether to show the simulated factory."""
    _say("andon: no source is configured and none was found on this machine")
    for note in resolution.notes:
        _say(f"  {clean(note)}")
    _say("`andon doctor` says more; demo data is never shown unasked.")
    try:
        answer = input("Show a simulated factory instead? [y/N] ")
    except (EOFError, KeyboardInterrupt):
        answer = ""
    return DemoRequest() if answer.strip().lower() in ("y", "yes") else None


def _report_crash(error: Exception, log: Path, *, debug: bool) -> None:
    """Write the traceback where only the operator reads it, and say so in one line."""
    lines = "".join(traceback.format_exception(error))
    shown = "\n".join(clean_lines(lines))
    where = ""
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        with os.fdopen(os.open(log, flags, 0o600), "a", encoding="utf-8") as file:
            file.write(f"{shown}\n\n")
        where = f"; details in {log}"
    except OSError as problem:
        where = f"; the log cannot be written: {problem.strerror}"
    _say(clean(f"andon: internal error: {type(error).__name__}: {error}{where}", limit=1000))
    if debug:
        _say(shown)


def _say(*lines: str) -> None:
    for line in lines:
        sys.stderr.write(line + "\n")
    sys.stderr.flush()
