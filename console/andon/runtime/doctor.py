"""Examine every source: reached or not, why, as whom, and what may be done through it.

Returns data; printing is for the commands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from andon.model import Batch, Fault, FaultKind, Kind
from andon.runtime.discovery import Discovery, PluginProblem
from andon.runtime.guard import OVERRUN, checked, contained, forget_outcome
from andon.runtime.paths import Paths
from andon.runtime.reports import fault_of
from andon.runtime.slowness import limit_s
from andon.runtime.sources import Resolution, SourceSpec, not_looked_for, open_sources
from andon.sdk.clean import clean
from andon.sdk.errors import SourceTimeout
from andon.sdk.lengths import seconds_text
from andon.sdk.source import Source

CLOSE_S = 1.0
_POINTLESS = (FaultKind.UNREACHABLE, FaultKind.TIMEOUT)
"""After one of these the other kinds are not asked for: they would fail alike."""


class KindFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking a source for one kind."""

    kind: Kind
    records: int | None = None
    """`None`: it did not report."""
    latency_seconds: float | None = None
    interval_seconds: float | None = None
    """How often it will be asked."""
    slow: bool = False
    """Whether that is too long for how often it will be asked."""
    fault: Fault | None = None
    note: str = ""
    """What its coverage says is missing."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the doctor found out."""

    ok: bool
    about: str
    """`config`, `plugin`, `search` or `source`."""
    name: str
    text: str
    """One line, cleaned."""
    hint: str = ""
    """What to do next; empty when nothing has to be done."""
    plugin: str | None = None
    site: str | None = None
    demo: bool = False
    why: str | None = None
    """How the source came about."""
    reached: bool | None = None
    identity: str | None = None
    version: str | None = None
    latency_seconds: float | None = None
    """Of the slowest kind."""
    slow: bool = False
    """Whether a kind takes too long."""
    kinds: tuple[KindFinding, ...] = ()
    verbs: tuple[str, ...] = ()
    """What its plugin can do; whether the backend lets us is the backend's to say."""


