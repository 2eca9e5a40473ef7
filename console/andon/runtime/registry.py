"""What the configuration knows of sites and tenants and no backend does, put into records.

Sector, residency, entitlement, jurisdiction and power price are the registry's to say: where it
says something it wins over a backend. What a meter measures (draw, carbon, PUE) is the source's:
there the registry only fills gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec.structs import replace

from andon.model import Batch, Kind, Record, Site, Tenant
from andon.runtime.config_records import Config, SiteConfig, TenantConfig
from andon.sdk.clean import clean, clean_or_none

if TYPE_CHECKING:
    from andon.runtime.sources import SourceSpec

_SITE_SAYS = ("region", "jurisdiction", "power_price_per_kwh", "currency", "power_limit_watts")
_SITE_FILLS = ("carbon_grams_per_kwh", "pue")
_TENANT_SAYS = ("sector", "entitlement_gpu_hours_per_week")


class Registry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts, as they travel to the collector."""

    sites: tuple[SiteConfig, ...] = ()
    tenants: tuple[TenantConfig, ...] = ()


def registry_of(config: Config) -> Registry:
    """Return the facts of a configuration."""
    return Registry(sites=config.sites, tenants=config.tenants)


def site_record(facts: SiteConfig) -> Site:
    """Return what the configuration says of a site, as a record."""
    return Site(
        site=facts.name,
        region=clean_or_none(facts.region),
        jurisdiction=clean_or_none(facts.jurisdiction),
        power_price_per_kwh=facts.power_price_per_kwh,
        currency=clean_or_none(facts.currency),
        power_limit_watts=facts.power_limit_watts,
        carbon_grams_per_kwh=facts.carbon_grams_per_kwh,
        pue=facts.pue,
    )


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def site(self) -> str: ...


class Enricher:
    """Completes batches: call it with each batch before it is passed on. Pure between `know`s.

    Args:
        registry: the facts; `None`: there are none.
        specs: the sources, since a batch names its source and not its site.
    """

    def __init__(
        self, registry: Registry | None, specs: Iterable[SourceSpec | _Named] = ()
    ) -> None:
        registry = registry or Registry()
        self._sites = {facts.name: site_record(facts) for facts in registry.sites}
        self._tenants = {clean(facts.name): facts for facts in registry.tenants}
        self._site_of: dict[str, str] = {}
        self.know(specs)

    def know(self, specs: Iterable[SourceSpec | _Named]) -> None:
        """Take in sources that were added."""
        self._site_of.update({spec.name: spec.site for spec in specs})

    def __call__(self, batch: Batch) -> Batch:
        """Return `batch` with what the registry knows of its tenants and its site."""
        if not self._sites and not self._tenants:
            return batch
        kinds = {Kind.SITE} if self._sites else set()
        kinds |= {Kind.TENANT} if self._tenants else set()
        touched = [record for record in batch.records if record.kind in kinds]
        extra = self._missing_site(batch, touched)
        if not touched and not extra:
            return batch
        records = tuple(map(self._completed, batch.records)) if touched else batch.records
        return replace(batch, records=(*records, *extra))

    def _missing_site(self, batch: Batch, touched: Iterable[Record]) -> tuple[Site, ...]:
        """Return the configured record of the batch's site, unless the batch has its own."""
        facts = self._sites.get(self._site_of.get(batch.source, ""))
        if facts is None or any(r.kind is Kind.SITE and r.key == facts.key for r in touched):
            return ()
        return (facts,)

    def _completed(self, record: Record) -> Record:
        if isinstance(record, Tenant):
            return _tenant(record, self._tenants)
        if isinstance(record, Site) and (facts := self._sites.get(record.site)):
            said = {name: getattr(facts, name) for name in _SITE_SAYS}
            gaps = {name: getattr(facts, name) for name in _SITE_FILLS}
            gaps = {n: value for n, value in gaps.items() if getattr(record, n) is None}
            changes = {n: value for n, value in (said | gaps).items() if value is not None}
            return replace(record, **changes)
        return record


def _tenant(record: Tenant, registry: Mapping[str, TenantConfig]) -> Tenant:
    facts = registry.get(record.name)
    if facts is None or (facts.sites and record.site not in facts.sites):
        return record
    changes: dict[str, object] = {
        name: getattr(facts, name) for name in _TENANT_SAYS if getattr(facts, name) is not None
    }
    if facts.sector:
        changes["sector"] = clean(facts.sector)
    if facts.residency:
        changes["residency"] = tuple(clean(place) for place in facts.residency)
    if facts.description and not record.description:
        changes["description"] = clean(facts.description)
    return replace(record, **changes) if changes else record


def enrich(batch: Batch, registry: Registry, specs: Iterable[SourceSpec | _Named] = ()) -> Batch:
    """Return `batch` completed once; for many batches keep an `Enricher`."""
    return Enricher(registry, specs)(batch)
