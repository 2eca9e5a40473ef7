"""Find plugins by their entry points, and survive each of them.

The number in the group's name is the contract's version: a plugin of another number is listed with
what to do about it and never imported. Listing reads package metadata only.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata

from andon.runtime.config_problems import NEAR, closest
from andon.sdk.clean import clean
from andon.sdk.declaring import wrong_in
from andon.sdk.errors import UsageError
from andon.sdk.plugin import CONTRACT_VERSION, Plugin

GROUP = f"andon.plugins.v{CONTRACT_VERSION}"
OWN_DISTRIBUTION = "andon"
"""What it brings cannot be put out of use by what another package calls itself."""
_GROUP = re.compile(r"andon\.plugins(?:\.v(\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One installed plugin, from its package's metadata. Texts are cleaned."""

    name: str
    distribution: str
    version: str
    group: str
    target: str
    """What would be imported, `module:attribute`."""
    compatible: bool
    problem: str = ""
    """Why it cannot be used, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginProblem:
    """Why one plugin cannot be used."""

    name: str
    distribution: str
    message: str
    hint: str = ""


class PluginUnusable(UsageError):
    """The plugin that was asked for is not there or cannot be loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Every plugin that can be used, and why others cannot."""

    plugins: Mapping[str, Plugin] = field(default_factory=dict)
    problems: tuple[PluginProblem, ...] = ()
    installed: tuple[str, ...] = ()
    """Names of all that are installed, also of those that were not wanted now."""

    def named(self, name: str) -> Plugin:
        """Return a plugin.

        Raises:
            PluginUnusable: there is none of that name, or it cannot be loaded.
        """
        if plugin := self.plugins.get(name):
            return plugin
        for problem in self.problems:
            if problem.name == name:
                raise PluginUnusable(f"plugin {name}: {problem.message}", hint=problem.hint)
        raise not_installed(name, self.installed or self.plugins)


def not_installed(name: str, known: Iterable[str]) -> PluginUnusable:
    """Return what to say of a name that no installed plugin has."""
    names = closest(name, known)
    shown = names if names.startswith(NEAR) else f"known: {names}"
    return PluginUnusable(
        f"no plugin “{clean(name)}” is installed", hint=f"{shown}; `andon plugins` says more"
    )


def installed() -> tuple[metadata.EntryPoint, ...]:
    """Return the entry points of all plugins of any contract. Imports none of them."""
    groups = sorted(filter(_GROUP.fullmatch, metadata.entry_points().groups))
    return tuple(point for group in groups for point in metadata.entry_points(group=group))


def listed(points: Iterable[metadata.EntryPoint] | None = None) -> tuple[Listed, ...]:
    """Return every plugin by name, from metadata only.

    Args:
        points: for tests and plugins named explicitly; the installed ones by default.
    """
    chosen = _distinct(installed() if points is None else points)
    rivals = _rivals(chosen)
    return tuple(sorted((_listed(p, rivals) for p in chosen), key=lambda one: one.name))


def load(name: str, points: Iterable[metadata.EntryPoint] | None = None) -> Plugin:
    """Import one plugin and return it.

    Raises:
        PluginUnusable: there is none of that name, or it cannot be used; says why.
    """
    chosen = installed() if points is None else tuple(points)
    mine = [point for point in chosen if point.name == name]
    if not mine:
        raise not_installed(name, {point.name for point in chosen})
    return _discovered(mine, chosen).named(name)


def load_all(
    points: Iterable[metadata.EntryPoint] | None = None,
    *,
    wanted: Callable[[str], bool] = lambda _name: True,
) -> Discovery:
    """Import every compatible plugin; one that cannot be loaded is a problem, never an error.

    Args:
        points: as for `listed`.
        wanted: whether a plugin of this name is imported at all.
    """
    chosen = installed() if points is None else tuple(points)
    return _discovered([point for point in chosen if wanted(point.name)], chosen)


def _discovered(
    wanted: Sequence[metadata.EntryPoint], present: Sequence[metadata.EntryPoint]
) -> Discovery:
    rivals = _rivals(_distinct(present))
    plugins: dict[str, Plugin] = {}
    problems: list[PluginProblem] = []
    for point in _distinct(wanted):
        about = _listed(point, rivals)
        outcome = about.problem or _load(point)
        if isinstance(outcome, str):
            message, _, hint = outcome.partition("; ")
            problems.append(
                PluginProblem(
                    name=about.name,
                    distribution=about.distribution,
                    message=message,
                    hint=hint or f"`pip uninstall {about.distribution}` or ask its author",
                )
            )
        else:
            plugins[point.name] = outcome
    return Discovery(
        plugins=dict(sorted(plugins.items())),
        problems=tuple(problems),
        installed=tuple(sorted({clean(point.name) for point in present if point.group == GROUP})),
    )


def _load(point: metadata.EntryPoint) -> Plugin | str:
    """Import what an entry point names; return it or what is wrong with it."""
    try:
        # What a plugin prints at import must not get between the lines of a command's output.
        with contextlib.redirect_stdout(sys.stderr):
            found = point.load()
            if not isinstance(found, Plugin):
                return f"{clean(point.value)} is not a Plugin but {clean(type(found).__name__)}"
            if found.name != point.name:
                own = clean(str(found.name))
                return f"it is registered as {clean(point.name)} and calls itself “{own}”"
            wrong = wrong_in(found)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may fail in any way
        return f"it cannot be imported: {_described(error)}"
    return clean(", ".join(wrong), limit=400) if wrong else found


def _described(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a plugin's exception may do anything
        text = "(its message cannot be shown)"
    name = type(error).__name__
    return clean(f"{name}: {text}" if text else name, limit=400)


def _distribution(point: metadata.EntryPoint) -> tuple[str, str]:
    """Return name and version of the package that declares an entry point."""
    try:
        if point.dist is not None:
            return clean(point.dist.metadata["Name"] or "?"), clean(point.dist.version or "?")
    except Exception:  # noqa: BLE001 - metadata on disk may be broken in any way
        return "?", "?"
    return "given explicitly", ""


def _distinct(points: Iterable[metadata.EntryPoint]) -> list[metadata.EntryPoint]:
    """Drop repeats: one package may be seen twice, as a folder and as an editable install."""
    seen: dict[tuple[str, ...], metadata.EntryPoint] = {}
    for point in points:
        seen.setdefault((point.group, point.name, point.value, _distribution(point)[0]), point)
    return list(seen.values())


def _rivals(points: Iterable[metadata.EntryPoint]) -> Mapping[str, Mapping[str, str]]:
    """Return the packages behind each name of our contract, each with what it would import."""
    packages: dict[str, dict[str, str]] = defaultdict(dict)
    for point in points:
        if point.group == GROUP:
            distribution, _ = _distribution(point)
            packages[point.name][f"{distribution} ({clean(point.value)})"] = distribution
    return packages


def _listed(point: metadata.EntryPoint, rivals: Mapping[str, Mapping[str, str]]) -> Listed:
    distribution, version = _distribution(point)
    problem = _incompatible(point, distribution)
    if not problem:
        problem = _outdone(point, distribution, rivals.get(point.name, {}))
    return Listed(
        name=clean(point.name),
        distribution=distribution,
        version=version,
        group=clean(point.group),
        target=clean(point.value),
        compatible=point.group == GROUP,
        problem=problem,
    )


def _outdone(point: metadata.EntryPoint, distribution: str, packages: Mapping[str, str]) -> str:
    """Return why a plugin is not used whose name others have, too; empty when it is."""
    if len(packages) < 2 or distribution == OWN_DISTRIBUTION:
        return ""
    if OWN_DISTRIBUTION in packages.values():
        return (
            f"the {clean(point.name)} that comes with Andon is used instead; "
            f"uninstall {distribution}, or have it registered under another name"
        )
    both = " and ".join(sorted(packages))
    return f"two plugins have this name: {both}; uninstall one of them"


def _incompatible(point: metadata.EntryPoint, distribution: str) -> str:
    if point.group == GROUP:
        return ""
    match = _GROUP.fullmatch(point.group)
    if not match or not match[1]:
        return f"its group {clean(point.group)} has no contract number; ask its author for {GROUP}"
    if int(match[1]) > CONTRACT_VERSION:
        return f"it is written for contract {match[1]}, this is {CONTRACT_VERSION}; upgrade andon"
    return (
        f"it is written for contract {match[1]}, this is {CONTRACT_VERSION}; "
        f"upgrade {distribution}: `pip install -U {distribution}`"
    )
