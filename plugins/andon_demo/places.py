"""The three sites and the tenants that live on them. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass

from andon_demo.hardware import A100_SLICED, B200, CPU, GAUDI3, H100, H200, MI300X, Make


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One simulated site."""

    name: str
    cluster: str
    region: str
    jurisdiction: str
    currency: str
    price_per_kwh: float
    carbon_grams_per_kwh: float
    pue: float
    hours_from_utc: float
    """Local time, which the load of services follows."""
    share: float
    """Of all nodes and jobs of the factory."""
    makes: tuple[tuple[Make, float], ...]
    """Makes of node and their share of the site's nodes."""
    subnet: int


PLACES = (
    Place(
        name="par1",
        cluster="helios",
        region="eu-west",
        jurisdiction="EU-FR",
        currency="EUR",
        price_per_kwh=0.142,
        carbon_grams_per_kwh=52,
        pue=1.18,
        hours_from_utc=1,
        share=0.40,
        makes=((H100, 0.42), (H200, 0.22), (MI300X, 0.16), (A100_SLICED, 0.10), (CPU, 0.10)),
        subnet=20,
    ),
    Place(
        name="nrt1",
        cluster="hayate",
        region="ap-northeast",
        jurisdiction="JP",
        currency="JPY",
        price_per_kwh=24.6,
        carbon_grams_per_kwh=438,
        pue=1.31,
        hours_from_utc=9,
        share=0.26,
        makes=((H200, 0.50), (H100, 0.28), (A100_SLICED, 0.10), (CPU, 0.12)),
        subnet=60,
    ),
    Place(
        name="iad1",
        cluster="potomac",
        region="us-east",
        jurisdiction="US-VA",
        currency="USD",
        price_per_kwh=0.083,
        carbon_grams_per_kwh=361,
        pue=1.24,
        hours_from_utc=-5,
        share=0.34,
        makes=((B200, 0.40), (H100, 0.28), (GAUDI3, 0.22), (CPU, 0.10)),
        subnet=40,
    ),
)

SITES = tuple(place.name for place in PLACES)
"""Names of the simulated sites; the option `place` takes one of them."""


def place_named(name: str) -> Place:
    """Return the simulated site of this name, the first one for a name that none has."""
    return next((place for place in PLACES if place.name == name), PLACES[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One tenant of the factory."""

    name: str
    description: str
    sector: str
    residency: tuple[str, ...]
    """Jurisdictions where its work may run; empty means not stated."""
    sites: tuple[str, ...]
    weight: float
    tight: bool = False
    """Its GPU limit is what its lanes hold at full work, so that its jobs wait for the quota."""


OWNERS = (
    Owner(
        name="medivance",
        description="Clinical imaging",
        sector="health",
        residency=("EU-FR",),
        sites=("par1",),
        weight=1.6,
    ),
    Owner(
        name="biofold",
        description="Protein design",
        sector="health",
        residency=("EU-FR", "JP"),
        sites=("par1", "nrt1"),
        weight=1.2,
        tight=True,
    ),
    Owner(
        name="banque-aurore",
        description="Risk and fraud models",
        sector="finance",
        residency=("EU-FR",),
        sites=("par1",),
        weight=1.0,
    ),
    Owner(
        name="kaiyo-bank",
        description="Market simulation",
        sector="finance",
        residency=("JP",),
        sites=("nrt1",),
        weight=1.2,
    ),
    Owner(
        name="halyard-capital",
        description="Quantitative research",
        sector="finance",
        residency=("US-VA",),
        sites=("iad1",),
        weight=1.2,
        tight=True,
    ),
    Owner(
        name="vektor-motors",
        description="Driving models and crash simulation",
        sector="manufacturing",
        residency=("EU-FR", "US-VA"),
        sites=("par1", "iad1"),
        weight=1.8,
    ),
    Owner(
        name="tetsu-robotics",
        description="Robot policies",
        sector="manufacturing",
        residency=("JP", "US-VA"),
        sites=("nrt1", "iad1"),
        weight=1.6,
    ),
    Owner(
        name="ilab-public",
        description="Public research, open models",
        sector="research",
        residency=(),
        sites=("par1", "nrt1", "iad1"),
        weight=2.2,
    ),
    Owner(
        name="meteo-union",
        description="Weather and climate",
        sector="research",
        residency=("EU-FR",),
        sites=("par1",),
        weight=1.2,
    ),
    Owner(
        name="genome-trust",
        description="Population genomics",
        sector="research",
        residency=("US-VA",),
        sites=("iad1",),
        weight=1.2,
    ),
)


def owners_at(site: str) -> tuple[Owner, ...]:
    """Return the tenants that have work at a site."""
    return tuple(owner for owner in OWNERS if site in owner.sites)
