"""What must be asked for to show one thing with everything that touches it."""

from __future__ import annotations

from collections.abc import Mapping

from andon.model import Kind

NEIGHBOURS = frozenset(
    {Kind.SITE, Kind.NODE, Kind.ACCELERATOR, Kind.JOB, Kind.QUEUE, Kind.TENANT, Kind.INCIDENT}
)
"""What the things of a factory are made of; what one look at all of it asks for."""

OF_ONE: Mapping[Kind, frozenset[Kind]] = {
    Kind.NODE: frozenset({Kind.NODE, Kind.ACCELERATOR, Kind.JOB, Kind.INCIDENT, Kind.QUEUE}),
    Kind.ACCELERATOR: frozenset(
        {Kind.ACCELERATOR, Kind.NODE, Kind.JOB, Kind.PROCESS, Kind.INCIDENT}
    ),
    Kind.JOB: frozenset(
        {
            Kind.JOB,
            Kind.NODE,
            Kind.ACCELERATOR,
            Kind.QUEUE,
            Kind.TENANT,
            Kind.SITE,
            Kind.INCIDENT,
        }
    ),
    Kind.QUEUE: frozenset({Kind.QUEUE, Kind.NODE, Kind.JOB, Kind.INCIDENT}),
    Kind.TENANT: frozenset({Kind.TENANT, Kind.JOB, Kind.QUEUE, Kind.SITE}),
}
"""The neighbours of one thing, by its kind."""
