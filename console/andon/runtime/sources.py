"""Which sources there are, and opening them.

Asked for the demo: only the demo. Else what is configured; else what plugins see from here. A
source that is configured wrongly stays in the list, so that it is seen as down with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from andon.model import Fault, Kind, Site
from andon.runtime.config_problems import hint_of
from andon.runtime.config_records import Config, Name, SiteName, SourceConfig
from andon.runtime.discovery import Discovery, PluginProblem, not_installed
from andon.runtime.paths import Paths
from andon.runtime.registry import site_record
from andon.runtime.reports import described, fault_of
from andon.runtime.secrets import resolve_secret
from andon.runtime.source_options import checked_options
from andon.sdk.clean import clean
from andon.sdk.errors import UsageError
from andon.sdk.option import Option
from andon.sdk.plugin import Found, Plugin
from andon.sdk.source import Source, SourceSettings

EVERY_KIND = "*"


class SourceSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is needed to open one source, in any process. Secrets are references."""

    name: str
    plugin: str
    site: str
    options: dict[str, Any] = {}
    """The plugin's options as given, and `timeout` and `polls_per_minute` where they are set."""
    intervals: dict[str, float] = {}
    """Seconds between polls by kind, `*` for every kind, where they are not the source's own."""
    demo: bool = False
    why: str = ""
    """How it came about: the place in the configuration, or what was found."""
    problem: str = ""
    """Why it cannot be opened as it is configured."""
    hint: str = ""


class DemoRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The simulated factory that was asked for; `None` leaves the choice to the plugin."""

    seed: int | None = None
    nodes: int | None = None
    jobs: int | None = None
    speed: float | None = None
    hostile: bool = False

    def options(self) -> dict[str, Any]:
        """Return what was said, as options of the plugin."""
        said = {name: getattr(self, name) for name in ("seed", "nodes", "jobs", "speed")}
        given = {name: value for name, value in said.items() if value is not None}
        return {**given, "hostile": True} if self.hostile else given


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """Why a source, or looking for some, does not work."""

    source: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The sources of this invocation and how they came about."""

    specs: tuple[SourceSpec, ...] = ()
    sites: tuple[Site, ...] = ()
    """The configured sites, and those that only sources name."""
    notes: tuple[str, ...] = ()
    """One line for each place that was looked at."""
    problems: tuple[SourceProblem, ...] = ()


@dataclass(slots=True)
class _Draft:
    specs: list[SourceSpec] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)

    def add(self, spec: SourceSpec) -> None:
        """Take a spec in under a name that nobody has yet."""
        taken = {each.name for each in self.specs}
        name, count = spec.name, 1
        while name in taken:
            count += 1
            name = f"{spec.name}-{count}"
        self.specs.append(msgspec.structs.replace(spec, name=name))
        if spec.problem:
            self.problems.append(SourceProblem(source=name, message=spec.problem, hint=spec.hint))


def resolve(
    config: Config,
    discovery: Discovery,
    demo: DemoRequest | None,
    environ: Mapping[str, str],
) -> Resolution:
    """Return the sources to use. Raises nothing: what is wrong is in `problems`."""
    draft = _Draft()
    if demo is not None:
        _ask_demo(draft, discovery, demo)
    elif config.sources:
        for source in config.sources:
            if source.enabled:
                draft.add(_configured(source, config, discovery))
            else:
                draft.notes.append(f"{source.name}: switched off ({source.place('enabled')})")
    else:
        _look_around(draft, discovery, environ)
    sites = {site.name: site_record(site) for site in config.sites if demo is None}
    for spec in draft.specs:
        sites.setdefault(spec.site, Site(site=spec.site))
    return Resolution(
        specs=tuple(draft.specs),
        sites=tuple(sites.values()),
        notes=tuple(draft.notes),
        problems=tuple(draft.problems),
    )


