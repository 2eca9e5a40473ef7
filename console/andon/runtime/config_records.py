"""What the configuration says, as records. Secrets are in it as references only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

READ_ONLY_VARIABLE = "ANDON_READ_ONLY"
"""The environment variable that says `read_only`."""
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$")]
SiteName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Text = Annotated[str, Meta(min_length=1, max_length=200)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
"""A number of seconds, or in the file also a text such as `30s` or `2m`."""
Amount = Annotated[float, Meta(ge=0, le=1e12)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the configuration file."""


class SiteConfig(_Section, frozen=True, kw_only=True):
    """`[[sites]]`: what no backend knows of a place."""

    name: SiteName
    region: Text | None = None
    jurisdiction: Text | None = None
    power_price_per_kwh: Amount | None = None
    currency: Text | None = None
    power_limit_watts: Amount | None = None
    carbon_grams_per_kwh: Amount | None = None
    pue: Annotated[float, Meta(ge=1, le=10)] | None = None


class TenantConfig(_Section, frozen=True, kw_only=True):
    """`[[tenants]]`: what no backend knows of a tenant, wherever it has work."""

    name: Text
    description: Text | None = None
    sector: Text | None = None
    residency: tuple[Text, ...] = ()
    """Jurisdictions in which the tenant's work may run; empty means not stated."""
    entitlement_gpu_hours_per_week: Amount | None = None
    sites: tuple[SiteName, ...] = ()
    """Only there; empty means at every site."""


class SourceConfig(_Section, frozen=True, kw_only=True):
    """`[[sources]]`: one connection of a plugin to a backend; other keys are the plugin's own."""

    name: Name | None = None
    """`plugin@site` when it is not given."""
    plugin: Text | None = None
    site: SiteName | None = None
    """The only configured site, else `local`, when it is not given."""
    enabled: bool = True
    timeout: Seconds | None = None
    """How long the backend may take to answer."""
    interval: Seconds | None = None
    """How often it is asked, for every kind."""
    intervals: dict[str, Seconds] = {}
    """How often it is asked, by kind, for example `{ job = 5, node = "1m" }`."""
    polls_per_minute: Annotated[int, Meta(ge=1, le=6_000)] | None = None
    """At most so many requests."""
    options: dict[str, Any] | UnsetType = UNSET
    """The plugin's own keys as they stand in the file; checked when the plugin is at hand."""
    places: dict[str, str] | UnsetType = UNSET
    """For each key, and for the whole under the empty name, `file:line:column`."""

    def place(self, key: str = "") -> str:
        """Return where a key stands, as `file:line:column`, else where the source does."""
        places = self.places or {}
        return places.get(key) or places.get("", "")


class PolicyConfig(_Section, frozen=True, kw_only=True):
    """`[policy]`: what may be done at all. Later files can only tighten it."""

    read_only: bool = False
    """Nothing is ever sent to a backend, whatever the command line says."""
    read_only_from: str | UnsetType = UNSET
    """The file or variable that says so."""


class ViewConfig(_Section, frozen=True, kw_only=True):
    """`[views.NAME]`: how a view opens."""

    columns: tuple[Text, ...] = ()
    sort: Text | None = None
    """Column name; with `-` before it, largest first."""
    filter: str = ""


class CollectorConfig(_Section, frozen=True, kw_only=True):
    """`[collector]`: what holds for every source that does not say otherwise."""

    timeout: Seconds | None = None
    interval: Seconds | None = None
    polls_per_minute: Annotated[int, Meta(ge=1, le=6_000)] | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All configuration files and the environment together."""

    sites: tuple[SiteConfig, ...] = ()
    tenants: tuple[TenantConfig, ...] = ()
    sources: tuple[SourceConfig, ...] = ()
    policy: PolicyConfig = PolicyConfig()
    views: Mapping[str, ViewConfig] = {}
    keys: Mapping[str, tuple[str, ...]] = {}
    """Other keys for some acts, by the id of `andon.tui.keys`."""
    theme: str | None = None
    collector: CollectorConfig = CollectorConfig()
    files: tuple[str, ...] = ()
    """The files that were read, in order."""
