"""Themes: TOML data from entry points becomes a `Palette` of Rich styles and a Textual theme.

An entry point of the group `andon.themes.v1` is named like its theme and points at the package
that holds `<name>.toml`. A theme that cannot be read is left out and named; it never stops Andon.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import metadata, resources
from typing import Any

from rich.errors import StyleSyntaxError
from rich.style import Style
from textual.color import ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from andon.runtime.themes import GROUP
from andon.sdk.clean import clean
from andon.views.page import Tone

DEFAULT_THEME = "andon-dark"
PLAIN_THEME = "andon-ansi"

CHROME = (
    "brand",
    "bar",
    "title",
    "heading",
    "heading_current",
    "cursor",
    "cursor_blurred",
    "mark",
    "rule",
    "track",
    "key",
    "key_label",
    "armed",
    "read_only",
    "demo",
    "paused",
    "match",
)
"""What a theme colours beside tones."""

_ON_ANY_GROUND = dict.fromkeys(
    (
        "ansi-background",
        "border-blurred",
        "scrollbar-background",
        "scrollbar-background-hover",
        "scrollbar-background-active",
    ),
    "ansi_default",
) | {
    "scrollbar": "ansi_bright_black",
    "scrollbar-hover": "ansi_cyan",
    "scrollbar-active": "ansi_cyan",
}
"""What Textual draws in black by itself, which is no ground where the terminal's is white, and the
bars that it draws in bright blue, which would be the first thing one sees."""

BASE = (
    "background",
    "surface",
    "panel",
    "foreground",
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
)
"""The ground colours a theme names."""

# What stays of a style when colours are not wanted: still told apart, by attribute.
_MONO_TONES = {
    Tone.STRONG: "bold",
    Tone.WARN: "bold",
    Tone.BAD: "bold underline",
    Tone.MUTED: "dim",
}
_MONO_CHROME = {
    "brand": "bold",
    "title": "bold",
    "heading": "dim",
    "heading_current": "bold underline",
    "cursor": "reverse",
    "cursor_blurred": "underline",
    "mark": "bold",
    "rule": "dim",
    "track": "dim",
    "key": "bold",
    "armed": "bold reverse",
    "read_only": "bold",
    "demo": "bold reverse",
    "paused": "bold reverse",
    "match": "bold underline",
}


_NOT_DIM = Style(dim=False)


class ThemeError(Exception):
    """A theme file that cannot be used; the message says which entry."""


@dataclass(frozen=True, eq=False)
class Palette:
    """The styles of one theme. Compared by identity: a changed theme is another palette."""

    name: str
    dark: bool
    ansi: bool
    base: Mapping[str, str]
    tones: Mapping[Tone, Style]
    chrome: Mapping[str, Style]
    _mixed: dict[tuple[Tone, str], Style] = field(default_factory=dict, repr=False)

    def tone(self, tone: Tone, over: str = "") -> Style:
        """Return the style of a tone, laid over a chrome style such as `cursor` when named."""
        if not over:
            return self.tones[tone]
        style = self._mixed.get((tone, over))
        if style is None:
            style = self._mixed[tone, over] = self.laid(self.tones[tone], over)
        return style

    def laid(self, style: Style, over: str) -> Style:
        """Return a style with a chrome style such as `cursor` laid over it, when one is named.

        Over a reversed one no colour is left: each would be a patch of ground of its own.
        """
        if not over:
            return style
        above = self.chrome[over]
        if above.reverse:
            return style.without_color + above + _NOT_DIM
        return style + above

    @cached_property
    def stale(self) -> Style:
        """What is laid over a row whose source is not to be trusted now."""
        return self.tones[Tone.MUTED] + Style(italic=True)

    @cached_property
    def underlined(self) -> frozenset[Tone]:
        """The tones whose words are underlined."""
        return frozenset(tone for tone, style in self.tones.items() if style.underline)

    def textual_theme(self) -> Theme:
        """Return the theme for Textual's own widgets (inputs, toasts, scroll bars)."""
        # Textual's own rules for such themes refer to variables that only its own themes define.
        variables = (
            dict(BUILTIN_THEMES["ansi-dark"].variables) | _ON_ANY_GROUND if self.ansi else {}
        )
        if not self.ansi:
            variables = {
                "scrollbar": self.base["panel"],
                "scrollbar-hover": self.base["secondary"],
                "scrollbar-active": self.base["primary"],
                "scrollbar-background": self.base["background"],
                "scrollbar-background-hover": self.base["background"],
                "scrollbar-background-active": self.base["background"],
                "scrollbar-corner-color": self.base["background"],
                "block-cursor-background": self.base["primary"],
                "block-cursor-foreground": self.base["background"],
                "input-selection-background": f"{self.base['primary']} 35%",
            }
        base = self.base
        return Theme(
            name=self.name,
            dark=self.dark,
            ansi=self.ansi,
            variables=variables,
            background=base["background"],
            surface=base["surface"],
            panel=base["panel"],
            foreground=base["foreground"],
            primary=base["primary"],
            secondary=base["secondary"],
            accent=base["accent"],
            success=base["success"],
            warning=base["warning"],
            error=base["error"],
        )


