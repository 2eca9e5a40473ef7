"""Load the configuration: files in order, then the environment; every error at its position.

Later files override earlier ones: scalars as a whole, sites, tenants and sources key by key under
their name. A guard is the exception: `read_only = true` holds once anything said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from andon.runtime.config_problems import ConfigError, ConfigProblem, closest, value_text
from andon.runtime.config_records import READ_ONLY_VARIABLE, Config
from andon.runtime.config_sections import Layer, Raw, read_layer
from andon.runtime.paths import Paths
from andon.sdk.clean import clean

__all__ = ["ConfigError", "ConfigProblem", "Reading", "load_config", "read_config"]

DEFAULT_SITE = "local"
_SIZE_LIMIT_BYTES = 4 << 20
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files say, and everything that is wrong with them in the order of the files."""

    config: Config
    """What is right of it. Not to be acted on while there are problems."""
    problems: tuple[ConfigProblem, ...] = ()


def load_config(
    paths: Paths, *, extra: Path | None = None, environ: Mapping[str, str] | None = None
) -> Config:
    """Return what all files and the environment say together; arguments as of `read_config`.

    Raises:
        ConfigError: something is wrong; it names everything that is.
    """
    reading = read_config(paths, extra=extra, environ=environ)
    if reading.problems:
        raise ConfigError(reading.problems)
    return reading.config


def read_config(
    paths: Paths, *, extra: Path | None = None, environ: Mapping[str, str] | None = None
) -> Reading:
    """Return what all files and the environment say together, and what is wrong with it.

    Args:
        paths: where the files are; one that does not exist is left out.
        extra: the file of `--config`; must exist.
        environ: `ANDON_CONFIG` (one more file, before `extra`), `ANDON_READ_ONLY`, `ANDON_THEME`.
    """
    environ = environ or {}
    named = [Path(environ["ANDON_CONFIG"])] if environ.get("ANDON_CONFIG") else []
    named += [extra] if extra else []
    read = [_layer(path, needed=False) for path in paths.config_files]
    read += [_layer(path, needed=True) for path in named]
    layers = [layer for layer in read if layer is not None]
    problems = [problem for layer in layers for problem in layer.problems]
    document = _merged(layers, problems)
    _add_environment(document, environ, problems)
    order = {clean(layer.file): index for index, layer in enumerate(layers)}
    last = len(order)
    problems.sort(key=lambda each: (order.get(each.file, last), each.line, each.column))
    # A source of no plugin is a problem already and cannot be a record.
    document["sources"] = [source for source in document["sources"] if "plugin" in source]
    return Reading(msgspec.convert(document, Config), tuple(problems))


def _layer(path: Path, *, needed: bool) -> Layer | None:
    """Read one file. One that exists and cannot be read is a problem: it may hold a guard."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_SIZE_LIMIT_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return _unreadable(path, "there is no such file") if needed else None
    except OSError as error:
        return _unreadable(path, f"cannot be read: {error.strerror}")
    if len(content) > _SIZE_LIMIT_BYTES:
        return _unreadable(path, "is too large for a configuration file")
    return read_layer(str(path), content)


def _unreadable(path: Path, why: str) -> Layer:
    allowed = "a TOML file that you may read"
    problem = ConfigProblem(file=clean(str(path)), found=why, allowed=allowed)
    return Layer(str(path), problems=[problem])


def _merged(layers: Sequence[Layer], problems: list[ConfigProblem]) -> Raw:
    document: Raw = {
        "sites": _by_name(layer.sites for layer in layers),
        "tenants": _by_name(layer.tenants for layer in layers),
        "policy": {},
        "views": {},
        "keys": {},
        "collector": {},
        "theme": None,
        "files": [clean(layer.file) for layer in layers],
    }
    for layer in layers:
        if layer.policy.get("read_only") and not document["policy"].get("read_only"):
            document["policy"] = {"read_only": True, "read_only_from": clean(layer.file)}
        for name, view in layer.views.items():
            document["views"][name] = {**document["views"].get(name, {}), **view}
        document["keys"] |= layer.keys
        document["collector"] |= layer.collector
        document["theme"] = layer.theme or document["theme"]
    sites = [site["name"] for site in document["sites"]]
    document["sources"] = _sources(layers, sites, problems)
    return document


def _by_name(lists: Iterable[Sequence[Raw]]) -> list[Raw]:
    """Merge entries of one name key by key, keeping the order in which they came first."""
    merged: dict[str, Raw] = {}
    for entries in lists:
        for entry in entries:
            if "name" in entry:
                name = entry["name"]
                merged[name] = {**merged.get(name, {}), **entry}
    return list(merged.values())


def _sources(layers: Sequence[Layer], sites: list[str], problems: list[ConfigProblem]) -> list[Raw]:
    default_site = sites[0] if len(sites) == 1 else DEFAULT_SITE
    merged: dict[str, Raw] = {}
    for layer in layers:
        seen: set[str] = set()
        for entry in layer.sources:
            name = entry.get("name") or _default_name(entry, default_site)
            if not name:
                problems.append(_at(entry, "", "plugin is missing", "the name of a plugin"))
            elif name in seen:
                problems.append(
                    _at(entry, "", f"second source named {value_text(name)}", "another `name`")
                )
            else:
                seen.add(name)
                merged[name] = _over(merged.get(name, {}), {**entry, "name": name})
    broken = {problem.where for problem in problems}
    for source in merged.values():
        source.setdefault("site", default_site)
        problem = _source_problem(source, sites)
        if problem and problem.where not in broken:
            problems.append(problem)
    return list(merged.values())


def _default_name(entry: Raw, default_site: str) -> str:
    plugin = entry.get("plugin")
    return f"{plugin}@{entry.get('site', default_site)}" if plugin else ""


def _over(old: Raw, new: Raw) -> Raw:
    deep = {key: {**old.get(key, {}), **new.get(key, {})} for key in ("options", "places")}
    return {**old, **new, **deep}


def _source_problem(source: Raw, sites: list[str]) -> ConfigProblem | None:
    if "plugin" not in source:
        return _at(source, "", "plugin is missing", "the name of a plugin")
    if sites and source["site"] not in sites:
        found = f"found {value_text(source['site'])}"
        return _at(source, "site", found, closest(source["site"], sites))
    return None


def _at(entry: Raw, key: str, found: str, allowed: str) -> ConfigProblem:
    places: dict[str, Any] = entry.get("places", {})
    file, line, column = str(places.get(key) or places[""]).rsplit(":", 2)
    name = entry.get("name")
    label = f"source {name}" if name else "sources"
    return ConfigProblem(
        file=clean(file),
        line=int(line),
        column=int(column),
        key=clean(f"{label}: {key}" if key else label),
        found=clean(found),
        allowed=clean(allowed),
    )


def _add_environment(
    document: Raw, environ: Mapping[str, str], problems: list[ConfigProblem]
) -> None:
    document["theme"] = environ.get("ANDON_THEME") or document["theme"]
    word = environ.get(READ_ONLY_VARIABLE, "").strip().lower()
    if word in _TRUE:
        if not document["policy"].get("read_only"):
            document["policy"] = {"read_only": True, "read_only_from": READ_ONLY_VARIABLE}
    elif word not in _FALSE:
        problems.append(
            ConfigProblem(
                file=READ_ONLY_VARIABLE,
                found=f"found {value_text(word)}",
                allowed="true or false; false lifts nothing",
            )
        )
