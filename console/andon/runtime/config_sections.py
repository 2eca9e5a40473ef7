"""One configuration file: its sections checked key by key, every problem at its position."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

import msgspec

from andon.model import Kind
from andon.runtime import durations
from andon.runtime.config_problems import (
    ConfigProblem,
    closest,
    problem_at,
    value_text,
)
from andon.runtime.config_records import (
    CollectorConfig,
    PolicyConfig,
    SiteConfig,
    SourceConfig,
    TenantConfig,
    ViewConfig,
)
from andon.runtime.toml_positions import Path, Position, Positions, scan

Raw = dict[str, Any]

SECTIONS = ("sites", "tenants", "sources", "policy", "views", "keys", "theme", "collector")
VIEW_NAMES = ("overview", "nodes", "gpus", "jobs", "queues", "tenants", "sources")
SOURCE_KEYS = frozenset(SourceConfig.__struct_fields__) - {"options", "places"}
_OURS = frozenset({"options", "places", "read_only_from"})
_DURATIONS = frozenset({"timeout", "interval"})
_AT = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_SYNTAX_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_ONCE = "one entry of a name in a file"
_GOT = re.compile(r", got `[^`]*`$")
_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "array": "an array",
    "object": "a table",
}


_HOMES = {
    **dict.fromkeys(CollectorConfig.__struct_fields__, "collector"),
    **dict.fromkeys(PolicyConfig.__struct_fields__, "policy"),
}
"""The section of a key that people write at the top of the file."""


@dataclass(slots=True)
class Layer:
    """What one file says, checked but not yet merged with the others."""

    file: str
    sites: list[Raw] = field(default_factory=list)
    tenants: list[Raw] = field(default_factory=list)
    sources: list[Raw] = field(default_factory=list)
    policy: Raw = field(default_factory=dict)
    views: dict[str, Raw] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    theme: str | None = None
    collector: Raw = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)


def read_layer(file: str, content: bytes) -> Layer:
    """Return what a file says and everything that is wrong with it. Pure."""
    layer = Layer(file)
    try:
        text = content.decode("utf-8-sig")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        at = Position(line, column)
        layer.problems.append(problem_at(file, at, (), "the file is not UTF-8", "UTF-8 text"))
    except tomllib.TOMLDecodeError as error:
        layer.problems.append(_syntax_problem(file, text, str(error)))
    except RecursionError:
        layer.problems.append(problem_at(file, Position(1, 1), (), "nested too deeply"))
    else:
        _Reader(layer, scan(text)).document(document)
    return layer


def _syntax_problem(file: str, text: str, message: str) -> ConfigProblem:
    match = _SYNTAX_AT.search(message)
    if match and match.group(1):
        at = Position(int(match.group(1)), int(match.group(2)))
    else:
        lines = text.split("\n")
        at = Position(len(lines), len(lines[-1]) + 1)
    what = message[: match.start()] if match else message
    return problem_at(file, at, (), f"not TOML: {what}", "see https://toml.io")


class _Reader:
    def __init__(self, layer: Layer, positions: Positions) -> None:
        self.layer = layer
        self.positions = positions

    def document(self, document: Raw) -> None:
        self._only_known((), document, SECTIONS)
        layer = self.layer
        layer.sites = self._entries("sites", document, SiteConfig)
        layer.tenants = self._entries("tenants", document, TenantConfig)
        layer.sources = self._entries("sources", document, SourceConfig)
        layer.policy = self._table(("policy",), document.get("policy", {}), PolicyConfig)
        layer.collector = self._table(
            ("collector",), document.get("collector", {}), CollectorConfig
        )
        self._views(document.get("views", {}))
        if self._is_table(("keys",), document.get("keys", {})):
            self._keys(("keys",), document.get("keys", {}))
        theme = document.get("theme")
        if theme is None or (isinstance(theme, str) and theme):
            layer.theme = theme
        else:
            self._wrong(("theme",), theme, "the name of a theme")

    def _problem(self, path: Path, found: str, allowed: str) -> None:
        at = self.positions.of(path)
        self.layer.problems.append(problem_at(self.layer.file, at, path, found, allowed))

    def _wrong(self, path: Path, value: object, allowed: str) -> None:
        self._problem(path, f"found {value_text(value)}", allowed)

    def _only_known(self, path: Path, table: Raw, known: tuple[str, ...]) -> None:
        for name in table:
            if name not in known:
                home = _HOMES.get(name) if not path else None
                allowed = f"it belongs into [{home}]" if home else closest(name, known)
                self._problem((*path, name), "unknown key", allowed)

    def _is_table(self, path: Path, value: object) -> bool:
        if isinstance(value, dict):
            return True
        self._wrong(path, value, f"a table [{path[-1]}]")
        return False

    def _entries(self, section: str, document: Raw, record: type[msgspec.Struct]) -> list[Raw]:
        entries = document.get(section, [])
        if not isinstance(entries, list):
            found = "[" + section + "]" if isinstance(entries, dict) else value_text(entries)
            self._problem((section,), f"found {found}", f"an array of tables [[{section}]]")
            return []
        read = []
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            path: Path = (section, index)
            made = self._table(path, entry, record)
            name = made.get("name")
            if isinstance(name, str) and name in seen:
                self._problem((*path, "name"), f"second entry named {value_text(name)}", _ONCE)
            elif made:
                seen.add(name or "")
                read.append(made)
        return read

    def _table(self, path: Path, table: object, record: type[msgspec.Struct]) -> Raw:
        """Return the keys of a table that are right; the others become problems."""
        if not isinstance(table, dict):
            self._wrong(path, table, "a table")
            return {}
        fields = [f for f in msgspec.structs.fields(record) if f.name not in _OURS]
        if record is not SourceConfig:
            self._only_known(path, table, tuple(f.name for f in fields))
        made: Raw = {}
        for spec in fields:
            if spec.name in table:
                self._field((*path, spec.name), table[spec.name], spec.type, made)
            elif spec.required:
                self._problem(path, f"{spec.name} is missing", f"{spec.name} = …")
        if record is SourceConfig:
            made |= self._source_extras(path, table)
        return made

    def _field(self, path: Path, value: object, kind: Any, made: Raw) -> None:
        name, written = str(path[-1]), value
        try:
            if name in _DURATIONS:
                value = durations.seconds(value)
            elif name == "intervals":
                value = self._intervals(path, value)
        except ValueError:
            self._wrong(path, value, durations.ALLOWED)
            return
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self._invalid(path, written, str(error))
        else:
            made[name] = value

    def _intervals(self, path: Path, value: object) -> object:
        if not isinstance(value, dict):
            return value
        made = {}
        for name, each in value.items():
            if name not in list(Kind):
                self._problem((*path, name), "unknown kind", closest(name, list(Kind)))
            else:
                made[name] = durations.seconds(each)
        return made

    def _invalid(self, path: Path, value: object, message: str) -> None:
        match = _AT.search(message)
        for index in re.findall(r"\[(\d+)\]", match["path"] if match else ""):
            path = (*path, int(index))
            value = value[int(index)] if isinstance(value, list) else value
        self._wrong(path, value, _allowed(_AT.sub("", message)))

    def _source_extras(self, path: Path, table: Raw) -> Raw:
        options = {name: value for name, value in table.items() if name not in SOURCE_KEYS}
        places = {"": self._place(path)}
        places |= {name: self._place((*path, name)) for name in table}
        return {"options": options, "places": places}

    def _place(self, path: Path) -> str:
        line, column = self.positions.of(path)
        return f"{self.layer.file}:{line}:{column}"

    def _views(self, views: object) -> None:
        if not isinstance(views, dict):
            self._wrong(("views",), views, "tables [views.NAME]")
            return
        self._only_known(("views",), views, VIEW_NAMES)
        for name in VIEW_NAMES:
            if name in views:
                self.layer.views[name] = self._table(("views", name), views[name], ViewConfig)

    def _keys(self, path: Path, table: Raw) -> None:
        """Read keys; the dots of an id may be written plainly or in quotes."""
        for name, value in table.items():
            here = (*path, name)
            if isinstance(value, dict):
                self._keys(here, value)
            elif isinstance(value, str):
                self.layer.keys[".".join(map(str, here[1:]))] = (value,)
            elif isinstance(value, list) and all(isinstance(each, str) for each in value):
                self.layer.keys[".".join(map(str, here[1:]))] = tuple(value)
            else:
                self._wrong(here, value, "a key or an array of keys, as text")


def _allowed(message: str) -> str:
    """Return what msgspec expected, in words."""
    if "matching regex" in message:
        return "letters, digits and . _ - (a source's name also @ :), at most 64 characters"
    text = _GOT.sub("", message).removeprefix("Expected ")
    text = text.removesuffix(" | null`") + "`" if text.endswith(" | null`") else text
    for word, plain in _WORDS.items():
        text = text.replace(f"`{word}`", plain)
    return text.replace(".0", "")