async def examine(
    resolution: Resolution,
    discovery: Discovery,
    *,
    files: Sequence[str] = (),
    paths: Paths,
    environ: Mapping[str, str],
    clock: Callable[[], float],
    timeout_s: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[Finding, ...]:
    """Ask every source for each of its kinds, all sources side by side, and say what came of it.

    A source is asked for one kind after the other: it is promised never to be polled twice at once.
    Returns at most a tenth after `timeout_s`, plus a moment for closing. Raises nothing.

    Args:
        resolution: the sources and how they came about.
        discovery: the plugins that could be loaded, and why others could not.
        files: the configuration files that were read.
        paths: where files are.
        environ: the environment for plugins and secrets.
        clock: seconds since the epoch.
        timeout_s: seconds for everything.
        monotonic: seconds that only grow, for latencies and the deadline.
    """
    findings = [
        Finding(ok=True, about="config", name=clean(file), text=f"read {clean(file)}")
        for file in files
    ]
    findings += _plugins(discovery.problems)
    findings += _search(resolution, discovery.problems, paths)
    opened = open_sources(resolution.specs, discovery, paths, environ, clock)
    by_name = {source.name: source for source in opened.sources}
    ends_at = monotonic() + timeout_s
    examined = await asyncio.gather(
        *(
            _examine(spec, by_name[spec.name], ends_at, clock, monotonic)
            if spec.name in by_name
            else _unopened(spec, opened.unopened[spec.name])
            for spec in resolution.specs
        )
    )
    for finding in examined:
        verbs = opened.verbs.get(finding.name, ())
        findings.append(msgspec.structs.replace(finding, verbs=verbs))
    return tuple(findings)


def _plugins(problems: Sequence[PluginProblem]) -> list[Finding]:
    """Return one finding for what is wrong with each name, however many packages have it."""
    packages: dict[tuple[str, str, str], list[str]] = {}
    for problem in problems:
        about = (problem.name, problem.message, problem.hint)
        packages.setdefault(about, []).append(problem.distribution)
    return [
        Finding(
            ok=False,
            about="plugin",
            name=name,
            text=f"plugin {name} ({', '.join(sorted(owners))}): {message}",
            hint=hint,
        )
        for (name, message, hint), owners in packages.items()
    ]


def _search(resolution: Resolution, broken: Iterable[PluginProblem], paths: Paths) -> list[Finding]:
    # That a broken plugin was not looked for is said of the plugin.
    said = set(map(not_looked_for, broken))
    found = [
        Finding(ok=True, about="search", name=note.partition(":")[0], text=note)
        for note in resolution.notes
        if note not in said
    ]
    names = {spec.name for spec in resolution.specs}
    found += [
        Finding(
            ok=False,
            about="search",
            name=problem.source,
            text=problem.message,
            hint=problem.hint,
        )
        for problem in resolution.problems
        if problem.source not in names
    ]
    if not resolution.specs:
        found.append(
            Finding(
                ok=False,
                about="search",
                name="sources",
                text="no source is configured and none was found on this machine",
                hint=f"write [[sources]] into {paths.config_files[-1]}, or try `andon demo`",
            )
        )
    return found


async def _unopened(spec: SourceSpec, fault: Fault) -> Finding:
    return _about(spec, ok=False, text=f"cannot be opened: {fault.message}", hint=fault.hint)


def _about(spec: SourceSpec, *, ok: bool, text: str, hint: str = "") -> Finding:
    return Finding(
        ok=ok,
        about="source",
        name=spec.name,
        text=clean(f"{spec.name}: {text}", limit=600),
        hint=hint,
        plugin=spec.plugin,
        site=spec.site,
        demo=spec.demo,
        why=spec.why or None,
        reached=False,
    )


async def _examine(
    spec: SourceSpec,
    source: Source,
    ends_at: float,
    clock: Callable[[], float],
    monotonic: Callable[[], float],
) -> Finding:
    kinds: list[KindFinding] = []
    said: list[Batch] = []
    for kind, interval_s in sorted(source.intervals_seconds.items()):
        began = monotonic()
        answer = await _ask(source, kind, ends_at - began, clock)
        took_s = monotonic() - began
        found = KindFinding(
            kind=kind,
            latency_seconds=took_s,
            interval_seconds=interval_s,
            slow=isinstance(answer, Batch) and took_s > limit_s(interval_s),
        )
        if isinstance(answer, Batch):
            said.append(answer)
            kinds.append(_answered(found, answer))
            continue
        kinds.append(msgspec.structs.replace(found, fault=answer))
        if answer.kind in _POINTLESS:
            break
    await _close(source)
    return _verdict(spec, tuple(kinds), said)


def _answered(found: KindFinding, batch: Batch) -> KindFinding:
    records = sum(record.kind is found.kind for record in batch.records)
    notes = [
        f"{part.reported} of {part.expected} reported" + (f", {part.note}" if part.note else "")
        for part in batch.coverage
        if part.kind is found.kind and (part.reported < part.expected or part.note)
    ]
    return msgspec.structs.replace(found, records=records, note=clean("; ".join(notes)))


def _verdict(spec: SourceSpec, kinds: tuple[KindFinding, ...], said: list[Batch]) -> Finding:
    faults = [(each.kind, each.fault) for each in kinds if each.fault]
    identity = next((batch.identity for batch in said if batch.identity), None)
    version = next((batch.version for batch in said if batch.version), None)
    if not said:
        fault = faults[0][1]
        text, hint = f"{fault.kind}: {fault.message}", fault.hint
    else:
        text = "reached"
        text += f" version {version}" if version else ""
        text += f" as {identity}" if identity else ""
        text += ": " + ", ".join(_amount(each) for each in kinds if each.records is not None)
        hint = ""
        if slow := [each for each in kinds if each.slow]:
            text += f"; slow: {', '.join(map(_pace, slow))}"
            hint = "the backend answers, but takes long; it is asked less often while it does"
        if faults:
            kind, fault = faults[0]
            text += f"; no {kind} ({fault.kind}: {fault.message})"
            hint = fault.hint
    return msgspec.structs.replace(
        _about(spec, ok=not faults, text=text, hint=hint),
        reached=bool(said),
        identity=identity,
        version=version,
        latency_seconds=max((each.latency_seconds or 0.0 for each in kinds), default=None),
        slow=any(each.slow for each in kinds),
        kinds=kinds,
    )


def _pace(found: KindFinding) -> str:
    return f"{_many(found.kind)} took {found.latency_seconds or 0.0:.1f} s"


def _many(kind: Kind) -> str:
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"


def _amount(found: KindFinding) -> str:
    amount = f"{found.records} {found.kind if found.records == 1 else _many(found.kind)}"
    return f"{amount} ({found.note})" if found.note else amount


async def _ask(
    source: Source, kind: Kind, seconds: float, clock: Callable[[], float]
) -> Batch | Fault:
    deadline_s = max(seconds, 0.001)
    task = asyncio.create_task(_poll(source, frozenset({kind}), deadline_s))
    task.add_done_callback(forget_outcome)
    try:
        # Not `asyncio.timeout`: that waits for a task which swallows its cancellation.
        await asyncio.wait({task}, timeout=deadline_s * OVERRUN)
        if not task.done():
            raise SourceTimeout(
                f"no answer within {seconds_text(deadline_s)}",
                hint="give it more time with --timeout; if it hangs, look at the backend",
            )
        return checked(task.result(), source.name, clock())
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its source's fault
        return fault_of(source.name, error, clock())
    finally:
        task.cancel()


async def _poll(source: Source, kinds: frozenset[Kind], deadline_s: float) -> Batch:
    return await contained(source.poll(kinds, deadline_s))


async def _close(source: Source) -> None:
    task = asyncio.ensure_future(source.close())
    task.add_done_callback(forget_outcome)
    await asyncio.wait({task}, timeout=CLOSE_S)
    task.cancel()