def without_colour(palette: Palette) -> Palette:
    """Return the palette for `NO_COLOR`: bold, dim, underline and reverse only."""
    return replace(
        palette,
        tones={tone: Style.parse(_MONO_TONES.get(tone, "")) for tone in Tone},
        chrome={name: Style.parse(_MONO_CHROME.get(name, "")) for name in CHROME},
        _mixed={},
    )


def _styles(table: object, names: Iterable[str], section: str) -> dict[str, Style]:
    if not isinstance(table, dict):
        raise ThemeError(f"[{section}] is missing")
    styles = {}
    for name in names:
        text = table.get(name)
        if not isinstance(text, str):
            raise ThemeError(f"[{section}] has no {name}")
        try:
            styles[name] = Style.parse(text)
        except StyleSyntaxError as error:
            raise ThemeError(f"[{section}] {name}: {error}") from error
    return styles


def palette_from(name: str, data: Mapping[str, Any]) -> Palette:
    """Return the palette that a theme file describes.

    Raises:
        ThemeError: when something is missing or is no colour.
    """
    base = data.get("base")
    if not isinstance(base, dict) or any(not isinstance(base.get(key), str) for key in BASE):
        raise ThemeError(f"[base] needs {', '.join(BASE)}")
    tones = _styles(data.get("tones"), [tone.value for tone in Tone], "tones")
    palette = Palette(
        name=name,
        dark=bool(data.get("dark", True)),
        ansi=bool(data.get("ansi", False)),
        base={key: base[key] for key in BASE},
        tones={Tone(key): style for key, style in tones.items()},
        chrome=_styles(data.get("chrome"), CHROME, "chrome"),
    )
    try:
        palette.textual_theme().to_color_system().generate()
    except ColorParseError as error:
        raise ThemeError(f"[base] {error}") from error
    return palette


def _builtin() -> Palette:
    """What is left when no theme package can be read: the terminal's own colours."""
    words = {"good": "green", "warn": "yellow", "bad": "bold red", "muted": "bright_black"}
    chrome = {name: _MONO_CHROME.get(name, "none") for name in CHROME}
    base = dict.fromkeys(BASE[:4], "ansi_default")
    base |= dict.fromkeys(BASE[4:], "ansi_blue")
    tones = {tone.value: words.get(tone.value, "none") for tone in Tone}
    return palette_from(PLAIN_THEME, {"ansi": True, "base": base, "tones": tones, "chrome": chrome})


@dataclass(frozen=True)
class Themes:
    """Every theme that can be used, and what is wrong with the others."""

    palettes: Mapping[str, Palette]
    problems: tuple[str, ...] = ()

    def named(self, name: str | None) -> Palette:
        """Return a palette by name, else the default one, else any."""
        for wanted in (name, DEFAULT_THEME, PLAIN_THEME):
            if wanted and wanted in self.palettes:
                return self.palettes[wanted]
        return next(iter(self.palettes.values()))


def load_themes(entry_points: Iterable[metadata.EntryPoint] | None = None) -> Themes:
    """Read the theme files of all installed theme packages.

    Args:
        entry_points: for tests; by default those of the group `andon.themes.v1`.
    """
    points = metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    palettes: dict[str, Palette] = {}
    problems: list[str] = []
    for point in points:
        try:
            file = resources.files(point.value).joinpath(f"{point.name}.toml")
            palettes[point.name] = palette_from(point.name, tomllib.loads(file.read_text("utf-8")))
        except Exception as error:  # noqa: BLE001 - a theme package may fail in any way at import
            problems.append(clean(f"theme {point.name}: {error}"))
    if not palettes:
        builtin = _builtin()
        palettes[builtin.name] = builtin
    return Themes(palettes, tuple(problems))