def _configured(source: SourceConfig, config: Config, discovery: Discovery) -> SourceSpec:
    given = dict(source.options or {})
    name, plugin_name = source.name or "", source.plugin or ""
    problem = hint = ""
    plugin = discovery.plugins.get(plugin_name)
    if plugin is None:
        message, hint = _no_plugin(plugin_name, discovery)
        problem = f"{source.place('plugin')}: {message}"
    else:
        given, wrong = checked_options(plugin.options, given, source.place, source=name)
        if wrong:
            problem = "; ".join(each.message for each in wrong)
            hint = hint_of(wrong[0])
    defaults = config.collector
    timeout = source.timeout or defaults.timeout
    budget = source.polls_per_minute or defaults.polls_per_minute
    every = source.interval or defaults.interval
    own = {"timeout": timeout, "polls_per_minute": budget}
    return SourceSpec(
        name=name,
        plugin=plugin_name,
        site=source.site or "",
        options=given | {key: value for key, value in own.items() if value is not None},
        intervals=({EVERY_KIND: every} if every else {}) | source.intervals,
        demo=plugin.demo if plugin else False,
        why=f"configured in {source.place()}",
        problem=problem,
        hint=hint,
    )


def _no_plugin(name: str, discovery: Discovery) -> tuple[str, str]:
    for problem in discovery.problems:
        if problem.name == name:
            return f"plugin {name}: {problem.message}", problem.hint
    unknown = not_installed(name, discovery.installed or discovery.plugins)
    return unknown.message, unknown.hint


def _ask_demo(draft: _Draft, discovery: Discovery, demo: DemoRequest) -> None:
    plugins = [plugin for plugin in discovery.plugins.values() if plugin.demo]
    for plugin in plugins:
        _take(draft, plugin, lambda plugin=plugin: plugin.expand(demo.options()))  # type: ignore[misc]
    if not plugins:
        broken = next((p for p in discovery.problems if p.name == "demo"), None)
        message = broken.message if broken else "no plugin that simulates a factory is installed"
        draft.problems.append(SourceProblem(source="demo", message=message))


def _look_around(draft: _Draft, discovery: Discovery, environ: Mapping[str, str]) -> None:
    for plugin in discovery.plugins.values():
        if plugin.demo:
            continue
        before = len(draft.specs)
        _take(draft, plugin, lambda plugin=plugin: plugin.find(environ))  # type: ignore[misc]
        if len(draft.specs) == before:
            draft.notes.append(f"{plugin.name}: looked for it, found nothing")
    # Another package's plugin of the same name may have looked.
    unused = (each for each in discovery.problems if each.name not in discovery.plugins)
    draft.notes += dict.fromkeys(map(not_looked_for, unused))


def not_looked_for(problem: PluginProblem) -> str:
    """Return the note on a plugin that could not look around."""
    return f"{problem.name}: not looked for: {problem.message}"


def _take(draft: _Draft, plugin: Plugin, ask: Callable[[], Iterable[Found]]) -> None:
    """Take in what a plugin answers; whatever it raises is its own problem."""
    try:
        specs = [_found(plugin, found) for found in ask()]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may fail in any way
        message = f"the plugin {plugin.name} failed to look around: {described(error)}"
        draft.problems.append(SourceProblem(source=plugin.name, message=message))
        return
    for spec in specs:
        note = f"{plugin.name}: {spec.why}"
        if note not in draft.notes:
            draft.notes.append(note)
        draft.add(spec)


def _found(plugin: Plugin, found: Found) -> SourceSpec:
    site = msgspec.convert(found.site, SiteName)
    name = msgspec.convert(found.name or f"{plugin.name}@{site}", Name)
    options, wrong = checked_options(plugin.options, found.options, source=name)
    return SourceSpec(
        name=name,
        plugin=plugin.name,
        site=site,
        options=options,
        demo=plugin.demo,
        why=clean(found.why),
        problem="; ".join(each.message for each in wrong),
        hint=hint_of(wrong[0]) if wrong else "",
    )


