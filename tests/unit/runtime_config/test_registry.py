"""What the configuration knows of sites and tenants reaches the records."""

from __future__ import annotations

import msgspec

from andon.model import Batch, Job, Kind, Record, Site, Tenant
from andon.runtime.config_records import SiteConfig, TenantConfig
from andon.runtime.registry import Enricher, Registry, enrich
from andon.runtime.sources import SourceSpec

REGISTRY = Registry(
    sites=(SiteConfig(name="par1", jurisdiction="FR", power_price_per_kwh=0.1, pue=1.3),),
    tenants=(
        TenantConfig(name="hospital", sector="health", residency=("FR",), description="ours"),
        TenantConfig(name="bank", sector="finance", sites=("nrt1",)),
    ),
)
SPECS = (
    SourceSpec(name="s", plugin="p", site="par1"),
    SourceSpec(name="other", plugin="p", site="nrt1"),
)


def _batch(*records: Record, source: str = "s") -> Batch:
    return Batch(source=source, observed_at=5.0, records=records, whole=frozenset({Kind.TENANT}))


def test_a_tenant_gets_what_the_registry_says_of_it_at_every_site_and_cluster() -> None:
    records = [Tenant(site=site, cluster=c, name="hospital") for site, c in (("a", "x"), ("b", ""))]
    for tenant in enrich(_batch(*records), REGISTRY).records:
        assert isinstance(tenant, Tenant)
        assert (tenant.sector, tenant.residency) == ("health", ("FR",))


def test_the_registry_wins_on_its_own_facts_and_leaves_the_others() -> None:
    seen = Tenant(site="a", name="hospital", sector="none", description="theirs", shares=3)
    tenant = enrich(_batch(seen), REGISTRY).records[0]
    assert isinstance(tenant, Tenant)
    assert (tenant.sector, tenant.description, tenant.shares) == ("health", "theirs", 3)


def test_a_tenant_of_another_site_is_left_alone() -> None:
    there, here = Tenant(site="nrt1", name="bank"), Tenant(site="par1", name="bank")
    batch = enrich(_batch(there, here), REGISTRY)
    sectors = [record.sector for record in batch.records if isinstance(record, Tenant)]
    assert sectors == ["finance", None]


def test_a_batch_carries_the_configured_record_of_its_sources_site() -> None:
    batch = enrich(_batch(Job(site="par1", id="1")), REGISTRY, SPECS)
    assert [record.kind for record in batch.records] == [Kind.JOB, Kind.SITE]
    assert batch.records[1] == Site(
        site="par1", jurisdiction="FR", power_price_per_kwh=0.1, pue=1.3
    )
    assert batch.whole == {Kind.TENANT}


def test_a_measured_value_is_kept_and_a_stated_one_replaced() -> None:
    metered = Site(site="par1", jurisdiction="XX", pue=1.1, power_draw_watts=7.0)
    assert enrich(_batch(metered), REGISTRY, SPECS).records == (
        Site(
            site="par1", jurisdiction="FR", pue=1.1, power_draw_watts=7.0, power_price_per_kwh=0.1
        ),
    )


def test_a_batch_of_a_place_nobody_configured_is_the_same_object() -> None:
    batch = _batch(Job(site="nrt1", id="1"), source="other")
    assert Enricher(REGISTRY, SPECS)(batch) is batch
    assert Enricher(None)(batch) is batch


def test_sources_can_be_added_later() -> None:
    enricher = Enricher(REGISTRY)
    assert len(enricher(_batch()).records) == 0
    enricher.know(SPECS)
    assert len(enricher(_batch()).records) == 1


def test_the_registry_travels_to_the_collector() -> None:
    encoded = msgspec.msgpack.encode(REGISTRY)
    assert msgspec.msgpack.decode(encoded, type=Registry | None) == REGISTRY
