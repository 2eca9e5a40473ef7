"""What every record shares: its kind, its key and how host names are made canonical."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec


class Kind(StrEnum):
    """The kinds of thing a source can report; the values are the words of the wire and the CLI."""

    SITE = "site"
    NODE = "node"
    ACCELERATOR = "accelerator"
    PROCESS = "process"
    JOB = "job"
    QUEUE = "queue"
    TENANT = "tenant"
    SERVICE = "service"
    RESERVATION = "reservation"
    EVENT = "event"
    INCIDENT = "incident"


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One thing as one source reported it.

    Strings are already cleaned (`andon.sdk.clean`); `None` means "not reported", never zero.
    Times are seconds since the Unix epoch, UTC.
    """

    kind: ClassVar[Kind]

    site: str
    """Name of the site the thing belongs to."""

    @property
    def key(self) -> str:
        """Identity of the thing across sources: equal keys of one kind are one thing."""
        return self.site


def canonical_host(name: str) -> str:
    """Return the name under which one host is known to every source of a site.

    Lower case, without a trailing dot and without the domain, as `hostname -s` prints it. A name
    that is an IPv4 address is left whole.
    """
    host = name.strip().rstrip(".").lower()
    first, _, rest = host.partition(".")
    if first.isdigit() and rest.replace(".", "").isdigit():
        return host
    return first