def open_source(
    spec: SourceSpec,
    discovery: Discovery,
    paths: Paths,
    environ: Mapping[str, str],
    clock: Callable[[], float],
) -> Source:
    """Open one source. Does no network; a secret given by `command:` may take seconds.

    Raises:
        UsageError: it is configured wrongly, or a secret cannot be had.
        Exception: whatever the plugin raises; a `SystemExit` becomes a `RuntimeError`.
    """
    if spec.problem:
        raise UsageError(spec.problem, hint=spec.hint)
    plugin = discovery.named(spec.plugin)
    settings = SourceSettings(
        name=spec.name,
        site=spec.site,
        options=_settled(plugin.options, spec, environ),
        environ=environ,
        state_folder=paths.plugin_folder(plugin.name),
        clock=clock,
    )
    try:
        source = plugin.open(settings)
    except SystemExit as error:
        raise RuntimeError(f"SystemExit {error}") from error
    return _with_intervals(_checked(source, spec), spec)


def _settled(
    declared: Sequence[Option], spec: SourceSpec, environ: Mapping[str, str]
) -> dict[str, Any]:
    """Return a value for every option: given, else its default; secrets and `~` resolved."""
    known = {option.name for option in declared}
    given = {name: value for name, value in spec.options.items() if name in known}
    right, wrong = checked_options(declared, given, source=spec.name)
    if wrong:
        raise UsageError(wrong[0].message, hint=hint_of(wrong[0]))
    settled: dict[str, Any] = {}
    for option in declared:
        value = right.get(option.name, option.default)
        if option.secret and value is not None:
            value = resolve_secret(value, environ)
        elif option.type == "path" and isinstance(value, str) and value.startswith("~/"):
            value = environ.get("HOME", "").rstrip("/") + value[1:]
        settled[option.name] = value
    return settled


def _checked(source: object, spec: SourceSpec) -> Source:
    if not isinstance(source, Source):
        raise TypeError(f"it opened a {type(source).__name__} instead of a Source")
    if (source.name, source.site) != (spec.name, spec.site):
        raise TypeError(f"it opened {source.name!r} at {source.site!r} for {spec.name!r}")
    kinds = source.intervals_seconds
    if not kinds or not all(isinstance(kind, Kind) and kinds[kind] > 0 for kind in kinds):
        raise TypeError("its intervals_seconds are not kinds with seconds above zero")
    return source


def _with_intervals(source: Source, spec: SourceSpec) -> Source:
    """Let the configuration's intervals take the place of the source's own."""
    if not spec.intervals:
        return source
    for name in spec.intervals:
        if name != EVERY_KIND and name not in source.intervals_seconds:
            known = ", ".join(sorted(source.intervals_seconds))
            raise UsageError(f"intervals: it does not report {name}", hint=f"it reports {known}")
    every = spec.intervals.get(EVERY_KIND)
    source.intervals_seconds = {
        kind: spec.intervals.get(kind, every or own)
        for kind, own in source.intervals_seconds.items()
    }
    return source


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The sources that could be opened, and why others could not."""

    sources: tuple[Source, ...]
    unopened: Mapping[str, Fault]
    verbs: Mapping[str, tuple[str, ...]]
    """What the plugin of each source can do, other names included."""


def open_sources(
    specs: Iterable[SourceSpec],
    discovery: Discovery,
    paths: Paths,
    environ: Mapping[str, str],
    clock: Callable[[], float],
) -> Opened:
    """Open each source. Raises nothing for a source's sake: it becomes a fault."""
    sources: list[Source] = []
    unopened: dict[str, Fault] = {}
    verbs: dict[str, tuple[str, ...]] = {}
    for spec in specs:
        if plugin := discovery.plugins.get(spec.plugin):
            verbs[spec.name] = verbs_of(plugin)
        try:
            sources.append(open_source(spec, discovery, paths, environ, clock))
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its source's fault
            unopened[spec.name] = fault_of(spec.name, error, clock())
    return Opened(sources=tuple(sources), unopened=unopened, verbs=verbs)


def verbs_of(plugin: Plugin) -> tuple[str, ...]:
    """Return every verb a plugin offers, its other names for them included."""
    verbs = [verb for action in plugin.actions for verb in (action.verb, *action.aliases)]
    return tuple(dict.fromkeys(verbs))
