"""A simulated AI factory: three sites, their tenants and jobs, and faults that come and go.

Its state is a closed form of a seed, the time and what the operator did: see `tempo` for the time,
`lanes` for the jobs, `faults` for what goes wrong, `ledger` for the acts. It never appears unasked,
and whatever shows it says DEMO.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from andon.sdk import Found, Option, Plugin
from andon_demo.actions import ACTIONS
from andon_demo.ledger import forget_acts
from andon_demo.places import SITES
from andon_demo.source import PARTS, SCHEDULER, TELEMETRY, WHOLE, DemoSource

_SPLIT_SITE = "iad1"
"""The site whose accelerators have a source of their own, which falls silent at times."""

OPTIONS = (
    Option(name="seed", summary="which factory; equal seeds are equal factories", type="integer",
           default=7),
    Option(name="nodes", summary="nodes of all three sites", type="integer", default=96,
           minimum=3, maximum=100_000),
    Option(name="jobs", summary="jobs of all three sites, about", type="integer", default=900,
           minimum=3, maximum=1_000_000),
    Option(name="speed", summary="simulated seconds per second", type="number", default=1.0,
           minimum=0.1, maximum=3_600),
    Option(name="place", summary="which of the simulated sites", type="choice", choices=SITES),
    Option(name="part", summary="what the source reports of its site", type="choice",
           choices=PARTS, default=WHOLE),
    Option(name="hostile", summary="give things hostile names, to test a terminal", type="flag",
           default=False),
)  # fmt: skip


def expand(options: Mapping[str, Any]) -> tuple[Found, ...]:
    """Return the sources of the whole factory: one a site, and one more for telemetry."""
    found: list[Found] = []
    for site in SITES:
        part = SCHEDULER if site == _SPLIT_SITE else WHOLE
        found.append(
            Found(
                name=f"demo@{site}",
                site=site,
                why=f"simulated site {site}",
                options={**options, "place": site, "part": part},
            )
        )
    found.append(
        Found(
            name=f"demo-gpu@{_SPLIT_SITE}",
            site=_SPLIT_SITE,
            why=f"telemetry of simulated site {_SPLIT_SITE}",
            options={**options, "place": _SPLIT_SITE, "part": TELEMETRY},
        )
    )
    return tuple(found)


def reset_actions(state_folder: Path) -> int:
    """Forget what the operator did to every demo factory; return how many acts that were."""
    return forget_acts(state_folder)


plugin = Plugin(
    name="demo",
    summary="a simulated AI factory of three sites, to try Andon without one",
    open=DemoSource,
    options=OPTIONS,
    actions=ACTIONS,
    expand=expand,
    forget=reset_actions,
    demo=True,
)

__all__ = ["OPTIONS", "SITES", "expand", "plugin", "reset_actions"]
